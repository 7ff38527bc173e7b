# SPDX-License-Identifier: Apache-2.0
"""
Enrols and changes many customers in a few statements. The rules are those of operations.py.

What is certain to meet nobody else's code, card, username or unique value is written for all at once; every other one goes
through ``enrol`` or ``edit`` by itself, which know what is wrong with it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import IntegrityError, connection, transaction

from regulars.accounts.directory import AccountConfig
from regulars.customers.models import Customer
from regulars.customers.operations import (
    RESTORED,
    TRIES_MAX,
    changed_columns,
    edit,
    enrol,
    new_columns,
    secrets_of,
    write_field_values,
)
from regulars.customers.queries import find_ids_by_numbers
from regulars.customers.rules import (
    CODE_DIGITS,
    CardRequest,
    CustomerErased,
    Profile,
    check_code,
    check_profile,
    indexed_values,
    random_digits_needed,
)
from regulars.errors import CustomerNotFound, RegularsError
from regulars.kit.ids import RANDOM, random_digits

WRITTEN = (
    *RESTORED, "pin_failures", "pin_locked_until", "password_failures", "password_locked_until", "updated_at",
)  # fmt: skip
INSERTED = ("code", *WRITTEN, "created_at")
BLANK: dict[str, Any] = {
    **dict.fromkeys(RESTORED, ""), "fields": {}, "is_registered": False, "pin_failures": 0, "pin_locked_until": None,
    "password_failures": 0, "password_locked_until": None,
}  # fmt: skip
"""A row that says nothing."""

INSERT_SQL = (
    f"INSERT INTO customers_customers (account_id, {', '.join(INSERTED)})"  # noqa: S608 - the names are ours
    f" SELECT %s, {', '.join(f'r.{name}' for name in INSERTED)}"
    " FROM jsonb_populate_recordset(NULL::customers_customers, %s::jsonb) r ON CONFLICT DO NOTHING RETURNING code, id"
)
UPDATE_SQL = (
    f"UPDATE customers_customers c SET {', '.join(f'{name} = r.{name}' for name in WRITTEN)}"  # noqa: S608
    " FROM jsonb_populate_recordset(NULL::customers_customers, %s::jsonb) r WHERE c.account_id = %s AND c.id = r.id"
)

Outcome = int | RegularsError
"""A customer's id, or why he was not written."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A customer to be enrolled; as enrol()'s parameters."""

    profile: Profile
    code: str = ""
    card: CardRequest | None = None


def enrol_many(
    *, account: AccountConfig, drafts: Sequence[Draft], by: int, at: datetime, rng: random.Random = RANDOM
) -> list[Outcome]:
    """
    Add customers; each outcome is what enrol() would have given, one after the other.

    Queries: 3 or 4 for all of them, more for those who meet somebody else's number or name, and in trial mode.
    Raises:  LockTimeout of the database; what is wrong with one customer is his outcome.
    """

    def alone(draft: Draft) -> Outcome:
        made = enrol(account=account, profile=draft.profile, by=by, at=at, code=draft.code, card=draft.card, rng=rng)
        return made.id

    outcomes: dict[int, Outcome] = {}
    rows: dict[int, dict[str, Any]] = {}
    if account.state != "trial":  # there every customer is counted, and ten are no crowd
        for index, draft in enumerate(drafts):
            try:
                rows[index] = new_columns(account, draft.profile) | {"code": draft.code}
                for name in ("code", "card_number"):
                    if rows[index].get(name):
                        check_code(rows[index][name], name)
            except RegularsError as error:
                outcomes[index] = error
        rows = _with_numbers(account, drafts, rows, rng)
        rows = _meeting_nobody(account, rows)
        stamps = {"created_at": at, "updated_at": at}
        outcomes |= _insert(account, {i: BLANK | row | secrets_of(drafts[i].profile) | stamps for i, row in rows.items()})
    for index, draft in enumerate(drafts):
        if index not in outcomes:
            outcomes[index] = _outcome(alone, draft)
    return [outcomes[index] for index in range(len(drafts))]


def edit_many(*, account: AccountConfig, changes: Sequence[tuple[int, Profile]], by: int, at: datetime) -> list[Outcome]:
    """
    Change customers, by id; each outcome is what edit() would have given, one after the other. Locks them in their order.

    Queries: 2 for all of them, more for those whose card, username or searchable fields change.
    """

    def alone(change: tuple[int, Profile]) -> Outcome:
        return edit(account=account, customer_id=change[0], profile=change[1], by=by, at=at).id

    locked = {
        customer.id: customer
        for customer in Customer.objects.select_for_update(no_key=True)
        .filter(account_id=account.id, id__in=[customer_id for customer_id, _ in changes], deleted_at__isnull=True)
        .order_by("id")
    }
    outcomes: dict[int, Outcome] = {}
    rows: dict[int, dict[str, Any]] = {}
    for index, (customer_id, profile) in enumerate(changes):
        customer = locked.get(customer_id)
        try:
            if customer is None:
                raise CustomerNotFound
            if customer.erased_at is not None:
                raise CustomerErased
            check_profile(profile)
            before = {name: getattr(customer, name) for name in WRITTEN}
            after = before | changed_columns(account, customer, profile, at)
        except RegularsError as error:
            outcomes[index] = error
            continue
        is_plain = all(before[name] == after[name] or not after[name] for name in ("card_number", "username"))
        is_plain &= indexed_values(account, before["fields"]) == indexed_values(account, after["fields"])
        if is_plain and customer_id not in rows:
            rows[customer_id] = after | {"id": customer_id}
            outcomes[index] = customer_id
    with connection.cursor() as cursor:
        if rows:
            cursor.execute(UPDATE_SQL, [orjson.dumps(list(rows.values())).decode(), account.id])
    for index, change in enumerate(changes):
        if index not in outcomes:
            outcomes[index] = _outcome(alone, change)
    return [outcomes[index] for index in range(len(changes))]


def _outcome(write: Callable[[Any], Outcome], what: Any) -> Outcome:
    try:
        return write(what)
    except RegularsError as error:
        return error


def _with_numbers(
    account: AccountConfig, drafts: Sequence[Draft], rows: dict[int, dict[str, Any]], rng: random.Random
) -> dict[int, dict[str, Any]]:
    """Fill in the numbers that are to be made, and the codes: without one the card number is the code."""
    wanting: dict[CardRequest, list[int]] = {}
    for index, row in rows.items():
        card = drafts[index].card
        if card is not None and not row.get("card_number"):
            wanting.setdefault(card, []).append(index)
    for request, indexes in wanting.items():
        for index, number in zip(indexes, _made_numbers(account, request, len(indexes), rng), strict=False):
            rows[index]["card_number"] = number
    for index in list(rows):
        card_number = rows[index].get("card_number", "")
        if drafts[index].card is not None and not card_number:
            del rows[index]  # there seem to be none left: enrol() says so
        else:
            rows[index]["code"] = rows[index]["code"] or card_number
    codeless = [index for index, row in rows.items() if not row["code"]]
    for index, number in zip(codeless, _made_numbers(account, CardRequest(CODE_DIGITS), len(codeless), rng), strict=False):
        rows[index]["code"] = number
    return {index: row for index, row in rows.items() if row["code"]}


def _made_numbers(account: AccountConfig, request: CardRequest, count: int, rng: random.Random) -> list[str]:
    """Make up numbers that are nobody's code or card; fewer than asked for where they get rare. Queries: 1 a round."""
    needed = random_digits_needed(request)
    made: dict[str, None] = {}
    for _ in range(TRIES_MAX):
        if len(made) == count:
            break
        tried = {f"{request.prefix}{random_digits(needed, rng)}{request.suffix}": None for _ in range(count - len(made))}
        by_code, by_card = find_ids_by_numbers(account=account, numbers=list(tried))
        made |= {number: None for number in tried if number not in by_code and number not in by_card}
    return list(made)


