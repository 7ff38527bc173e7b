# SPDX-License-Identifier: Apache-2.0
"""
How balances shrink by themselves: depreciations and recurring fees (concepts.md 5, ADR-0006). Pure.

Every loss is an event at a computed instant, a function of the ledger, the rules with their validity, and nothing else;
whether it is booked at once or years later makes no difference. Months and years are those of the UTC calendar; a day that
a month does not have is its last one.
"""

from __future__ import annotations

import calendar
import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from regulars.accounts.directory import AccountConfig, CampaignConfig, DepreciationConfig, FeeConfig

MOMENT = timedelta(microseconds=1)
PPM = 1_000_000
LATEST = 9998
"""The last year that dates are computed for."""


def add_interval(at: datetime, count: int, unit: str) -> datetime | None:
    """Return ``at`` plus ``count`` days, months or years; None beyond the calendar's end."""
    if unit == "days":
        try:
            return at + timedelta(days=count)
        except OverflowError:
            return None
    months = at.month - 1 + count * (12 if unit == "years" else 1)
    year, month = at.year + months // 12, months % 12 + 1
    if year > LATEST:
        return None
    return at.replace(year=year, month=month, day=min(at.day, calendar.monthrange(year, month)[1]))


@dataclass(frozen=True, slots=True)
class Plan:
    """What a posting needs to know of the future. ``expires_at``: the new lot's next loss."""

    expires_at: datetime | None
    next_change_at: datetime | None
    rules_version: int


@dataclass(slots=True)
class Lot:
    """One lot as settling sees and changes it. ``expires_at`` is planned anew."""

    origin_entry_id: int
    id: int
    campaign_id: int
    remaining: int
    earned_at: datetime
    created_at: datetime
    exempt_until: datetime | None
    expires_at: datetime | None

    @property
    def order(self) -> tuple[bool, datetime, datetime, int, int]:
        """Soonest expiry first: the same order as ledger_take_lots()."""
        return (self.expires_at is None, self.expires_at or self.earned_at, self.earned_at, self.origin_entry_id, self.id)


@dataclass(frozen=True, slots=True)
class PoolState:
    """A balance before settling."""

    opened_at: datetime
    last_activity_at: datetime
    last_recorded_at: datetime
    settled_until: datetime
    lots: tuple[Lot, ...]


@dataclass(frozen=True, slots=True)
class Loss:
    """One loss to be booked. ``uses`` are (origin_entry_id, lot id, amount) and add up to ``amount``."""

    kind: str
    rule_id: int
    campaign_id: int
    at: datetime
    amount: int
    description: str
    uses: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is due and what comes next. ``plan`` holds (origin_entry_id, lot id, expires_at) of lots planned anew."""

    losses: tuple[Loss, ...]
    plan: tuple[tuple[int, int, datetime | None], ...]
    next_change_at: datetime | None


def _versions(rules: Iterable[DepreciationConfig]) -> dict[int, list[DepreciationConfig]]:
    """The versions of each rule, oldest first."""
    result: dict[int, list[DepreciationConfig]] = defaultdict(list)
    for rule in sorted(rules, key=lambda item: item.valid_from):
        result[rule.rule_id].append(rule)
    return result


def _event(
    versions: list[DepreciationConfig], clock: datetime, known_at: datetime, exempt_until: datetime | None
) -> tuple[datetime, DepreciationConfig] | None:
    """
    Return when one rule takes its share of what started its clock at ``clock``, or None.

    Never before the rule was valid, nor before the thing was recorded (``known_at``); once only, whatever version.
    """
    for rule in versions:
        natural = add_interval(clock, rule.interval_count, rule.interval_unit)
        if natural is None:
            continue
        at = max(natural, rule.valid_from)
        if exempt_until is not None and at <= exempt_until:
            if rule.valid_to is None or at < rule.valid_to:
                return None
            continue
        at = max(at, known_at)
        if rule.valid_to is None or at < rule.valid_to:
            return at, rule
    return None


def lot_events(rules: Iterable[DepreciationConfig], lot: Lot) -> list[tuple[datetime, DepreciationConfig]]:
    """Return when each per_transaction rule takes its share of a lot, soonest first."""
    per_lot = [rule for rule in rules if rule.basis == "per_transaction"]
    found = (_event(each, lot.earned_at, lot.created_at + MOMENT, lot.exempt_until) for each in _versions(per_lot).values())
    return sorted((item for item in found if item is not None), key=lambda item: (item[0], item[1].rule_id))


def _last_events(
    rules: Iterable[DepreciationConfig], last_activity_at: datetime, last_recorded_at: datetime
) -> list[tuple[datetime, DepreciationConfig]]:
    per_pool = [rule for rule in rules if rule.basis == "last_transaction"]
    found = (_event(each, last_activity_at, last_recorded_at + MOMENT, None) for each in _versions(per_pool).values())
    return [item for item in found if item is not None]


def _steps_passed(fee: FeeConfig, opened_at: datetime, at: datetime) -> int:
    """A step that is not later than the first one after ``at``, so that nobody walks through the years before it."""
    if fee.interval_unit == "days":
        passed = (at - opened_at).days
    else:
        passed = (at.year - opened_at.year) * 12 + at.month - opened_at.month
        if fee.interval_unit == "years":
            passed //= 12
    return max(1, passed // fee.interval_count)


def _fee_dates(fee: FeeConfig, opened_at: datetime, after: datetime) -> Iterator[datetime]:
    """The instants a fee is due later than ``after``: every interval since the balance's first activity, while valid."""
    step = _steps_passed(fee, opened_at, max(after, fee.valid_from))
    while True:
        at = add_interval(opened_at, fee.interval_count * step, fee.interval_unit)
        if at is None or (fee.valid_to is not None and at >= fee.valid_to):
            return
        if at > after and at >= fee.valid_from:
            yield at
        step += 1


