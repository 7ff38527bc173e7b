# SPDX-License-Identifier: Apache-2.0
"""Depreciations and fees: kept in time, one after the other under one id, each change seen by the books."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from regulars.accounts.queries import get_account_config
from regulars.campaigns import limits, operations
from regulars.campaigns.queries import DepreciationNotFound, FeeNotFound, current_depreciations, current_fees
from regulars.errors import CampaignNotFound, InvalidParameter
from regulars.kit.db import unit_of_work
from tests.factories import NOW, MadeAccount, make_account, make_campaign, owner_of

LATER = NOW + timedelta(days=3)
YEARLY = {"basis": "per_transaction", "interval_count": 1, "interval_unit": "years", "percentage_ppm": 250_000}
MONTHLY_FEE = {"interval_count": 18, "interval_unit": "months", "amount": 100, "description": "Inactivity fee"}


@pytest.fixture
def alice() -> MadeAccount:
    return make_account()


def run(account: MadeAccount, operation: Any, /, **given: Any) -> Any:
    with unit_of_work(account.id):
        config = get_account_config(account.id)
        return operation(account=config, **{"by": owner_of(config), "at": NOW} | given)


def versions(account: MadeAccount) -> tuple[int, int]:
    config = account.fresh()
    return config.version, config.rules_version


def test_a_depreciation_is_kept_in_time_under_one_id(alice: MadeAccount) -> None:
    campaign = make_campaign(alice)
    rule = run(alice, operations.add_depreciation, campaign_id=campaign.id, **YEARLY)
    run(alice, operations.update_depreciation, rule_id=rule, percentage_ppm=1_000_000, at=LATER)
    old, new = alice.fresh().campaigns[campaign.number].depreciations
    assert (old.rule_id, old.percentage_ppm, old.valid_from, old.valid_to) == (rule, 250_000, NOW, LATER)
    assert (new.rule_id, new.percentage_ppm, new.valid_from, new.valid_to) == (rule, 1_000_000, LATER, None)
    assert (new.basis, new.interval_count, new.interval_unit) == ("per_transaction", 1, "years")
    assert current_depreciations(alice.fresh().campaigns[campaign.number]) == (new,)
    run(alice, operations.delete_depreciation, rule_id=rule, at=LATER + timedelta(days=1))
    after = alice.fresh().campaigns[campaign.number]
    assert current_depreciations(after) == ()
    assert len(after.depreciations) == 2
    with pytest.raises(DepreciationNotFound):
        run(alice, operations.update_depreciation, rule_id=rule, percentage_ppm=1)
    with pytest.raises(DepreciationNotFound):
        run(alice, operations.delete_depreciation, rule_id=rule)


def test_a_fee_is_kept_in_time_under_one_id(alice: MadeAccount) -> None:
    campaign = make_campaign(alice, kind="giftcard")
    rule = run(alice, operations.add_fee, campaign_id=campaign.id, **MONTHLY_FEE)
    run(alice, operations.update_fee, rule_id=rule, amount=250, description=" Fee ", at=LATER)
    old, new = alice.fresh().campaigns[campaign.number].fees
    assert (old.rule_id, old.amount, old.description, old.valid_to) == (rule, 100, "Inactivity fee", LATER)
    assert (new.rule_id, new.amount, new.description, new.valid_from, new.valid_to) == (rule, 250, "Fee", LATER, None)
    assert current_fees(alice.fresh().campaigns[campaign.number]) == (new,)
    run(alice, operations.delete_fee, rule_id=rule, at=LATER)
    assert current_fees(alice.fresh().campaigns[campaign.number]) == ()
    with pytest.raises(FeeNotFound):
        run(alice, operations.delete_fee, rule_id=rule)


def test_each_change_of_a_rule_raises_both_versions_and_no_other_change_raises_the_rules_version(alice: MadeAccount) -> None:
    campaign = make_campaign(alice)
    before = versions(alice)
    run(alice, operations.update_campaign, campaign_id=campaign.id, description="Calm")
    renamed = versions(alice)
    assert renamed[0] > before[0]
    assert renamed[1] == before[1]
    depreciation = run(alice, operations.add_depreciation, campaign_id=campaign.id, **YEARLY)
    fee = run(alice, operations.add_fee, campaign_id=campaign.id, **MONTHLY_FEE)
    seen = [renamed, versions(alice)]
    for operation, given in [
        (operations.update_depreciation, {"rule_id": depreciation, "percentage_ppm": 1}),
        (operations.delete_depreciation, {"rule_id": depreciation}),
        (operations.update_fee, {"rule_id": fee, "amount": 1}),
        (operations.delete_fee, {"rule_id": fee}),
    ]:
        run(alice, operation, **given, at=LATER)
        seen.append(versions(alice))
    for (config, rules), (next_config, next_rules) in pairwise(seen):
        assert next_config > config
        assert next_rules > rules


@pytest.mark.parametrize(
    ("count", "unit", "is_same"), [(1, "years", True), (12, "months", True), (365, "days", False), (2, "years", False)]
)
def test_two_depreciations_with_the_same_interval_are_refused(alice: MadeAccount, count: int, unit: str, is_same: bool) -> None:
    campaign, other = make_campaign(alice), make_campaign(alice)
    run(alice, operations.add_depreciation, campaign_id=campaign.id, **YEARLY)
    run(alice, operations.add_depreciation, campaign_id=other.id, **YEARLY)
    given = YEARLY | {"basis": "last_transaction", "interval_count": count, "interval_unit": unit}
    if not is_same:
        assert run(alice, operations.add_depreciation, campaign_id=campaign.id, **given) > 0
        return
    before = alice.fresh()
    with pytest.raises(operations.DepreciationExists) as caught:
        run(alice, operations.add_depreciation, campaign_id=campaign.id, **given)
    assert caught.value.message == "A depreciation for the time interval given already exists."
    assert alice.fresh() == before


def test_a_deleted_depreciation_leaves_its_interval_free_and_a_change_may_not_take_anothers(alice: MadeAccount) -> None:
    campaign = make_campaign(alice)
    first = run(alice, operations.add_depreciation, campaign_id=campaign.id, **YEARLY)
    run(alice, operations.delete_depreciation, rule_id=first)
    second = run(alice, operations.add_depreciation, campaign_id=campaign.id, **YEARLY)
    third = run(alice, operations.add_depreciation, campaign_id=campaign.id, **YEARLY | {"interval_count": 2})
    run(alice, operations.update_depreciation, rule_id=second, interval_count=12, interval_unit="months", at=LATER)
    with pytest.raises(operations.DepreciationExists):
        run(alice, operations.update_depreciation, rule_id=third, interval_count=1)


@pytest.mark.parametrize(
    ("given", "field", "text"),
    [
        ({"basis": "weekly"}, "basis", "Error with campaign depreciation settings"),
        ({"interval_count": 0}, "interval_count", "Error with campaign depreciation settings"),
        ({"interval_count": 101}, "interval_count", "Error with campaign depreciation settings"),
        ({"interval_unit": "weeks"}, "interval_unit", "Error with campaign depreciation settings"),
        ({"percentage_ppm": 0}, "percentage", "The percentage is not valid."),
        ({"percentage_ppm": 1_000_001}, "percentage", "The percentage is not valid."),
    ],
)
def test_a_bad_depreciation_is_refused_by_name(alice: MadeAccount, given: dict[str, Any], field: str, text: str) -> None:
    campaign = make_campaign(alice)
    rule = run(alice, operations.add_depreciation, campaign_id=campaign.id, **YEARLY | {"interval_count": 3})
    before = alice.fresh()
    for operation, target in (
        (operations.add_depreciation, YEARLY | {"campaign_id": campaign.id}),
        (operations.update_depreciation, {"rule_id": rule}),
    ):
        with pytest.raises(InvalidParameter) as caught:
            run(alice, operation, **target | given)
        assert (caught.value.fields, caught.value.message) == ((field,), text)
    assert alice.fresh() == before


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"interval_count": 1_201}, "interval_count"),
        ({"interval_unit": "hours"}, "interval_unit"),
        ({"amount": 0}, "amount"),
        ({"amount": -5}, "amount"),
        ({"description": ""}, "description"),
        ({"description": "x" * 256}, "description"),
    ],
)
def test_a_bad_fee_is_refused_by_name(alice: MadeAccount, given: dict[str, Any], field: str) -> None:
    campaign = make_campaign(alice)
    rule = run(alice, operations.add_fee, campaign_id=campaign.id, **MONTHLY_FEE)
    before = alice.fresh()
    for operation, target in (
        (operations.add_fee, MONTHLY_FEE | {"campaign_id": campaign.id}),
        (operations.update_fee, {"rule_id": rule}),
    ):
        with pytest.raises(InvalidParameter) as caught:
            run(alice, operation, **target | given)
        assert caught.value.fields == (field,)
    assert alice.fresh() == before


@pytest.mark.parametrize("kind", limits.KINDS)
def test_only_points_and_gift_cards_have_depreciations_and_fees(alice: MadeAccount, kind: str) -> None:
    campaign = make_campaign(alice, kind=kind)
    for operation, given in ((operations.add_depreciation, YEARLY), (operations.add_fee, MONTHLY_FEE)):
        if kind in ("points", "giftcard"):
            assert run(alice, operation, campaign_id=campaign.id, **given) > 0
            continue
        with pytest.raises(InvalidParameter) as caught:
            run(alice, operation, campaign_id=campaign.id, **given)
        assert caught.value.fields == ("campaign_id",)


def test_another_accounts_rules_are_not_found(alice: MadeAccount) -> None:
    campaign = make_campaign(alice)
    depreciation = run(alice, operations.add_depreciation, campaign_id=campaign.id, **YEARLY)
    fee = run(alice, operations.add_fee, campaign_id=campaign.id, **MONTHLY_FEE)
    carol, before = make_account(), alice.fresh()
    with pytest.raises(CampaignNotFound):
        run(carol, operations.add_depreciation, campaign_id=campaign.id, **YEARLY)
    with pytest.raises(DepreciationNotFound):
        run(carol, operations.update_depreciation, rule_id=depreciation, percentage_ppm=1)
    with pytest.raises(FeeNotFound):
        run(carol, operations.delete_fee, rule_id=fee)
    assert alice.fresh() == before


def test_a_rule_never_ends_before_it_began(alice: MadeAccount) -> None:
    campaign = make_campaign(alice)
    rule = run(alice, operations.add_depreciation, campaign_id=campaign.id, **YEARLY)
    run(alice, operations.delete_depreciation, rule_id=rule, at=NOW - timedelta(days=400))
    (closed,) = alice.fresh().campaigns[campaign.number].depreciations
    assert (closed.valid_from, closed.valid_to) == (NOW, NOW)
