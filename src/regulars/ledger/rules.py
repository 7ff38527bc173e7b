# SPDX-License-Identifier: Apache-2.0
"""
How balances shrink by themselves: depreciations and recurring fees (concepts.md 5, ADR-0006). Pure.

Every loss is an event at a computed instant, a function of the ledger, the rules with their validity, and nothing else;
whether it is booked at once or years later makes no difference. Months and years are those of the UTC calendar; a day that
a month does not have is its last one.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from regulars.accounts.directory import AccountConfig, CampaignConfig, DepreciationConfig, FeeConfig

MOMENT = timedelta(microseconds=1)
PPM = 1_000_000
LATEST = datetime.max.year - 1


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


def _fee_dates(fee: FeeConfig, opened_at: datetime, after: datetime) -> Iterator[datetime]:
    """The instants a fee is due later than ``after``: every interval since the balance's first activity, while valid."""
    step = 1
    while True:
        at = add_interval(opened_at, fee.interval_count * step, fee.interval_unit)
        if at is None or (fee.valid_to is not None and at >= fee.valid_to):
            return
        if at > after and at >= fee.valid_from:
            yield at
        step += 1


def _first(dates: Iterable[datetime]) -> datetime | None:
    return min(dates, default=None)


def pool_campaigns(account: AccountConfig, pool_id: int) -> list[CampaignConfig]:
    """Return the campaigns whose balances are in a pool."""
    return [campaign for campaign in account.campaigns.values() if campaign.pool_id == pool_id]


def plan_for(account: AccountConfig, campaign: CampaignConfig, occurred_at: datetime, recorded_at: datetime) -> Plan:
    """Return the future of an earning made now: its own next loss, and a bound for the balance's next change by itself."""
    pool = [campaign] if campaign.pool_id == campaign.id else pool_campaigns(account, campaign.pool_id)
    if not any(each.depreciations or each.fees for each in pool):
        return Plan(None, None, account.rules_version)
    lot = Lot(0, 0, campaign.id, 0, occurred_at, recorded_at, None, None)
    own = [at for at, _ in lot_events(campaign.depreciations, lot)]
    dates = list(own)
    for each in pool:
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


def settle_pool(campaigns: list[CampaignConfig], state: PoolState, until: datetime) -> Settlement:
    """
    Return the losses of one balance due in (settled_until, until], in order, and the plan after them.

    At one instant: lots by age first, then last_transaction rules, then fees. A share is cut toward zero; a fee takes at
    most what is there.
    """
    after = state.settled_until
    lots = [
        Lot(lot.origin_entry_id, lot.id, lot.campaign_id, lot.remaining, lot.earned_at, lot.created_at, lot.exempt_until, None)
        for lot in state.lots
    ]
    by_id = {campaign.id: campaign for campaign in campaigns}
    events: list[tuple[datetime, int, int, DepreciationConfig | FeeConfig, CampaignConfig, Lot | None]] = []
    future: list[datetime] = []
    pending: dict[int, list[datetime]] = {}
    for index, lot in enumerate(lots):
        campaign = by_id.get(lot.campaign_id)
        pending[index] = []
        for at, rule in lot_events(campaign.depreciations, lot) if campaign else ():
            if at > after:
                pending[index].append(at)
                if at <= until and campaign:
                    events.append((at, 0, rule.rule_id, rule, campaign, lot))
        lot.expires_at = _first(pending[index])
    for campaign in campaigns:
        for at, rule in _last_events(campaign.depreciations, state.last_activity_at, state.last_recorded_at):
            if after < at <= until:
                events.append((at, 1, rule.rule_id, rule, campaign, None))
            elif at > until:
                future.append(at)
        for fee in campaign.fees:
            for at in _fee_dates(fee, state.opened_at, after):
                if at > until:
                    future.append(at)
                    break
                events.append((at, 2, fee.rule_id, fee, campaign, None))
    events.sort(key=lambda item: item[:3])

    losses: list[Loss] = []
    for at, _, rule_id, cause, campaign, event_lot in events:
        for index, lot in enumerate(lots):
            # What a lot loses at this very instant by age is gone already.
            lot.expires_at = _first(date for date in pending[index] if date > at)
        if isinstance(cause, FeeConfig):
            need = min(cause.amount, sum(lot.remaining for lot in lots))
            uses, kind, text = _take(lots, need), "fee", cause.description
        else:
            own = [event_lot] if event_lot is not None else [lot for lot in lots if lot.campaign_id == campaign.id]
            need = sum(lot.remaining for lot in own) * cause.percentage_ppm // PPM
            uses, kind, text = _take(own, need), "expire", "Points expired." if campaign.kind == "points" else "Value expired."
        if not need:
            continue
        last = losses[-1] if losses else None
        if last and event_lot is not None and (last.kind, last.rule_id, last.at) == (kind, rule_id, at):
            losses[-1] = Loss(kind, rule_id, campaign.id, at, last.amount + need, text, last.uses + uses)
        else:
            losses.append(Loss(kind, rule_id, campaign.id, at, need, text, uses))

    for index, lot in enumerate(lots):
        lot.expires_at = _first(date for date in pending[index] if date > until)
        if lot.remaining and lot.expires_at is not None:
            future.append(lot.expires_at)
    plan = tuple(
        (lot.origin_entry_id, lot.id, lot.expires_at)
        for lot, before in zip(lots, state.lots, strict=True)
        if lot.expires_at != before.expires_at
    )
    return Settlement(tuple(losses), plan, _first(future))
