# SPDX-License-Identifier: Apache-2.0
"""Between the ledger's SQL functions and books.py: what a row means, the same for asyncpg and psycopg."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from regulars.customers.rows import CustomerRow
from regulars.errors import (
    Conflict,
    CustomerNotFound,
    InsufficientBalance,
    InvalidParameter,
    KeyReused,
    LockTimeout,
    RegularsError,
    StaleConfiguration,
    UnexpectedBalance,
)
from regulars.ledger.books import Found, HistoryRow, MembershipRow, Posted, Posting

POSTING_FIELDS = Posting._fields[:-1]
"""Those of the SQL type ledger_posting; the calculation is an argument of its own, so that older code can go on posting."""


class AlreadyJoined(Conflict):
    code = "already_joined"
    text = "The customer is already in this campaign."


class SettlementDue(RegularsError):
    """Internal: depreciations or fees are due; settle, then try again. Never leaves the ledger."""

    code = "settlement_due"

    def __init__(self, customer_id: int) -> None:
        self.customer_id = customer_id
        super().__init__()


class CustomerBusy(RegularsError):
    """Internal: another transaction holds the customer; post again and wait for him. Never leaves the ledger."""

    code = "customer_busy"


def refusal(status: str, customer_id: int) -> RegularsError:
    """Return the error a posting's status stands for."""
    match status:
        case "customer_not_found":
            return CustomerNotFound()
        case "insufficient_balance":
            return InsufficientBalance()
        case "unexpected_balance":
            return UnexpectedBalance()
        case "key_reused":
            return KeyReused()
        case "already_joined":
            return AlreadyJoined()
        case "stale":
            return StaleConfiguration()
        case "lock_timeout":
            return LockTimeout()
        case "busy":
            return CustomerBusy()
        case "settle":
            return SettlementDue(customer_id)
        case "out_of_range":
            return InvalidParameter("amount", "it is too large")
    raise AssertionError(f"unknown status of ledger_post: {status}")


def _fields(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    result: dict[str, str] = orjson.loads(value) if isinstance(value, str | bytes) else value
    return result


def customer_row(row: Sequence[Any]) -> CustomerRow:
    """Build a customer from the columns of ledger_customer."""
    values: list[Any] = [*row]
    values[16] = _fields(row[16])
    return CustomerRow._make(values)


def customer_from_json(document: Mapping[str, Any]) -> CustomerRow:
    """Build a customer as it was stored with an idempotency key."""
    values = {name: document[name] for name in CustomerRow._fields}
    values["created_at"] = datetime.fromisoformat(values["created_at"]).astimezone(UTC)
    return CustomerRow(**values)


def posted(row: Sequence[Any], customer: Sequence[Any]) -> Posted:
    """Build the outcome of one posting from ledger_result and ledger_customer. Raises what the status stands for."""
    status, _, customer_id, entry_id, amount, balance, cumulative, pool_cumulative, given, given_balance, twin, context = row
    if status not in ("ok", "replay"):
        raise refusal(status, customer_id)
    if status == "ok":
        return Posted(
            entry_id,
            amount,
            balance,
            cumulative,
            pool_cumulative,
            given,
            given_balance,
            False,
            twin,
            None,
            customer_row(customer),
        )
    stored = _fields(context)
    first: Any = stored.pop("customer", None)
    if first is None:  # deleted since, and his data with him
        raise CustomerNotFound
    return Posted(
        entry_id,
        amount,
        balance,
        cumulative,
        pool_cumulative,
        given,
        given_balance,
        True,
        twin,
        stored,
        customer_from_json(first),
    )


def recalled(document: Mapping[str, Any]) -> Posted | None:
    """Build the first answer again from a key's stored result; None where its customer was deleted, and his data with him."""
    stored = dict(document["context"])
    first = stored.pop("customer", None)
    if first is None:
        return None
    names = ("entry_id", "amount", "balance", "cumulative", "pool_cumulative", "contribute_amount", "contribute_balance")
    values: list[Any] = [document[name] for name in names]
    values += [True, document["duplicate_of"], stored, customer_from_json(first)]
    return Posted(*values)


def _history_row(row: Sequence[Any]) -> HistoryRow:
    values: list[Any] = [*row]
    values[12] = _fields(row[12])
    return HistoryRow._make(values)


def found(
    customer: Sequence[Any] | None, is_due: bool, memberships: Sequence[Any] | None, history: Sequence[Any] | None
) -> Found:
    """Build what a look-up found. Raises CustomerNotFound, SettlementDue."""
    if customer is None or customer[0] is None:
        raise CustomerNotFound
    if is_due:
        raise SettlementDue(customer[0])
    return Found(
        customer_row(customer),
        tuple(map(MembershipRow._make, memberships or ())),
        tuple(map(_history_row, history or ())),
    )
