# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of campaigns: tables of worked examples, then what must hold for every input."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.accounts.directory import CampaignConfig, PromotionConfig
from regulars.campaigns import rules
from regulars.campaigns.rules import Calculation, Earned
from regulars.errors import InvalidParameter, MissingParameter
from regulars.kit.units import REMAINDER_SCALE, Currency, currency

USD = currency("USD")
RWF = currency("RWF")
TND = currency("TND")
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def points_campaign(**changes: Any) -> CampaignConfig:
    """A campaign as the snapshot would hold it: 100 points per currency unit unless told otherwise."""
    values: dict[str, Any] = {
        "id": 1, "number": "1234567890123456", "kind": "points", "name": "Points", "description": "", "latitude": "",
        "longitude": "", "state": "active", "points_ratio_ppm": 100_000_000, "reward_ratio_ppm": None,
        "amount_per_event_minor": 0, "rounding": "down", "carries_remainder": False, "coalition_opt_out": False,
        "two_tier_opt_out": False, "pool_id": 1, "created_at": NOON, "rewards": {}, "promotions": {},
        "items": {}, "depreciations": (), "fees": (),
    }  # fmt: skip
    unknown = set(changes) - set(values)
    assert not unknown
    return CampaignConfig(**{**values, **changes})


def times(multiplier_ppm: int) -> PromotionConfig:
    return PromotionConfig(7, 1, "x", multiplier_ppm, 0, "Times", "", None, None)


def plus(points: int) -> PromotionConfig:
    return PromotionConfig(8, 1, "+", 0, points, "Plus", "", None, None)


@pytest.mark.parametrize(
    ("money", "amount_minor", "ratio_ppm", "rounding", "promotion", "points"),
    [
        (USD, 995, 5_000_000, "down", None, 49),  # 9.95 x 5 = 49.75
        (USD, 995, 5_000_000, "nearest", None, 50),
        (USD, 995, 5_000_000, "up", None, 50),
        (USD, 990, 5_000_000, "nearest", None, 50),  # 49.5: half up
        (USD, 989, 5_000_000, "nearest", None, 49),  # 49.45
        (USD, 980, 5_000_000, "up", None, 49),  # 49 exactly
        (USD, 995, 100_000_000, "down", None, 995),  # the default ratio: cents are tracked
        (USD, 1, 100_000_000, "down", None, 1),
        (USD, 999, 50_000, "down", None, 0),  # 0.05 points per unit
        (USD, 2_000, 50_000, "down", None, 1),
        (USD, 1, 50_000, "up", None, 1),
        (RWF, 1_500, 50_000, "down", None, 75),  # no decimals: 1500 francs x 0.05
        (RWF, 19, 50_000, "down", None, 0),
        (RWF, 19, 50_000, "nearest", None, 1),
        (TND, 12_345, 1_000_000, "down", None, 12),  # three decimals: 12.345 dinars
        (USD, 995, 5_000_000, "down", times(1_250_000), 62),  # 62.1875, cut once; 49 x 1.25 would be 61
        (USD, 995, 5_000_000, "down", times(500_000), 24),  # 24.875
        (USD, 995, 5_000_000, "nearest", times(500_000), 25),
        (USD, 995, 5_000_000, "down", plus(100), 149),
        (USD, 995, 5_000_000, "down", plus(-49), 0),
        (USD, 995, 5_000_000, "down", plus(-50), 0),  # never below 0 with a purchase
        (USD, 995, 5_000_000, "up", plus(-50), 0),
        (USD, 1_200, 5_000_000, "down", plus(-50), 10),
    ],
)
def test_points_of_a_purchase(
    money: Currency, amount_minor: int, ratio_ppm: int, rounding: str, promotion: PromotionConfig | None, points: int
) -> None:
    campaign = points_campaign(points_ratio_ppm=ratio_ppm, rounding=rounding)
    earned = rules.points_for(campaign, money, amount_minor, promotion)
    assert (earned.points, earned.remainder) == (points, None)
    times_ppm, added = (promotion.multiplier_ppm, promotion.points) if promotion else (0, 0)
    assert earned.calculation == Calculation(ratio_ppm, times_ppm or None, added or None, rounding)
    assert rules.calculate(earned.calculation, amount_minor, money.decimals)[0] == points, "the same again (I17)"


