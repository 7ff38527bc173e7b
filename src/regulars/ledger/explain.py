# SPDX-License-Identifier: Apache-2.0
"""Why a balance is what it is: every line with what it was computed from, the lots it made, and what it took from which lot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, F, Sum

from regulars.accounts.directory import AccountConfig
from regulars.campaigns.rules import Calculation
from regulars.ledger.models import Balance, Entry, LotUse
from regulars.ledger.models import Lot as LotRow
from regulars.ledger.operations import settle, settlement_of
from regulars.ledger.rules import Loss

LOTS_MAX = 1_000
"""Open lots shown, those used first; the others are counted."""
LOSSES_MAX = 1_000
"""Coming losses shown; what the later ones take is said in one number."""

PAGE_SQL = """
    SELECT e.id, e.version, e.campaign_id, e.kind, e.amount, e.balance_after, e.user_id, e.description, ledger_subject_of(e),
           e.purchase_minor, e.ratio_ppm, e.factor_ppm, e.bonus, e.rounding, e.carried_in, e.rule_id, e.occurred_at,
           e.recorded_at, e.reverses_id, e.cause_id, CASE WHEN e.kind = 'contribute' THEN c.amount END, e.reference,
           coalesce(v.reversed_amount, 0), coalesce(v.is_deleted, w.is_deleted, false)
    FROM ledger_entries e
    LEFT JOIN ledger_entries c ON c.account_id = e.account_id AND c.id = e.cause_id
    LEFT JOIN ledger_reversals v ON v.account_id = e.account_id AND v.entry_id = e.id
    LEFT JOIN ledger_reversals w ON w.account_id = e.account_id AND w.entry_id = e.reverses_id
    WHERE e.account_id = %s AND e.customer_id = %s AND e.pool_id = %s AND e.item_id = %s AND e.version <= %s AND e.version > %s
    ORDER BY e.version DESC
"""
"""Served by ledger_entries_version_unique: a page is a range of versions, which have no gaps (I13)."""


@dataclass(frozen=True, slots=True)
class LotState:
    """A lot as it is now. ``origin_id`` is the earning, ``id`` the line that made this row of it."""

    origin_id: int
    id: int
    campaign_id: int
    issued: int
    remaining: int
    earned_at: datetime
    expires_at: datetime | None
    """The next loss by age; None = never."""


@dataclass(frozen=True, slots=True)
class Use:
    """What a line took from a lot, and how much of it was given back since."""

    origin_id: int
    lot_id: int
    amount: int
    returned: int


@dataclass(frozen=True, slots=True)
class Line:
    """One entry. Units: amounts in the pool's unit, signed; purchase_minor in currency minor units."""

    id: int
    version: int
    campaign_id: int
    kind: str
    amount: int
    balance_after: int
    user_id: int
    description: str
    subject: str
    purchase_minor: int | None
    calculation: Calculation | None
    carried_in: int | None
    rule_id: int | None
    occurred_at: datetime
    recorded_at: datetime
    reverses_id: int | None
    cause_id: int | None
    cause_amount: int | None
    """Of a contribution: the earning it is a share of."""
    reference: str | None
    reversed_amount: int
    """How much of it was taken back so far, positive."""
    is_deleted: bool
    lots: tuple[LotState, ...] = ()
    """What it made."""
    uses: tuple[Use, ...] = ()
    """What it took."""

    @property
    def debt_change(self) -> int:
        """By how much the debt grew (an earning pays it: negative). A balance below zero is all debt (I3)."""
        return max(0, -self.balance_after) - max(0, self.amount - self.balance_after)


@dataclass(frozen=True, slots=True)
class KindTotal:
    """All lines of one kind together."""

    kind: str
    line_count: int
    amount: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """
    A balance at one moment. ``totals`` add up to ``balance``; so do the lots less ``debt``; so do the coming losses, what the
    later ones take, and ``stays``, less ``debt``.
    """

    balance: int = 0
    debt: int = 0
    cumulative: int = 0
    line_count: int = 0
    totals: tuple[KindTotal, ...] = ()
    lines: tuple[Line, ...] = ()
    lots: tuple[LotState, ...] = ()
    lot_count: int = 0
    losses: tuple[Loss, ...] = ()
    """What depreciations and fees will take until ``until`` if nothing else happens, soonest first."""
    later_losses: int = 0
    """What those beyond the first thousand take, until ``until`` too."""
    stays: int = 0
    """What is left then."""


