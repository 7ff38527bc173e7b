# SPDX-License-Identifier: Apache-2.0
"""An account becomes a coalition and ceases to be one: balances move by entries, no total changes, and it can be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from regulars.accounts.codes import open_module
from regulars.campaigns.operations import delete_campaign
from regulars.coalition.operations import (
    Switched,
    change_campaign,
    follow,
    following,
    set_second_tier,
    switch_coalition,
    undo_switch,
)
from regulars.coalition.rules import BalancesMoving, ModuleNotActivated, SwitchStands
from regulars.errors import InvalidParameter
from regulars.kit.db import unit_of_work
from regulars.ledger import operations as ledger
from tests.concurrency.workers import NOW, Shop
from tests.factories import MadeAccount, make_account, make_campaign, make_coalition, make_customer, make_depreciation, make_fee

Rows = Callable[..., list[tuple[Any, ...]]]
DAY = timedelta(days=1)


class Mall:
    """Two stores with points, one with gift cards, two customers."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.made: MadeAccount = make_account()
        self.north = make_campaign(self.made, name="North").id
        self.south = make_campaign(self.made, name="South").id
        self.card = make_campaign(self.made, name="Card", kind="giftcard").id
        self.ann = make_customer(self.made, card_number="1").id
        self.ben = make_customer(self.made, card_number="2").id
        with unit_of_work(self.made.id):
            open_module(account=self.made.fresh(), module="coalition")

    @property
    def shop(self) -> Shop:
        account = self.made.fresh()
        ids = {campaign.name: campaign.id for campaign in account.campaigns.values()}
        return Shop(self.made, account, ids, 0, (self.ann, self.ben))

    def book(self, name: str, customer: int, amount: int, days: float = 0) -> int:
        at = NOW + timedelta(days=days)
        shop = self.shop
        with unit_of_work(self.made.id):
            return ledger.post(shop.account, shop.posting(customer, amount, kind=name, at=at)).entry_id

    def take_back(self, entry: int, days: float = 0, amount: int | None = None) -> None:
        with unit_of_work(self.made.id):
            ledger.reverse(
                account=self.made.fresh(), entry_id=entry, by=self.made.owner.id, at=NOW + timedelta(days=days), amount=amount
            )

    def switch(self, on: bool, days: float = 0) -> Switched:
        with unit_of_work(self.made.id):
            return switch_coalition(account=self.made.fresh(), by=self.made.owner, at=NOW + timedelta(days=days), on=on)

    def undo(self, days: float = 0) -> Switched:
        with unit_of_work(self.made.id):
            return undo_switch(account=self.made.fresh(), by=self.made.owner, at=NOW + timedelta(days=days))

    def opt(self, campaign_id: int, out: bool, days: float = 0) -> None:
        with unit_of_work(self.made.id):
            change_campaign(
                account=self.made.fresh(), by=self.made.owner, at=NOW + timedelta(days=days), campaign_id=campaign_id,
                coalition_opt_out=out,
            )  # fmt: skip

    def balances(self, customer: int) -> dict[str, tuple[int, int, int]]:
        """Where a customer has what: name of the campaign, or points and money for the pools -> balance, cumulative, debt."""
        account = self.made.fresh()
        names = {campaign.id: campaign.name for campaign in account.campaigns.values()}
        found = self.rows(
            "SELECT pool_id, balance, cumulative, debt FROM ledger_balances WHERE account_id = %s AND customer_id = %s",
            self.made.id, customer,
        )  # fmt: skip
        pools = self.rows(
            "SELECT pool_points_id, pool_money_id FROM coalition_switches WHERE account_id = %s LIMIT 1", self.made.id
        )
        if pools:
            names |= {pools[0][0]: "points", pools[0][1]: "money"}
        return {names[pool]: (balance, cumulative, debt) for pool, balance, cumulative, debt in found if balance or cumulative}

    def lines(self) -> list[tuple[int, int, int]]:
        return self.rows(
            "SELECT customer_id, campaign_id, sum(amount) FROM ledger_entries WHERE account_id = %s"
            " GROUP BY 1, 2 ORDER BY 1, 2",
            self.made.id,
        )  # fmt: skip

    def unmoved(self) -> tuple[int, ...]:
        with unit_of_work(self.made.id):
            return ledger.list_unmoved(account=self.made.fresh(), limit=10)


@pytest.fixture
def mall(run_as_owner: Rows) -> Mall:
    return Mall(run_as_owner)


