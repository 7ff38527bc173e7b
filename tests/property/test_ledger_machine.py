# SPDX-License-Identifier: Apache-2.0
"""Any sequence of what tills do, on all five kinds of campaigns, against the model ledger; then the books are verified."""

from __future__ import annotations

import dataclasses
import math
from datetime import timedelta
from fractions import Fraction

import psycopg
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from regulars.accounts.directory import PromotionConfig
from regulars.campaigns.operations.campaign import create_campaign
from regulars.campaigns.operations.parts import add_item
from regulars.campaigns.operations.schedules import add_depreciation, add_fee
from regulars.campaigns.rules import points_for
from regulars.customers.operations import enrol
from regulars.customers.rules import Profile
from regulars.errors import AlreadyReversed, InsufficientBalance, InvalidParameter, KeyReused, UnexpectedBalance
from regulars.kit.db import unit_of_work
from regulars.ledger.books import Posted, Posting, Query
from regulars.ledger.explain import explain_balance
from regulars.ledger.operations import look_up, post, reverse
from regulars.ledger.rules import plan_for
from regulars.ledger.verify import verify
from regulars.transactions.merge import merge_customers
from tests.factories import NOW, make_account, unique_name
from tests.property.model import Loss, ModelBalance

KINDS = {
    "points": [Loss("T", 30, 50), Loss("T", 61, 100)],
    "giftcard": [Loss("L", 45, 100), Loss("F", 20, 7)],
    "events": [],
    "earned": [],
    "buyx": [],
}
AMOUNTS = st.integers(1, 120)


