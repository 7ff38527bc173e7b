# SPDX-License-Identifier: Apache-2.0
"""What can be done to campaigns and their parts, on the real database, and what is refused in which words."""

from __future__ import annotations

import random
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from regulars.accounts.directory import CampaignConfig
from regulars.accounts.queries import get_account_config
from regulars.campaigns import limits, operations, queries
from regulars.errors import (
    CampaignNotFound,
    InvalidParameter,
    ItemNotFound,
    MissingParameter,
    PromotionNotFound,
    RewardNotFound,
)
from regulars.kit.db import unit_of_work
from tests.factories import (
    NOW,
    MadeAccount,
    make_account,
    make_campaign,
    make_coalition,
    make_field,
    make_item,
    make_promotion,
    make_reward,
    make_user,
    owner_of,
)


@pytest.fixture
def alice() -> MadeAccount:
    return make_account()


def run(account: MadeAccount, operation: Any, /, **given: Any) -> Any:
    """Run an operation as the owner, in the account's unit of work."""
    with unit_of_work(account.id):
        config = get_account_config(account.id)
        return operation(account=config, **{"by": owner_of(config), "at": NOW} | given)


def fresh(account: MadeAccount, campaign: CampaignConfig) -> CampaignConfig:
    return account.fresh().campaigns[campaign.number]


# -- campaigns -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", limits.KINDS)
def test_a_new_campaign_is_active_and_has_the_documented_defaults(alice: MadeAccount, kind: str) -> None:
    campaign = make_campaign(alice, kind=kind, name=f"My {kind}")
    assert (campaign.kind, campaign.name, campaign.state) == (kind, f"My {kind}", "active")
    assert campaign.points_ratio_ppm == 100_000_000
    assert campaign.reward_ratio_ppm is None
    assert (campaign.rounding, campaign.carries_remainder) == ("down", False)
    assert campaign.created_at == NOW
    assert campaign.pool_id == campaign.id
    assert len(campaign.number) == 16
    assert campaign.number.isdecimal()


def test_numbers_come_from_the_given_source_and_skip_taken_ones(alice: MadeAccount) -> None:
    first = make_campaign(alice, rng=random.Random(7))
    second = make_campaign(alice, rng=random.Random(7))
    assert first.number != second.number


@pytest.mark.parametrize(
    ("given", "field", "text"),
    [
        ({"kind": "lottery"}, "kind", "Error with campaign type"),
        ({"name": ""}, "name", "Error with campaign name"),
        ({"name": "   "}, "name", "Error with campaign name"),
        ({"name": "x" * 31}, "name", "Error with campaign name"),
        ({"points_ratio_ppm": 0}, "points_ratio", "Error with campaign points-per-USD ratio"),
        ({"points_ratio_ppm": -1}, "points_ratio", "Error with campaign points-per-USD ratio"),
        ({"points_ratio_ppm": limits.RATIO_PPM_MAX + 1}, "points_ratio", "Error with campaign points-per-USD ratio"),
        ({"reward_ratio_ppm": 0}, "reward_ratio", "Error with campaign spend-to-reward ratio"),
        ({"kind": "earned"}, "amount_per_event", "Error with campaign earn-per-event amount"),
        ({"kind": "earned", "amount_per_event_minor": 0}, "amount_per_event", "Error with campaign earn-per-event amount"),
        ({"amount_per_event_minor": 5}, "amount_per_event", "Error with campaign earn-per-event amount"),
        ({"kind": "giftcard", "points_ratio_ppm": 1}, "points_ratio", "Error with campaign points-per-USD ratio"),
        ({"kind": "events", "reward_ratio_ppm": 1}, "reward_ratio", "Error with campaign spend-to-reward ratio"),
        ({"latitude": "90.000001"}, "latitude", None),
        ({"latitude": "north"}, "latitude", None),
        ({"longitude": "-180.1"}, "longitude", None),
        ({"longitude": "1.2345678"}, "longitude", None),
        ({"longitude": "1e2"}, "longitude", None),
        ({"description": "x" * 2001}, "description", None),
        ({"rounding": "sideways"}, "rounding", None),
        ({"kind": "buyx", "rounding": "up"}, "rounding", "rounding is not valid: only points campaigns have it"),
        ({"default_item_level": 9}, "default_item_level", None),
        ({"kind": "buyx", "default_item_level": 0}, "default_item_level", None),
        ({"kind": "events", "carries_remainder": True}, "carry_remainder", None),
    ],
)
def test_a_bad_setting_is_refused_by_name_and_nothing_is_made(
    alice: MadeAccount, given: dict[str, Any], field: str, text: str | None
) -> None:
    before = alice.fresh()
    with pytest.raises((InvalidParameter, MissingParameter)) as caught:
        run(alice, operations.create_campaign, **{"kind": "points", "name": "Bean points"} | given)
    assert caught.value.fields == (field,)
    assert caught.value.message == text if text else caught.value.message.startswith(f"{field} is not valid: ")
    assert alice.fresh() == before