def explain_balance(
    *,
    account: AccountConfig,
    customer_id: int,
    pool_id: int,
    item_id: int = 0,
    at: datetime,
    until: datetime,
    offset: int = 0,
    length: int = 100,
) -> Explanation:
    """
    Return why a customer's balance in a pool is what it is, as of ``at``; the newest lines first, from ``offset``.

    What is due is booked before. All of it is of one moment: the customer's row is locked while it is read.

    Queries: 9 to 12.
    Raises:  StaleConfiguration, LockTimeout.
    Source:  api.md 13 (our extension balance_explain); ADR-0005, ADR-0006.
    """
    settle(account=account, customer_id=customer_id, at=at)
    of = {"account_id": account.id, "customer_id": customer_id, "pool_id": pool_id, "item_id": item_id}
    balance = Balance.objects.filter(**of).first()
    if balance is None:
        return Explanation()
    totals = Entry.objects.filter(**of).values_list("kind").annotate(Count("id"), Sum("amount")).order_by("kind")
    open_lots = LotRow.objects.filter(**of, remaining__gt=0).order_by(
        F("expires_at").asc(nulls_last=True), "earned_at", "origin_entry_id", "id"
    )
    lots = [_lot(row) for row in open_lots[:LOTS_MAX]]
    lot_count = len(lots) if len(lots) < LOTS_MAX else open_lots.count()
    losses = settlement_of(account, balance, until).losses
    shown = losses[:LOSSES_MAX]
    later = sum(loss.amount for loss in losses[LOSSES_MAX:])
    return Explanation(
        balance=balance.balance,
        debt=balance.debt,
        cumulative=balance.cumulative,
        line_count=balance.version,
        totals=tuple(KindTotal(*row) for row in totals),
        lines=_page(of, balance.version - offset, balance.version - offset - length),
        lots=tuple(lots),
        lot_count=lot_count,
        losses=shown,
        later_losses=later,
        stays=balance.balance + balance.debt - later - sum(loss.amount for loss in shown),
    )


def _page(of: dict[str, int], newest: int, before: int) -> tuple[Line, ...]:
    """The lines with versions in (before, newest], newest first, with their lots and uses."""
    with connection.cursor() as cursor:
        cursor.execute(PAGE_SQL, [of["account_id"], of["customer_id"], of["pool_id"], of["item_id"], newest, before])
        lines = [_line(row) for row in cursor.fetchall()]
    uses = _uses(of["account_id"], [line.id for line in lines if line.amount < 0])
    made = _lots_made(of["account_id"], [line for line in lines if line.amount > 0])
    return tuple(replace(line, lots=tuple(made[line.id]), uses=tuple(uses[line.id])) for line in lines)


def _line(row: Sequence[Any]) -> Line:
    calculation = Calculation(*row[10:14])
    values = [*row[:10], calculation if any(part is not None for part in calculation) else None, *row[14:]]
    return Line(*values)


def _uses(account_id: int, entry_ids: Iterable[int]) -> dict[int, list[Use]]:
    found: dict[int, list[Use]] = defaultdict(list)
    rows = LotUse.objects.filter(account_id=account_id, entry_id__in=entry_ids).order_by(
        "entry_id", "origin_entry_id", "lot_id"
    )
    for row in rows:
        found[row.entry_id].append(Use(row.origin_entry_id, row.lot_id, row.amount, row.returned))
    return found


def _lots_made(account_id: int, lines: Sequence[Line]) -> dict[int, list[LotState]]:
    """The lots that lines made: an earning its own; taking back a redemption, parts of what it had taken from."""
    found: dict[int, list[LotState]] = defaultdict(list)
    taken_back = [line.reverses_id for line in lines if line.reverses_id is not None]
    used = LotUse.objects.filter(account_id=account_id, entry_id__in=taken_back)
    origins = {line.id for line in lines} | set(used.values_list("origin_entry_id", flat=True))
    rows = LotRow.objects.filter(account_id=account_id, origin_entry_id__in=origins, id__in=[line.id for line in lines])
    for row in rows.order_by("origin_entry_id", "id"):
        found[row.id].append(_lot(row))
    return found


def _lot(row: LotRow) -> LotState:
    return LotState(
        row.origin_entry_id, row.id, row.campaign_id, row.issued, row.remaining, row.earned_at, row.expires_at
    )  # fmt: skip