@pytest.fixture
def nobody_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in an account with many customers: nobody is moved within the change itself."""
    monkeypatch.setattr(following, "AT_ONCE_MAX", 0)
    return None


def test_points_become_one_balance_and_money_another(mall: Mall) -> None:
    mall.book("North", mall.ann, 100)
    mall.book("South", mall.ann, 50)
    mall.book("South", mall.ann, -20)
    mall.book("Card", mall.ann, 995)
    before = mall.lines()
    assert mall.switch(True).is_complete
    assert mall.balances(mall.ann) == {"points": (130, 150, 0), "money": (995, 995, 0)}
    assert mall.lines() == before
    mall.book("North", mall.ann, -130)
    assert mall.balances(mall.ann)["points"] == (0, 150, 0)


def test_the_figures_say_what_moves_and_are_the_same_when_rolled_back(mall: Mall) -> None:
    mall.book("North", mall.ann, 100)
    mall.book("South", mall.ann, 50)
    mall.book("South", mall.ben, 7)
    sale = mall.book("North", mall.ben, 30)
    mall.book("North", mall.ben, -30)
    mall.take_back(sale)
    switched = mall.switch(True)
    assert (switched.is_coalition, switched.is_change, switched.customers) == (True, True, 2)
    assert [(move.name, move.customers, move.amount, move.debt) for move in switched.campaigns] == [
        ("North", 2, 100, 30), ("South", 2, 57, 0), ("Card", 0, 0, 0),
    ]  # fmt: skip
    assert mall.balances(mall.ben)["points"] == (-23, 7, 23)


def test_without_a_code_nothing_is_switched_and_switching_twice_is_once(mall: Mall) -> None:
    other = make_account()
    with pytest.raises(ModuleNotActivated) as caught, unit_of_work(other.id):
        switch_coalition(account=other.fresh(), by=other.owner, at=NOW, on=True)
    assert caught.value.fields == ("coalition",)
    assert not mall.switch(False).is_change
    assert mall.switch(True).is_change
    assert not mall.switch(True).is_change


def test_back_each_store_has_what_was_earned_there_and_is_left(mall: Mall) -> None:
    mall.book("North", mall.ann, 100)
    mall.switch(True)
    mall.book("South", mall.ann, 40)
    mall.book("South", mall.ann, -70)  # takes the oldest: 70 of North's
    mall.switch(False)
    assert mall.balances(mall.ann) == {"North": (30, 100, 0), "South": (40, 40, 0)}


def test_undone_everything_is_as_it_was(mall: Mall) -> None:
    sale = mall.book("North", mall.ann, 30)
    mall.book("North", mall.ann, -30)
    mall.take_back(sale)  # a debt of 30 in North
    mall.book("South", mall.ann, 50)
    mall.book("Card", mall.ben, 700)
    before = mall.balances(mall.ann), mall.balances(mall.ben)
    mall.switch(True)
    assert mall.balances(mall.ann)["points"] == (20, 50, 0)  # South's points paid it
    mall.undo()
    assert (mall.balances(mall.ann), mall.balances(mall.ben)) == before
    assert not mall.made.fresh().is_coalition
    with pytest.raises(SwitchStands, match="nothing to undo"):
        mall.undo()


def test_a_switch_back_can_be_undone_too(mall: Mall) -> None:
    mall.book("North", mall.ann, 30)
    mall.switch(True)
    mall.book("South", mall.ann, 50)
    before = mall.balances(mall.ann)
    mall.switch(False, 1)
    assert mall.undo(1).is_coalition
    assert mall.balances(mall.ann) == before
    mall.book("South", mall.ann, -80)


@pytest.mark.parametrize("what", ["sale", "store", "opt"])
def test_what_happened_since_stands_against_undoing(what: str, mall: Mall) -> None:
    mall.book("North", mall.ann, 30)
    mall.switch(True)
    if what == "sale":
        mall.book("South", mall.ben, 1)
    elif what == "store":
        make_campaign(mall.made, name="East")
    else:
        mall.opt(mall.south, True)
    with pytest.raises(SwitchStands) as caught:
        mall.undo()
    assert caught.value.fields == ("coalition",)
    assert mall.made.fresh().is_coalition


def test_undoing_needs_a_switch(mall: Mall) -> None:
    with pytest.raises(SwitchStands):
        mall.undo()


def test_one_who_opted_out_stays_apart(mall: Mall) -> None:
    mall.opt(mall.south, True)
    mall.book("North", mall.ann, 10)
    mall.book("South", mall.ann, 20)
    mall.switch(True)
    assert mall.balances(mall.ann) == {"points": (10, 10, 0), "South": (20, 20, 0)}


def test_opting_out_takes_along_what_is_left_of_the_stores_own_and_back_in_brings_it(mall: Mall) -> None:
    mall.book("North", mall.ann, 10)
    mall.book("South", mall.ann, 20, 1)
    mall.switch(True, 2)
    mall.book("South", mall.ann, -15, 3)  # North's 10, and 5 of South's
    mall.opt(mall.south, True, 4)
    assert mall.balances(mall.ann) == {"points": (0, 10, 0), "South": (15, 20, 0)}
    mall.opt(mall.south, False, 5)
    assert mall.balances(mall.ann) == {"points": (15, 30, 0)}


def test_a_redemption_taken_back_after_the_store_left_is_the_redeeming_stores(mall: Mall) -> None:
    mall.book("South", mall.ann, 20)
    mall.switch(True)
    spent = mall.book("North", mall.ann, -15)
    mall.opt(mall.south, True)
    mall.take_back(spent)
    assert mall.balances(mall.ann) == {"points": (15, 0, 0), "South": (5, 20, 0)}
    mall.book("North", mall.ann, -15)
    mall.switch(False)
    assert mall.balances(mall.ann) == {"South": (5, 20, 0)}


def test_an_earning_taken_back_after_its_store_left_is_its_debt(mall: Mall) -> None:
    sale = mall.book("South", mall.ann, 20)
    mall.switch(True)
    mall.book("North", mall.ann, -15)
    mall.opt(mall.south, True)
    mall.take_back(sale)
    assert mall.balances(mall.ann) == {"South": (-15, 0, 15)}


def test_a_shared_debt_goes_with_the_store_whose_sale_was_taken_back(mall: Mall) -> None:
    mall.switch(True)
    sale = mall.book("South", mall.ann, 20)
    mall.book("North", mall.ann, -20)
    mall.take_back(sale)
    mall.switch(False)
    assert mall.balances(mall.ann) == {"South": (-20, 0, 20)}


def test_a_deleted_stores_points_do_not_come_back_with_the_coalition(mall: Mall) -> None:
    mall.book("South", mall.ann, 20)
    with unit_of_work(mall.made.id):
        delete_campaign(account=mall.made.fresh(), by=mall.made.owner, at=NOW, campaign_id=mall.south)
    mall.switch(True)
    with unit_of_work(mall.made.id):
        found = ledger.look_up(mall.made.fresh(), _query(mall))
    assert sum(row.balance for row in found.memberships if row.campaign_id == mall.north) == 0


def _query(mall: Mall, days: float = 0) -> Any:
    account = mall.made.fresh()
    return ledger.Query(
        account_id=account.id, config_version=account.version, at=NOW + timedelta(days=days), customer_id=mall.ann
    )


# -- many customers: each follows under his own lock -------------------------------------------------------------------
def test_who_was_not_moved_yet_is_moved_by_his_next_sale(mall: Mall, nobody_at_once: None) -> None:
    mall.book("North", mall.ann, 100)
    mall.book("North", mall.ben, 5)
    assert not mall.switch(True).is_complete
    assert mall.unmoved() == (mall.ann, mall.ben)
    assert mall.made.fresh().is_moving
    mall.book("South", mall.ann, -60)  # a store he never was in
    assert mall.balances(mall.ann) == {"points": (40, 100, 0)}
    assert mall.unmoved() == (mall.ben,)


def test_a_look_up_in_a_store_he_never_was_in_finds_the_shared_balance(mall: Mall, nobody_at_once: None) -> None:
    mall.book("North", mall.ann, 100)
    mall.switch(True)
    account = mall.made.fresh()
    query = ledger.Query(
        account_id=account.id, config_version=account.version, at=NOW, customer_id=mall.ann, campaign_id=mall.south
    )
    with unit_of_work(mall.made.id):
        (row,) = ledger.look_up(account, query).memberships
    assert (row.balance, row.pool_id) == (100, account.coalition_pool_points_id)


def test_a_sale_before_its_customer_is_moved_can_be_taken_back_and_reversals_follow(mall: Mall, nobody_at_once: None) -> None:
    sale = mall.book("North", mall.ann, 100)
    mall.switch(True)
    mall.take_back(sale, 0, 30)
    assert mall.balances(mall.ann) == {"points": (70, 70, 0)}


def test_the_rest_is_moved_some_at_a_time_and_then_it_is_over(mall: Mall, nobody_at_once: None) -> None:
    for customer in (mall.ann, mall.ben):
        mall.book("North", customer, 100)
    mall.switch(True)

    def step(limit: int) -> int:
        with unit_of_work(mall.made.id):
            return follow(account=mall.made.fresh(), at=NOW, limit=limit)

    with pytest.raises(BalancesMoving):
        mall.opt(mall.south, True)
    with pytest.raises(BalancesMoving):
        mall.switch(False)
    assert [step(1), step(5), step(5)] == [1, 1, 0]
    assert not mall.made.fresh().is_moving
    assert mall.balances(mall.ben) == {"points": (100, 100, 0)}
    mall.opt(mall.south, True)


def test_whenever_it_is_booked_the_losses_are_the_same(run_as_owner: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for at_once in (100, 0):
        monkeypatch.setattr(following, "AT_ONCE_MAX", at_once)
        mall = Mall(run_as_owner)
        campaigns = mall.made.fresh().campaigns_by_id
        make_depreciation(mall.made, campaigns[mall.north], interval_count=30, interval_unit="days", percentage_ppm=500_000)
        make_depreciation(
            mall.made, campaigns[mall.south], basis="last_transaction", interval_count=20, interval_unit="days",
            percentage_ppm=1_000_000,
        )  # fmt: skip
        make_fee(mall.made, campaigns[mall.south], interval_count=10, interval_unit="days", amount=3)
        mall.book("North", mall.ann, 100)
        mall.book("South", mall.ann, 40, 1)
        mall.switch(True, 15)  # one fee was due in South before
        with unit_of_work(mall.made.id):
            ledger.look_up(mall.made.fresh(), _query(mall, 45))
        losses = run_as_owner(
            "SELECT c.name, e.kind, e.amount, e.occurred_at FROM ledger_entries e JOIN campaigns_campaigns c"
            " ON c.account_id = e.account_id AND c.id = e.campaign_id WHERE e.account_id = %s AND e.kind IN ('expire', 'fee')"
            " ORDER BY e.occurred_at, e.id",
            mall.made.id,
        )  # fmt: skip
        found.append((losses, mall.balances(mall.ann)))
    assert found[0] == found[1]
    assert [row[1] for row in found[0][0]].count("fee") >= 2


# -- with a second tier -------------------------------------------------------------------------------------------------
def test_a_second_tier_stays_out_of_the_shared_balance(mall: Mall) -> None:
    with unit_of_work(mall.made.id):
        open_module(account=mall.made.fresh(), module="two_tier")
    terms = {"by": mall.made.owner, "at": NOW, "contribution_ppm": 100_000}
    with unit_of_work(mall.made.id):
        set_second_tier(account=mall.made.fresh(), master_campaign_id=mall.north, **terms)
    with pytest.raises(InvalidParameter, match="must opt out"):
        mall.switch(True)
    mall.opt(mall.north, True)
    mall.switch(True)
    with pytest.raises(InvalidParameter, match="must opt out"):
        mall.opt(mall.north, False)
    with pytest.raises(InvalidParameter, match="opt out"), unit_of_work(mall.made.id):
        set_second_tier(account=mall.made.fresh(), master_campaign_id=mall.south, **terms)


def test_a_new_campaign_of_a_coalition_shares_from_the_start(mall: Mall) -> None:
    mall.book("North", mall.ann, 10)
    mall.switch(True)
    east = make_campaign(mall.made, name="East")
    assert east.pool_id == mall.made.fresh().coalition_pool_points_id
    mall.book("East", mall.ann, -10)
    assert mall.balances(mall.ann) == {"points": (0, 10, 0)}


def test_an_empty_account_becomes_a_coalition() -> None:
    made = make_account()
    assert make_coalition(made) == Switched(True, True, 0, (), True)


# -- merging ------------------------------------------------------------------------------------------------------------
def test_a_merge_in_a_coalition_changes_no_campaigns_total(mall: Mall, run_as_owner: Rows) -> None:
    mall.book("North", mall.ann, 100)
    mall.book("South", mall.ben, 30)
    mall.switch(True)
    mall.book("South", mall.ann, -60)
    mall.book("North", mall.ben, 5)
    mall.opt(mall.north, True)

    def totals() -> list[tuple[int, int]]:
        return run_as_owner(
            "SELECT campaign_id, sum(amount) FROM ledger_entries WHERE account_id = %s GROUP BY 1 ORDER BY 1", mall.made.id
        )

    before = totals()
    with unit_of_work(mall.made.id):
        ledger.move(
            account=mall.made.fresh(), from_customer_id=mall.ann, to_customer_id=mall.ben, by=mall.made.owner.id, at=NOW,
            description="Merged.",
        )  # fmt: skip
    assert totals() == before
    assert mall.balances(mall.ben) == {"points": (30, 30, 0), "North": (45, 105, 0)}
    mall.opt(mall.north, False)
    assert mall.balances(mall.ben) == {"points": (75, 135, 0)}
    mall.book("South", mall.ben, -75)


def test_who_was_not_moved_yet_can_be_merged(mall: Mall, nobody_at_once: None) -> None:
    mall.book("North", mall.ann, 100)
    mall.book("South", mall.ben, 30)
    mall.switch(True)
    with unit_of_work(mall.made.id):
        ledger.move(
            account=mall.made.fresh(), from_customer_id=mall.ann, to_customer_id=mall.ben, by=mall.made.owner.id, at=NOW,
            description="Merged.",
        )  # fmt: skip
    assert mall.balances(mall.ben) == {"points": (130, 130, 0)}
