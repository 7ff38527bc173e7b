# SPDX-License-Identifier: Apache-2.0
"""
Any sequence of earning, redeeming, taking back, expiry, merging, opting out and in, switching the coalition on, off and back:
the invariants hold after every step, and moving changes no total.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from itertools import count

import psycopg
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from regulars.accounts.codes import open_module
from regulars.coalition.operations import change_campaign, set_second_tier, switch_coalition, undo_switch
from regulars.coalition.operations import following as following_module
from regulars.coalition.rules import SwitchStands
from regulars.customers.queries import get_customer
from regulars.errors import InsufficientBalance
from regulars.kit.db import unit_of_work
from regulars.ledger import operations as ledger
from regulars.ledger.verify import verify
from regulars.transactions.card_replace import replace_card
from regulars.transactions.merge import merge_customers
from regulars.transactions.operations import record_activity, redeem
from regulars.transactions.redeem import money_spending, points_spending
from regulars.transactions.terms import Terms
from tests.factories import NOW, make_account, make_campaign, make_customer, make_depreciation, make_fee

STORES = ("north", "south", "east", "card", "visit money")
KIND = {"card": "giftcard", "visit money": "earned"}
MAX_EXAMPLES = max(20, settings().max_examples // 5)
"""Each example makes an account of its own and switches it about: slower than the ledger's machine."""
Totals = dict[int, tuple[int, int]]


