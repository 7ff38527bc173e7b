# SPDX-License-Identifier: Apache-2.0
"""Taking back: what goes, what comes back with which expiry, what becomes debt (I7, I12)."""

from __future__ import annotations

from typing import Any

import pytest

from regulars.customers.operations import erase
from regulars.errors import AlreadyReversed, InsufficientBalance, InvalidParameter, TransactionNotFound
from regulars.kit.db import unit_of_work
from regulars.ledger import operations
from tests.factories import make_campaign
from tests.ledger.counter import Counter, Rows, open_counter


@pytest.fixture
def counter(run_as_owner: Rows) -> Counter:
    return open_counter(run_as_owner)


# -- how much ------------------------------------------------------------------------------------------------------
def test_the_whole_of_an_earning_once_and_the_same_answer_ever_after(counter: Counter) -> None:
    entry = counter.earn(100)
    first = counter.take_back(entry, 1)
    assert (first.amount, first.balance, first.cumulative, first.reversed_total, first.is_replay) == (-100, 0, 0, 100, False)
    counter.earn(30, 2)
    again = counter.take_back(entry, 3)
    assert (again.amount, again.balance, again.cumulative, again.reversed_total, again.is_replay) == (-100, 0, 0, 100, True)
    assert again.entry_id == first.entry_id
    assert (counter.balance(4), counter.cumulative()) == (30, 30)


@pytest.mark.parametrize("sign", [1, -1])
def test_in_parts_until_nothing_is_left(sign: int, counter: Counter) -> None:
    counter.earn(100)
    entry = counter.earn(50 * sign)
    parts = [counter.take_back(entry, 1, amount) for amount in (20, 1, 9)]
    assert [(part.amount, part.reversed_total) for part in parts] == [(-20 * sign, 20), (-1 * sign, 21), (-9 * sign, 30)]
    with pytest.raises(InvalidParameter) as caught:
        counter.take_back(entry, 1, 21)
    assert caught.value.fields == ("amount",)
    rest = counter.take_back(entry, 2)
    assert (rest.amount, rest.reversed_total, rest.balance) == (-20 * sign, 50, 100)
    assert counter.take_back(entry, 3).is_replay
    with pytest.raises(AlreadyReversed):
        counter.take_back(entry, 3, 1)


@pytest.mark.parametrize("amount", [-1, -100])
def test_less_than_nothing_is_not_taken_back(amount: int, counter: Counter) -> None:
    entry = counter.earn(100)
    with pytest.raises(InvalidParameter):
        counter.take_back(entry, 1, amount)


def test_a_sale_that_earned_nothing_can_be_taken_back_too(counter: Counter) -> None:
    counter.earn(5)
    empty = counter.earn(1, amount=0, purchase_minor=10)
    assert empty.amount == 0
    first = counter.take_back(empty, 1, purchase_minor=10)
    assert (first.amount, first.balance, first.is_replay) == (0, 5, False)
    assert counter.take_back(empty, 1).is_replay


def test_a_promotion_that_took_points_gives_them_back(counter: Counter) -> None:
    counter.earn(100)
    entry = counter.earn(1, amount=-30)
    assert entry.balance == 70
    assert counter.cumulative() == 100
    assert counter.take_back(entry, 1).balance == 100
    assert counter.cumulative() == 100


def test_only_what_a_till_recorded_can_be_taken_back(counter: Counter, run_as_owner: Rows) -> None:
    counter.ages(10)
    entry = counter.earn(10)
    counter.balance(20)
    reversal = counter.take_back(entry, 20)
    other = open_counter(run_as_owner).earn(10)
    expired = run_as_owner(
        "SELECT id FROM ledger_entries WHERE account_id = %s AND kind IN ('expire', 'reverse')", counter.shop.account.id
    )
    for entry_id in (reversal.entry_id, *(row[0] for row in expired), other.entry_id, 10**12):
        with pytest.raises(TransactionNotFound):
            counter.take_back(entry_id, 21)