def _meeting_nobody(account: AccountConfig, rows: dict[int, dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Return the rows whose code, card, username and unique values nobody has, nor a row before."""
    numbers = {row["code"] for row in rows.values()} | {row.get("card_number", "") for row in rows.values()}
    by_code, by_card = find_ids_by_numbers(account=account, numbers=list(numbers))
    usernames = _taken_usernames(account, {row["username"] for row in rows.values() if row.get("username")})
    values = {
        index: [(n, v) for n, v, unique in indexed_values(account, row["fields"]) if unique] for index, row in rows.items()
    }
    taken = _taken_values(account, {value for several in values.values() for value in several})
    seen: set[tuple[Any, ...]] = set()
    kept: dict[int, dict[str, Any]] = {}
    for index, row in rows.items():
        card_number, username = row.get("card_number", ""), row.get("username", "")
        own: set[tuple[Any, ...]] = {("number", row["code"]), *((number, value.lower()) for number, value in values[index])}
        own |= {("number", card_number)} if card_number else set()
        own |= {("username", username)} if username else set()
        is_taken = row["code"] in by_code or card_number in by_card or username in usernames
        if not is_taken and seen.isdisjoint(own) and taken.isdisjoint(values[index]):
            kept[index] = row
        seen |= own
    return kept


def _taken_usernames(account: AccountConfig, usernames: Iterable[str]) -> set[str]:
    wanted = list(usernames)
    if not wanted:
        return set()
    found = Customer.objects.filter(account_id=account.id, username__in=wanted, deleted_at__isnull=True)
    return set(found.values_list("username", flat=True))


def _taken_values(account: AccountConfig, values: Iterable[tuple[int, str]]) -> set[tuple[int, str]]:
    wanted = list(values)
    if not wanted:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w.number, w.value FROM unnest(%s::int[], %s::text[]) AS w (number, value)"
            " JOIN customers_field_values v ON v.account_id = %s AND v.number = w.number"
            " AND v.value = left(lower(w.value), 255) AND v.is_unique",
            [[number for number, _ in wanted], [value for _, value in wanted], account.id],
        )
        return {(number, value) for number, value in cursor.fetchall()}


def _insert(account: AccountConfig, rows: Mapping[int, Mapping[str, Any]]) -> dict[int, Outcome]:
    """Write the rows; those that somebody else was faster with are left for enrol(), which says what they meet."""
    if not rows:
        return {}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(INSERT_SQL, [account.id, orjson.dumps(list(rows.values())).decode()])
            ids = dict(cursor.fetchall())
            write_field_values(account, {ids[row["code"]]: row["fields"] for row in rows.values() if row["code"] in ids})
    except IntegrityError:
        return {}  # a unique value: it is not said whose
    return {index: ids[row["code"]] for index, row in rows.items() if row["code"] in ids}
