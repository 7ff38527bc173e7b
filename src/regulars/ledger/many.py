# SPDX-License-Identifier: Apache-2.0
"""Postings and reversals of many lines of one account, in a few statements: the same SQL functions, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from django.db import connection, transaction

from regulars.accounts.directory import AccountConfig
from regulars.campaigns.rules import Calculation
from regulars.errors import (
    AlreadyReversed,
    InvariantViolation,
    LockTimeout,
    RegularsError,
    StaleConfiguration,
    TransactionNotFound,
)
from regulars.ledger.books import Booked, Posting
from regulars.ledger.operations import SETTLE_TRIES, refusals, reverse, settle
from regulars.ledger.wire import POSTING_FIELDS, SettlementDue, refusal

POST_SQL = (
    'SELECT "position", (result).status, (result).entry_id, (result).customer_id, (result).amount'
    " FROM ledger_post(ARRAY(SELECT jsonb_populate_recordset(NULL::ledger_posting, %s::jsonb)), true,"
    " ARRAY(SELECT jsonb_populate_recordset(NULL::ledger_calculation, %s::jsonb)))"
)
SURVIVORS_SQL = (
    "SELECT DISTINCT customers_survivor(x.account_id, x.customer_id) FROM ledger_entries x"
    " WHERE x.account_id = %s AND x.id = ANY(%s) AND x.kind IN ('earn', 'redeem')"
)
LEFT_SQL = (
    "SELECT x.id, customers_survivor(x.account_id, x.customer_id), x.amount, coalesce(v.reversed_amount, 0),"
    " x.purchase_minor - coalesce(v.reversed_purchase_minor, 0) FROM ledger_entries x"
    " LEFT JOIN ledger_reversals v ON v.account_id = x.account_id AND v.entry_id = x.id"
    " WHERE x.account_id = %s AND x.id = ANY(%s) AND x.kind IN ('earn', 'redeem')"
)
REVERSE_SQL = (
    "SELECT t.id, r.entry, t.customer, t.take FROM (SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[],"
    " %s::bigint[]) WITH ORDINALITY AS t (id, customer, take, purchase, n) ORDER BY n) t,"
    " LATERAL ledger_reverse(%s, t.id, t.take, t.purchase, %s, '', %s, %s) r"
)
_NOT_CALCULATED = Calculation()


def post_many(account: AccountConfig, postings: Sequence[Posting]) -> list[Booked | RegularsError]:
    """
    Record postings of one account in the current unit of work, one after the other; each succeeds or fails by itself.

    What depreciations and fees have taken is booked first. At most 48 postings a call are kind to everybody else: a
    savepoint each. Locks the customers named, in order of their ids.

    Raises: StaleConfiguration, LockTimeout: then nothing was recorded. What a posting was refused for is its outcome.
    """
    if not postings:
        return []
    at = max(posting.recorded_at for posting in postings)
    document = orjson.dumps([_as_json(position, posting) for position, posting in enumerate(postings)]).decode()
    calculations = orjson.dumps([(posting.calculation or _NOT_CALCULATED)._asdict() for posting in postings]).decode()
    for _ in range(SETTLE_TRIES):
        with refusals(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(POST_SQL, [document, calculations])
            outcomes = [
                Booked(entry_id, customer_id, amount) if status == "ok" else refusal(status, customer_id)
                for _, status, entry_id, customer_id, amount in sorted(cursor.fetchall())
            ]
            for outcome in outcomes:
                if isinstance(outcome, StaleConfiguration | LockTimeout):
                    raise outcome
            due = {outcome.customer_id for outcome in outcomes if isinstance(outcome, SettlementDue)}
            if not due:
                return outcomes
            transaction.set_rollback(True)
        for customer_id in sorted(due):
            settle(account=account, customer_id=customer_id, at=at)
    raise InvariantViolation("balances are due again right after they were settled")


def _as_json(position: int, posting: Posting) -> dict[str, Any]:
    """A posting as PostgreSQL makes a ledger_posting of it: one parameter for many postings."""
    values: dict[str, Any] = {"position": position}
    for name, value in zip(POSTING_FIELDS, posting[:-1], strict=True):
        if isinstance(value, bytes):
            values[name] = "\\x" + value.hex()
        elif isinstance(value, str) and name in ("fields", "context"):
            values[name] = orjson.Fragment(value)
        elif value is not None:
            values[name] = value
    return values


def reverse_many(
    *, account: AccountConfig, entry_ids: Sequence[int], by: int, at: datetime, is_delete: bool = False
) -> list[Booked | RegularsError]:
    """
    Take what is left of earnings and redemptions back, in the order given; each succeeds or fails by itself.

    Where no balance of the account shrinks by itself, in a few statements for all; else one by one. Locks the customers.
    Raises: StaleConfiguration, LockTimeout. Outcomes: TransactionNotFound (also of a deleted customer), AlreadyReversed.
    """
    with refusals(), connection.cursor() as cursor:
        # In statements of their own: the planner takes a set made by a function for a large one, and reads everybody.
        cursor.execute(SURVIVORS_SQL, [account.id, list(entry_ids)])
        customers = [row[0] for row in cursor.fetchall() if row[0] is not None]
        cursor.execute(
            "SELECT id FROM customers_customers WHERE account_id = %s AND id = ANY(%s) AND deleted_at IS NULL"
            " ORDER BY id FOR NO KEY UPDATE",
            [account.id, customers],
        )
        held = {row[0] for row in cursor.fetchall()}
        cursor.execute(LEFT_SQL, [account.id, list(entry_ids)])
        entries = {row[0]: row for row in cursor.fetchall() if row[1] is not None}
    if not {row[1] for row in entries.values()} <= held:
        raise LockTimeout  # somebody was merged while we waited: the caller begins again
    outcomes: dict[int, Booked | RegularsError] = {
        entry_id: AlreadyReversed(fields=("transaction_id",))
        if entry_id in entries
        else TransactionNotFound(fields=("transaction_id",))
        for entry_id in entry_ids
    }
    found = [entries[entry_id] for entry_id in entry_ids if entry_id in entries]
    left = [row for row in found if abs(row[2]) > row[3]]
    if account.pools_that_shrink:
        for entry_id, customer_id, _, _, purchase in left:
            done = reverse(
                account=account, entry_id=entry_id, by=by, at=at, purchase_minor=purchase or None, is_delete=is_delete
            )
            outcomes[entry_id] = Booked(done.entry_id, customer_id, done.amount)
    else:
        outcomes |= _reverse_together(account, left, by, at, is_delete)
    return [outcomes[entry_id] for entry_id in entry_ids]


def _reverse_together(
    account: AccountConfig, left: Sequence[tuple[Any, ...]], by: int, at: datetime, is_delete: bool
) -> dict[int, Booked | RegularsError]:
    """Reverse rows of LEFT_SQL in an account where nothing shrinks: the next change of their balances is never."""
    customers = [row[1] for row in left]
    for customer_id in _due(account, customers, at):
        settle(account=account, customer_id=customer_id, at=at)
    outcomes: dict[int, Booked | RegularsError] = {}
    amounts = {row[0]: row[2] for row in left}
    with refusals(), connection.cursor() as cursor:
        cursor.execute(
            REVERSE_SQL,
            [
                [row[0] for row in left], customers, [abs(row[2]) - row[3] for row in left], [row[4] or None for row in left],
                account.id, by, at, is_delete,
            ],
        )  # fmt: skip
        for entry_id, reversal_id, customer_id, take in cursor.fetchall():
            outcomes[entry_id] = Booked(reversal_id, customer_id, take if amounts[entry_id] < 0 else -take)
        cursor.execute(
            "SELECT ledger_settle(b.account_id, b.customer_id, b.pool_id, b.item_id, b.version, %s, NULL, %s, '[]', '[]')"
            " FROM ledger_balances b WHERE b.account_id = %s AND b.customer_id = ANY(%s) AND b.next_change_at <= %s",
            [at, account.rules_version, account.id, customers, at],
        )
    return outcomes


def _due(account: AccountConfig, customer_ids: list[int], at: datetime) -> list[int]:
    """Return those of some customers whose balances change by ``at``. Raises StaleConfiguration."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT config_version FROM accounts_accounts WHERE id = %s", [account.id])
        if cursor.fetchone() != (account.version,):
            raise StaleConfiguration
        cursor.execute(
            "SELECT DISTINCT customer_id FROM ledger_balances WHERE account_id = %s AND customer_id = ANY(%s)"
            " AND (rules_version <> %s OR next_change_at <= %s) ORDER BY 1",
            [account.id, customer_ids, account.rules_version, at],
        )
        return [row[0] for row in cursor.fetchall()]
