# SPDX-License-Identifier: Apache-2.0
"""The ledger for everything that is not hot: the same SQL functions, called in the current unit of work."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import orjson
from django.db import DatabaseError, connection
from django.db.models import QuerySet

from regulars.accounts.directory import AccountConfig, CampaignConfig
from regulars.campaigns.rules import Calculation
from regulars.customers.queries import find_survivor_id
from regulars.errors import (
    AlreadyReversed,
    CustomerNotFound,
    InvalidParameter,
    InvariantViolation,
    LockTimeout,
    StaleConfiguration,
    TransactionNotFound,
)
from regulars.ledger.books import Found, Posted, Posting, Query, Reversed
from regulars.ledger.models import Balance
from regulars.ledger.models import Lot as LotRow
from regulars.ledger.rules import Loss, Lot, PoolState, Settlement, settle_pool
from regulars.ledger.wire import POSTING_FIELDS, SettlementDue, found, posted

SETTLE_TRIES = 3
FOLLOW_TEXT = "Balance moved."


@contextmanager
def refusals() -> Iterator[None]:
    """Turn the ledger's own SQLSTATEs into errors of the tree."""
    try:
        yield
    except DatabaseError as error:
        state = getattr(error.__cause__, "sqlstate", "")
        match state:
            case "RG009":
                raise InvalidParameter("amount", "it is more than is left of the transaction") from error
            case "RG010":
                raise TransactionNotFound from error
            case "RG099":
                raise InvariantViolation(str(error)) from error
            case "55P03" | "40P01":
                raise LockTimeout from error
        raise


def _row(names: tuple[str, ...]) -> str:
    """The SQL of one composite value with its position."""
    return f"ROW(0{', %s' * len(names)})"


POST_SQL = (
    f"SELECT (result).*, (customer).* FROM ledger_post(ARRAY[{_row(POSTING_FIELDS)}::ledger_posting], true,"  # noqa: S608
    " ARRAY[ROW(%s, %s, %s, %s)::ledger_calculation])"
)
_NOT_CALCULATED = Calculation()
LOOKUP_SQL = (
    "SELECT config_version, is_due, (customer).*, to_json(memberships), to_json(history)"  # noqa: S608
    f" FROM ledger_lookup(ARRAY[{_row(Query._fields)}::ledger_query])"
)
LOOKUPS_SQL = (
    "SELECT config_version, is_due, (customer).*, to_json(memberships) FROM ledger_lookup(ARRAY("  # noqa: S608
    f"SELECT ROW(n, {', '.join('id' if name == 'customer_id' else '%s' for name in Query._fields)})::ledger_query"
    " FROM unnest(%s::bigint[]) WITH ORDINALITY AS u (id, n)))"
)
LOOKUPS_AT_ONCE = 50


def _settled(account: AccountConfig, at: datetime, run: Any) -> Any:
    """Run a posting or a look-up; where depreciations or fees are due, book them first."""
    for _ in range(SETTLE_TRIES):
        try:
            return run()
        except SettlementDue as due:
            settle(account=account, customer_id=due.customer_id, at=at)
    raise InvariantViolation("a balance is due again right after it was settled")


def post(account: AccountConfig, posting: Posting) -> Posted:
    """
    Record one posting in the current unit of work.

    Raises: StaleConfiguration, CustomerNotFound, InsufficientBalance, UnexpectedBalance, KeyReused, AlreadyJoined,
            LockTimeout, InvalidParameter("amount") where a balance would leave the range of 64 bits.
    """

    def run() -> Posted:
        with refusals(), connection.cursor() as cursor:
            cursor.execute(POST_SQL, [*posting[:-1], *(posting.calculation or _NOT_CALCULATED)])
            row = cursor.fetchone()
        assert row is not None
        return posted(row[:12], row[12:])

    result: Posted = _settled(account, posting.recorded_at, run)
    return result


def look_up(account: AccountConfig, query: Query) -> Found:
    """Find one customer with balances as of ``query.at``. Raises: StaleConfiguration, CustomerNotFound."""

    def run() -> Found:
        with connection.cursor() as cursor:
            cursor.execute(LOOKUP_SQL, query)
            row = cursor.fetchone()
        assert row is not None
        if row[0] != query.config_version:
            raise StaleConfiguration
        return found(row[2:20], row[1], _rows(row[20]), _rows(row[21]))

    result: Found = _settled(account, query.at, run)
    return result