@pytest.mark.parametrize(("given", "kept"), [("-36.850000", "-36.85"), ("+9,5", "9.5"), ("-0.0", "0"), ("", ""), ("090", "90")])
def test_degrees_are_kept_in_one_form(alice: MadeAccount, given: str, kept: str) -> None:
    assert make_campaign(alice, latitude=given).latitude == kept


def test_a_name_is_taken_for_ever_in_its_account_and_free_in_another(alice: MadeAccount) -> None:
    campaign = make_campaign(alice, name="Bean points")
    run(alice, operations.delete_campaign, campaign_id=campaign.id)
    with pytest.raises(operations.CampaignNameTaken) as caught:
        make_campaign(alice, kind="events", name=" Bean points ")
    assert caught.value.message == "Error with campaign name"
    assert caught.value.fields == ("name",)
    assert make_campaign(make_account(), name="Bean points").name == "Bean points"


def test_of_two_who_take_a_name_at_once_one_gets_it(alice: MadeAccount) -> None:
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def create() -> None:
        barrier.wait()
        try:
            make_campaign(alice, name="Only one")
            outcomes.append("made")
        except operations.CampaignNameTaken:
            outcomes.append("taken")
        finally:
            connection.close()

    threads = [threading.Thread(target=create) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made", "taken"]
    assert [campaign.name for campaign in alice.fresh().campaigns.values()] == ["Only one"]


def test_who_sees_only_some_campaigns_sees_the_one_he_made(alice: MadeAccount) -> None:
    other = make_campaign(alice)
    bob = make_user(alice, role="M", campaigns_access="some", allowed_campaign_ids=frozenset({other.id}))
    mine = make_campaign(alice, by=bob.user)
    after = alice.fresh()
    assert after.users_by_id[bob.user.id].allowed_campaign_ids == {other.id, mine.id}
    assert owner_of(after).allowed_campaign_ids == frozenset()


def test_an_update_changes_what_is_given_and_nothing_else(alice: MadeAccount) -> None:
    campaign = make_campaign(alice, reward_ratio_ppm=20_000_000, description="Old", latitude="1")
    version = alice.fresh().version
    run(alice, operations.update_campaign, campaign_id=campaign.id, name="New name", points_ratio_ppm=5_000_000)
    changed = fresh(alice, campaign)
    assert (changed.name, changed.points_ratio_ppm) == ("New name", 5_000_000)
    assert (changed.reward_ratio_ppm, changed.description, changed.latitude) == (20_000_000, "Old", "1")
    assert alice.fresh().version > version
    run(
        alice, operations.update_campaign, campaign_id=campaign.id, reward_ratio_ppm=None, rounding="nearest",
        carries_remainder=True, description="", two_tier_opt_out=True, coalition_opt_out=True,
    )  # fmt: skip
    changed = fresh(alice, campaign)
    assert (changed.reward_ratio_ppm, changed.rounding, changed.carries_remainder) == (None, "nearest", True)
    assert (changed.description, changed.two_tier_opt_out, changed.coalition_opt_out) == ("", True, True)


def test_an_update_without_changes_does_not_raise_the_version(alice: MadeAccount) -> None:
    campaign = make_campaign(alice)
    version = alice.fresh().version
    run(alice, operations.update_campaign, campaign_id=campaign.id)
    assert alice.fresh().version == version


def test_a_campaign_may_keep_its_own_name_but_not_take_anothers(alice: MadeAccount) -> None:
    campaign = make_campaign(alice, name="Mine")
    make_campaign(alice, name="Other")
    run(alice, operations.update_campaign, campaign_id=campaign.id, name="Mine", description="Same")
    assert fresh(alice, campaign).description == "Same"
    with pytest.raises(operations.CampaignNameTaken):
        run(alice, operations.update_campaign, campaign_id=campaign.id, name="Other")


@pytest.mark.parametrize("kind", limits.KINDS)
def test_in_a_coalition_points_and_money_share_a_pool_unless_opted_out(kind: str) -> None:
    made = make_account()
    make_coalition(made)
    account = made.fresh()
    points, money = account.coalition_pool_points_id, account.coalition_pool_money_id
    joined, alone = make_campaign(made, kind=kind), make_campaign(made, kind=kind, coalition_opt_out=True)
    shared = {"points": points, "giftcard": money, "earned": money}.get(kind, joined.id)
    assert (joined.pool_id, alone.pool_id) == (shared, alone.id)


def test_on_hold_and_back_and_deleted(alice: MadeAccount) -> None:
    campaign = make_campaign(alice)
    for _ in range(2):
        run(alice, operations.deactivate_campaign, campaign_id=campaign.id)
        assert fresh(alice, campaign).state == "on_hold"
    for _ in range(2):
        run(alice, operations.reactivate_campaign, campaign_id=campaign.id)
        assert fresh(alice, campaign).state == "active"
    run(alice, operations.delete_campaign, campaign_id=campaign.id)
    assert campaign.number not in alice.fresh().campaigns
    with pytest.raises(CampaignNotFound):
        run(alice, operations.reactivate_campaign, campaign_id=campaign.id)


def test_nothing_reaches_into_another_account(alice: MadeAccount) -> None:
    campaign = make_campaign(alice)
    buyx = make_campaign(alice, kind="buyx")
    reward, promotion, item = make_reward(alice, campaign), make_promotion(alice, campaign), make_item(alice, buyx)
    carol = make_account()
    before = alice.fresh()
    for operation, given, error in [
        (operations.update_campaign, {"campaign_id": campaign.id, "name": "Stolen"}, CampaignNotFound),
        (operations.deactivate_campaign, {"campaign_id": campaign.id}, CampaignNotFound),
        (operations.delete_campaign, {"campaign_id": campaign.id}, CampaignNotFound),
        (operations.add_reward, {"campaign_id": campaign.id, "level": 1, "description": "x"}, CampaignNotFound),
        (operations.update_reward, {"reward_id": reward, "level": 1}, RewardNotFound),
        (operations.delete_reward, {"reward_id": reward}, RewardNotFound),
        (operations.update_promotion, {"promotion_id": promotion, "points": 5}, PromotionNotFound),
        (operations.delete_promotion, {"promotion_id": promotion}, PromotionNotFound),
        (operations.update_item, {"item_id": item, "level": 1}, ItemNotFound),
        (operations.delete_item, {"item_id": item}, ItemNotFound),
    ]:
        with pytest.raises(error):
            run(carol, operation, **given)
    assert alice.fresh() == before


def test_a_user_gets_only_campaigns_he_may_see_and_that_are_active(alice: MadeAccount) -> None:
    seen, hidden, held = make_campaign(alice, name="A"), make_campaign(alice, kind="events", name="B"), make_campaign(alice)
    run(alice, operations.deactivate_campaign, campaign_id=held.id)
    bob = make_user(alice, role="K", campaigns_access="some", allowed_campaign_ids=frozenset({seen.id, held.id}))
    account = bob.account
    assert [one.id for one in queries.list_campaigns(account=account, by=bob.user)] == [seen.id]
    assert [one.id for one in queries.list_campaigns(account=account, by=bob.user, state="on_hold")] == [held.id]
    assert queries.list_campaigns(account=account, by=bob.user, kinds=["events"]) == ()
    assert [one.id for one in queries.list_campaigns(account=account, by=owner_of(account), kinds=["events"])] == [hidden.id]
    for number in (hidden.number, held.number, "0000000000000000"):
        with pytest.raises(CampaignNotFound, match=r"^Campaign not valid or deactivated\.$") as caught:
            queries.get_campaign(account=account, by=bob.user, number=number)
        assert caught.value.fields == ("campaign_id",)
    assert queries.get_campaign(account=account, by=bob.user, number=held.number, include_on_hold=True).id == held.id


# -- rewards, promotions, items ------------------------------------------------------------------------------------
def test_a_reward_is_added_changed_and_deleted(alice: MadeAccount) -> None:
    make_field(alice, owner="reward", number=1)
    make_field(alice, owner="reward", number=2, type="Pick", choices=("Hot", "Cold"))
    campaign = make_campaign(alice)
    dear = make_reward(
        alice, campaign, level=1500, description="Free service", identifier="SKU-9", fields={1: "Window", 2: "Hot"}
    )
    cheap = make_reward(alice, campaign, level=100)
    rewards = fresh(alice, campaign).rewards
    assert list(rewards) == [cheap, dear]  # by level
    assert (rewards[dear].description, rewards[dear].identifier) == ("Free service", "SKU-9")
    assert rewards[dear].fields == {"1": "Window", "2": "Hot"}
    run(alice, operations.update_reward, reward_id=dear, level=50, fields={2: "", 1: "Door"}, identifier="")
    changed = fresh(alice, campaign).rewards[dear]
    assert (changed.level, changed.description, changed.identifier, changed.fields) == (50, "Free service", "", {"1": "Door"})
    run(alice, operations.delete_reward, reward_id=dear)
    assert list(fresh(alice, campaign).rewards) == [cheap]
    with pytest.raises(RewardNotFound):
        run(alice, operations.update_reward, reward_id=dear, level=1)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"level": 0}, "level"),
        ({"level": limits.QUANTITY_MAX + 1}, "level"),
        ({"description": " "}, "description"),
        ({"description": "x" * 256}, "description"),
        ({"identifier": "x" * 61}, "identifier"),
        ({"fields": {1: "x"}}, "reward_custom_field_1"),
        ({"fields": {2: "Lukewarm"}}, "reward_custom_field_2"),
    ],
)
def test_a_bad_reward_is_refused_by_name(alice: MadeAccount, given: dict[str, Any], field: str) -> None:
    make_field(alice, owner="reward", number=2, type="Pick", choices=("Hot", "Cold"))
    campaign = make_campaign(alice)
    reward = make_reward(alice, campaign)
    before = alice.fresh()
    for operation, target in (
        (operations.add_reward, {"campaign_id": campaign.id, "level": 5, "description": "Tea"}),
        (operations.update_reward, {"reward_id": reward}),
    ):
        with pytest.raises(InvalidParameter) as caught:
            run(alice, operation, **target | given)
        assert caught.value.fields == (field,)
        if not field.startswith("reward_"):
            assert caught.value.message == "Error with campaign reward parameters"
    assert alice.fresh() == before


