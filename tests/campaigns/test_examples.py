# SPDX-License-Identifier: Apache-2.0
"""Worked examples say what a real sale would give."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from regulars.campaigns.examples import draft_campaign, sales_needed, sample_amounts, with_terms, worked_examples
from regulars.campaigns.rules import points_for, redeem_points_for_currency
from regulars.kit.units import PPM, currency

USD, YEN, DINAR = currency("USD"), currency("JPY"), currency("KWD")


def test_the_sentence_of_the_screen() -> None:
    campaign = draft_campaign("points", points_ratio_ppm=5 * PPM)
    shown = {USD.text(each.amount_minor): each.points for each in worked_examples(campaign, USD).examples}
    assert shown == {"1.00": 5, "9.95": 49, "100.00": 500}


def test_examples_are_sales_in_every_currency() -> None:
    assert [each.text(sample_amounts(each)[1]) for each in (USD, YEN, DINAR)] == ["9.95", "995", "9.950"]


def test_a_spend_to_reward_ratio_says_what_customers_get_back() -> None:
    campaign = draft_campaign("points", points_ratio_ppm=5 * PPM, reward_ratio_ppm=20 * PPM)
    worked = worked_examples(campaign, USD)
    assert worked.back_ppm == 50_000
    assert [each.value_minor for each in worked.examples] == [5, 49, 500]
    assert worked_examples(with_terms(campaign, reward_ratio_ppm=None), USD).back_ppm is None


@given(
    st.integers(1, 10**12),
    st.one_of(st.none(), st.integers(1, 10**12)),
    st.sampled_from(["down", "nearest", "up"]),
    st.sampled_from([USD, YEN, DINAR]),
)
def test_an_example_is_what_the_sale_gives_and_its_value_can_be_spent(ratio, reward_ratio, rounding, money) -> None:
    campaign = draft_campaign("points", points_ratio_ppm=ratio, reward_ratio_ppm=reward_ratio, rounding=rounding)
    for each in worked_examples(campaign, money).examples:
        assert each.points == points_for(campaign, money, each.amount_minor, None).points
        if each.value_minor:
            assert redeem_points_for_currency(campaign, money, each.value_minor) <= each.points


@given(st.integers(1, 10**12), st.integers(-5, 10**9))
def test_so_many_sales_reach_a_level_and_one_less_does_not(level: int, points: int) -> None:
    count = sales_needed(level, points)
    if points <= 0:
        assert count is None
    else:
        assert count is not None
        assert count * points >= level > (count - 1) * points
