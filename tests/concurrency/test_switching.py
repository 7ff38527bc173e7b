# SPDX-License-Identifier: Apache-2.0
"""Tills sell, spend, take back and enrol while the account becomes a coalition and ceases to be one: nothing is lost (I11)."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

import pytest

from regulars.accounts.codes import open_module
from regulars.coalition.operations import change_campaign, follow, following, switch_coalition
from regulars.coalition.rules import BalancesMoving
from regulars.errors import InsufficientBalance, LockTimeout, StaleConfiguration
from regulars.kit.db import unit_of_work
from regulars.ledger import operations as ledger
from tests.concurrency.workers import NOW, Shop, in_threads
from tests.factories import make_account, make_campaign, make_customer

TRIES = 60


def _open(store_count: int, customer_count: int) -> Shop:
    made = make_account()
    ids = {f"store {number}": make_campaign(made, name=f"store {number}").id for number in range(store_count)}
    customers = tuple(make_customer(made, card_number=str(number)).id for number in range(customer_count))
    with unit_of_work(made.id):
        open_module(account=made.fresh(), module="coalition")
    return Shop(made, made.fresh(), ids, 0, customers)


def _again(work: Callable[[Shop], Any], shop: Shop) -> Any:
    """As a worker's edge: where the snapshot is stale, nothing was written; load it anew and try once more."""
    for _ in range(TRIES):
        mine = Shop(shop.made, shop.made.fresh(), shop.campaign_ids, 0, shop.customer_ids)
        try:
            with unit_of_work(shop.made.id):
                return work(mine)
        except (StaleConfiguration, LockTimeout, BalancesMoving):
            continue
    raise AssertionError("never came through")


def _sell(shop: Shop, seed: int, sold: list[int]) -> int:
    """One till: enrols, sells, spends, takes back; return by how much the books grew."""
    rng, total = random.Random(seed), 0
    for number in range(25):
        store = rng.choice(sorted(shop.campaign_ids))
        customer = rng.choice(shop.customer_ids)
        if number % 8 == 7:
            customer = make_customer(shop.made, card_number=f"{seed}-{number}").id
        amount = rng.randint(1, 50) if rng.random() < 0.7 else -rng.randint(1, 30)

        def post(mine: Shop, customer: int = customer, amount: int = amount, store: str = store) -> Any:
            return ledger.post(mine.account, mine.posting(customer, amount, kind=store))

        try:
            posted = _again(post, shop)
        except InsufficientBalance:
            continue
        total += posted.amount
        sold.append(posted.entry_id)
        if number % 6 == 5:
            entry = rng.choice(sold)

            def take_back(mine: Shop, entry: int = entry) -> Any:
                return ledger.reverse(account=mine.account, entry_id=entry, by=mine.made.owner.id, at=NOW)

            back = _again(take_back, shop)
            total += 0 if back.is_replay else back.amount
    return total


def _operate(shop: Shop, is_over: threading.Event) -> int:
    """The mall's office: switches the coalition on and off, lets stores leave and come back, moves who is left."""
    rng, on, turns = random.Random(99), False, 0
    while turns < 2 or not is_over.is_set():
        on, turns = not on, turns + 1
        store, out = rng.choice(sorted(shop.campaign_ids)), rng.random() < 0.5

        def switch(mine: Shop, on: bool = on) -> None:
            switch_coalition(account=mine.account, by=mine.made.owner, at=NOW, on=on)

        def opt(mine: Shop, store: str = store, out: bool = out) -> None:
            change_campaign(
                account=mine.account, by=mine.made.owner, at=NOW, campaign_id=mine.campaign_ids[store], coalition_opt_out=out
            )

        for change in (switch, opt):
            _again(change, shop)
            while _again(lambda mine: follow(account=mine.account, at=NOW, limit=2), shop):
                pass
    return 0


@pytest.mark.parametrize("at_once", [100, 0])
def test_sales_while_the_coalition_is_switched_are_right(
    at_once: int, monkeypatch: pytest.MonkeyPatch, run_as_owner: Callable[..., list[tuple[Any, ...]]]
) -> None:
    monkeypatch.setattr(following, "AT_ONCE_MAX", at_once)
    shop = _open(store_count=4, customer_count=6)
    is_over = threading.Event()
    sold: list[int] = []

    def tills() -> int:
        try:
            totals = in_threads([lambda seed=seed: _sell(shop, seed, sold) for seed in range(3)], 3)
        finally:
            is_over.set()
        assert all(isinstance(total, int) for total in totals), totals
        return sum(totals)  # type: ignore[arg-type]

    results = in_threads([tills, lambda: _operate(shop, is_over)], 2)
    assert all(isinstance(result, int) for result in results), results
    ((total,),) = run_as_owner("SELECT sum(balance) FROM ledger_balances WHERE account_id = %s", shop.made.id)
    assert int(total) == results[0]
    ((switches,),) = run_as_owner("SELECT count(*) FROM coalition_switches WHERE account_id = %s", shop.made.id)
    assert switches >= 2