@pytest.mark.parametrize("kind", limits.KINDS)
def test_each_part_belongs_to_its_kinds_only(alice: MadeAccount, kind: str) -> None:
    campaign = make_campaign(alice, kind=kind)
    for make, kinds in ((make_reward, {"points", "events"}), (make_promotion, {"points"}), (make_item, {"buyx"})):
        if kind in kinds:
            assert make(alice, campaign) > 0
            continue
        with pytest.raises(InvalidParameter) as caught:
            make(alice, campaign)
        assert caught.value.fields == ("campaign_id",)


def test_a_promotion_is_added_changed_and_deleted(alice: MadeAccount) -> None:
    campaign = make_campaign(alice)
    plus = make_promotion(alice, campaign, points=-50, custom_id="LATE", starts_at=NOW, ends_at=NOW + timedelta(days=1))
    times = make_promotion(alice, campaign, operation="x", multiplier_ppm=500_000)
    promotions = fresh(alice, campaign).promotions
    assert (promotions[plus].operation, promotions[plus].points, promotions[plus].custom_id) == ("+", -50, "LATE")
    assert (promotions[plus].starts_at, promotions[plus].ends_at) == (NOW, NOW + timedelta(days=1))
    assert (promotions[times].operation, promotions[times].multiplier_ppm) == ("x", 500_000)
    run(alice, operations.update_promotion, promotion_id=plus, operation="x", multiplier_ppm=2_000_000, starts_at=None)
    changed = fresh(alice, campaign).promotions[plus]
    assert (changed.operation, changed.multiplier_ppm, changed.points) == ("x", 2_000_000, 0)
    assert (changed.starts_at, changed.ends_at) == (None, NOW + timedelta(days=1))
    run(alice, operations.delete_promotion, promotion_id=plus)
    assert list(fresh(alice, campaign).promotions) == [times]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"operation": "*", "points": 5}, "operation"),
        ({"operation": "+", "points": 0}, "amount"),
        ({"operation": "+", "points": limits.QUANTITY_MAX + 1}, "amount"),
        ({"operation": "x", "points": None, "multiplier_ppm": 0}, "amount"),
        ({"operation": "x", "points": None, "multiplier_ppm": -1}, "amount"),
        ({"operation": "x", "points": None, "multiplier_ppm": limits.MULTIPLIER_PPM_MAX + 1}, "amount"),
        ({"operation": "x", "points": 5, "multiplier_ppm": None}, "amount"),
        ({"operation": "+", "points": 5, "multiplier_ppm": 5}, "amount"),
        ({"description": ""}, "description"),
        ({"custom_id": "x" * 61}, "custom_id"),
        ({"starts_at": NOW, "ends_at": NOW}, "ends_at"),
    ],
)
def test_a_bad_promotion_is_refused_by_name(alice: MadeAccount, given: dict[str, Any], field: str) -> None:
    campaign = make_campaign(alice)
    before = alice.fresh()
    with pytest.raises(InvalidParameter, match=r"^Error with campaign promotion parameters$") as caught:
        make_promotion(alice, campaign, **given)
    assert caught.value.fields == (field,)
    assert alice.fresh() == before


