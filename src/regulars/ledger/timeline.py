# SPDX-License-Identifier: Apache-2.0
"""
What depreciations and fees will do to somebody's balance: earnings that are only supposed, settled by rules.py. Pure.

A step is what the ledger would book on its day if the earnings were recorded when they happen and the rules stayed as they are.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from regulars.accounts.directory import AccountConfig, CampaignConfig, DepreciationConfig, FeeConfig
from regulars.ledger.rules import Lot, PoolState, Settlement, add_interval, settle_pool

Rule = TypeVar("Rule", DepreciationConfig, FeeConfig)

EARNINGS_MAX = 120
"""Supposed earnings in one timeline."""


@dataclass(frozen=True, slots=True)
class Earning:
    """Something earned in the campaign. Units: the campaign's."""

    at: datetime
    amount: int


@dataclass(frozen=True, slots=True)
class Step:
    """One change: kind ``earn``, ``expire`` or ``fee``; ``amount`` signed; ``rule_id`` of what took it, 0 = an earning."""

    at: datetime
    kind: str
    amount: int
    balance: int
    rule_id: int
    description: str


def monthly_earnings(first_at: datetime, amount: int, count: int) -> tuple[Earning, ...]:
    """Return ``count`` earnings, one a month; a month without that day has it on its last. At most EARNINGS_MAX."""
    dates = (add_interval(first_at, number, "months") for number in range(min(count, EARNINGS_MAX)))
    return tuple(Earning(at, amount) for at in dates if at is not None)


def campaigns_of_pool(account: AccountConfig, campaign: CampaignConfig) -> tuple[CampaignConfig, ...]:
    """
    Return the campaigns whose rules act on this one's balances, with ``campaign`` as it is given (it may be a draft).

    A campaign that is in no snapshot stands for itself.
    """
    others = account.campaigns_by_pool.get(campaign.pool_id, ())
    if all(each.id != campaign.id for each in others):
        return (campaign,)
    return tuple(campaign if each.id == campaign.id else each for each in others)


def with_rule(campaign: CampaignConfig, rule: DepreciationConfig | FeeConfig) -> CampaignConfig:
    """Return the campaign as it would be with one more depreciation or fee, or with the next version of one it has."""
    if isinstance(rule, FeeConfig):
        fees = tuple(_closed(each, rule) for each in campaign.fees)
        return dataclasses.replace(campaign, fees=(*fees, rule))
    depreciations = tuple(_closed(each, rule) for each in campaign.depreciations)
    return dataclasses.replace(campaign, depreciations=(*depreciations, rule))


def timeline(
    campaigns: Sequence[CampaignConfig], campaign: CampaignConfig, earnings: Iterable[Earning], until: datetime
) -> tuple[Step, ...]:
    """
    Return what happens to a balance that begins with the first of ``earnings``, in order, up to and including ``until``.

    Source: ADR-0006; ledger_post() settles what is due before it adds an earning, and so does this.
    """
    steps: list[Step] = []
    state: PoolState | None = None
    balance = 0
    for number, earning in enumerate(sorted(earnings, key=lambda each: each.at), start=1):
        if earning.at > until:
            break
        if state is not None:
            state, balance = _settled(campaigns, state, earning.at, balance, steps)
        lot = Lot(number, number, campaign.id, earning.amount, earning.at, earning.at, None, None)
        opened_at = earning.at if state is None else state.opened_at
        lots = () if state is None else state.lots
        state = PoolState(opened_at, earning.at, earning.at, earning.at, (*lots, lot))
        balance += earning.amount
        steps.append(Step(earning.at, "earn", earning.amount, balance, 0, ""))
    if state is not None:
        _settled(campaigns, state, until, balance, steps)
    return tuple(steps)


def _settled(
    campaigns: Sequence[CampaignConfig], state: PoolState, until: datetime, balance: int, steps: list[Step]
) -> tuple[PoolState, int]:
    """Take what is due by ``until``, note it in ``steps``, and return what is left."""
    due: Settlement = settle_pool(campaigns, state, until)
    taken: dict[int, int] = {}
    for loss in due.losses:
        balance -= loss.amount
        steps.append(Step(loss.at, loss.kind, -loss.amount, balance, loss.rule_id, loss.description))
        for _, lot_id, amount in loss.uses:
            taken[lot_id] = taken.get(lot_id, 0) + amount
    left = (dataclasses.replace(lot, remaining=lot.remaining - taken.get(lot.id, 0)) for lot in state.lots)
    return dataclasses.replace(state, settled_until=until, lots=tuple(lot for lot in left if lot.remaining)), balance


def _closed(rule: Rule, by: Rule) -> Rule:
    """The version in force ends where the next one of the same rule begins."""
    if rule.rule_id != by.rule_id or rule.valid_to is not None:
        return rule
    return dataclasses.replace(rule, valid_to=max(by.valid_from, rule.valid_from))