def _first(dates: Iterable[datetime]) -> datetime | None:
    return min(dates, default=None)


def plan_for(account: AccountConfig, campaign: CampaignConfig, occurred_at: datetime, recorded_at: datetime) -> Plan:
    """Return the future of an earning made now: its own next loss, and a bound for the balance's next change by itself."""
    if campaign.pool_id not in account.pools_that_shrink:
        return Plan(None, None, account.rules_version)
    lot = Lot(0, 0, campaign.id, 0, occurred_at, recorded_at, None, None)
    own = [at for at, _ in lot_events(campaign.depreciations, lot)]
    dates = list(own)
    for each in account.campaigns_by_pool[campaign.pool_id]:
        dates += [at for at, _ in _last_events(each.depreciations, occurred_at, recorded_at)]
        for fee in each.fees:
            due = next(_fee_dates(fee, occurred_at, recorded_at), None)
            if due is not None:
                dates.append(due)
    return Plan(_first(own), _first(dates), account.rules_version)


def _take(lots: Iterable[Lot], need: int) -> tuple[tuple[int, int, int], ...]:
    """Take ``need`` from lots, soonest expiry first, changing them; return the uses."""
    uses = []
    for lot in sorted(lots, key=lambda item: item.order):
        part = min(need, lot.remaining)
        if part:
            lot.remaining -= part
            need -= part
            uses.append((lot.origin_entry_id, lot.id, part))
    return tuple(uses)


@dataclass(frozen=True, slots=True)
class _Event:
    """One loss that is due. ``rank``: at one instant lots by age come first, then idle balances, then fees."""

    at: datetime
    rank: int
    rule: DepreciationConfig | FeeConfig
    campaign: CampaignConfig
    lot: Lot | None = None

    @property
    def order(self) -> tuple[datetime, int, int]:
        return (self.at, self.rank, self.rule.rule_id)


def _pool_events(campaigns: Sequence[CampaignConfig], state: PoolState, until: datetime) -> Iterator[_Event]:
    """The losses of the whole balance later than settled_until: all that are due, and of each fee the next one."""
    for campaign in campaigns:
        for at, rule in _last_events(campaign.depreciations, state.last_activity_at, state.last_recorded_at):
            if at > state.settled_until:
                yield _Event(at, 1, rule, campaign)
        for fee in campaign.fees:
            for at in _fee_dates(fee, state.opened_at, state.settled_until):
                yield _Event(at, 2, fee, campaign)
                if at > until:
                    break


def _loss(event: _Event, lots: list[Lot]) -> Loss:
    """Take what one event takes, changing the lots."""
    rule, campaign = event.rule, event.campaign
    if isinstance(rule, FeeConfig):
        need = min(rule.amount, sum(lot.remaining for lot in lots))
        return Loss("fee", rule.rule_id, campaign.id, event.at, need, rule.description, _take(lots, need))
    own = [event.lot] if event.lot is not None else [lot for lot in lots if lot.campaign_id == campaign.id]
    need = sum(lot.remaining for lot in own) * rule.percentage_ppm // PPM
    text = "Points expired." if campaign.kind == "points" else "Value expired."
    return Loss("expire", rule.rule_id, campaign.id, event.at, need, text, _take(own, need))


def settle_pool(campaigns: Sequence[CampaignConfig], state: PoolState, until: datetime) -> Settlement:
    """
    Return the losses of one balance due in (settled_until, until], in order, and the plan after them.

    A share is cut toward zero; a fee takes at most what is there.
    """
    by_id = {campaign.id: campaign for campaign in campaigns}
    lots = [dataclasses.replace(lot) for lot in state.lots]
    events = list(_pool_events(campaigns, state, until))
    ahead: list[list[datetime]] = []
    for lot in lots:
        campaign = by_id.get(lot.campaign_id)
        own = (
            [(at, rule) for at, rule in lot_events(campaign.depreciations, lot) if at > state.settled_until] if campaign else []
        )
        ahead.append([at for at, _ in own])
        if campaign:
            events += [_Event(at, 0, rule, campaign, lot) for at, rule in own]

    def plan_after(moment: datetime) -> None:
        for lot, dates in zip(lots, ahead, strict=True):
            lot.expires_at = _first(at for at in dates if at > moment)

    losses: list[Loss] = []
    for event in sorted((event for event in events if event.at <= until), key=lambda item: item.order):
        if event.lot is None:
            # The soonest to expire pay first; what a lot loses at this very instant by age is gone already.
            plan_after(event.at)
        loss = _loss(event, lots)
        last = losses[-1] if losses else None
        if event.lot and last and (last.kind, last.rule_id, last.at) == (loss.kind, loss.rule_id, loss.at) and loss.amount:
            losses[-1] = dataclasses.replace(last, amount=last.amount + loss.amount, uses=last.uses + loss.uses)
        elif loss.amount:
            losses.append(loss)

    plan_after(until)
    future = [event.at for event in events if event.at > until and event.lot is None]
    future += [lot.expires_at for lot in lots if lot.remaining and lot.expires_at is not None]
    plan = tuple(
        (lot.origin_entry_id, lot.id, lot.expires_at)
        for lot, before in zip(lots, state.lots, strict=True)
        if lot.expires_at != before.expires_at
    )
    return Settlement(tuple(losses), plan, _first(future))