class LedgerMachine(RuleBasedStateMachine):
    owner_url = ""

    @initialize()
    def open(self) -> None:
        self.at = NOW
        made = make_account()
        self.campaigns: dict[str, int] = {}
        with unit_of_work(made.id):
            for kind in KINDS:
                self.campaigns[kind] = create_campaign(
                    account=made.fresh(), by=made.owner, at=self.at, kind=kind, name=kind,
                    amount_per_event_minor=100 if kind == "earned" else None,
                ).id  # fmt: skip
            for kind, losses in KINDS.items():
                for loss in losses:
                    where = {"account": made.fresh(), "by": made.owner, "at": self.at, "campaign_id": self.campaigns[kind]}
                    if loss.basis == "F":
                        add_fee(**where, interval_count=loss.days, interval_unit="days", amount=loss.share, description="Fee")
                    else:
                        basis = "per_transaction" if loss.basis == "T" else "last_transaction"
                        add_depreciation(
                            **where, basis=basis, interval_count=loss.days, interval_unit="days",
                            percentage_ppm=loss.share * 10_000,
                        )  # fmt: skip
            self.item_id = add_item(
                account=made.fresh(),
                by=made.owner,
                at=self.at,
                campaign_id=self.campaigns["buyx"],
                description="Coffee",
                level=5,
            )
            self.account = made.fresh()
            profile = Profile(card_number="1234")
            self.customer_id = enrol(account=self.account, profile=profile, by=made.owner.id, at=self.at, code="first").id
        self.owner = made.owner
        self.models = {kind: ModelBalance(losses) for kind, losses in KINDS.items()}
        self.carried = Fraction(0)
        self.keys: list[tuple[Posting, Posted]] = []

    def teardown(self) -> None:
        if not hasattr(self, "account"):
            return
        with psycopg.connect(self.owner_url) as connection, connection.cursor() as cursor:
            assert verify(cursor, [self.account.id]) == []

    def tick(self) -> None:
        self.at += timedelta(hours=1)
        for model in self.models.values():
            model.advance(self.at)

    def posting(self, kind: str, amount: int, days_ago: int = 0, key: str | None = None) -> Posting:
        campaign = self.account.campaigns_by_id[self.campaigns[kind]]
        occurred_at = self.at - timedelta(days=days_ago)
        plan = plan_for(self.account, campaign, occurred_at, self.at)
        return Posting(
            account_id=self.account.id, config_version=self.account.version, kind="earn" if amount > 0 else "redeem",
            campaign_id=campaign.id, pool_id=campaign.pool_id, amount=amount, user_id=self.owner.id,
            occurred_at=occurred_at, recorded_at=self.at, rules_version=plan.rules_version, code="first",
            item_id=self.item_id if kind == "buyx" else 0, expires_at=plan.expires_at, next_change_at=plan.next_change_at,
            idempotency_key=key, fingerprint=f"{kind} {amount}".encode() if key else None,
        )  # fmt: skip

    def post(self, posting: Posting) -> Posted:
        with unit_of_work(self.account.id):
            return post(self.account, posting)

    @rule(kind=st.sampled_from(sorted(KINDS)), amount=AMOUNTS, days_ago=st.sampled_from([0, 0, 0, 3, 40, 70]))
    def earn(self, kind: str, amount: int, days_ago: int) -> None:
        self.tick()
        posting = self.posting(kind, amount, days_ago, key=unique_name())
        posted = self.post(posting)
        self.models[kind].earn(posted.entry_id, amount, posting.occurred_at, self.at)
        self.keys.append((posting, posted))

    @rule(
        amount_minor=st.integers(1, 2_000),
        ratio_ppm=st.sampled_from([50_000, 333_333, 5_000_000]),
        promotion=st.sampled_from([None, ("x", 1_250_000), ("x", 999_999), ("+", 10), ("+", -3)]),
        rounding=st.sampled_from(["down", "nearest", "up"]),
        carries=st.booleans(),
    )
    def buy(self, amount_minor: int, ratio_ppm: int, promotion: tuple[str, int] | None, rounding: str, carries: bool) -> None:
        """A sale under settings of its own; verify computes its points from the entry alone (I17)."""
        self.tick()
        sign, size = promotion or ("x", 1_000_000)
        offer = PromotionConfig(1, 1, sign, size, size, "", "", None, None) if promotion else None
        campaign = dataclasses.replace(
            self.account.campaigns_by_id[self.campaigns["points"]],
            points_ratio_ppm=ratio_ppm, rounding=rounding, carries_remainder=carries,
        )  # fmt: skip
        earned = points_for(campaign, self.account.currency, amount_minor, offer)
        posting = self.posting("points", 1)._replace(
            amount=earned.points, remainder=earned.remainder, calculation=earned.calculation, purchase_minor=amount_minor
        )
        posted = self.post(posting)
        assert posted.amount == self.worth(Fraction(amount_minor * ratio_ppm, 10**8), promotion, rounding, carries)
        self.models["points"].earn(posted.entry_id, posted.amount, posting.occurred_at, self.at)
        if not posted.amount:
            del self.models["points"].entries[posted.entry_id]  # there is nothing to take back

    def worth(self, points: Fraction, promotion: tuple[str, int] | None, rounding: str, carries: bool) -> int:
        """What a sale should earn, said in fractions."""
        if promotion and promotion[0] == "x":
            points *= Fraction(promotion[1], 10**6)
        whole = {"down": math.floor(points), "up": math.ceil(points), "nearest": math.floor(points + Fraction(1, 2))}[rounding]
        cut = points - whole
        if promotion and promotion[0] == "+":
            whole += promotion[1]
            if whole < 0:
                whole, cut = 0, Fraction(0)
        if carries and rounding == "down":
            self.carried += cut
            whole += math.floor(self.carried)
            self.carried -= math.floor(self.carried)
        return whole

    @rule(kind=st.sampled_from(sorted(KINDS)), amount=AMOUNTS)
    def redeem(self, kind: str, amount: int) -> None:
        self.tick()
        posting = self.posting(kind, -amount, key=unique_name())
        if amount > self.models[kind].balance:
            with pytest.raises(InsufficientBalance):
                self.post(posting)
            return
        posted = self.post(posting)
        self.models[kind].redeem(posted.entry_id, amount, self.at)
        self.keys.append((posting, posted))

    @rule(data=st.data(), part=st.none() | AMOUNTS, is_delete=st.booleans())
    @precondition(lambda self: any(model.entries for model in self.models.values()))
    def take_back(self, data: st.DataObject, part: int | None, is_delete: bool) -> None:
        self.tick()
        choices = [(kind, entry_id) for kind, model in sorted(self.models.items()) for entry_id in sorted(model.entries)]
        kind, entry_id = data.draw(st.sampled_from(choices))
        entry = self.models[kind].entries[entry_id]
        left = abs(entry.amount) - entry.reversed
        amount = None if is_delete else part

        def take() -> int:
            with unit_of_work(self.account.id):
                done = reverse(
                    account=self.account, entry_id=entry_id, by=self.owner.id, at=self.at, amount=amount, is_delete=is_delete
                )
            return 0 if done.is_replay else abs(done.amount)

        if amount is not None and amount > left:
            with pytest.raises(AlreadyReversed if left == 0 else InvalidParameter):
                take()
            return
        taken = take()
        assert taken == (left if amount is None else amount)
        if taken:
            self.models[kind].reverse(entry_id, taken, self.at)

    @rule(data=st.data())
    @precondition(lambda self: self.keys)
    def retry(self, data: st.DataObject) -> None:
        self.tick()
        posting, first = data.draw(st.sampled_from(self.keys))
        again = self.post(posting)
        assert again.is_replay
        assert (again.entry_id, again.amount, again.balance) == (first.entry_id, first.amount, first.balance)

    @rule(data=st.data())
    @precondition(lambda self: self.keys)
    def reuse_a_key_for_something_else(self, data: st.DataObject) -> None:
        self.tick()
        posting, _ = data.draw(st.sampled_from(self.keys))
        with pytest.raises(KeyReused):
            self.post(self.posting("events", 500, key=posting.idempotency_key))

    @rule(kind=st.sampled_from(sorted(KINDS)), off=st.integers(1, 5))
    def expect_another_balance(self, kind: str, off: int) -> None:
        self.tick()
        posting = self.posting(kind, 1)
        wrong = posting._replace(expected_balance=self.models[kind].balance + off)
        with pytest.raises(UnexpectedBalance):
            self.post(wrong)

    @rule()
    def merge(self) -> None:
        """The record becomes part of a new one; the old code still finds it, and what was recorded can still be taken back."""
        self.tick()
        with unit_of_work(self.account.id):
            stays = enrol(account=self.account, profile=Profile(), by=self.owner.id, at=self.at, code=unique_name()).id
            merge_customers(account=self.account, by=self.owner, at=self.at, customer_id=stays, gone_id=self.customer_id)
        self.customer_id = stays

    @rule(kind=st.sampled_from(sorted(KINDS)), days=st.sampled_from([1, 30, 65, 200]))
    def explain_and_see_it_come_true(self, kind: str, days: int) -> None:
        """All sums of an explanation are the balance, and what it says will expire does."""
        self.tick()
        pool_id, until = self.account.campaigns_by_id[self.campaigns[kind]].pool_id, self.at + timedelta(days=days)
        with unit_of_work(self.account.id):
            said = explain_balance(
                account=self.account, customer_id=self.customer_id, pool_id=pool_id,
                item_id=self.item_id if kind == "buyx" else 0, at=self.at, until=until, length=500,
            )  # fmt: skip
        model = self.models[kind]
        assert (said.balance, said.cumulative, said.debt) == (model.balance, model.cumulative, model.debt)
        assert sum(total.amount for total in said.totals) == sum(line.amount for line in said.lines) == said.balance
        assert sum(lot.remaining for lot in said.lots) - said.debt == said.balance
        assert said.stays + sum(loss.amount for loss in said.losses) - said.debt == said.balance
        assert sum(line.debt_change for line in said.lines) == said.debt
        self.at = until
        model.advance(until)
        assert model.balance == said.stays - said.debt

    @rule(days=st.sampled_from([1, 5, 19, 20, 30, 45, 61, 200]))
    def wait(self, days: int) -> None:
        self.at += timedelta(days=days)

    @invariant()
    def balances_agree(self) -> None:
        if not hasattr(self, "account"):
            return
        self.tick()
        with unit_of_work(self.account.id):
            found = look_up(self.account, Query(self.account.id, self.account.version, self.at, code="first"))
        real = {row.campaign_id: (row.balance, row.cumulative) for row in found.memberships}
        for kind, model in self.models.items():
            assert real.get(self.campaigns[kind], (0, 0)) == (model.balance, model.cumulative), kind


def test_the_ledger_agrees_with_the_model(owner_url: str) -> None:
    LedgerMachine.owner_url = owner_url
    LedgerMachine.TestCase.settings = settings(stateful_step_count=30)
    test = LedgerMachine.TestCase("runTest")
    result = test.run()
    assert result is not None
    assert result.wasSuccessful(), (result.errors or result.failures)[0][1]