def test_another_operation_needs_its_own_amount(alice: MadeAccount) -> None:
    campaign = make_campaign(alice)
    promotion = make_promotion(alice, campaign, points=100)
    with pytest.raises(MissingParameter) as caught:
        run(alice, operations.update_promotion, promotion_id=promotion, operation="x")
    assert caught.value.fields == ("amount",)
    for given in ({"operation": "x", "points": 5}, {"multiplier_ppm": 5}, {"points": 0}, {"starts_at": NOW, "ends_at": NOW}):
        with pytest.raises(InvalidParameter):
            run(alice, operations.update_promotion, promotion_id=promotion, **given)
    assert fresh(alice, campaign).promotions[promotion].points == 100


def test_an_item_is_added_changed_and_deleted(alice: MadeAccount) -> None:
    campaign = make_campaign(alice, kind="buyx", default_item_level=7)
    coffee = make_item(alice, campaign, description="Coffee", level=10, identifier="CF")
    tea = make_item(alice, campaign, description="Tea", level=None)
    items = fresh(alice, campaign).items
    assert (items[coffee].level, items[coffee].identifier, items[tea].level) == (10, "CF", 7)
    run(alice, operations.update_campaign, campaign_id=campaign.id, default_item_level=8)
    run(alice, operations.update_item, item_id=coffee, description="Latte", level=None, identifier="")
    items = fresh(alice, campaign).items
    assert (items[coffee].description, items[coffee].level, items[coffee].identifier, items[tea].level) == ("Latte", 8, "", 8)
    run(alice, operations.delete_item, item_id=tea)
    assert list(fresh(alice, campaign).items) == [coffee]


