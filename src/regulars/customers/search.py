# SPDX-License-Identifier: Apache-2.0
"""Searches over the customers of an account (api.md 7 customer_search, customer_find). Never without a limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import orjson
from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.expressions import RawSQL

from regulars.accounts.directory import AccountConfig
from regulars.customers.models import Customer
from regulars.customers.queries import row_of
from regulars.customers.rows import CustomerRow
from regulars.customers.secrets import Kind, compare_secret
from regulars.errors import InvalidParameter, TooManyCandidates
from regulars.kit.listing import Page

PAGE_LENGTH_MAX = 1_000
"""Most customers in one answer, and how many there are without a length."""
OFFSET_MAX = 10**9
SECRET_CANDIDATES_MAX = 20
"""Of how many customers, found by the other filters, a password or PIN is compared."""

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


_TEXTS = ("card_number", "first_name", "last_name", "email", "city", "state", "postal_code", "custom_date", "username")
_LOOKUPS: Mapping[Match, str] = {"partial": "icontains", "exact": "exact", "exact_any_case": "iexact"}


def list_customers(
    *,
    account: AccountConfig,
    filters: Filters,
    match: Match,
    at: datetime,
    offset: int = 0,
    length: int = PAGE_LENGTH_MAX,
) -> Page[CustomerRow]:
    """
    Return the customers that match every filter, in the order they were enrolled; without a filter, all.

    A partial match and ``exact_any_case`` look over upper and lower case. A phone number is also compared by its digits,
    however it was typed. Password and PIN are compared whole, of at most 20 customers that the other filters leave.

    Queries: 2, or 1 with a password or PIN.
    Raises:  TooManyCandidates where the other filters leave more; InvalidParameter for a custom field that is not defined.
    """
    wanted = [(name, value) for name in _TEXTS if (value := getattr(filters, name))]
    condition = Q()
    for name, value in wanted:
        condition &= Q(**{f"{name}__{_LOOKUPS[match]}": value})
    words = [value for _, value in wanted]
    if filters.phone:
        digits = _digits(filters.phone)
        condition &= _phone(filters.phone, digits, match)
        words.append(digits or filters.phone)
    query = _alive(account)
    for number, value in filters.fields.items():
        if number not in account.customer_fields:
            raise InvalidParameter(f"custom_field_{number}", "there is no such field")
        query = query.annotate(**{f"field_{number}": _field_text(number)})
        condition &= Q(**{f"field_{number}__{_LOOKUPS[match]}": value})
        words.append(value)
    if words:
        query = query.filter(condition, id__in=_candidates(account, [words]))
    if filters.password or filters.pin:
        return _with_secrets(account, query, filters, at, offset, length)
    return _page(query, offset, length)


def list_customers_by_words(
    *, account: AccountConfig, groups: list[list[str]], offset: int = 0, length: int = PAGE_LENGTH_MAX
) -> Page[CustomerRow]:
    """
    Return the customers in whose data, over all fields, every word of at least one group is found (rules.words_of).

    Parts of words match too, in upper or lower case. Password and PIN are not looked at.

    Queries: 2.
    """
    return _page(_alive(account).filter(id__in=_candidates(account, groups)), offset, length)


def _alive(account: AccountConfig) -> QuerySet[Customer]:
    return Customer.objects.filter(account_id=account.id, deleted_at__isnull=True).defer("search_text").order_by("id")


def _field_text(number: int) -> Func:
    """The text of a custom field. (Django's own key look-up takes a key of digits for a place in an array.)"""
    return Func(F("fields"), Value(str(number)), function="jsonb_extract_path_text", output_field=TextField())


def _candidates(account: AccountConfig, groups: list[list[str]]) -> RawSQL:
    """Who has every word of a group somewhere. Through a function, because LIKE may use no index under row-level security."""
    return RawSQL("SELECT customers_candidates(%s, %s::jsonb)", [account.id, orjson.dumps(groups).decode()])


def _page(query: QuerySet[Customer], offset: int, length: int) -> Page[CustomerRow]:
    total = query.count()
    rows = tuple(row_of(customer) for customer in query[offset : offset + length]) if offset < total else ()
    return Page(rows, total, offset, length)


def _digits(phone: str) -> str:
    """The digits of a number without zeros in front, which every form that we keep of it holds."""
    return "".join(character for character in phone if character in "0123456789").lstrip("0")


def _phone(phone: str, digits: str, match: Match) -> Q:
    typed = Q(**{f"phone__{_LOOKUPS[match]}": phone})
    if not digits:
        return typed
    if match == "partial":
        return typed | Q(phone_digits__contains=digits)
    return typed | Q(phone_digits=digits) | Q(phone_national=digits)


def _with_secrets(
    account: AccountConfig, query: QuerySet[Customer], filters: Filters, at: datetime, offset: int, length: int
) -> Page[CustomerRow]:
    candidates = list(query[: SECRET_CANDIDATES_MAX + 1])
    if len(candidates) > SECRET_CANDIDATES_MAX:
        raise TooManyCandidates
    # A search is no way around the limit of tries.
    asked: list[tuple[Kind, str]] = [("password", filters.password)] if filters.password else []
    asked += [("pin", filters.pin)] if filters.pin else []
    rows = [
        row_of(customer)
        for customer in candidates
        if all(
            compare_secret(account=account, customer_id=customer.id, kind=kind, given=given, at=at) == "matches"
            for kind, given in asked
        )
    ]
    return Page(tuple(rows[offset : offset + length]), len(rows), offset, length)
