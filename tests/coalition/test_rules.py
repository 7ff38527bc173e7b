# SPDX-License-Identifier: Apache-2.0
"""Which campaigns share, and what a second tier may be: pure."""

from __future__ import annotations

import pytest

from regulars.coalition.rules import (
    Pools,
    campaigns_to_join,
    check_second_tier,
    percentage_ppm,
    pools_of,
    refuse_sharing_master,
)
from regulars.errors import InvalidParameter
from tests.transactions.configs import campaign_row, config

POOLS = Pools(77, 88)


@pytest.mark.parametrize(
    ("text", "ppm"),
    [("10", 100_000), ("2.5", 25_000), ("2,5", 25_000), ("100", 1_000_000), ("0.0001", 1), (" 7 ", 70_000), ("0", 0)],
)
def test_a_percentage_is_read_exactly(text: str, ppm: int) -> None:
    assert percentage_ppm(text) == ppm


@pytest.mark.parametrize("text", ["", "ten", "1e2", "-1", "+1", "1.23456", "1000", "1.2.3", ".5", "5.x", "٣", "2,5,1", "NaN"])
def test_anything_else_is_no_percentage(text: str) -> None:
    with pytest.raises(InvalidParameter, match=r"The percentage is not valid\."):
        percentage_ppm(text)


def test_points_share_with_points_and_money_with_money_and_who_opted_out_with_nobody() -> None:
    kinds = ("points", "giftcard", "events", "earned", "buyx")
    rows = [campaign_row(number, kind) for number, kind in enumerate(kinds, 1)]
    account = config(*rows, campaign_row(6, "points", coalition_opt_out=True), campaign_row(7, "points", pool_id=77))
    assert campaigns_to_join(account.campaigns.values(), POOLS) == {1: 77, 2: 88, 4: 88}


def test_an_account_has_pools_only_as_a_coalition() -> None:
    assert pools_of(config()) is None
    assert pools_of(config(coalition_pool_points_id=77, coalition_pool_money_id=88)) == POOLS


def test_the_master_campaign_does_not_share() -> None:
    account = config(campaign_row(1), master_campaign_id=1)
    refuse_sharing_master(account, [2, 3])
    with pytest.raises(InvalidParameter, match="must opt out"):
        refuse_sharing_master(account, [1, 2])


@pytest.mark.parametrize(
    ("campaign", "ppm", "rounding", "field"),
    [
        ({"kind": "giftcard"}, 1, "down", "master_campaign"),
        ({"pool_id": 77}, 1, "down", "master_campaign"),
        ({}, 0, "down", "percentage"),
        ({}, 1_000_001, "down", "percentage"),
        ({}, 1, "even", "rounding"),
    ],
)
def test_terms_no_second_tier_can_have(campaign: dict[str, object], ppm: int, rounding: str, field: str) -> None:
    account = config(campaign_row(1, **campaign))  # type: ignore[arg-type]
    with pytest.raises(InvalidParameter) as caught:
        check_second_tier(account.campaigns_by_id[1], ppm, rounding)
    assert caught.value.fields == (field,)


def test_terms_at_their_bounds() -> None:
    campaign = config().campaigns_by_id[1]
    for ppm in (1, 1_000_000):
        check_second_tier(campaign, ppm, "nearest")