def test_of_a_deleted_customer_nothing_is_taken_back(counter: Counter) -> None:
    entry = counter.earn(10)
    at = counter.shop.made.account.created_at
    with unit_of_work(counter.shop.made.id):
        by = counter.shop.made.owner.id
        operations.close_customer(account=counter.shop.account, customer_id=counter.customer, by=by, at=at)
        erase(account=counter.shop.account, customer_id=counter.customer, by=by, at=at)
    with pytest.raises(TransactionNotFound):
        counter.take_back(entry, 1)


@pytest.mark.parametrize("is_spent", [False, True])
def test_closing_a_customer_leaves_neither_balance_nor_debt(is_spent: bool, counter: Counter, run_as_owner: Rows) -> None:
    entry = counter.earn(10)
    if is_spent:
        counter.spend(10)
        counter.take_back(entry, 1)
    with unit_of_work(counter.shop.made.id):
        operations.close_customer(
            account=counter.shop.account,
            customer_id=counter.customer,
            by=counter.shop.made.owner.id,
            at=counter.shop.made.account.created_at,
        )
    assert run_as_owner(
        "SELECT balance, debt FROM ledger_balances WHERE account_id = %s AND customer_id = %s",
        counter.shop.account.id, counter.customer,
    ) == [(0, 0)]  # fmt: skip
    assert counter.lots() == []


# -- earnings already spent ----------------------------------------------------------------------------------------
def test_an_earning_already_spent_becomes_debt_that_later_earnings_pay(counter: Counter) -> None:
    entry = counter.earn(100)
    counter.spend(80)
    assert counter.take_back(entry, 1).balance == -80
    with pytest.raises(InsufficientBalance):
        counter.spend(1, 2)
    assert counter.earn(50, 3).balance == -30
    assert counter.lots() == []
    assert counter.earn(50, 4).balance == 20
    assert counter.lots() == [(20, None)]
    assert counter.spend(20, 5).balance == 0


def test_an_earning_spent_in_part_takes_its_own_rest_first(counter: Counter) -> None:
    counter.ages(50)
    counter.earn(30, 10)
    entry = counter.earn(100, 20)
    counter.spend(60, 21)  # 30 of the older, 30 of this one
    counter.earn(40, 22)
    assert counter.take_back(entry, 23, 70).balance == 40
    assert counter.lots() == [(40, 72)]
    assert counter.take_back(entry, 24).balance == 10
    assert counter.lots() == [(10, 72)]


def test_an_earning_spent_wholly_takes_from_others_before_it_makes_debt(counter: Counter) -> None:
    entry = counter.earn(100, 0)
    counter.spend(100, 1)
    counter.earn(30, 2)
    assert counter.take_back(entry, 3).balance == -70
    assert counter.lots() == []


def test_taking_the_redemption_back_pays_the_debt_of_the_earning(counter: Counter) -> None:
    entry = counter.earn(100)
    spent = counter.spend(80)
    counter.take_back(entry, 1)
    assert counter.take_back(spent, 2, 30).balance == -50
    assert counter.lots() == []
    assert counter.take_back(spent, 3).balance == 0
    assert counter.lots() == []
    assert counter.earn(5, 4).balance == 5


def test_an_earning_that_paid_a_debt_makes_it_again_when_taken_back(counter: Counter) -> None:
    first = counter.earn(100)
    counter.spend(100)
    counter.take_back(first, 1)
    payer = counter.earn(60, 2)
    assert payer.balance == -40
    assert counter.take_back(payer, 3).balance == -100
    assert counter.earn(101, 4).balance == 1


# -- redemptions ---------------------------------------------------------------------------------------------------
def test_what_a_redemption_took_comes_back_with_its_expiry(counter: Counter) -> None:
    counter.ages(30)
    counter.earn(10, 0)
    counter.earn(10, 5)
    counter.earn(10, 9)
    before = counter.lots()
    spent = counter.spend(25, 10)
    assert counter.lots() == [(5, 39)]
    assert counter.take_back(spent, 11).balance == 30
    merged: dict[float | None, int] = {}
    for remaining, on in counter.lots():
        merged[on] = merged.get(on, 0) + remaining
    assert [(amount, on) for on, amount in merged.items()] == before
    assert [counter.balance(number) for number in (29, 30, 35, 39)] == [30, 20, 10, 0]


