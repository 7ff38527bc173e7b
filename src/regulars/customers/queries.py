# SPDX-License-Identifier: Apache-2.0
"""Finds customers, one by one. Every query names its account; searches over many are in search.py."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection
from django.db.models import Q

from regulars.accounts.directory import AccountConfig
from regulars.customers.models import Alias, Customer
from regulars.customers.rows import CustomerRow
from regulars.errors import CustomerNotFound


def row_of(customer: Customer) -> CustomerRow:
    """Return a model as plain values."""
    return CustomerRow(
        id=customer.id,
        code=customer.code,
        card_number=customer.card_number,
        first_name=customer.first_name,
        last_name=customer.last_name,
        phone=customer.phone,
        email=customer.email,
        street1=customer.street1,
        street2=customer.street2,
        city=customer.city,
        state=customer.state,
        postal_code=customer.postal_code,
        country=customer.country,
        custom_date=customer.custom_date,
        username=customer.username,
        is_registered=customer.is_registered,
        fields=customer.fields,
        created_at=customer.created_at,
    )


def find_customer_id(*, account: AccountConfig, code: str | None = None, card_number: str | None = None) -> int | None:
    """
    Return the id of the one customer that a code or card names, or None.

    A code wins over a card; a card that finds nobody is tried as an e-mail address, as a phone number and in the fields
    marked searchable, and counts only if exactly one customer matches.

    Queries: 1.
    Source:  api.md 13 "Requests"; sql/resolve.sql, sql/find.sql.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT customers_resolve_own(%s, %s, %s)", [account.id, code, card_number])
        row = cursor.fetchone()
    return None if row is None or row[0] is None else int(row[0])


@dataclass(frozen=True, slots=True)
class FoundIds:
    """What customers_search() answers: ids, how many matches were seen up to the last, whether there are no more."""

    ids: Sequence[int]
    seen: int
    is_all: bool


def search_ids(*, account: AccountConfig, wanted: Mapping[str, Any], after: int = 0, skip: int = 0, need: int) -> FoundIds:
    """
    Return the ids of customers that are wanted (sql/find.sql says how that is told): at least ``need`` after the first
    ``skip``, if there are so many, in the order they were enrolled, behind the id ``after``.

    Through a function, because neither LIKE nor lower() may use an index under row-level security.

    Queries: 1.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ids, seen, is_all FROM customers_search(%s, %s::jsonb, %s, %s, %s)",
            [account.id, orjson.dumps(wanted).decode(), after, skip, need],
        )
        row = cursor.fetchone()
    assert row is not None
    return FoundIds(array("q", row[0] or ()), row[1], row[2])


def digits_of(phone: str) -> str:
    """The digits of a number without zeros in front, which every form that we keep of it holds."""
    return "".join(character for character in phone if character in "0123456789").lstrip("0")


def find_id_by_code(*, account: AccountConfig, code: str) -> int | None:
    """Return the id of the customer with exactly this code, or who had it before; None. Queries: 1."""
    return find_customer_id(account=account, code=code)


def find_id_by_card(*, account: AccountConfig, card_number: str) -> int | None:
    """
    Return the id of the customer with exactly this card, or who had it before; None. No other field is tried.

    Queries: 1 or 2.
    """
    own: int | None = (
        Customer.objects.filter(account_id=account.id, card_number=card_number, deleted_at__isnull=True)
        .exclude(card_number="")
        .values_list("id", flat=True)
        .first()
    )
    if own is None:
        aliases = Alias.objects.filter(account_id=account.id, kind="card", value=card_number)
        own = aliases.values_list("customer_id", flat=True).first()
    return own


def find_survivor_id(*, account: AccountConfig, customer_id: int) -> int | None:
    """
    Return the live record that a record is part of now, itself if it was never merged; None for a deleted customer.

    Queries: 1.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT customers_survivor(%s, %s)", [account.id, customer_id])
        row = cursor.fetchone()
    return None if row is None or row[0] is None else int(row[0])


def list_record_ids(*, account: AccountConfig, customer_id: int) -> list[int]:
    """Return the ids of a customer's record and of all that were merged into it. Queries: 1."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT customers_records(%s, %s)", [account.id, customer_id])
        row = cursor.fetchone()
    return list(row[0]) if row else []


def is_number_taken(*, account: AccountConfig, number: str) -> bool:
    """Whether a number is anybody's code or card, now or before. Queries: 1 or 2."""
    return (
        Customer.objects.filter(Q(code=number) | Q(card_number=number), account_id=account.id, deleted_at__isnull=True).exists()
        or Alias.objects.filter(account_id=account.id, kind__in=("code", "card"), value=number).exists()
    )


def find_any_code(*, account: AccountConfig) -> str:
    """Return the code of the customer who came last, as an example; "" where there is none. Queries: 1."""
    rows = Customer.objects.filter(account_id=account.id, deleted_at__isnull=True).order_by("-id")
    return rows.values_list("code", flat=True).first() or ""


def find_ids_by_numbers(*, account: AccountConfig, numbers: Sequence[str]) -> tuple[dict[str, int], dict[str, int]]:
    """
    Return whose code and whose card each number is, now or before: (by code, by card). What is nobody's is in neither.

    Queries: 1, for any count of numbers.
    """
    by_code: dict[str, int] = {}
    by_card: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'code', c.code, c.id FROM customers_customers c"
            " WHERE c.account_id = %(account)s AND c.code = ANY(%(numbers)s) AND c.deleted_at IS NULL"
            " UNION ALL SELECT 'card', c.card_number, c.id FROM customers_customers c WHERE c.account_id = %(account)s"
            " AND c.card_number = ANY(%(numbers)s) AND c.card_number <> '' AND c.deleted_at IS NULL"
            " UNION ALL SELECT a.kind, a.value, a.customer_id FROM customers_aliases a"
            " WHERE a.account_id = %(account)s AND a.kind IN ('code', 'card') AND a.value = ANY(%(numbers)s)",
            {"account": account.id, "numbers": [number for number in numbers if number]},
        )
        for kind, value, customer_id in cursor.fetchall():
            (by_code if kind == "code" else by_card).setdefault(value, customer_id)  # own numbers come before former ones
    return by_code, by_card


def get_customer(*, account: AccountConfig, customer_id: int) -> CustomerRow:
    """
    Return a customer of the account.

    Queries: 1.
    Raises:  CustomerNotFound, also for a deleted one and for another account's.
    """
    customer = Customer.objects.filter(account_id=account.id, id=customer_id, deleted_at__isnull=True).first()
    if customer is None:
        raise CustomerNotFound
    return row_of(customer)


def get_customer_by_code(*, account: AccountConfig, code: str) -> CustomerRow:
    """
    Return the customer with this code, or who had it before.

    Queries: 1, or 3 for a former code.
    Raises:  CustomerNotFound.
    """
    customer = Customer.objects.filter(account_id=account.id, code=code, deleted_at__isnull=True).exclude(code="").first()
    if customer is not None:
        return row_of(customer)
    found = find_id_by_code(account=account, code=code)
    if found is None:
        raise CustomerNotFound(fields=("code",))
    return get_customer(account=account, customer_id=found)


def is_erased(*, account: AccountConfig, customer_id: int) -> bool:
    """Whether a live customer's personal data were erased. Queries: 1."""
    return Customer.objects.filter(
        account_id=account.id, id=customer_id, deleted_at__isnull=True, erased_at__isnull=False
    ).exists()