@pytest.mark.parametrize(
    ("given", "field"),
    [({"level": 0}, "level"), ({"description": " "}, "description"), ({"identifier": "x" * 61}, "identifier")],
)
def test_a_bad_item_is_refused_by_name(alice: MadeAccount, given: dict[str, Any], field: str) -> None:
    campaign = make_campaign(alice, kind="buyx")
    item = make_item(alice, campaign)
    before = alice.fresh()
    for operation, target in (
        (operations.add_item, {"campaign_id": campaign.id, "description": "Tea"}),
        (operations.update_item, {"item_id": item}),
    ):
        with pytest.raises(InvalidParameter, match=r"^Error with BuyX campaign item parameters$") as caught:
            run(alice, operation, **target | given)
        assert caught.value.fields == (field,)
    assert alice.fresh() == before


def test_what_was_deleted_comes_back_as_it_was_and_only_where_it_belongs(alice: MadeAccount) -> None:
    campaign, other = make_campaign(alice), make_campaign(alice)
    reward = make_reward(alice, campaign)
    before = fresh(alice, campaign)
    for _ in range(2):
        run(alice, operations.restore_reward, campaign_id=campaign.id, reward_id=reward)
    assert fresh(alice, campaign) == before, "what is there stays as it is"
    run(alice, operations.delete_reward, reward_id=reward)
    with pytest.raises(RewardNotFound):
        run(alice, operations.restore_reward, campaign_id=other.id, reward_id=reward)
    assert fresh(alice, campaign).rewards == {}
    run(alice, operations.restore_reward, campaign_id=campaign.id, reward_id=reward)
    assert fresh(alice, campaign) == before
    run(alice, operations.delete_campaign, campaign_id=campaign.id)
    with pytest.raises(CampaignNotFound):
        run(alice, operations.restore_reward, campaign_id=campaign.id, reward_id=reward)


def test_no_two_items_of_a_campaign_share_an_identifier(alice: MadeAccount) -> None:
    campaign = make_campaign(alice, kind="buyx")
    first = make_item(alice, campaign, identifier="CF")
    second = make_item(alice, campaign, identifier="TE")
    with pytest.raises(operations.IdentifierTaken) as caught:
        make_item(alice, campaign, identifier="cf")
    assert (caught.value.message, caught.value.fields) == ("Error with BuyX campaign item parameters", ("identifier",))
    with pytest.raises(operations.IdentifierTaken):
        run(alice, operations.update_item, item_id=second, identifier="CF")
    run(alice, operations.update_item, item_id=first, identifier="CF")
    run(alice, operations.delete_item, item_id=first)
    run(alice, operations.update_item, item_id=second, identifier="CF")
    assert fresh(alice, campaign).items[second].identifier == "CF"
