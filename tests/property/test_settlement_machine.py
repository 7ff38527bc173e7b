# SPDX-License-Identifier: Apache-2.0
"""
Any sequence of earning, redeeming, taking back, deleting, expiry, opting out and in, switching, late postings and closing:
stores' net positions add up to zero, statements are what a scan of every row finds, closed ones never change, and what was
issued less what was taken back, redeemed and expired is what customers have.
"""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from regulars.coalition.frozen import Statement
from regulars.coalition.models import Settlement
from regulars.coalition.operations import close_settlement
from regulars.coalition.periods import get_statement
from regulars.kit.db import unit_of_work
from regulars.ledger import operations as ledger
from regulars.transactions.operations import record_activity
from regulars.transactions.terms import Terms
from tests.coalition.scan import Books, shown_flows, shown_lines
from tests.property.test_coalition_machine import KIND, MAX_EXAMPLES, STORES, CoalitionMachine

ZONE = ZoneInfo("America/New_York")
COST_PPM = 13_333


class SettlementMachine(CoalitionMachine):
    def __init__(self) -> None:
        super().__init__()
        self.closed: list[Statement] = []

    @rule(store=st.sampled_from(STORES), customer=st.integers(0, 1), amount=st.integers(1, 90), days=st.integers(1, 90))
    def earn_late(self, store: str, customer: int, amount: int, days: int) -> None:
        """A sale that is brought in days after it was made."""
        with unit_of_work(self.made.id):
            account = self.made.fresh()
            terms = Terms(occurred_at=self.at - timedelta(days=days), recorded_at=self.at, customer_id=self.customers[customer])
            receipt = record_activity(
                account=account, by=self.made.owner, campaign=account.campaigns_by_id[self.ids[store]], terms=terms,
                amount_minor=amount * 100,
            )  # fmt: skip
        self.entries.append(receipt.posted.entry_id)

    @rule(first=st.sampled_from(STORES), then=st.sampled_from(STORES), customer=st.integers(0, 1), amount=st.integers(1, 90))
    def owe(self, first: str, then: str, customer: int, amount: int) -> None:
        """What one store gave is spent at another, then taken back; the next sale pays the debt."""
        self.earn(first, customer, amount)
        sale = self.entries[-1]
        self.spend(then, customer, amount)
        with unit_of_work(self.made.id):
            ledger.reverse(account=self.made.fresh(), entry_id=sale, by=self.made.owner.id, at=self.at, is_delete=True)
        self.earn(then, customer, amount)
        self.scan()

    @rule(days_ago=st.integers(1, 3))
    def close(self, days_ago: int) -> None:
        day = self.at.astimezone(ZONE).date() - timedelta(days=days_ago)
        if self.closed and day <= self.closed[-1].last_date:
            return
        expected = self.statement(last_date=day)
        with unit_of_work(self.made.id):
            made = close_settlement(
                account=self.made.fresh(), by=self.made.owner, at=self.at, last_date=day, point_cost_ppm=COST_PPM
            )
        assert (made.lines, made.flows, made.debts) == (expected.lines, expected.flows, expected.debts)
        self.closed.append(made)
        self.scan()

    def statement(self, **asked: object) -> Statement:
        with unit_of_work(self.made.id):
            return get_statement(account=self.made.fresh(), at=self.at, point_cost_ppm=COST_PPM, **asked)  # type: ignore[arg-type]

    def scan(self) -> None:
        """The open statement is what a scan finds; the closed ones are as they were; together they are the books."""
        still_open = self.statement(last_date=self.at.astimezone(ZONE).date() + timedelta(days=1))
        books = Books.read(self.owner_url, self.made.id)
        with unit_of_work(self.made.id):
            last = Settlement.objects.filter(account_id=self.made.id).order_by("-last_date").first()
        starts_at, closed_id = (last.ends_at, last.last_entry_id) if last else (None, None)
        entries = books.counted(starts_at, self.at + timedelta(days=3), closed_id)
        assert shown_lines(still_open) == books.lines(entries)
        assert shown_flows(still_open) == books.flows(entries)
        statements = [self.statement(settlement_id=each.id) for each in self.closed]
        assert statements == self.closed
        for each in (*statements, still_open):
            assert sum(position.net_minor for position in each.positions) == 0
            honoured: dict[int, int] = {}
            for flow in each.flows:
                if flow.kind == "redeemed":
                    honoured[flow.taker_id] = honoured.get(flow.taker_id, 0) + flow.amount
            assert all(honoured.get(line.campaign_id, 0) == line.redeemed for line in each.lines)
        for is_money in (False, True):
            change = sum(line.change for each in (*statements, still_open) for line in each.lines if line.is_money is is_money)
            pools = {row.pool_id for row in books.entries.values() if (books.kinds[row.campaign_id] != "points") is is_money}
            assert change == sum(books.balances[pool] for pool in pools)

    def check(self) -> None:
        super().check()
        self.scan()


def test_whatever_happens_stores_settle_to_nothing_and_the_statements_are_the_books(owner_url: str) -> None:
    assert set(KIND.values()) == {"giftcard", "earned"}
    SettlementMachine.owner_url = owner_url
    SettlementMachine.TestCase.settings = settings(stateful_step_count=25, max_examples=MAX_EXAMPLES)
    test = SettlementMachine.TestCase("runTest")
    result = test.run()
    assert result is not None
    assert result.wasSuccessful(), (result.errors or result.failures)[0][1]
