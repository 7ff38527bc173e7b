# SPDX-License-Identifier: Apache-2.0
"""The points calculator says, step by step, what a sale would give."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.accounts.directory import AccountConfig
from regulars.campaigns.rules import PromotionNotActive
from regulars.errors import InvalidParameter, MissingParameter
from regulars.transactions.calculator import Calculated, calculate_sale, offered_promotions
from regulars.transactions.record import sale_posting
from regulars.transactions.terms import Terms
from tests.transactions.configs import campaign_row, config, part_row

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
FIVE = campaign_row(points_ratio_ppm=5_000_000)
DOUBLE = part_row(1, operation="x", multiplier_ppm=1_250_000, points=None, description="Double Tuesday")
FRIEND = part_row(2, operation="+", points=100, description="Bring a friend")
OVER = part_row(3, ends_at="2026-11-01T00:00:00+00:00")


def calculate(account: AccountConfig, amount_minor: int | None, promotion_id: int | None = None, **options: Any) -> Calculated:
    campaign = account.campaigns_by_id[1]
    return calculate_sale(
        account=account, by=account.users_by_id[1], campaign=campaign, at=AT, amount_minor=amount_minor,
        promotion=campaign.promotions[promotion_id] if promotion_id else None, **options,
    )  # fmt: skip


def test_a_sale_of_9_95_gives_49_points() -> None:
    found = calculate(config(FIVE), 995)
    assert (found.points, found.exact, found.remainder, found.expires_at) == (49, Fraction(4975, 100), None, None)


def test_promotions_by_name() -> None:
    account = config(FIVE, promotions=(DOUBLE, FRIEND, OVER))
    assert [each.description for each in offered_promotions(account.campaigns_by_id[1], AT)] == [
        "Double Tuesday",
        "Bring a friend",
    ]
    assert calculate(account, 995, 1).points == 62
    assert calculate(account, 995, 2).points == 149
    assert calculate(account, None, 2).points == 100
    with pytest.raises(PromotionNotActive):
        calculate(account, 995, 3)
    with pytest.raises(MissingParameter):
        calculate(account, None, 1)


def test_what_rounding_leaves_is_said_where_it_is_kept() -> None:
    found = calculate(config(FIVE | {"carries_remainder": True}), 995)
    assert (found.points, found.remainder) == (49, Fraction(3, 4))


def test_the_rewards_say_how_many_such_sales_they_take() -> None:
    found = calculate(config(FIVE, rewards=(part_row(8, level=100), part_row(9, level=49))), 995)
    assert [(each.reward.id, each.sales) for each in found.rewards] == [(9, 1), (8, 3)]


def test_the_second_tier_gets_its_share() -> None:
    account = config(FIVE, campaign_row(2, name="Mall"), master_campaign_id=2, contribution_ppm=100_000)
    master, points = calculate(account, 1000).second_tier or (None, 0)
    assert master is not None
    assert (master.name, points) == ("Mall", 5)


def test_a_sale_that_a_till_could_not_record_is_refused_alike() -> None:
    for amount_minor in (0, -1, 10**17):
        with pytest.raises(InvalidParameter) as refused:
            calculate(config(FIVE), amount_minor)
        assert refused.value.fields == ("amount",)


@given(st.integers(1, 10**9), st.integers(1, 10**10), st.sampled_from(["down", "nearest", "up"]), st.sampled_from([None, 1, 2]))
def test_it_is_what_the_till_would_record(amount_minor: int, ratio: int, rounding: str, promotion_id: int | None) -> None:
    account = config(campaign_row(points_ratio_ppm=ratio, rounding=rounding), promotions=(DOUBLE, FRIEND))
    campaign = account.campaigns_by_id[1]
    promotion = campaign.promotions[promotion_id] if promotion_id else None
    recorded = sale_posting(
        account=account, by=account.users_by_id[1], campaign=campaign, terms=Terms(AT, AT, customer_id=5),
        amount_minor=amount_minor, promotion=promotion,
    ).posting  # fmt: skip
    assert calculate(account, amount_minor, promotion_id).points == recorded.amount