def look_up_balances(account: AccountConfig, customer_ids: Sequence[int], at: datetime) -> dict[int, Found]:
    """
    Find many customers with their balances as of ``at``, by id; who is not there any more is left out.

    Queries: 1 for every 50, and those of settling for each who is due. Raises: StaleConfiguration.
    """
    query = Query(account.id, account.version, at)
    given = [value for name, value in zip(Query._fields, query, strict=True) if name != "customer_id"]
    result: dict[int, Found] = {}
    for start in range(0, len(customer_ids), LOOKUPS_AT_ONCE):
        with connection.cursor() as cursor:
            cursor.execute(LOOKUPS_SQL, [*given, list(customer_ids[start : start + LOOKUPS_AT_ONCE])])
            rows = cursor.fetchall()
        for row in rows:
            if row[0] != account.version:
                raise StaleConfiguration
            try:
                one = found(row[2:20], row[1], _rows(row[20]), ())
            except SettlementDue as due:
                one = look_up(account, query._replace(customer_id=due.customer_id))
            except CustomerNotFound:
                continue
            result[one.customer.id] = one
    return result


def _rows(document: Any) -> list[list[Any]]:
    """Rows of composites that came as JSON, with their instants."""
    rows = orjson.loads(document) if isinstance(document, str) else document or []
    return [
        [datetime.fromisoformat(value) if name.endswith("_at") and value else value for name, value in row.items()]
        for row in rows
    ]


def reverse(
    *,
    account: AccountConfig,
    entry_id: int,
    by: int,
    at: datetime,
    amount: int | None = None,
    purchase_minor: int | None = None,
    description: str = "",
    is_delete: bool = False,
) -> Reversed:
    """
    Take an earning or a redemption back, whole or in part; lots come back with their age and expiry.

    Where its customer's record was merged into another, it is taken back from the other. ``is_delete``: neither row is shown
    any more, also where all of it had been taken back before.

    Units:  amount in the entry's own unit, positive; None = all that is left, and then reversing again gives the first
            answer again. purchase_minor: the part of the purchase it stands for, noted beside it (currency minor units).
    Raises: TransactionNotFound, AlreadyReversed, InvalidParameter("amount") where more than is left is asked for.
    Source: api.md 13, ADR-0005.
    """
    with refusals(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT customer_id, amount FROM ledger_entries WHERE account_id = %s AND id = %s AND kind IN ('earn', 'redeem')",
            [account.id, entry_id],
        )
        entry = cursor.fetchone()
        if entry is None:
            raise TransactionNotFound(fields=("transaction_id",))
        original = entry[1]
        customer_id = _lock_survivor(account, entry[0])
        cursor.execute(
            "SELECT reversed_amount, last_entry_id FROM ledger_reversals WHERE account_id = %s AND entry_id = %s",
            [account.id, entry_id],
        )
        before = cursor.fetchone()
        done = before[0] if before else 0
        if before and done == abs(original):
            if is_delete:
                cursor.execute("SELECT ledger_hide_reversed(%s, %s, %s, %s)", [account.id, entry_id, by, at])
            if amount is None:
                return _first_answer(account, entry_id, before[1], done)
            raise AlreadyReversed(fields=("amount",))
        settle(account=account, customer_id=customer_id, at=at)
        cursor.execute(
            "SELECT entry, balance, cumulative, total FROM ledger_reverse(%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                account.id, entry_id, abs(original) - done if amount is None else amount, purchase_minor, by, description,
                at, is_delete,
            ],
        )  # fmt: skip
        row = cursor.fetchone()
    assert row is not None
    settle(account=account, customer_id=customer_id, at=at)
    taken = row[3] - done
    return Reversed(row[0], entry_id, -taken if original > 0 else taken, row[1], row[2], row[3], False)


def _lock_survivor(account: AccountConfig, customer_id: int) -> int:
    """Lock and return the live record that a customer's record is part of. Raises TransactionNotFound where there is none."""
    while True:
        survivor_id = find_survivor_id(account=account, customer_id=customer_id)
        if survivor_id is None:
            raise TransactionNotFound(fields=("transaction_id",))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT deleted_at IS NULL FROM customers_customers WHERE account_id = %s AND id = %s FOR NO KEY UPDATE",
                [account.id, survivor_id],
            )
            if cursor.fetchone() == (True,):
                return survivor_id  # else it was merged or deleted while we waited for it


