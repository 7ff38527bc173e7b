# SPDX-License-Identifier: Apache-2.0
"""What a sale would give, step by step: the posting of record.py, made for nobody and recorded nowhere. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from regulars.accounts.directory import AccountConfig, CampaignConfig, PromotionConfig, RewardConfig, UserConfig
from regulars.campaigns.examples import sales_needed
from regulars.campaigns.rules import Calculation, currency_value, exact_points, is_promotion_active, made_whole
from regulars.errors import InvariantViolation
from regulars.kit.units import PPM, REMAINDER_SCALE
from regulars.transactions.record import sale_posting
from regulars.transactions.terms import Terms

NOBODY = -1
"""No customer has this id; what is prepared for it can not be posted."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A reward, and how many such sales pay for it; None = they never do."""

    reward: RewardConfig
    sales: int | None


@dataclass(frozen=True, slots=True)
class Calculated:
    """
    What one sale gives. Units: points whole; money in currency minor units.

    ``exact``: money x ratio x factor before it is made whole, None where no money has a part in it. ``remainder``: what is
    kept for the customer's next sale, in points, None = nothing ever is. ``second_tier``: the master campaign and its share.
    """

    points: int
    calculation: Calculation
    exact: Fraction | None
    remainder: Fraction | None
    value_minor: int | None
    expires_at: datetime | None
    """When the first of them go by age; None = never."""
    second_tier: tuple[CampaignConfig, int] | None
    rewards: tuple[Reached, ...]
    """The cheapest first."""


def calculate_sale(
    *,
    account: AccountConfig,
    by: UserConfig,
    campaign: CampaignConfig,
    at: datetime,
    amount_minor: int | None,
    promotion: PromotionConfig | None = None,
) -> Calculated:
    """
    Return what a sale in a points campaign would give a customer without a remainder from before, if it happened at ``at``.

    Raises: as record.sale_posting: MissingParameter, InvalidParameter("amount"), PromotionNotActive("promo_id").
    Source: issue 5, 4; concepts.md 2 ("Points Calculator").
    """
    terms = Terms(occurred_at=at, recorded_at=at, customer_id=NOBODY, is_dry_run=True)
    posting = sale_posting(
        account=account, by=by, campaign=campaign, terms=terms, amount_minor=amount_minor, promotion=promotion
    ).posting
    calculation = posting.calculation
    if calculation is None:
        raise InvariantViolation("only the points of a points campaign are calculated")
    has_money = calculation.ratio_ppm is not None and amount_minor is not None
    master = account.campaigns_by_id.get(posting.contribute_campaign_id or 0)
    tier = None
    if master is not None:
        share = made_whole(posting.amount * posting.contribute_ppm, PPM, posting.contribute_rounding)[0]
        tier = (master, share)
    return Calculated(
        points=posting.amount,
        calculation=calculation,
        exact=exact_points(calculation, amount_minor or 0, account.currency.decimals) if has_money else None,
        remainder=None if posting.remainder is None else Fraction(posting.remainder, REMAINDER_SCALE),
        value_minor=currency_value(campaign, account.currency, posting.amount),
        expires_at=posting.expires_at,
        second_tier=tier,
        rewards=tuple(Reached(each, sales_needed(each.level, posting.amount)) for each in campaign.rewards_by_level),
    )


def offered_promotions(campaign: CampaignConfig, at: datetime) -> tuple[PromotionConfig, ...]:
    """Return the promotions that may be recorded at ``at``, in the order they were made."""
    return tuple(each for each in campaign.promotions.values() if is_promotion_active(each, at))
