# SPDX-License-Identifier: Apache-2.0
"""Why a balance is what it is: every line with what it was computed from, the lots it made, and what it took from which lot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

import orjson
from django.db import connection
from django.db.models import Count, F, Sum

from regulars.accounts.directory import AccountConfig, CampaignConfig, UserConfig
from regulars.campaigns.rules import Calculation, exact_points, made_whole
from regulars.kit.units import PPM, REMAINDER_SCALE
from regulars.ledger.models import Balance, Entry
from regulars.ledger.models import Lot as LotRow
from regulars.ledger.operations import settle, settlement_of
from regulars.ledger.rules import Loss

LOTS_MAX = 1_000
"""Open lots shown, those used first; the others are counted."""
LOSSES_MAX = 1_000
"""Coming losses shown; what the later ones take is said in one number."""


@dataclass(frozen=True, slots=True)
class Rounded:
    """How a line's exact number became whole. Units: of the pool, exact. ``carried_*``: None = nothing is carried."""

    exact: Fraction
    cut_off: Fraction
    """What rounding cut off; negative: gave."""
    carried_in: Fraction | None = None
    carried_out: Fraction | None = None


PAGE_SQL = """
    SELECT e.id, e.version, e.campaign_id, e.kind, e.amount, e.balance_after, e.user_id, e.description, ledger_subject_of(e),
           e.purchase_minor, e.ratio_ppm, e.factor_ppm, e.bonus, e.rounding, e.carried_in, e.rule_id, e.occurred_at,
           e.recorded_at, e.reverses_id, e.cause_id, CASE WHEN e.kind = 'contribute' THEN c.amount END, e.reference,
           coalesce(v.reversed_amount, 0), coalesce(v.is_deleted, w.is_deleted, false),
           CASE WHEN e.amount > 0 THEN (
               SELECT jsonb_agg(jsonb_build_array(l.origin_entry_id, l.id, l.campaign_id, l.issued, l.remaining, l.earned_at,
                                                  l.expires_at) ORDER BY l.origin_entry_id)
               FROM (SELECT e.id AS origin UNION SELECT u.origin_entry_id FROM ledger_lot_uses u
                     WHERE u.account_id = e.account_id AND u.entry_id = e.reverses_id) o
               JOIN ledger_lots l ON l.account_id = e.account_id AND l.origin_entry_id = o.origin AND l.id = e.id) END,
           CASE WHEN e.amount < 0 THEN (
               SELECT jsonb_agg(jsonb_build_array(u.origin_entry_id, u.lot_id, u.amount, u.returned)
                                ORDER BY u.origin_entry_id, u.lot_id)
               FROM ledger_lot_uses u WHERE u.account_id = e.account_id AND u.entry_id = e.id) END
    FROM ledger_entries e
    LEFT JOIN ledger_entries c ON c.account_id = e.account_id AND c.id = e.cause_id
    LEFT JOIN ledger_reversals v ON v.account_id = e.account_id AND v.entry_id = e.id
    LEFT JOIN ledger_reversals w ON w.account_id = e.account_id AND w.entry_id = e.reverses_id
    WHERE e.account_id = %s AND e.customer_id = %s AND e.pool_id = %s AND e.item_id = %s AND e.version <= %s AND e.version > %s
    ORDER BY e.version DESC
"""
"""
Served by the version index of each range of entries: a page is a range of versions without gaps (I13). The last two columns
are the lots a line made (an earning its own; taking back a redemption, parts of what it had taken from), and what it took.
"""


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


def rounded(line: Line, *, decimals: int) -> Rounded | None:
    """Return how a line's number became whole; None where nothing was rounded. ``decimals``: of the account's currency."""
    calculation = line.calculation
    if calculation is None or calculation.rounding is None:
        return None
    if line.cause_amount is not None:
        exact = Fraction(line.cause_amount * (calculation.factor_ppm or 0), PPM)
    else:
        exact = exact_points(calculation, line.purchase_minor or 0, decimals)
    whole = made_whole(exact.numerator, exact.denominator, calculation.rounding)[0]
    if line.carried_in is None:
        return Rounded(exact, exact - whole)
    was_eaten = whole + (calculation.bonus or 0) < 0  # by a negative promotion, the fraction too
    carried_in = Fraction(line.carried_in, REMAINDER_SCALE)
    carried_out = carried_in + (0 if was_eaten else exact - whole)
    return Rounded(exact, exact - whole, carried_in, carried_out - int(carried_out))


def store_of(account: AccountConfig, by: UserConfig, campaign_id: int) -> tuple[CampaignConfig | None, bool]:
    """
    Return the store of a line in a shared balance, None where it was deleted; and whether the user may know of it. Of one he
    may not enter he sees date, kind, amount and balance only: the shared balance shows them anyway.
    """
    store = account.campaigns_by_id.get(campaign_id)
    return store, store is None or by.may_see(store)


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

    Queries: 7, and those of settling what is due.
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
    rows = list(open_lots)
    losses = settlement_of(account, balance, until, rows).losses
    shown = losses[:LOSSES_MAX]
    later = sum(loss.amount for loss in losses[LOSSES_MAX:])
    return Explanation(
        balance=balance.balance,
        debt=balance.debt,
        cumulative=balance.cumulative,
        line_count=balance.version,
        totals=tuple(KindTotal(*row) for row in totals),
        lines=_page(of, balance.version - offset, balance.version - offset - length),
        lots=tuple(_lot(row) for row in rows[:LOTS_MAX]),
        lot_count=len(rows),
        losses=shown,
        later_losses=later,
        stays=balance.balance + balance.debt - later - sum(loss.amount for loss in shown),
    )


def _page(of: dict[str, int], newest: int, before: int) -> tuple[Line, ...]:
    """The lines with versions in (before, newest], newest first, with their lots and uses."""
    with connection.cursor() as cursor:
        cursor.execute(PAGE_SQL, [of["account_id"], of["customer_id"], of["pool_id"], of["item_id"], newest, before])
        return tuple(_line(row) for row in cursor.fetchall())


def _line(row: Sequence[Any]) -> Line:
    calculation = Calculation(*row[10:14])
    values: list[Any] = [*row[:10], calculation if any(part is not None for part in calculation) else None, *row[14:-2]]
    lots = (
        LotState(origin, number, campaign, issued, remaining, datetime.fromisoformat(earned), _instant(expires))
        for origin, number, campaign, issued, remaining, earned, expires in _rows(row[-2])
    )
    values += [tuple(lots), tuple(Use(*use) for use in _rows(row[-1]))]
    return Line(*values)


def _rows(document: Any) -> list[list[Any]]:
    rows: list[list[Any]] = orjson.loads(document) if isinstance(document, str | bytes) else document or []
    return rows


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _lot(row: LotRow) -> LotState:
    return LotState(
        row.origin_entry_id, row.id, row.campaign_id, row.issued, row.remaining, row.earned_at, row.expires_at
    )  # fmt: skip
