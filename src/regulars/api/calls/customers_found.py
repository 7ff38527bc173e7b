# SPDX-License-Identifier: Apache-2.0
"""What customer_search and customer_find answer with (api.md 13 "customer_search / customer_find")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.queries import get_account_config
from regulars.api.call import Context
from regulars.api.calls.customer_element import customer_element
from regulars.api.calls.standing_element import campaign_standing
from regulars.customers.rows import CustomerRow
from regulars.customers.search import PAGE_LENGTH_MAX, Wanted, iterate_customers
from regulars.errors import BadCredentials, NoCustomerMatches, StaleConfiguration
from regulars.kit.db import unit_of_work
from regulars.kit.listing import Page
from regulars.ledger.operations import look_up_balances
from regulars.protocol.tree import Element, items, leaf, record, rows, success
from regulars.transactions.standing import standings

LENGTH_NOTE = f"extension: how many to show; {PAGE_LENGTH_MAX} where only offset is sent, all where neither is"


def found_answer(ctx: Context, page: Page[CustomerRow], *, with_balances: bool, was_paged: bool) -> Element:
    """
    Return the customers of one page. XML: one match stands directly under the response, several in ``<customers>``. JSON:
    always ``customers``, and ``customer`` beside it where exactly one matched.

    ``pagination`` is added where the caller asked for a page (``was_paged``), or where not all fitted into the answer.

    Raises: NoCustomerMatches.
    """
    if not page.total:
        raise NoCustomerMatches
    show = _Show(ctx, with_balances=with_balances)
    shown = list(show.customers(page.rows))
    is_cut = page.offset + len(page.rows) < page.total
    pages = _pagination(page, with_length=was_paged) if was_paged or is_cut else None
    if page.total == 1 and shown:
        return success(*_single(shown[0]), pages)
    return success(items("customers", shown), pages)


def whole_answer(ctx: Context, wanted: Wanted, *, with_balances: bool) -> Element:
    """
    Return all customers that are wanted, in the shape of ``found_answer``; made while it is sent where they are many.

    Raises: NoCustomerMatches.
    """
    show = _Show(ctx, with_balances=with_balances)
    found = chain.from_iterable(show.customers(each) for each in iterate_customers(account=ctx.account, wanted=wanted))
    first = list(islice(found, 2))
    if not first:
        raise NoCustomerMatches
    if len(first) == 1:
        return success(*_single(first[0]))
    return success(rows("customers", chain(first, found)))


def _single(customer: Element) -> tuple[Element, Element]:
    return customer, replace(items("customers", [customer]), only="json")


class _Show:
    """How customers are shown. A long list is shown on as the configuration is by then, to whom may still see it."""

    def __init__(self, ctx: Context, *, with_balances: bool) -> None:
        self._account: AccountConfig = ctx.account
        self._user: UserConfig = ctx.user
        self._at = ctx.at
        self._with_balances = with_balances

    def customers(self, found: Sequence[CustomerRow]) -> Iterable[Element]:
        """Return the elements of some customers. Queries: none, or those of look_up_balances."""
        if not self._with_balances:
            return (customer_element(self._account, customer) for customer in found)
        return self._with_campaigns(found)

    def _with_campaigns(self, found: Sequence[CustomerRow]) -> Iterator[Element]:
        ids = [customer.id for customer in found]
        try:
            with unit_of_work(self._account.id):
                balances = look_up_balances(self._account, ids, self._at)
        except StaleConfiguration:
            self._reload()
            with unit_of_work(self._account.id):
                balances = look_up_balances(self._account, ids, self._at)
        for customer in found:
            if customer.id in balances:
                seen = standings(self._account, self._user, balances[customer.id])
                campaigns = (campaign_standing(self._account, each) for each in seen)
                yield customer_element(self._account, customer, items("campaigns", campaigns))

    def _reload(self) -> None:
        self._account = get_account_config(self._account.id)
        user = self._account.users_by_id.get(self._user.id)
        if user is None:
            raise BadCredentials
        self._user = user


def _pagination(page: Page[CustomerRow], *, with_length: bool) -> Element:
    """``total_is_minimum`` only where it is so: there are more than ``total``, and they were not all counted."""
    return record(
        "pagination",
        leaf("total", page.total),
        leaf("offset", page.offset),
        leaf("length", page.length or 0) if with_length else None,
        leaf("total_is_minimum", "Y") if page.is_total_minimum else None,
    )