def test_a_part_of_a_redemption_brings_back_what_lasts_longest(counter: Counter) -> None:
    counter.ages(30)
    counter.earn(10, 0)
    counter.earn(10, 5)
    spent = counter.spend(20, 6)
    counter.take_back(spent, 7, 12)
    assert counter.lots() == [(2, 30), (10, 35)]
    counter.take_back(spent, 8)
    assert sum(remaining for remaining, on in counter.lots() if on == 30) == 10


def test_what_comes_back_after_its_expiry_is_gone_right_after(counter: Counter) -> None:
    counter.ages(30)
    counter.earn(10, 0)
    spent = counter.spend(10, 20)
    assert counter.take_back(spent, 40).balance == 10
    assert counter.balance(41) == 0
    assert counter.lines("redeem", "reverse", "expire") == [("redeem", 20, -10), ("reverse", 40, 10), ("expire", 40, -10)]


def test_what_was_halved_before_it_was_spent_is_not_halved_again_when_it_comes_back(counter: Counter) -> None:
    counter.ages(30, 50)
    counter.ages(60, 100)
    counter.earn(20, 0)
    assert counter.balance(31) == 10
    spent = counter.spend(10, 32)
    counter.take_back(spent, 33)
    assert counter.balance(34) == 10
    assert counter.balance(60) == 0


def test_what_came_back_can_be_spent_and_come_back_again(counter: Counter) -> None:
    counter.ages(30)
    counter.earn(10, 0)
    for number in range(1, 6):
        spent = counter.spend(10, number)
        assert counter.take_back(spent, number + 0.5).balance == 10
    assert counter.lots() == [(10, 30)]
    assert counter.balance(30) == 0


def test_an_earning_whose_lot_was_spent_and_came_back_is_taken_back_whole(counter: Counter) -> None:
    entry = counter.earn(10, 0)
    counter.earn(7, 1)
    spent = counter.spend(10, 2)
    counter.take_back(spent, 3)
    assert counter.take_back(entry, 4).balance == 7
    assert counter.lots() == [(7, None)]


# -- what had expired, what had been charged -----------------------------------------------------------------------
def test_an_earning_that_expired_in_part_costs_only_what_is_left_of_it(counter: Counter) -> None:
    counter.ages(30, 50)
    entry = counter.earn(100, 0)
    counter.earn(10, 29)
    assert counter.take_back(entry, 31).balance == 10
    assert counter.lines("expire", "reverse") == [("expire", 30, -50), ("reverse", 31, 50), ("reverse", 31, -100)]
    assert counter.cumulative() == 10


def test_an_earning_that_expired_wholly_costs_nothing(counter: Counter) -> None:
    counter.ages(30)
    entry = counter.earn(100, 0)
    assert counter.take_back(entry, 31).balance == 0
    assert counter.earn(5, 32).balance == 5


def test_in_parts_the_living_goes_before_the_expired(counter: Counter) -> None:
    counter.ages(30, 50)
    entry = counter.earn(100, 0)
    assert counter.take_back(entry, 31, 30).balance == 20
    assert counter.take_back(entry, 32, 60).balance == 0
    assert counter.take_back(entry, 33).balance == 0
    assert counter.lines("reverse") == [
        ("reverse", 31, -30), ("reverse", 32, 40), ("reverse", 32, -60), ("reverse", 33, 10), ("reverse", 33, -10),
    ]  # fmt: skip


def test_spent_and_expired_only_the_spent_is_owed(counter: Counter) -> None:
    counter.ages(30, 50)
    entry = counter.earn(100, 0)
    counter.spend(40, 31)  # 50 expired, 40 spent, 10 left
    assert counter.take_back(entry, 32).balance == -40
    assert counter.earn(40, 33).balance == 0


