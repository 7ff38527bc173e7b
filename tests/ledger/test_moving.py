# SPDX-License-Identifier: Apache-2.0
"""Merging two customers in the books: everything moves, nothing is lost or counted twice (I15), the rules go on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.errors import InsufficientBalance
from regulars.kit.db import unit_of_work
from regulars.ledger import operations
from regulars.ledger.verify import verify
from tests.concurrency.workers import open_shop
from tests.ledger.counter import Counter, day, open_counter

Rows = Callable[..., list[tuple[Any, ...]]]


def pair(rows: Rows, kind: str = "points") -> tuple[Counter, Counter]:
    """One shop, two customers."""
    first = open_counter(rows, kind, customer_count=2)

    class Second(Counter):
        @property
        def customer(self) -> int:
            return self.shop.customer_ids[1]

    return first, Second(first.shop, kind, rows)


def move(source: Counter, target: Counter, on: float) -> None:
    shop = source.shop
    with unit_of_work(shop.made.id):
        operations.move(
            account=shop.made.fresh(), from_customer_id=source.customer, to_customer_id=target.customer,
            by=shop.made.owner.id, at=day(on), description="Merged.",
        )  # fmt: skip


def assert_sound(counter: Counter, owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection, connection.cursor() as cursor:
        assert verify(cursor, [counter.shop.account.id]) == []


def test_balance_and_earnings_move_and_the_first_is_left_with_nothing(run_as_owner: Rows, owner_url: str) -> None:
    source, target = pair(run_as_owner)
    source.earn(100)
    source.spend(60, 1)
    target.earn(50, 1)
    move(source, target, 2)
    assert (target.balance(2), target.cumulative()) == (90, 150)
    assert source.lots() == []
    assert source.lines("move") == [("move", 2.0, -40)]
    assert target.lines("move") == [("move", 2.0, 100), ("move", 2.0, -60)]
    assert_sound(source, owner_url)
    target.spend(90, 3)
    assert_sound(source, owner_url)


def test_one_who_was_never_in_the_campaign_gets_it_whole(run_as_owner: Rows, owner_url: str) -> None:
    source, target = pair(run_as_owner)
    source.earn(70)
    move(source, target, 1)
    assert (target.balance(1), target.cumulative()) == (70, 70)
    assert_sound(source, owner_url)


def test_lots_keep_their_age_and_expire_on_their_own_day(run_as_owner: Rows, owner_url: str) -> None:
    source, target = pair(run_as_owner)
    source.ages(10)
    source.earn(30, 1)
    target.earn(20, 5)
    move(source, target, 6)
    assert target.lots() == [(30, 11.0), (20, 15.0)]
    assert [target.balance(on) for on in (10.9, 11.1, 15.1)] == [50, 20, 0]
    assert_sound(source, owner_url)


def test_what_was_due_is_booked_before_the_merge(run_as_owner: Rows, owner_url: str) -> None:
    source, target = pair(run_as_owner)
    source.ages(10)
    source.earn(30, 1)
    target.earn(20, 5)
    move(source, target, 12)
    assert source.lines("expire") == [("expire", 11.0, -30)]
    assert (target.balance(12), target.cumulative()) == (20, 50)
    assert_sound(source, owner_url)


def test_debt_moves_and_the_others_lots_pay_it(run_as_owner: Rows, owner_url: str) -> None:
    for earned, left in ((50, 20), (10, -20)):
        source, target = pair(run_as_owner)
        sale = source.earn(30)
        source.spend(30, 1)
        source.take_back(sale, 2)
        target.earn(earned, 2)
        move(source, target, 3)
        assert (target.balance(3), target.cumulative()) == (left, earned)
        assert_sound(source, owner_url)
        back, again = pair(run_as_owner)
        sale = again.earn(30)
        again.spend(30, 1)
        again.take_back(sale, 2)
        back.earn(earned, 2)
        move(back, again, 3)
        assert (again.balance(3), again.cumulative()) == (left, earned)
        assert_sound(back, owner_url)


def test_a_redemption_that_took_moved_lots_can_be_taken_back(run_as_owner: Rows, owner_url: str) -> None:
    source, target = pair(run_as_owner)
    source.earn(30)
    move(source, target, 1)
    spent = target.spend(25, 2)
    target.take_back(spent, 3)
    assert target.balance(3) == 30
    assert_sound(source, owner_url)


def test_merged_once_more_everything_goes_along(run_as_owner: Rows, owner_url: str) -> None:
    source, target = pair(run_as_owner)
    source.earn(30)
    target.earn(12)
    source.spend(4, 1)
    move(source, target, 2)
    move(target, source, 3)
    assert (source.balance(3), source.cumulative()) == (38, 72)
    assert_sound(source, owner_url)


STEPS = st.lists(st.tuples(st.booleans(), st.sampled_from(("earn", "spend", "back", "age")), st.integers(1, 60)), max_size=14)


@settings(max_examples=25)
@given(steps=STEPS)
def test_whatever_happened_before_a_merge_keeps_totals(
    run_as_owner: Rows, owner_url: str, steps: list[tuple[bool, str, int]]
) -> None:
    source, target = pair(run_as_owner)
    source.ages(9)
    sales: dict[bool, list[Any]] = {True: [], False: []}
    on = 0.0
    for is_source, what, amount in steps:
        who, on = (source if is_source else target), on + 1
        if what == "earn":
            sales[is_source].append(who.earn(amount, on))
        elif what == "spend":
            with suppress(InsufficientBalance):
                who.spend(amount, on)
        elif what == "back" and sales[is_source]:
            who.take_back(sales[is_source].pop(), on)
    on += 1
    source.earn(1, on)
    target.earn(1, on)
    had = source.balance(on) + target.balance(on)
    earned = source.cumulative() + target.cumulative()
    move(source, target, on)
    assert (target.balance(on), target.cumulative()) == (had, earned)
    assert_sound(source, owner_url)
    target.earn(60, on + 1)
    assert target.balance(on + 30) == 0
    assert_sound(source, owner_url)


def test_a_shop_with_all_kinds_of_campaigns_is_sound_after_a_merge(run_as_owner: Rows, owner_url: str) -> None:
    shop = open_shop(kinds=["points", "giftcard", "events"], customer_count=2)
    for kind in ("points", "giftcard", "events"):
        source = Counter(shop, kind, run_as_owner)
        source.earn(5)
    other = pair(run_as_owner)[1]
    other.shop = shop
    move(Counter(shop, "points", run_as_owner), other, 1)
    assert other.lots() == [(5, None)] * 3
    assert_sound(other, owner_url)