@pytest.mark.parametrize("points", [100, 0, -50])
def test_a_plus_promotion_alone_records_its_points_as_they_are(points: int) -> None:
    assert rules.points_for(points_campaign(), USD, None, plus(points)) == Earned(points, None, Calculation(bonus=points))


def test_a_times_promotion_alone_is_refused() -> None:
    with pytest.raises(MissingParameter) as caught:
        rules.points_for(points_campaign(), USD, None, times(2_000_000))
    assert caught.value.message == "TRANSACTION ERROR: You must enter a purchase amount to use this promotion."
    assert caught.value.fields == ("amount",)


def test_neither_amount_nor_promotion_is_refused_in_the_words_of_the_currency() -> None:
    with pytest.raises(MissingParameter) as caught:
        rules.points_for(points_campaign(), RWF, None, None)
    assert caught.value.message == "TRANSACTION ERROR: You must either enter a RWF amount or select a promotion."
    assert caught.value.fields == ("amount",)


@pytest.mark.parametrize(("money", "least"), [(USD, "0.01"), (RWF, "1"), (TND, "0.001")])
@pytest.mark.parametrize("amount_minor", [0, -1, -995])
def test_an_amount_below_one_minor_unit_is_refused(money: Currency, least: str, amount_minor: int) -> None:
    with pytest.raises(InvalidParameter) as caught:
        rules.points_for(points_campaign(), money, amount_minor, plus(10))
    assert caught.value.message == f"TRANSACTION ERROR: The amount entered must be at least {least}"
    assert caught.value.fields == ("amount",)


def test_points_beyond_the_bound_of_one_activity_are_refused() -> None:
    campaign = points_campaign(points_ratio_ppm=100_000_000)
    assert rules.points_for(campaign, USD, rules.POINTS_MAX, None).points == rules.POINTS_MAX
    with pytest.raises(InvalidParameter) as caught:
        rules.points_for(campaign, USD, rules.POINTS_MAX + 1, None)
    assert caught.value.message == "TRANSACTION ERROR: The amount entered is not valid"


@pytest.mark.parametrize(
    ("amount_minor", "promotion", "expected"),
    [
        (995, None, (49, 750_000_000_000_000)),
        (995, times(1_250_000), (62, 187_500_000_000_000)),
        (995, plus(10), (59, 750_000_000_000_000)),
        (995, plus(-49), (0, 750_000_000_000_000)),
        (995, plus(-50), (0, 0)),
        (980, None, (49, 0)),
    ],
)
def test_what_rounding_down_cuts_off_is_carried_where_the_campaign_says_so(
    amount_minor: int, promotion: PromotionConfig | None, expected: tuple[int, int]
) -> None:
    campaign = points_campaign(points_ratio_ppm=5_000_000, carries_remainder=True)
    earned = rules.points_for(campaign, USD, amount_minor, promotion)
    assert (earned.points, earned.remainder) == expected


@pytest.mark.parametrize("rounding", ["nearest", "up"])
def test_only_rounding_down_leaves_something_to_carry(rounding: str) -> None:
    campaign = points_campaign(points_ratio_ppm=5_000_000, carries_remainder=True, rounding=rounding)
    assert rules.points_for(campaign, USD, 995, None).remainder is None


AMOUNTS = st.integers(1, 10**9)
RATIOS = st.integers(1, 10**9)
MULTIPLIERS = st.none() | st.integers(1, 10**8)
MONEY = st.sampled_from([USD, RWF, TND])


