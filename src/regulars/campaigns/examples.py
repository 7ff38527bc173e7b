# SPDX-License-Identifier: Apache-2.0
"""
Worked examples: what sales would give under terms that nobody has saved yet. Pure; the arithmetic is that of rules.py.

Source: issue 5, 4 ("ratios with a worked example that changes as you type").
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from regulars.accounts.directory import CampaignConfig, PromotionConfig
from regulars.campaigns.rules import currency_value, points_for
from regulars.kit.units import PPM, Currency

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Example:
    """
    One sale. Units: money in currency minor units; ``value_minor``: what the points are worth, None = they cannot be
    redeemed by currency.
    """

    amount_minor: int
    points: int
    value_minor: int | None


@dataclass(frozen=True, slots=True)
class Worked:
    """Some sales, small and large; ``back_ppm``: the share of their money that customers get back, in millionths."""

    examples: tuple[Example, ...]
    back_ppm: int | None


def draft_campaign(kind: str, **settings: Any) -> CampaignConfig:
    """Return a campaign that exists nowhere, with the defaults of a new one; ``settings`` as CampaignConfig."""
    given: dict[str, Any] = {
        "id": 0, "number": "", "kind": kind, "name": "", "description": "", "latitude": "", "longitude": "", "state": "active",
        "points_ratio_ppm": 100 * PPM, "reward_ratio_ppm": None, "amount_per_event_minor": 0, "rounding": "down",
        "carries_remainder": False, "coalition_opt_out": False, "two_tier_opt_out": False, "pool_id": 0, "created_at": NEVER,
        "rewards": {}, "promotions": {}, "items": {}, "depreciations": (), "fees": (),
    }  # fmt: skip
    return CampaignConfig(**given | settings)


def sample_amounts(currency: Currency) -> tuple[int, ...]:
    """Return the sales of the examples, in minor units: 1.00, 9.95, 100.00, or 100, 995, 10000 without decimals."""
    scale = 10 ** max(0, currency.decimals - 2)
    return (100 * scale, 995 * scale, 10_000 * scale)


def worked_examples(campaign: CampaignConfig, currency: Currency, promotion: PromotionConfig | None = None) -> Worked:
    """Return what the sample sales give in a points campaign, with a promotion where one is given. Nothing is carried."""
    found = []
    for amount_minor in sample_amounts(currency):
        points = points_for(campaign, currency, amount_minor, promotion).points
        found.append(Example(amount_minor, points, currency_value(campaign, currency, points)))
    back_ppm = None if campaign.reward_ratio_ppm is None else PPM * PPM // campaign.reward_ratio_ppm
    return Worked(tuple(found), back_ppm)


def with_terms(campaign: CampaignConfig, **terms: Any) -> CampaignConfig:
    """Return the campaign as it would be with other terms (points_ratio_ppm, reward_ratio_ppm, rounding, carries_remainder)."""
    return replace(campaign, **terms)


def sales_needed(level: int, points: int) -> int | None:
    """Return how many such sales reach a reward's level; None where they never do. Units: both in the campaign's unit."""
    return None if points <= 0 else -(-level // points)
