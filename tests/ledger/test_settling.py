# SPDX-License-Identifier: Apache-2.0
"""Depreciations and fees on the books: booked when somebody looks, as if they had been booked on their day."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from regulars.campaigns.operations import delete_depreciation, delete_fee, update_depreciation
from regulars.errors import InsufficientBalance
from regulars.kit.db import unit_of_work
from regulars.ledger import operations
from regulars.ledger.books import Query
from tests.factories import make_campaign
from tests.ledger.counter import Counter, Rows, day, open_counter


@pytest.fixture
def counter(run_as_owner: Rows) -> Counter:
    return open_counter(run_as_owner)


def _rows(counter: Counter) -> list[tuple[str, float, int]]:
    return counter.lines("expire", "fee")


def test_an_earning_expires_on_its_day_however_late_somebody_looks(counter: Counter) -> None:
    counter.ages(30)
    counter.earn(10, 0)
    counter.earn(20, 10)
    assert counter.balance(29.999) == 30
    assert counter.balance(400) == 0
    assert _rows(counter) == [("expire", 30, -10), ("expire", 40, -20)]


def test_looking_every_day_changes_nothing(counter: Counter) -> None:
    counter.ages(30, 50)
    counter.ages(60, 100)
    counter.fee(7, 1)
    counter.earn(21, 0)
    found = [counter.balance(number) for number in range(70)]
    assert (found[6], found[7], found[29], found[30], found[59], found[60]) == (21, 20, 17, 9, 5, 0)
    assert _rows(counter)[:5] == [("fee", 7, -1), ("fee", 14, -1), ("fee", 21, -1), ("fee", 28, -1), ("expire", 30, -8)]


def test_a_till_can_not_spend_what_has_expired(counter: Counter) -> None:
    counter.ages(30)
    counter.earn(10, 0)
    with pytest.raises(InsufficientBalance):
        counter.spend(1, 30)
    counter.earn(5, 31)
    assert counter.spend(5, 32).balance == 0


def test_redeeming_takes_the_soonest_to_expire(counter: Counter) -> None:
    counter.ages(30)
    counter.earn(10, 5)
    counter.earn(10, 5.5, happened=0)
    counter.spend(12, 6)
    assert counter.lots() == [(8, 35)]


@pytest.mark.parametrize("activity", ["earn", "spend", "take back"])
def test_any_activity_restarts_the_clock_of_an_idle_balance(activity: str, counter: Counter) -> None:
    counter.ages(30, basis="last_transaction")
    first = counter.earn(10, 0)
    counter.earn(10, 0)
    if activity == "earn":
        counter.earn(1, 20)
    elif activity == "spend":
        counter.spend(1, 20)
    else:
        counter.take_back(first, 20, 1)
    assert counter.balance(49.9) > 0
    assert counter.balance(50) == 0


def test_a_sale_entered_late_restarts_the_clock_only_by_its_own_day(counter: Counter) -> None:
    counter.ages(30, basis="last_transaction")
    counter.earn(10, 0)
    counter.earn(1, 20, happened=-5)
    assert counter.balance(29.9) == 11
    assert counter.balance(30) == 0


def test_a_sale_entered_late_and_already_expired_is_gone_right_after(counter: Counter) -> None:
    counter.ages(12, unit="months", percent=100)
    assert counter.earn(10, 0, happened=-500).balance == 10
    assert counter.balance(1) == 0


def test_monthly_fees_begin_one_month_after_the_first_activity(run_as_owner: Rows) -> None:
    counter = open_counter(run_as_owner, "giftcard")
    counter.fee(1, 400, unit="months")
    counter.earn(1000, 0)
    assert [counter.balance(number) for number in (29, 30, 61, 91, 92, 400)] == [1000, 600, 200, 200, 0, 0]
    counter.earn(1000, 401)  # 2027-12-29; the next fee is due on the 23rd of January
    assert counter.balance(426) == 600
    dates = counter.rows(
        "SELECT occurred_at FROM ledger_entries WHERE account_id = %s AND kind = 'fee' ORDER BY version",
        counter.shop.account.id,
    )
    assert [row[0].astimezone(UTC) for row in dates] == [
        datetime(2026, 12, 23, 9, 30, tzinfo=UTC), datetime(2027, 1, 23, 9, 30, tzinfo=UTC),
        datetime(2027, 2, 23, 9, 30, tzinfo=UTC), datetime(2028, 1, 23, 9, 30, tzinfo=UTC),
    ]  # fmt: skip


def test_a_rule_added_later_takes_what_is_old_on_the_day_it_is_added(counter: Counter) -> None:
    counter.earn(10, 0)
    counter.earn(20, 90)
    counter.ages(30, on=100)
    assert counter.balance(100) == 20
    assert counter.balance(200) == 0
    assert _rows(counter) == [("expire", 100, -10), ("expire", 120, -20)]


def test_a_rule_changed_later_binds_what_has_not_yet_expired(counter: Counter) -> None:
    rule_id = counter.ages(30)
    counter.earn(10, 0)
    counter.earn(20, 25)
    with unit_of_work(counter.shop.made.id):
        update_depreciation(
            account=counter.shop.account, by=counter.shop.made.owner, at=day(40), rule_id=rule_id, interval_count=60
        )
    counter.shop.reload()
    assert counter.balance(84) == 20
    assert counter.balance(85) == 0
    assert _rows(counter) == [("expire", 30, -10), ("expire", 85, -20)]


def test_a_rule_deleted_leaves_what_it_took_taken_and_takes_no_more(counter: Counter) -> None:
    rule_id, fee_id = counter.ages(30), counter.fee(20, 1)
    counter.earn(10, 0)
    counter.earn(20, 25)
    with unit_of_work(counter.shop.made.id):
        delete_depreciation(account=counter.shop.account, by=counter.shop.made.owner, at=day(40), rule_id=rule_id)
        delete_fee(account=counter.shop.account, by=counter.shop.made.owner, at=day(40), rule_id=fee_id)
    counter.shop.reload()
    # nobody looked before: what fell due on day 20 and day 30 is booked all the same
    assert counter.balance(500) == 20
    assert _rows(counter) == [("fee", 20, -1), ("expire", 30, -9)]


def test_each_balance_has_its_own_rules(run_as_owner: Rows) -> None:
    counter = open_counter(run_as_owner, kinds=["points", "giftcard"])
    counter.ages(30)
    counter.earn(10)
    money = Counter(counter.shop, "giftcard", run_as_owner)
    money.earn(700)
    assert counter.balance(40) == 0
    assert money.balance(40) == 700


def test_a_contribution_ages_by_the_rules_of_its_second_tier(run_as_owner: Rows) -> None:
    counter = open_counter(run_as_owner)
    master = make_campaign(counter.shop.made)
    counter.shop.campaign_ids["master"] = master.id
    counter.shop.reload()
    tier = Counter(counter.shop, "master", run_as_owner)
    tier.ages(10)
    plan = {"contribute_expires_at": day(10), "contribute_next_change_at": day(10)}
    counter.earn(
        100, contribute_campaign_id=master.id, contribute_pool_id=master.pool_id, contribute_ppm=100_000,
        contribute_rules_version=counter.shop.account.rules_version, **plan,
    )  # fmt: skip
    assert tier.balance(9) == 10
    assert tier.balance(10) == 0
    assert counter.balance(99) == 100


def test_a_look_up_of_all_campaigns_settles_them_all_in_one_go(run_as_owner: Rows) -> None:
    counter = open_counter(run_as_owner, kinds=["points", "giftcard", "events"])
    counter.ages(30)
    money = Counter(counter.shop, "giftcard", run_as_owner)
    money.fee(30, 5)
    for each in ("points", "giftcard", "events"):
        Counter(counter.shop, each, run_as_owner).earn(10)
    account = counter.shop.account
    query = Query(
        account_id=account.id, config_version=account.version, at=day(30), customer_id=counter.customer, history_limit=20
    )  # fmt: skip
    with unit_of_work(account.id):
        found = operations.look_up(account, query)
    assert [row.balance for row in found.memberships] == [0, 5, 10]
    assert sorted(row.kind for row in found.history) == ["earn", "earn", "earn", "expire", "fee"]
    assert all(row.rule_id for row in found.history if row.kind in ("expire", "fee"))


# -- calls that overtake each other --------------------------------------------------------------------------------
def test_a_sale_overtaken_by_a_settlement_misses_no_loss(counter: Counter) -> None:
    """Two calls at once: the one that began later settles first, the other then records with its own, earlier time."""
    counter.ages(30)
    counter.earn(10, 0)
    assert counter.balance(40) == 0
    assert counter.earn(5, 39.999, happened=-100).balance == 5
    assert counter.balance(41) == 0


def test_an_idle_balance_that_was_overtaken_is_still_an_idle_one(counter: Counter) -> None:
    counter.ages(30, basis="last_transaction")
    counter.earn(10, 0)
    assert counter.balance(40) == 0
    assert counter.earn(5, 39.999, happened=5).balance == 5
    assert counter.balance(41) == 0


def test_a_redemption_overtaken_by_a_settlement_comes_back_without_losing_twice(counter: Counter) -> None:
    counter.ages(30, 50)
    counter.earn(20, 0)
    assert counter.balance(31) == 10
    spent = counter.spend(10, 29.999)
    counter.take_back(spent, 30.5)
    assert counter.balance(60) == 10