def exact(money: Currency, amount_minor: int, ratio_ppm: int, multiplier_ppm: int | None) -> Fraction:
    factor = Fraction(10**6 if multiplier_ppm is None else multiplier_ppm, 10**6)
    return Fraction(amount_minor, 10**money.decimals) * Fraction(ratio_ppm, 10**6) * factor


@given(money=MONEY, amount_minor=AMOUNTS, ratio_ppm=RATIOS, multiplier_ppm=MULTIPLIERS)
def test_each_rounding_is_within_its_bounds_of_the_exact_points(
    money: Currency, amount_minor: int, ratio_ppm: int, multiplier_ppm: int | None
) -> None:
    promotion = None if multiplier_ppm is None else times(multiplier_ppm)
    value = exact(money, amount_minor, ratio_ppm, multiplier_ppm)

    def points(rounding: str) -> int:
        campaign = points_campaign(points_ratio_ppm=ratio_ppm, rounding=rounding)
        return rules.points_for(campaign, money, amount_minor, promotion).points

    assert 0 <= value - points("down") < 1
    assert 0 <= points("up") - value < 1
    assert -Fraction(1, 2) < points("nearest") - value <= Fraction(1, 2)


@given(
    amount_minor=AMOUNTS, more=AMOUNTS, ratio_ppm=RATIOS, multiplier_ppm=MULTIPLIERS,
    rounding=st.sampled_from(["down", "nearest", "up"]),
)  # fmt: skip
def test_who_spends_more_never_earns_less(
    amount_minor: int, more: int, ratio_ppm: int, multiplier_ppm: int | None, rounding: str
) -> None:
    campaign = points_campaign(points_ratio_ppm=ratio_ppm, rounding=rounding)
    promotion = None if multiplier_ppm is None else times(multiplier_ppm)
    less = rules.points_for(campaign, USD, amount_minor, promotion).points
    assert less <= rules.points_for(campaign, USD, amount_minor + more, promotion).points


@given(money=MONEY, parts=st.lists(AMOUNTS, min_size=1, max_size=12), ratio_ppm=RATIOS, multiplier_ppm=MULTIPLIERS)
def test_with_carry_over_split_sales_earn_exactly_what_one_sale_earns(
    money: Currency, parts: list[int], ratio_ppm: int, multiplier_ppm: int | None
) -> None:
    campaign = points_campaign(points_ratio_ppm=ratio_ppm, carries_remainder=True)
    promotion = None if multiplier_ppm is None else times(multiplier_ppm)

    def in_remainder_units(earned: Earned) -> int:
        assert earned.remainder is not None
        assert 0 <= earned.remainder < REMAINDER_SCALE
        return earned.points * REMAINDER_SCALE + earned.remainder

    split = sum(in_remainder_units(rules.points_for(campaign, money, part, promotion)) for part in parts)
    assert split == in_remainder_units(rules.points_for(campaign, money, sum(parts), promotion))
    assert Fraction(split, REMAINDER_SCALE) == exact(money, sum(parts), ratio_ppm, multiplier_ppm)


@given(amount_minor=AMOUNTS, points=st.integers(-(10**6), 10**6))
def test_a_purchase_never_takes_points_away(amount_minor: int, points: int) -> None:
    assert rules.points_for(points_campaign(), USD, amount_minor, plus(points)).points == max(0, amount_minor + points)


@pytest.mark.parametrize(
    ("money", "amount_minor", "points_ratio_ppm", "reward_ratio_ppm", "points"),
    [
        (USD, 1_000, 5_000_000, 20_000_000, 1_000),  # 1000 / 5 / 20 = 10
        (USD, 995, 5_000_000, 20_000_000, 995),
        (USD, 1, 100_000, 1_000_000, 1),  # 0.001 points: never free
        (RWF, 10, 50_000, 20_000_000, 10),
        (USD, 333, 1_500_000, 1_000_000, 5),  # 4.995, rounded up
    ],
)
def test_points_that_a_currency_amount_costs(
    money: Currency, amount_minor: int, points_ratio_ppm: int, reward_ratio_ppm: int, points: int
) -> None:
    campaign = points_campaign(points_ratio_ppm=points_ratio_ppm, reward_ratio_ppm=reward_ratio_ppm)
    assert rules.redeem_points_for_currency(campaign, money, amount_minor) == points


