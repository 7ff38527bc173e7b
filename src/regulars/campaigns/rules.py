# SPDX-License-Identifier: Apache-2.0
"""
What an activity earns and what a redemption costs, in exact whole numbers. Pure: same input, same points (I17).

Units everywhere: money in currency minor units, ratios and multipliers in millionths (ppm), points whole.
Source:  api.md 8, 9, 13 "Amounts out"; concepts.md 2, 3; ADR-0005.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from regulars.accounts.directory import CampaignConfig, PromotionConfig
from regulars.errors import InvalidParameter, MissingParameter, Refused
from regulars.kit.units import PPM, REMAINDER_SCALE, Currency

SCHEDULED_KINDS = frozenset({"points", "giftcard"})
"""Kinds whose balances may have depreciations and recurring fees."""
REWARDED_KINDS = frozenset({"points", "events"})
"""Kinds with rewards."""

POINTS_MAX = 10**15
"""More than this in one activity is a mistyped amount; it keeps every sum far inside 64 bits."""


class PromotionNotActive(Refused):
    """The promotion has not begun, or is over."""

    code = "promotion_not_active"


class RedeemingByCurrencyOff(Refused):
    """The campaign has no Spend-to-Reward Ratio."""

    code = "redeeming_by_currency_off"
    text = "custom_dollars_redeem is not valid: the campaign has no spend-to-reward ratio"

    def __init__(self) -> None:
        super().__init__(fields=("custom_dollars_redeem",))


class Calculation(NamedTuple):
    """
    What points were computed from, beside the money: kept with the entry, so that it can always be computed again (I17).

    money x ratio x factor, made whole by ``rounding``, plus ``bonus``. None = has no part in it.
    """

    ratio_ppm: int | None = None
    """Points per currency unit at that time."""
    factor_ppm: int | None = None
    """Of an earning the promotion's multiplier, of points spent as money the Spend-to-Reward Ratio."""
    bonus: int | None = None
    """Points of a ``+`` promotion."""
    rounding: str | None = None


@dataclass(frozen=True, slots=True)
class Earned:
    """
    What one activity of a points campaign earns.

    Units: ``points`` whole, negative only for a negative ``+`` promotion recorded alone. ``remainder``: what rounding
    down cut off, in 10^-15 points, 0 <= remainder < 10^15; None = nothing is carried.
    """

    points: int
    remainder: int | None
    calculation: Calculation