def _first_answer(account: AccountConfig, entry_id: int, last_entry_id: int, total: int) -> Reversed:
    """What the reversal answered: amounts, and the balance and earnings as they were right after it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.amount, e.balance_after, ledger_earned(e) FROM ledger_entries e WHERE e.account_id = %s AND e.id = %s",
            [account.id, last_entry_id],
        )
        row = cursor.fetchone()
    assert row is not None
    return Reversed(last_entry_id, entry_id, row[0], row[1], int(row[2] or 0), total, True)


def settle(*, account: AccountConfig, customer_id: int, at: datetime) -> None:
    """Book the depreciations and fees of a customer's balances that are due by ``at``, and plan the next."""
    with refusals(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM customers_customers WHERE account_id = %s AND id = %s FOR NO KEY UPDATE", [account.id, customer_id]
        )
        cursor.execute("SELECT config_version FROM accounts_accounts WHERE id = %s", [account.id])
        if cursor.fetchone() != (account.version,):
            raise StaleConfiguration
        if _follows(account, customer_id):
            _follow(account, customer_id, at)
        for balance in _balances(account, customer_id):
            if balance.rules_version == account.rules_version and (
                balance.next_change_at is None or balance.next_change_at > at
            ):
                continue
            _book(account, balance, settlement_of(account, balance, at), at)


def _balances(account: AccountConfig, customer_id: int) -> QuerySet[Balance]:
    return Balance.objects.filter(account_id=account.id, customer_id=customer_id).order_by("pool_id", "item_id")


def _follows(account: AccountConfig, customer_id: int) -> bool:
    """Whether a balance of the customer is not where its campaign's balances are by now. Queries: 0 or 1."""
    if account.pools_changed_at is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM ledger_memberships m JOIN campaigns_campaigns c ON c.account_id = m.account_id"
            " AND c.id = m.campaign_id AND m.pool_id <> coalesce(c.pool_id, c.id)"
            " WHERE m.account_id = %s AND m.customer_id = %s)",
            [account.id, customer_id],
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def _follow(account: AccountConfig, customer_id: int, at: datetime) -> None:
    """Book what was due in the pools as they were up to the change, then move the balances (ADR-0013)."""
    changed_at = min(account.pools_changed_at or at, at)
    for balance in _balances(account, customer_id):
        _book(account, balance, _settlement(account.campaigns_by_previous_pool, balance, changed_at), changed_at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_follow(%s, %s, 0, %s, %s)", [account.id, customer_id, FOLLOW_TEXT, at])


def _book(account: AccountConfig, balance: Balance, settlement: Settlement, at: datetime) -> None:
    """Write the losses of one balance, whose customer is locked, and its new plan."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_settle(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                account.id, balance.customer_id, balance.pool_id, balance.item_id, balance.version, at,
                settlement.next_change_at, account.rules_version,
                orjson.dumps([dataclasses.asdict(loss) for loss in settlement.losses]).decode(),
                orjson.dumps(settlement.plan).decode(),
            ],
        )  # fmt: skip
        if cursor.fetchone() != (True,):
            raise InvariantViolation("a balance changed while its customer was locked")


def list_unmoved(*, account: AccountConfig, limit: int, after: int = 0) -> tuple[int, ...]:
    """
    Return customers whose balances have not followed their campaigns to another pool yet, in order of id, after ``after``.

    Queries: 1.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT m.customer_id FROM ledger_memberships m JOIN campaigns_campaigns c ON c.account_id = m.account_id"
            " AND c.id = m.campaign_id AND m.pool_id <> coalesce(c.pool_id, c.id)"
            " WHERE m.account_id = %s AND m.customer_id > %s ORDER BY 1 LIMIT %s",
            [account.id, after, limit],
        )
        return tuple(row[0] for row in cursor.fetchall())


