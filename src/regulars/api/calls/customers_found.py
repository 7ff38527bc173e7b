# SPDX-License-Identifier: Apache-2.0
"""What customer_search and customer_find answer with (api.md 13 "customer_search / customer_find")."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from regulars.api.call import Context
from regulars.api.calls.customer_element import customer_element
from regulars.api.calls.standing_element import campaign_standing
from regulars.customers.rows import CustomerRow
from regulars.errors import NoCustomerMatches
from regulars.kit.listing import Page
from regulars.ledger.books import Query
from regulars.ledger.operations import look_up
from regulars.protocol.tree import Element, items, leaf, record, success
from regulars.transactions.standing import standings


def found_answer(ctx: Context, page: Page[CustomerRow], *, with_balances: bool, was_paged: bool) -> Element:
    """
    Return the customers of one page. XML: one match stands directly under the response, several in ``<customers>``. JSON:
    always ``customers``, and ``customer`` beside it where exactly one matched.

    ``pagination`` is added where the caller asked for a page (``was_paged``), or where not all fitted into the answer.

    Raises: NoCustomerMatches.
    """
    if not page.total:
        raise NoCustomerMatches
    show: Callable[[CustomerRow], Element] = _with_balances(ctx) if with_balances else _plain(ctx)
    shown = [show(customer) for customer in page.rows]
    is_cut = page.offset + len(page.rows) < page.total
    pages = _pagination(page, with_length=was_paged) if was_paged or is_cut else None
    if page.total == 1 and shown:
        return success(shown[0], replace(items("customers", shown), only="json"), pages)
    return success(items("customers", shown), pages)


def _plain(ctx: Context) -> Callable[[CustomerRow], Element]:
    return lambda customer: customer_element(ctx.account, customer)


def _with_balances(ctx: Context) -> Callable[[CustomerRow], Element]:
    account = ctx.account

    def show(customer: CustomerRow) -> Element:
        found = look_up(
            account,
            Query(account_id=account.id, config_version=account.version, at=ctx.at, customer_id=customer.id),
        )
        campaigns = (campaign_standing(account, each) for each in standings(account, ctx.user, found))
        return customer_element(account, customer, items("campaigns", campaigns))

    return show


def _pagination(page: Page[CustomerRow], *, with_length: bool) -> Element:
    return record(
        "pagination",
        leaf("total", page.total),
        leaf("offset", page.offset),
        leaf("length", page.length or 0) if with_length else None,
    )