def points_for(
    campaign: CampaignConfig, currency: Currency, amount_minor: int | None, promotion: PromotionConfig | None
) -> Earned:
    """
    Return what a purchase, a promotion, or both together earn: money x ratio x multiplier, made whole once, then + points.

    Raises: InvalidParameter("amount"), MissingParameter("amount").
    Source: api.md 8 record_activity; concepts.md 3.
    """
    if amount_minor is None:
        if promotion is None:
            raise MissingParameter(
                "amount", f"TRANSACTION ERROR: You must either enter a {currency.code} amount or select a promotion."
            )
        if promotion.operation == "x":
            raise MissingParameter("amount", "TRANSACTION ERROR: You must enter a purchase amount to use this promotion.")
        return Earned(promotion.points, None, Calculation(bonus=promotion.points))
    if amount_minor < 1:
        raise InvalidParameter("amount", text=f"TRANSACTION ERROR: The amount entered must be at least {currency.text(1)}")
    factor_ppm = bonus = None
    if promotion is not None:
        if promotion.operation == "x":
            factor_ppm = promotion.multiplier_ppm
        else:
            bonus = promotion.points
    calculation = Calculation(campaign.points_ratio_ppm, factor_ppm, bonus, campaign.rounding)
    points, rest, denominator = calculate(calculation, amount_minor, currency.decimals)
    if points > POINTS_MAX:
        raise InvalidParameter("amount", text="TRANSACTION ERROR: The amount entered is not valid")
    if not (campaign.carries_remainder and campaign.rounding == "down"):
        return Earned(points, None, calculation)
    return Earned(points, rest * REMAINDER_SCALE // denominator, calculation)


def exact_points(calculation: Calculation, amount_minor: int, decimals: int) -> Fraction:
    """Return money x ratio x factor before it is made whole. Units: as calculate()."""
    assert calculation.ratio_ppm is not None
    factor_ppm = PPM if calculation.factor_ppm is None else calculation.factor_ppm
    return Fraction(amount_minor * calculation.ratio_ppm * factor_ppm, 10**decimals * PPM * PPM)


def calculate(calculation: Calculation, amount_minor: int, decimals: int) -> tuple[int, int, int]:
    """
    Return the points of a calculation with a ratio, and the fraction that rounding down cut off, as numerator and
    denominator (0 for the other roundings).

    Units: amount_minor in minor units of a currency with so many ``decimals``.
    """
    ratio_ppm, factor_ppm, bonus, rounding = calculation
    assert ratio_ppm is not None
    assert rounding is not None
    numerator = amount_minor * ratio_ppm * (PPM if factor_ppm is None else factor_ppm)
    denominator = 10**decimals * PPM * PPM
    points, rest = made_whole(numerator, denominator, rounding)
    if bonus is not None:
        points += bonus
        if points < 0:
            # the promotion ate the whole purchase, the fraction too
            points, rest = 0, 0
    return points, rest, denominator


class Steps(NamedTuple):
    """
    The same calculation as people follow it: money x ratio x factor = ``whole`` points, and the ``bonus`` of a promotion.

    Units: amount_minor in currency minor units, None = no purchase; whole, bonus and points whole. ``points`` is less than
    their sum only where a negative promotion would take more than there is.
    """

    amount_minor: int | None
    ratio_ppm: int | None
    factor_ppm: int | None
    whole: int
    bonus: int
    points: int


def steps_of(calculation: Calculation, amount_minor: int | None, decimals: int) -> Steps:
    """Return the steps of an earning. Units: amount_minor in minor units of a currency with so many ``decimals``."""
    bonus = calculation.bonus or 0
    if amount_minor is None or calculation.ratio_ppm is None:
        return Steps(None, None, None, 0, bonus, bonus)
    whole = calculate(calculation._replace(bonus=None), amount_minor, decimals)[0]
    points = calculate(calculation, amount_minor, decimals)[0]
    return Steps(amount_minor, calculation.ratio_ppm, calculation.factor_ppm, whole, bonus, points)


def made_whole(numerator: int, denominator: int, rounding: str) -> tuple[int, int]:
    """
    Return numerator / denominator as a whole number, and what ``down`` cut off as a new numerator (else 0).

    ``down`` cuts toward zero, ``nearest`` takes halves up, ``up`` takes any fraction up; each away from zero alike for
    negative numbers, so that a reversal is the mirror of its original.
    """
    sign = -1 if numerator < 0 else 1
    whole, rest = divmod(abs(numerator), denominator)
    if rounding == "down":
        return sign * whole, sign * rest
    if (rounding == "nearest" and 2 * rest >= denominator) or (rounding == "up" and rest):
        whole += 1
    return sign * whole, 0


def redeem_points_for_currency(campaign: CampaignConfig, currency: Currency, amount_minor: int) -> int:
    """
    Return the points that a currency amount costs: value x points ratio x Spend-to-Reward Ratio (1000 points for 10 at
    5 and 20). Any fraction is rounded up: the customer never gets more than the points are worth.

    Units:  amount_minor in currency minor units, at least 1; the answer in points, at least 1.
    Raises: RedeemingByCurrencyOff, InvalidParameter("custom_dollars_redeem").
    Source: api.md 8 redeem; concepts.md 2.
    """
    if campaign.reward_ratio_ppm is None:
        raise RedeemingByCurrencyOff
    if amount_minor < 1:
        raise InvalidParameter("custom_dollars_redeem", text=f"The amount entered must be at least {currency.text(1)}")
    numerator = amount_minor * campaign.points_ratio_ppm * campaign.reward_ratio_ppm
    return made_whole(numerator, 10**currency.decimals * PPM * PPM, "up")[0]


def currency_value(campaign: CampaignConfig, currency: Currency, points: int) -> int | None:
    """
    Return what points are worth, in currency minor units cut toward zero; None where redeeming by currency is off.

    What it returns can always be redeemed: redeem_points_for_currency(currency_value(p)) <= p.
    """
    if campaign.reward_ratio_ppm is None:
        return None
    numerator = points * 10**currency.decimals * PPM * PPM
    return made_whole(numerator, campaign.points_ratio_ppm * campaign.reward_ratio_ppm, "down")[0]


def is_promotion_active(promotion: PromotionConfig, at: datetime) -> bool:
    """Whether the promotion may be recorded at ``at``: starts_at <= at < ends_at, each open where empty."""
    return (promotion.starts_at is None or promotion.starts_at <= at) and (promotion.ends_at is None or at < promotion.ends_at)


def refuse_inactive_promotion(promotion: PromotionConfig, at: datetime) -> None:
    """Raise PromotionNotActive, naming promo_id, where the promotion may not be recorded at ``at``."""
    if not is_promotion_active(promotion, at):
        began = promotion.starts_at is None or promotion.starts_at <= at
        reason = "this promotion is over" if began else "this promotion has not begun"
        raise PromotionNotActive(f"promo_id is not valid: {reason}", fields=("promo_id",))


def free_available(units: int, level: int) -> int:
    """Return how many free items ``units`` pay for, ``level`` units each."""
    return max(units, 0) // level


def needed_for_free(units: int, level: int) -> int:
    """Return how many units are missing for a free item; 0 where one is available already."""
    return max(level - units, 0)