def settlement_of(account: AccountConfig, balance: Balance, at: datetime, lots: Iterable[LotRow] | None = None) -> Settlement:
    """
    Return what depreciations and fees take from a balance by ``at`` and what comes next; books nothing.

    ``lots``: its open ones, where they are known. Queries: 1, or none.
    """
    if lots is not None:
        return settle_pool(account.campaigns_by_pool.get(balance.pool_id, ()), _state(balance, lots), at)
    return _settlement(account.campaigns_by_pool, balance, at)


def _settlement(campaigns_by_pool: Mapping[int, tuple[CampaignConfig, ...]], balance: Balance, at: datetime) -> Settlement:
    lots = LotRow.objects.filter(
        account_id=balance.account_id, customer_id=balance.customer_id, pool_id=balance.pool_id, item_id=balance.item_id,
        remaining__gt=0,
    )  # fmt: skip
    return settle_pool(campaigns_by_pool.get(balance.pool_id, ()), _state(balance, lots), at)


def _state(balance: Balance, lots: Iterable[LotRow]) -> PoolState:
    return PoolState(
        balance.opened_at, balance.last_activity_at, balance.last_recorded_at, balance.settled_until,
        tuple(
            Lot(
                row.origin_entry_id, row.id, row.campaign_id, row.remaining, row.earned_at, row.created_at, row.exempt_until,
                row.expires_at,
            )
            for row in lots
        ),
    )  # fmt: skip


def list_coming_losses(*, account: AccountConfig, customer_id: int, until: datetime) -> dict[tuple[int, int], tuple[Loss, ...]]:
    """
    Return what depreciations and fees will take from a customer's balances by ``until`` if nothing else happens, soonest first,
    by (pool, item); what is due by now counts too. Books nothing.

    Queries: 2, or none in an account where nothing expires.
    """
    pools = account.pools_that_shrink
    if not pools:
        return {}
    of = {"account_id": account.id, "customer_id": customer_id, "pool_id__in": pools}
    lots: dict[tuple[int, int], list[LotRow]] = {}
    for row in LotRow.objects.filter(**of, remaining__gt=0).order_by("origin_entry_id", "id"):
        lots.setdefault((row.pool_id, row.item_id), []).append(row)
    coming = {}
    for balance in Balance.objects.filter(**of):
        place = (balance.pool_id, balance.item_id)
        campaigns = account.campaigns_by_pool.get(balance.pool_id, ())
        losses = settle_pool(campaigns, _state(balance, lots.get(place, ())), until).losses
        if losses:
            coming[place] = losses
    return coming


def forget_transaction_field(*, account: AccountConfig, number: int) -> None:
    """Take away what entries noted in a transaction custom field that is being deleted; nothing else of them changes (I6)."""
    with refusals(), connection.cursor() as cursor:
        cursor.execute("SELECT ledger_forget_field(%s, %s)", [account.id, number])


def move(
    *, account: AccountConfig, from_customer_id: int, to_customer_id: int, by: int, at: datetime, description: str
) -> None:
    """
    Give all that one customer has to another, by entries of kind move: balances, lots with their age, debts, what was earned.

    Both are settled before, and the receiver afterwards: the rules go on as if the lots had always been his.

    Raises: StaleConfiguration, LockTimeout.
    Source: api.md 13 card_replace; ADR-0005.
    """
    for customer_id in sorted((from_customer_id, to_customer_id)):
        settle(account=account, customer_id=customer_id, at=at)
    with refusals(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_move(%s, %s, %s, %s, %s, %s)", [account.id, from_customer_id, to_customer_id, by, description, at]
        )
    settle(account=account, customer_id=to_customer_id, at=at)


def close_customer(*, account: AccountConfig, customer_id: int, by: int, at: datetime) -> None:
    """Bring every balance of a customer to zero by entries (the customer is being deleted)."""
    with refusals(), connection.cursor() as cursor:
        cursor.execute("SELECT ledger_close_customer(%s, %s, %s, %s)", [account.id, customer_id, by, at])


def forget_person(*, account: AccountConfig, customer_ids: Sequence[int]) -> None:
    """
    Take away what people wrote beside the entries of these records of one person; amounts and all else stay (I6, I15).

    Writes: his entries' texts and custom fields, and what is kept of him to answer retries.
    """
    with refusals(), connection.cursor() as cursor:
        cursor.execute("SELECT ledger_forget_person(%s, %s)", [account.id, list(customer_ids)])
