# SPDX-License-Identifier: Apache-2.0
"""The effect of changed terms on real sales is what the same sales give where the terms were so from the start."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from regulars.accounts.directory import AccountConfig, CampaignConfig
from regulars.campaigns.examples import with_terms
from regulars.campaigns.operations import update_promotion
from regulars.errors import RegularsError
from regulars.kit.db import unit_of_work
from regulars.ledger.models import Entry
from regulars.reports import effects
from regulars.reports.effects import DAYS, effect_of_promotion, effect_of_terms
from regulars.transactions.operations import record_activity
from regulars.transactions.queries import get_transaction
from regulars.transactions.reverse import delete_transaction, reverse_transaction
from regulars.transactions.terms import Terms
from tests.factories import NOW, MadeAccount, make_account, make_campaign, make_customer, make_promotion

Plan = list[tuple[int, int | None, str, datetime]]
"""Sales to be: which customer, minor units, which promotion ("" = none), when."""


@dataclass
class Store:
    """An account with one points campaign, two promotions and three customers."""

    made: MadeAccount
    number: str
    promotions: dict[str, int]
    customers: list[int]

    @property
    def account(self) -> AccountConfig:
        return self.made.fresh()

    @property
    def campaign(self) -> CampaignConfig:
        return self.account.campaigns[self.number]

    def sell(self, plan: Plan) -> int:
        """Record the sales that can be; return how many can not."""
        account, refused = self.account, 0
        campaign = account.campaigns[self.number]
        for customer, amount_minor, promotion, at in plan:
            try:
                with unit_of_work(self.made.id):
                    record_activity(
                        account=account, by=self.made.owner, campaign=campaign, amount_minor=amount_minor,
                        promotion=campaign.promotions[self.promotions[promotion]] if promotion else None,
                        terms=Terms(occurred_at=at, recorded_at=at, customer_id=self.customers[customer]),
                    )  # fmt: skip
            except RegularsError:
                refused += 1
        return refused

    def issued(self, *, of_money: bool = False) -> int:
        with unit_of_work(self.made.id):
            earned = Entry.objects.filter(account_id=self.made.id, kind="earn")
            rows = earned.exclude(purchase_minor=None) if of_money else earned
            return sum(rows.values_list("amount", flat=True))

    def effect_of(self, **terms: Any) -> effects.Effect:
        with unit_of_work(self.made.id):
            changed = with_terms(self.campaign, **terms)
            return effect_of_terms(account=self.account, campaign=self.campaign, changed=changed, at=NOW)


def open_store(**terms: Any) -> Store:
    made = make_account()
    campaign = make_campaign(made, **{"points_ratio_ppm": 5_000_000, "at": NOW - timedelta(days=90)} | terms)
    promotions = {
        "double": make_promotion(made, campaign, operation="x", multiplier_ppm=1_333_000),
        "minus": make_promotion(made, campaign, points=-30),
    }
    return Store(made, campaign.number, promotions, [make_customer(made).id for _ in range(3)])


def a_month(seed: int, count: int = 60) -> Plan:
    rng = random.Random(seed)
    begin = NOW - timedelta(days=DAYS - 1)
    days = sorted(rng.uniform(0, DAYS - 2) for _ in range(count))
    return [
        (rng.randrange(3), rng.randrange(1, 2_000), rng.choice(["", "", "", "double", "minus"]), begin + timedelta(days=day))
        for day in days
    ]


TERMS = [
    {"points_ratio_ppm": 7_500_000},
    {"points_ratio_ppm": 123_457, "rounding": "up"},
    {"rounding": "nearest"},
    {"carries_remainder": True},
    {"points_ratio_ppm": 333_333, "carries_remainder": True},
]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("terms", TERMS)
def test_issued_after_is_what_the_same_sales_give_under_the_new_terms(terms: dict[str, Any], seed: int) -> None:
    store, twin = open_store(), open_store(**terms)
    plan = a_month(seed)
    assert (store.sell(plan), twin.sell(plan)) == (0, 0)
    found = store.effect_of(**terms)
    assert (found.before, found.after) == (store.issued(), twin.issued())
    assert (found.sale_count, found.purchase_minor) == (len(plan), sum(minor or 0 for _, minor, _, _ in plan))
    assert (found.left_out_count, found.refused_count, found.is_sample) == (0, 0, False)


def test_a_campaign_that_carried_is_computed_without_carrying() -> None:
    store, twin = open_store(carries_remainder=True), open_store(points_ratio_ppm=2_000_000)
    plan = a_month(3)
    store.sell(plan)
    twin.sell(plan)
    assert store.effect_of(points_ratio_ppm=2_000_000, carries_remainder=False).after == twin.issued()


@pytest.mark.parametrize("carries", [False, True])
def test_terms_that_stay_change_no_sale(carries: bool) -> None:
    store = open_store(carries_remainder=carries)
    store.sell(a_month(4))
    found = store.effect_of()
    assert (found.changed_count, found.after) == (0, found.before)


PROMOTIONS: dict[str, dict[str, Any]] = {
    "other factor": {"multiplier_ppm": 2_500_000},
    "a bonus instead": {"operation": "+", "multiplier_ppm": 0, "points": 250},
    "over half way": {"ends_at": NOW - timedelta(days=15)},
}


@pytest.mark.parametrize("change", PROMOTIONS.values(), ids=PROMOTIONS.keys())
@pytest.mark.parametrize("carries", [False, True])
def test_a_changed_promotion_gives_what_the_same_sales_give_with_it(carries: bool, change: dict[str, Any]) -> None:
    store, twin = open_store(carries_remainder=carries), open_store(carries_remainder=carries)
    plan = a_month(5)
    store.sell(plan)
    with unit_of_work(twin.made.id):
        given = {name: value for name, value in change.items() if value != 0}
        update_promotion(
            account=twin.account, by=twin.made.owner, at=NOW, promotion_id=twin.promotions["double"],
            **{name: value for name, value in given.items() if name != "ends_at"},
        )  # fmt: skip
    ends_at = change.get("ends_at")
    # Nobody would have chosen it after its end: the same sale without it.
    twin.sell(
        [(who, minor, "" if ends_at and name == "double" and at >= ends_at else name, at) for who, minor, name, at in plan]
    )
    with unit_of_work(store.made.id):
        campaign = store.campaign
        changed = replace(campaign.promotions[store.promotions["double"]], **change)
        found = effect_of_promotion(account=store.account, campaign=campaign, changed=changed, at=NOW)
    assert (found.before, found.after) == (store.issued(), twin.issued())
    assert 0 < found.changed_count <= found.sale_count == len(plan)


def test_a_promotion_recorded_alone_could_not_have_been_a_multiplier() -> None:
    store = open_store()
    at = NOW - timedelta(days=2)
    store.sell([(0, 10_000, "", at), (0, None, "minus", at)])
    with unit_of_work(store.made.id):
        campaign = store.campaign
        changed = replace(campaign.promotions[store.promotions["minus"]], operation="x", multiplier_ppm=2_000_000, points=0)
        found = effect_of_promotion(account=store.account, campaign=campaign, changed=changed, at=NOW)
    assert (found.sale_count, found.refused_count, found.before, found.after) == (2, 1, 470, 500)


def test_what_was_taken_back_or_is_older_is_left_out() -> None:
    store = open_store()
    days = [(0, 1_000, "", NOW - timedelta(days=day)) for day in (40, 20, 10, 5)]
    store.sell(days)
    with unit_of_work(store.made.id):
        ids = list(Entry.objects.filter(account_id=store.made.id, kind="earn").order_by("id").values_list("id", flat=True))
        for entry_id, take_back in zip(ids[1:3], (_reverse, _delete), strict=True):
            take_back(store, entry_id)
    found = store.effect_of(points_ratio_ppm=6_000_000)
    assert (found.sale_count, found.left_out_count, found.before, found.after) == (1, 2, 50, 60)


def _reverse(store: Store, entry_id: int) -> None:
    recorded = get_transaction(account=store.account, by=store.made.owner, entry_id=entry_id)
    reverse_transaction(account=store.account, by=store.made.owner, at=NOW, recorded=recorded, amount=10)


def _delete(store: Store, entry_id: int) -> None:
    recorded = get_transaction(account=store.account, by=store.made.owner, entry_id=entry_id)
    delete_transaction(account=store.account, by=store.made.owner, at=NOW, recorded=recorded)


def test_a_large_account_is_looked_at_from_its_newest_entry_back_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store()
    store.sell([(0, 1_000, "", NOW - timedelta(days=day)) for day in range(20, 0, -1)])
    monkeypatch.setattr(effects, "SCANNED_MAX", 5)
    found = store.effect_of(points_ratio_ppm=6_000_000)
    assert (found.sale_count, found.before, found.after) == (5, 250, 300)
    assert found.is_sample
    assert found.since == NOW - timedelta(days=5)


def test_the_examples_are_the_smallest_the_middle_and_the_largest_sale() -> None:
    store = open_store()
    store.sell([(0, amount, "", NOW - timedelta(days=3)) for amount in (900, 100, 500, 700, 300)])
    found = store.effect_of(points_ratio_ppm=10_000_000)
    assert [(each.purchase_minor, each.before, each.after) for each in found.examples] == [
        (100, 5, 10), (500, 25, 50), (900, 45, 90),
    ]  # fmt: skip


def test_nothing_crosses_accounts(run_as_owner: Callable[..., Any]) -> None:
    store, other = open_store(), open_store()
    other.sell(a_month(6, 5))
    assert store.effect_of(points_ratio_ppm=1_000_000).sale_count == 0