class CoalitionMachine(RuleBasedStateMachine):
    owner_url = ""

    @initialize(at_once=st.sampled_from([0, 100]), rounding=st.sampled_from(["down", "nearest", "up"]))
    def open(self, at_once: int, rounding: str) -> None:
        following_module.AT_ONCE_MAX = at_once  # 0: every customer follows at his next transaction only
        self.at = NOW
        self.made = make_account()
        options = {"points_ratio_ppm": 1_000_000}
        self.ids = {
            name: make_campaign(self.made, kind=KIND.get(name, "points"), name=name, **({} if name in KIND else options)).id
            for name in STORES
        }
        self.master = make_campaign(self.made, name="mall", coalition_opt_out=True).id
        config = self.made.fresh()
        make_depreciation(
            self.made,
            config.campaigns_by_id[self.ids["north"]],
            interval_count=40,
            interval_unit="days",
            percentage_ppm=500_000,
        )
        make_depreciation(
            self.made, config.campaigns_by_id[self.ids["south"]], basis="last_transaction", interval_count=50,
            interval_unit="days", percentage_ppm=1_000_000,
        )  # fmt: skip
        make_fee(self.made, config.campaigns_by_id[self.ids["east"]], interval_count=15, interval_unit="days", amount=3)
        self.cards = count()
        self.customers = [self.enrol(), self.enrol()]
        with unit_of_work(self.made.id):
            open_module(account=self.made.fresh(), module="coalition")
            open_module(account=self.made.fresh(), module="two_tier")
            set_second_tier(
                account=self.made.fresh(), by=self.made.owner, at=self.at, master_campaign_id=self.master,
                contribution_ppm=125_000, rounding=rounding,
            )  # fmt: skip
        self.entries: list[int] = []

    def enrol(self) -> int:
        return make_customer(self.made, card_number=str(next(self.cards))).id

    def teardown(self) -> None:
        following_module.AT_ONCE_MAX = 100
        if hasattr(self, "made"):
            self.check()

    def check(self) -> None:
        with psycopg.connect(self.owner_url) as connection, connection.cursor() as cursor:
            assert verify(cursor, [self.made.id]) == []

    def totals(self) -> Totals:
        """What each customer has by kind of value, once everything due is booked and everybody is in place."""
        with psycopg.connect(self.owner_url) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT b.customer_id, coalesce(sum(b.balance), 0), coalesce(sum(b.cumulative), 0) FROM ledger_balances b"
                " WHERE b.account_id = %s GROUP BY 1",
                [self.made.id],
            )
            return {row[0]: (int(row[1]), int(row[2])) for row in cursor.fetchall()}

    def settle(self) -> None:
        """Book what is due, and do the job's part: records that were merged away have no next transaction."""
        with unit_of_work(self.made.id):
            account = self.made.fresh()
            for customer_id in sorted({*self.customers, *ledger.list_unmoved(account=account, limit=1_000)}):
                ledger.settle(account=account, customer_id=customer_id, at=self.at)

    def terms(self, customer: int) -> Terms:
        return Terms(occurred_at=self.at, recorded_at=self.at, customer_id=self.customers[customer])

    @rule(store=st.sampled_from(STORES), customer=st.integers(0, 1), amount=st.integers(1, 90))
    def earn(self, store: str, customer: int, amount: int) -> None:
        self.at += timedelta(hours=1)
        with unit_of_work(self.made.id):
            account = self.made.fresh()
            receipt = record_activity(
                account=account, by=self.made.owner, campaign=account.campaigns_by_id[self.ids[store]],
                terms=self.terms(customer), amount_minor=amount * 100,
            )  # fmt: skip
        self.entries.append(receipt.posted.entry_id)

    @rule(store=st.sampled_from(STORES), customer=st.integers(0, 1), amount=st.integers(1, 90))
    def spend(self, store: str, customer: int, amount: int) -> None:
        self.at += timedelta(hours=1)
        with suppress(InsufficientBalance), unit_of_work(self.made.id):
            account = self.made.fresh()
            campaign = account.campaigns_by_id[self.ids[store]]
            spending = money_spending(account, amount * 100) if campaign.is_money else points_spending(amount)
            receipt = redeem(
                account=account, by=self.made.owner, campaign=campaign, terms=self.terms(customer), spending=spending
            )
            self.entries.append(receipt.posted.entry_id)

    @rule(data=st.data(), part=st.none() | st.integers(1, 30), is_delete=st.booleans())
    @precondition(lambda self: self.entries)
    def take_back(self, data: st.DataObject, part: int | None, is_delete: bool) -> None:
        self.at += timedelta(hours=1)
        entry = data.draw(st.sampled_from(self.entries))
        with psycopg.connect(self.owner_url) as connection:
            row = connection.execute(
                "SELECT abs(e.amount) - coalesce(v.reversed_amount, 0) FROM ledger_entries e LEFT JOIN ledger_reversals v"
                " ON v.account_id = e.account_id AND v.entry_id = e.id WHERE e.account_id = %s AND e.id = %s",
                [self.made.id, entry],
            ).fetchone()
        assert row is not None
        amount = None if is_delete or part is None or part > row[0] else part
        with unit_of_work(self.made.id):
            ledger.reverse(
                account=self.made.fresh(), entry_id=entry, by=self.made.owner.id, at=self.at, amount=amount, is_delete=is_delete
            )

    @rule(stays=st.integers(0, 1), by_card=st.booleans(), keeps_matched=st.booleans())
    def merge(self, stays: int, by_card: bool, keeps_matched: bool) -> None:
        """The two customers were one person; somebody else takes the free place."""
        self.settle()
        before = self.totals()
        customer_id, other_id = self.customers[stays], self.customers[1 - stays]
        with unit_of_work(self.made.id):
            account = self.made.fresh()
            if by_card:
                card = get_customer(account=account, customer_id=other_id).card_number
                replaced = replace_card(
                    account=account, by=self.made.owner, at=self.at, customer_id=customer_id, card_number=card, merges=True,
                    keeps_matched=keeps_matched,
                )  # fmt: skip
                kept = replaced.customer.id
            else:
                kept = merge_customers(
                    account=account, by=self.made.owner, at=self.at, customer_id=customer_id, gone_id=other_id
                ).customer.id
        self.check()
        after = self.totals()
        gone = other_id if kept == customer_id else customer_id
        assert kept == (customer_id if keeps_matched or not by_card else other_id)
        assert after.get(gone, (0, 0))[0] == 0
        assert after.get(kept, (0, 0)) == tuple(
            map(sum, zip(*(before.get(each, (0, 0)) for each in self.customers), strict=True))
        )
        self.customers = [kept, self.enrol()]

    @rule(days=st.sampled_from([1, 8, 16, 41, 60]))
    def wait(self, days: int) -> None:
        self.at += timedelta(days=days)

    @rule(store=st.sampled_from(STORES))
    def opt(self, store: str) -> None:
        self.settle()
        before = self.totals()
        with unit_of_work(self.made.id):
            account = self.made.fresh()
            is_out = account.campaigns_by_id[self.ids[store]].coalition_opt_out
            change_campaign(
                account=account, by=self.made.owner, at=self.at, campaign_id=self.ids[store], coalition_opt_out=not is_out
            )
        self.moved(before)

    @rule()
    def switch(self) -> None:
        self.settle()
        before = self.totals()
        with unit_of_work(self.made.id):
            account = self.made.fresh()
            switch_coalition(account=account, by=self.made.owner, at=self.at, on=not account.is_coalition)
        self.moved(before)

    @rule()
    def undo(self) -> None:
        self.settle()
        before = self.totals()
        with suppress(SwitchStands), unit_of_work(self.made.id):
            undo_switch(account=self.made.fresh(), by=self.made.owner, at=self.at)
        self.moved(before)

    def moved(self, before: Totals) -> None:
        self.check()
        self.settle()
        assert self.totals() == before


def test_no_sequence_of_sales_and_moves_breaks_an_invariant_or_changes_a_total(owner_url: str) -> None:
    CoalitionMachine.owner_url = owner_url
    CoalitionMachine.TestCase.settings = settings(stateful_step_count=25, max_examples=MAX_EXAMPLES)
    test = CoalitionMachine.TestCase("runTest")
    result = test.run()
    assert result is not None
    assert result.wasSuccessful(), (result.errors or result.failures)[0][1]