def test_fees_paid_from_an_earning_are_given_back_with_it(counter: Counter) -> None:
    counter.fee(30, 7)
    entry = counter.earn(100, 0)
    counter.earn(10, 20)
    assert counter.take_back(entry, 61).balance == 10
    assert counter.lines("fee", "reverse") == [
        ("fee", 30, -7), ("fee", 60, -7), ("reverse", 61, 7), ("reverse", 61, 7), ("reverse", 61, -100),
    ]  # fmt: skip


# -- two tiers -----------------------------------------------------------------------------------------------------
def _with_master(run_as_owner: Rows) -> tuple[Counter, Counter, dict[str, Any]]:
    counter = open_counter(run_as_owner)
    master = make_campaign(counter.shop.made)
    counter.shop.campaign_ids["master"] = master.id
    counter.shop.reload()
    return counter, Counter(counter.shop, "master", run_as_owner), {
        "contribute_campaign_id": master.id, "contribute_pool_id": master.pool_id, "contribute_rules_version": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "ppm", "rounding", "contributed"),
    [
        (50, 100_000, "down", 5), (59, 100_000, "down", 5), (55, 100_000, "nearest", 6), (54, 100_000, "nearest", 5),
        (51, 100_000, "up", 6), (50, 100_000, "up", 5), (9, 100_000, "down", 0), (1, 1, "up", 1), (7, 1_000_000, "down", 7),
    ],
)  # fmt: skip
def test_a_contribution_is_the_rounded_share_of_what_was_earned(
    amount: int, ppm: int, rounding: str, contributed: int, run_as_owner: Rows
) -> None:
    counter, tier, leg = _with_master(run_as_owner)
    entry = counter.earn(amount, **leg, contribute_ppm=ppm, contribute_rounding=rounding)
    assert (entry.contribute_amount, entry.contribute_balance) == (contributed, contributed)
    assert tier.balance(1) == contributed
    counter.take_back(entry, 2)
    assert (counter.balance(3), tier.balance(3), tier.cumulative()) == (0, 0, 0)


def test_a_contribution_goes_back_in_proportion_and_wholly_with_the_rest(run_as_owner: Rows) -> None:
    counter, tier, leg = _with_master(run_as_owner)
    entry = counter.earn(50, **leg, contribute_ppm=100_000)
    balances = []
    for number, amount in enumerate((9, 1, 15, 24, 1)):
        counter.take_back(entry, number, amount)
        balances.append(tier.balance(number))
    # 5 less 5/50 of all that is taken back so far, cut toward zero
    assert balances == [5, 4, 3, 1, 0]


def test_a_contribution_already_spent_becomes_debt_of_the_second_tier(run_as_owner: Rows) -> None:
    counter, tier, leg = _with_master(run_as_owner)
    entry = counter.earn(50, **leg, contribute_ppm=100_000)
    tier.spend(5, 1)
    counter.take_back(entry, 2)
    assert (counter.balance(3), tier.balance(3)) == (0, -5)
    assert tier.earn(7, 4).balance == 2


def test_nothing_is_contributed_from_what_was_taken(run_as_owner: Rows) -> None:
    counter, tier, leg = _with_master(run_as_owner)
    counter.earn(50, **leg, contribute_ppm=100_000)
    less = counter.earn(1, amount=-20, **leg, contribute_ppm=100_000)
    assert less.contribute_amount is None
    assert tier.balance(1) == 5


# -- what a customer is shown --------------------------------------------------------------------------------------
def test_first_and_last_transactions_are_those_that_stand(counter: Counter, run_as_owner: Rows) -> None:
    counter.earn(10, 1)
    second = counter.earn(20, 2)
    spent = counter.spend(5, 3)

    def shown() -> tuple[Any, ...]:
        (row,) = run_as_owner(
            "SELECT last_transaction_amount, last_redemption_amount, last_redemption_at IS NULL FROM ledger_memberships"
            " WHERE account_id = %s", counter.shop.account.id,
        )  # fmt: skip
        return row

    assert shown() == (20, 5, False)
    counter.take_back(second, 4, 19)
    assert shown() == (20, 5, False)
    counter.take_back(second, 5)
    counter.take_back(spent, 5)
    assert shown() == (10, 0, True)
