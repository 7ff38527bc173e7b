# SPDX-License-Identifier: Apache-2.0
"""
Searches over the customers of an account (api.md 7 customer_search, customer_find; ADR-0015).

A page, or one customer after the other: never all at once. Which customers, sql/find.sql says; their rows are then read under
row-level security.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from regulars.accounts.directory import AccountConfig
from regulars.customers.models import Customer
from regulars.customers.queries import digits_of, search_ids
from regulars.customers.rows import CustomerRow
from regulars.customers.secrets import Kind, compare_secret
from regulars.errors import InvalidParameter, TooManyCandidates
from regulars.kit.db import unit_of_work
from regulars.kit.listing import Page

PAGE_LENGTH_MAX = 1_000
"""Most customers in one page, and how many there are where only an offset is given."""
OFFSET_MAX = 10**9
SECRET_CANDIDATES_MAX = 20
"""Of how many customers, found by the other filters, a password or PIN is compared."""
ROWS_AT_ONCE = 500
"""Customers read together where all that match are wanted."""

Match = Literal["partial", "exact", "exact_any_case"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What customers are searched by; all that is given must match. "" = not looked at. Custom fields by number."""

    card_number: str = ""
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    email: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    custom_date: str = ""
    username: str = ""
    password: str = ""
    pin: str = ""
    fields: Mapping[int, str] = field(default_factory=dict)

    @property
    def has_secret(self) -> bool:
        """Whether a password or PIN is to be compared: then only a page can be had."""
        return bool(self.password or self.pin)


_TEXTS = ("card_number", "first_name", "last_name", "email", "city", "state", "postal_code", "custom_date", "username")

Wanted = dict[str, Any]
"""What sql/find.sql takes; made by ``wanted_fields`` and ``wanted_words``."""


def wanted_fields(account: AccountConfig, filters: Filters, match: Match) -> Wanted:
    """
    Return what customer_search looks for: every filter but password and PIN; without one, everybody.

    A partial match and ``exact_any_case`` look over upper and lower case. A phone number is also compared by its digits,
    however it was typed.

    Raises: InvalidParameter for a custom field that is not defined.
    """
    fields: list[dict[str, Any]] = [
        {"column": name, "value": value, "match": match} for name in _TEXTS if (value := getattr(filters, name))
    ]
    if filters.phone:
        fields.append({"column": "phone", "value": filters.phone, "match": match, "digits": digits_of(filters.phone)})
    for number, value in filters.fields.items():
        if number not in account.customer_fields:
            raise InvalidParameter(f"custom_field_{number}", "there is no such field")
        if value:
            config = account.customer_fields[number]
            is_indexed = (config.unique or config.searchable) and value.isascii()
            fields.append({"column": str(number), "value": value, "match": match, "is_indexed": is_indexed})
    return {"fields": fields}


def wanted_words(groups: list[list[str]]) -> Wanted:
    """
    Return what customer_find looks for: in whose data, over all fields, every word of at least one group is found
    (rules.words_of). Parts of words match too, in upper or lower case. Password and PIN are not looked at.
    """
    return {"groups": groups}


def list_customers(
    *, account: AccountConfig, wanted: Wanted, offset: int = 0, length: int = PAGE_LENGTH_MAX
) -> Page[CustomerRow]:
    """
    Return a page of the customers that are wanted, in the order they were enrolled.

    ``total`` is exact where all matches could be counted in passing (always in accounts of less than 10,000 customers); else
    ``is_total_minimum`` is set, and it is less than there are and more than this page reaches.

    Queries: 2, or 1 for an empty page.
    """
    found = search_ids(account=account, wanted=wanted, skip=offset, need=length)
    return Page(tuple(_rows(account, found.ids[:length])), found.seen, offset, length, is_total_minimum=not found.is_all)


def list_customers_by_secret(
    *, account: AccountConfig, filters: Filters, match: Match, at: datetime, offset: int = 0, length: int = PAGE_LENGTH_MAX
) -> Page[CustomerRow]:
    """
    Return a page as ``list_customers`` does, of those whose password and PIN are the given ones too, compared whole.

    Queries: 2 and those of comparing, for at most 20 customers.
    Raises:  TooManyCandidates where the other filters leave more; InvalidParameter for a custom field that is not defined.
    """
    wanted = wanted_fields(account, filters, match)
    found = search_ids(account=account, wanted=wanted, need=SECRET_CANDIDATES_MAX)
    if found.seen > SECRET_CANDIDATES_MAX:
        raise TooManyCandidates
    # A search is no way around the limit of tries.
    asked: list[tuple[Kind, str]] = [("password", filters.password)] if filters.password else []
    asked += [("pin", filters.pin)] if filters.pin else []
    rows = [
        row
        for row in _rows(account, found.ids)
        if all(
            compare_secret(account=account, customer_id=row.id, kind=kind, given=given, at=at) == "matches"
            for kind, given in asked
        )
    ]
    return Page(tuple(rows[offset : offset + length]), len(rows), offset, length)


def iterate_customers(*, account: AccountConfig, wanted: Wanted) -> Iterator[list[CustomerRow]]:
    """
    Yield all customers that are wanted, some hundreds at a time, in the order they were enrolled.

    Each time in a unit of work of its own: whoever reads slowly holds neither a snapshot nor a lock. Nobody comes twice; who
    is enrolled meanwhile comes last. Memory: ROWS_AT_ONCE customers, and at most 50,000 ids.
    """
    after, is_all = 0, False
    while not is_all:
        with unit_of_work(account.id):
            found = search_ids(account=account, wanted=wanted, after=after, need=ROWS_AT_ONCE)
        ids, is_all = found.ids, found.is_all
        for start in range(0, len(ids), ROWS_AT_ONCE):
            with unit_of_work(account.id):
                rows = _rows(account, ids[start : start + ROWS_AT_ONCE])
            if rows:
                yield rows
        if ids:
            after = ids[-1]


def _rows(account: AccountConfig, ids: Sequence[int]) -> list[CustomerRow]:
    if not ids:
        return []
    query = Customer.objects.filter(account_id=account.id, id__in=list(ids), deleted_at__isnull=True).order_by("id")
    return [CustomerRow(*values) for values in query.values_list(*CustomerRow._fields)]
