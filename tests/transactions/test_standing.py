# SPDX-License-Identifier: Apache-2.0
"""Where a customer stands: pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from regulars.ledger.books import CustomerRow, Found, MembershipRow
from regulars.transactions.standing import equivalent_cash, standing_in, standings
from tests.transactions.configs import campaign_row, config, part_row, user_row

DAY = [datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 20)]
CUSTOMER = CustomerRow(1, "c1", "", "", "", "", "", "", "", "", "", "", "", "", "", False, {}, DAY[0])


def member(campaign: int, item: int = 0, **changes: Any) -> MembershipRow:
    values: dict[str, Any] = {
        "balance": 0, "cumulative": 0, "pool_cumulative": 0, "joined_at": DAY[0], "first_transaction_at": None,
        "last_transaction_at": None, "last_transaction_amount": 0, "last_redemption_at": None, "last_redemption_amount": 0,
        "pool_id": campaign,
    }  # fmt: skip
    return MembershipRow(campaign, item, **(values | changes))


def test_a_buyx_campaign_is_the_sum_of_its_items_and_its_latest_dates() -> None:
    account = config(campaign_row(kind="buyx"), items=(part_row(8), part_row(9, level=3)))
    rows = (
        member(1),
        member(1, 8, balance=7, cumulative=12, last_transaction_at=DAY[3], last_transaction_amount=2,
               first_transaction_at=DAY[1], last_redemption_at=DAY[9], last_redemption_amount=5),
        member(1, 9, balance=2, cumulative=2, last_transaction_at=DAY[5], last_transaction_amount=1,
               first_transaction_at=DAY[2]),
    )  # fmt: skip
    standing = standing_in(account, account.campaigns_by_id[1], rows)
    assert (standing.balance, standing.cumulative) == (9, 14)
    assert [(each.balance, each.free_available, each.needed_for_free) for each in standing.items] == [(7, 1, 0), (2, 0, 1)]
    assert (standing.first_transaction_at, standing.last_earning_at, standing.last_earning_amount) == (DAY[1], DAY[5], 1)
    assert standing.last_transaction_at == DAY[9]


def test_rewards_come_by_level_with_what_is_missing() -> None:
    account = config(rewards=(part_row(3, level=500), part_row(4, level=100), part_row(5, level=100)))
    standing = standing_in(account, account.campaigns_by_id[1], (member(1, balance=120),))
    assert [(each.reward.id, each.needed) for each in standing.rewards] == [(4, 0), (5, 0), (3, 380)]


def test_only_active_campaigns_the_user_may_see() -> None:
    account = config(
        campaign_row(1), campaign_row(2, state="on_hold"), campaign_row(3), campaign_row(4),
        users=(user_row(1), user_row(2, role="K", is_owner=False, campaigns_access="some", allowed_campaign_ids=[1, 2])),
    )  # fmt: skip
    found = Found(CUSTOMER, (member(3), member(1), member(2)), ())
    seen = {by: [each.campaign.id for each in standings(account, account.users_by_id[by], found)] for by in (1, 2)}
    assert seen == {1: [1, 3], 2: [1]}


def test_a_negative_balance_is_worth_nothing_that_could_be_taken() -> None:
    account = config(campaign_row(points_ratio_ppm=5_000_000, reward_ratio_ppm=20_000_000))
    standing = standing_in(account, account.campaigns_by_id[1], (member(1, balance=-100),))
    assert standing.value_minor is not None
    assert standing.value_minor <= 0
    assert [each.needed for each in standing.rewards] == []


def test_units_of_a_deleted_item_are_out_of_sight() -> None:
    account = config(campaign_row(kind="buyx"), items=(part_row(8),))
    rows = (member(1, 8, balance=7), member(1, 9, balance=2, cumulative=2))
    standing = standing_in(account, account.campaigns_by_id[1], rows)
    assert (standing.balance, standing.cumulative, len(standing.items)) == (7, 2, 1)


def test_a_shared_balance_is_seen_though_its_only_store_was_deleted() -> None:
    account = config(campaign_row(1, pool_id=77), coalition_pool_points_id=77)
    standing = standing_in(account, account.campaigns_by_id[1], (member(5, balance=40, pool_cumulative=50, pool_id=77),))
    assert (standing.is_joined, standing.balance, standing.pool_cumulative) == (False, 40, 50)


def test_cash_counts_each_pool_once_and_only_points() -> None:
    ratios = {"points_ratio_ppm": 5_000_000, "reward_ratio_ppm": 20_000_000}
    account = config(
        campaign_row(1, pool_id=77, **ratios), campaign_row(2, pool_id=77, **ratios), campaign_row(3, **ratios),
        campaign_row(4, kind="giftcard"), campaign_row(5),
        coalition_pool_points_id=77,
    )  # fmt: skip
    rows = (member(1, balance=1000, pool_id=77), member(3, balance=500), member(4, balance=900), member(5, balance=100))
    seen = standings(account, account.users_by_id[1], Found(CUSTOMER, rows, ()))
    assert [each.balance for each in seen] == [1000, 1000, 500, 900, 100]
    assert equivalent_cash(seen) == 1500
    assert equivalent_cash(seen[3:]) is None