@pytest.mark.parametrize(("points", "worth_minor"), [(1_000, 1_000), (999, 999), (0, 0), (-1_000, -1_000)])
def test_points_over_both_ratios_are_their_currency_value(points: int, worth_minor: int) -> None:
    campaign = points_campaign(points_ratio_ppm=5_000_000, reward_ratio_ppm=20_000_000)
    assert rules.currency_value(campaign, USD, points) == worth_minor


def test_the_currency_value_is_cut_toward_zero() -> None:
    campaign = points_campaign(points_ratio_ppm=3_000_000, reward_ratio_ppm=1_000_000)
    assert [rules.currency_value(campaign, USD, points) for points in (1, 2, -1)] == [33, 66, -33]


def test_without_a_spend_to_reward_ratio_there_is_no_currency_value() -> None:
    assert rules.currency_value(points_campaign(), USD, 1_000) is None
    with pytest.raises(rules.RedeemingByCurrencyOff) as caught:
        rules.redeem_points_for_currency(points_campaign(), USD, 100)
    assert caught.value.fields == ("custom_dollars_redeem",)


def test_redeeming_less_than_a_minor_unit_is_refused() -> None:
    with pytest.raises(InvalidParameter, match=r"^The amount entered must be at least 0\.01$"):
        rules.redeem_points_for_currency(points_campaign(reward_ratio_ppm=20_000_000), USD, 0)


@given(money=MONEY, points=st.integers(0, 10**12), points_ratio_ppm=RATIOS, reward_ratio_ppm=RATIOS)
def test_what_points_are_worth_can_always_be_redeemed_and_not_a_minor_unit_more(
    money: Currency, points: int, points_ratio_ppm: int, reward_ratio_ppm: int
) -> None:
    campaign = points_campaign(points_ratio_ppm=points_ratio_ppm, reward_ratio_ppm=reward_ratio_ppm)
    worth_minor = rules.currency_value(campaign, money, points)
    assert worth_minor is not None
    if worth_minor:
        assert rules.redeem_points_for_currency(campaign, money, worth_minor) <= points
    assert rules.redeem_points_for_currency(campaign, money, worth_minor + 1) > points


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "says"),
    [
        (None, None, None),
        (NOON, None, None),
        (None, NOON + timedelta(microseconds=1), None),
        (NOON + timedelta(microseconds=1), None, "promo_id is not valid: this promotion has not begun"),
        (None, NOON, "promo_id is not valid: this promotion is over"),
    ],
)
def test_a_promotion_runs_from_its_start_until_just_before_its_end(
    starts_at: datetime | None, ends_at: datetime | None, says: str | None
) -> None:
    promotion = PromotionConfig(7, 1, "+", 0, 10, "Ten", "", starts_at, ends_at)
    assert rules.is_promotion_active(promotion, NOON) is (says is None)
    if says is None:
        rules.refuse_inactive_promotion(promotion, NOON)
        return
    with pytest.raises(rules.PromotionNotActive) as caught:
        rules.refuse_inactive_promotion(promotion, NOON)
    assert caught.value.message == says
    assert caught.value.fields == ("promo_id",)


@pytest.mark.parametrize(
    ("units", "level", "free", "needed"), [(0, 10, 0, 10), (9, 10, 0, 1), (10, 10, 1, 0), (25, 10, 2, 0), (-3, 10, 0, 13)]
)
def test_free_items_and_what_is_missing_for_one(units: int, level: int, free: int, needed: int) -> None:
    assert rules.free_available(units, level) == free
    assert rules.needed_for_free(units, level) == needed
