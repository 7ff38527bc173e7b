# SPDX-License-Identifier: Apache-2.0
"""campaign_update: each documented note a test (api.md 9)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.client import Api
from tests.factories import (
    MadeAccount,
    make_account,
    make_campaign,
    make_customer,
    make_field,
    make_item,
    make_promotion,
    make_reward,
    make_user,
)

REWARD_TEXT = "Error with campaign reward parameters"
PROMOTION_TEXT = "Error with campaign promotion parameters"
ITEM_TEXT = "Error with BuyX campaign item parameters"


@pytest.fixture
def alice() -> MadeAccount:
    return make_account()


@pytest.fixture
def till(api: Api, alice: MadeAccount) -> Api:
    return api.as_(**alice.credentials)


def refused(till: Api, alice: MadeAccount, field: str, text: str, **fields: str | int) -> None:
    """Assert that a call is refused in these words, naming the field, and changes nothing."""
    before = alice.fresh()
    answer = till.call("campaign_update", **fields)
    assert answer.errors == [text], answer
    assert answer.answer.error is not None
    assert answer.answer.error.fields == (field,)
    assert alice.fresh() == before


# -- action=campaign -----------------------------------------------------------------------------------------------
def test_a_campaign_is_changed_and_answers_as_updated(till: Api, alice: MadeAccount) -> None:
    campaign = make_campaign(alice)
    answer = till.call(
        "campaign_update", action="campaign", campaign_id=campaign.number, new_campaign_name="Renamed", description="New words",
        new_points_ratio="0.05", new_reward_ratio="20", latitude="1", longitude="2", rounding="up", carry_remainder="Y",
        coalition_opt_out="Y", two_tier_opt_out="Y",
    )  # fmt: skip
    assert answer.json == {"status": "success", "campaign": {"status": "updated", "id": campaign.number}}
    changed = alice.fresh().campaigns[campaign.number]
    assert (changed.name, changed.description) == ("Renamed", "New words")
    assert (changed.points_ratio_ppm, changed.reward_ratio_ppm) == (50_000, 20_000_000)
    assert (changed.latitude, changed.longitude, changed.rounding, changed.carries_remainder) == ("1", "2", "up", True)
    assert (changed.coalition_opt_out, changed.two_tier_opt_out) == (True, True)


def test_a_blank_reward_ratio_turns_it_off_and_an_absent_one_leaves_it(till: Api, alice: MadeAccount) -> None:
    campaign = make_campaign(alice, reward_ratio_ppm=20_000_000)

    def after(**fields: str) -> int | None:
        assert till.call("campaign_update", action="campaign", campaign_id=campaign.number, **fields).ok
        return alice.fresh().campaigns[campaign.number].reward_ratio_ppm

    assert after(new_points_ratio="", description="x") == 20_000_000
    assert after(new_reward_ratio="") is None
    assert after(new_reward_ratio="15") == 15_000_000
    assert after(new_reward_ratio="0") is None
    assert alice.fresh().campaigns[campaign.number].points_ratio_ppm == 100_000_000


def test_what_only_other_kinds_have_is_changed_there(till: Api, alice: MadeAccount) -> None:
    earned, buyx = make_campaign(alice, kind="earned"), make_campaign(alice, kind="buyx")
    item = make_item(alice, buyx, level=None)
    assert till.call("campaign_update", action="campaign", campaign_id=earned.number, new_amount_per_event="5,25").ok
    assert till.call("campaign_update", action="campaign", campaign_id=buyx.number, default_item_level="12").ok
    after = alice.fresh()
    assert after.campaigns[earned.number].amount_per_event_minor == 525
    assert after.campaigns[buyx.number].items[item].level == 12


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("campaign_id", "x", "Error with campaign ID"),
        ("new_campaign_name", "x" * 31, "Error with campaign name"),
        ("new_campaign_name", "Other", "Error with campaign name"),
        ("description", "x" * 2001, "description is not valid: at most 2000 characters"),
        ("latitude", "91", "latitude is not valid: degrees from -90 to 90 with at most 6 decimals"),
        ("longitude", "x", "longitude is not valid: degrees from -180 to 180 with at most 6 decimals"),
        ("new_points_ratio", "0", "Error with campaign points-per-USD ratio"),
        ("new_reward_ratio", "x", "Error with campaign spend-to-reward ratio"),
        ("new_amount_per_event", "4.95", "Error with campaign earn-per-event amount"),
        ("rounding", "x", "rounding is not valid: one of down, nearest, up"),
        ("carry_remainder", "x", "carry_remainder is not valid: Y or N is expected"),
        ("default_item_level", "5", "default_item_level is not valid: only buyx campaigns have it"),
        ("coalition_opt_out", "x", "coalition_opt_out is not valid: Y or N is expected"),
        ("two_tier_opt_out", "x", "two_tier_opt_out is not valid: Y or N is expected"),
    ],
)
def test_a_bad_change_of_a_campaign_is_refused_in_the_documented_words(
    till: Api, alice: MadeAccount, field: str, value: str, text: str
) -> None:
    make_campaign(alice, name="Other")
    given = {"campaign_id": make_campaign(alice).number, "description": "New"} | {field: value}
    refused(till, alice, field, text, action="campaign", **given)


@pytest.mark.parametrize(
    ("action", "key", "first", "text"),
    [
        ("campaign", "campaign_id", "new_campaign_name", "Missing parameter: new_campaign_name, or any other change"),
        ("reward", "reward_id", "new_reward_level", REWARD_TEXT),
        ("promo", "promo_id", "new_promo_operation", PROMOTION_TEXT),
        ("item", "item_id", "new_reward_level", ITEM_TEXT),
    ],
)
def test_an_update_that_changes_nothing_is_refused(
    till: Api, alice: MadeAccount, action: str, key: str, first: str, text: str
) -> None:
    refused(till, alice, first, text, action=action, **{key: "1234567890123456" if action == "campaign" else "1"})


def test_a_change_needs_the_permission_for_what_it_changes(api: Api, alice: MadeAccount) -> None:
    campaign = make_campaign(alice)
    for role, allowed in (("M", True), ("S", False), ("C", False), ("K", False)):
        user = make_user(alice, role=role)
        answer = api.as_(**user.credentials).call(
            "campaign_update", action="campaign", campaign_id=campaign.number, new_points_ratio="7"
        )
        assert answer.ok is allowed, (role, answer)
        assert allowed or answer.error_code == "permission_denied"


# -- action=reward -------------------------------------------------------------------------------------------------
def test_a_reward_is_changed_and_answers_as_updated(till: Api, alice: MadeAccount) -> None:
    make_field(alice, owner="reward", number=1)
    campaign = make_campaign(alice)
    reward = make_reward(alice, campaign, level=100, identifier="SKU", fields={1: "Old"})
    answer = till.call(
        "campaign_update", action="reward", reward_id=reward, new_reward_level="1500", new_reward_description="Free Service",
        new_reward_identifier="", reward_custom_field_1="New",
    )  # fmt: skip
    assert answer.json == {"status": "success", "reward": {"status": "updated", "id": str(reward)}}
    changed = alice.fresh().campaigns[campaign.number].rewards[reward]
    assert (changed.level, changed.description, changed.identifier, changed.fields) == (1500, "Free Service", "", {"1": "New"})
    assert till.call("campaign_update", action="reward", reward_id=reward, reward_custom_field_1="").ok
    changed = alice.fresh().campaigns[campaign.number].rewards[reward]
    assert (changed.level, changed.fields) == (1500, {})


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("reward_id", "x", REWARD_TEXT),
        ("reward_id", "999999999", "reward_id is not valid: no such reward"),
        ("new_reward_level", "0", REWARD_TEXT),
        ("new_reward_description", "x" * 256, REWARD_TEXT),
        ("new_reward_identifier", "x" * 61, REWARD_TEXT),
        (
            "reward_custom_field_9",
            "x",
            "reward_custom_field_9 is not valid: there is no such field of rewards",
        ),
    ],
)
def test_a_bad_change_of_a_reward_is_refused_in_the_documented_words(
    till: Api, alice: MadeAccount, field: str, value: str, text: str
) -> None:
    reward = make_reward(alice, make_campaign(alice))
    given: dict[str, str | int] = {"reward_id": reward, "new_reward_level": "5"}
    refused(till, alice, field, text, action="reward", **given | {field: value})


# -- action=promo --------------------------------------------------------------------------------------------------
def test_a_promotion_is_changed_and_answers_as_updated(till: Api, alice: MadeAccount) -> None:
    campaign = make_campaign(alice)
    promotion = make_promotion(alice, campaign, points=100, custom_id="OLD")
    answer = till.call(
        "campaign_update", action="promo", promo_id=promotion, new_promo_operation="x", new_promo_amount="1.25",
        new_promo_description="Quarter more", new_promo_custom_id="", new_promo_start_date="2013-08-01 00:00:00",
        new_promo_end_date="2013-08-31 12:00:00",
    )  # fmt: skip
    assert answer.xml_body.endswith(
        f'<response status="success"><promo status="updated"><id>{promotion}</id></promo></response>'.encode()
    )
    changed = alice.fresh().campaigns[campaign.number].promotions[promotion]
    assert (changed.operation, changed.multiplier_ppm, changed.points) == ("x", 1_250_000, 0)
    assert (changed.description, changed.custom_id) == ("Quarter more", "")
    assert (changed.starts_at, changed.ends_at) == (
        datetime(2013, 8, 1, 4, tzinfo=UTC), datetime(2013, 8, 31, 16, tzinfo=UTC),
    )  # fmt: skip
    assert till.call("campaign_update", action="promo", promo_id=promotion, new_promo_end_date="0000-00-00").ok
    changed = alice.fresh().campaigns[campaign.number].promotions[promotion]
    assert (changed.starts_at, changed.ends_at) == (datetime(2013, 8, 1, 4, tzinfo=UTC), None)


def test_an_amount_alone_is_read_by_the_operation_the_promotion_has(till: Api, alice: MadeAccount) -> None:
    campaign = make_campaign(alice)
    plus, times = make_promotion(alice, campaign), make_promotion(alice, campaign, operation="x")
    assert till.call("campaign_update", action="promo", promo_id=plus, new_promo_amount="-50").ok
    assert till.call("campaign_update", action="promo", promo_id=times, new_promo_amount="0.5").ok
    promotions = alice.fresh().campaigns[campaign.number].promotions
    assert (promotions[plus].points, promotions[times].multiplier_ppm) == (-50, 500_000)
    refused(till, alice, "new_promo_amount", PROMOTION_TEXT, action="promo", promo_id=plus, new_promo_amount="0.5")


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("promo_id", "x", PROMOTION_TEXT),
        ("promo_id", "999999999", "promo_id is not valid: no such promotion"),
        ("new_promo_operation", "", PROMOTION_TEXT),
        ("new_promo_operation", "-", PROMOTION_TEXT),
        ("new_promo_amount", "", PROMOTION_TEXT),
        ("new_promo_amount", "0", PROMOTION_TEXT),
        ("new_promo_amount", "x", PROMOTION_TEXT),
        ("new_promo_description", "", PROMOTION_TEXT),
        ("new_promo_description", "x" * 256, PROMOTION_TEXT),
        ("new_promo_custom_id", "x" * 61, PROMOTION_TEXT),
        ("new_promo_start_date", "2026-13-01", "new_promo_start_date is not valid: there is no such date"),
        ("new_promo_end_date", "x", "new_promo_end_date is not valid: a date and time as YYYY-MM-DD HH:MM:SS is expected"),
        ("new_promo_end_date", "1999-01-01", PROMOTION_TEXT),
    ],
)
def test_a_bad_change_of_a_promotion_is_refused_in_the_documented_words(
    till: Api, alice: MadeAccount, field: str, value: str, text: str
) -> None:
    promotion = make_promotion(alice, make_campaign(alice), starts_at=datetime(2013, 8, 1, tzinfo=UTC))
    given: dict[str, str | int] = {"promo_id": promotion, "new_promo_description": "New"}
    refused(till, alice, field, text, action="promo", **given | {field: value})


def test_another_operation_needs_an_amount_of_its_own(till: Api, alice: MadeAccount) -> None:
    promotion = make_promotion(alice, make_campaign(alice))
    refused(till, alice, "new_promo_amount", PROMOTION_TEXT, action="promo", promo_id=promotion, new_promo_operation="x")


# -- action=item ---------------------------------------------------------------------------------------------------
def test_an_item_is_changed_and_answers_as_updated(till: Api, alice: MadeAccount) -> None:
    campaign = make_campaign(alice, kind="buyx")
    item = make_item(alice, campaign, identifier="OLD")
    answer = till.call(
        "campaign_update", action="item", item_id=item, new_reward_level="5", new_item_description="Latte",
        new_item_identifier="LT",
    )  # fmt: skip
    assert answer.json == {"status": "success", "item": {"status": "updated", "id": str(item)}}
    changed = alice.fresh().campaigns[campaign.number].items[item]
    assert (changed.level, changed.description, changed.identifier) == (5, "Latte", "LT")


def test_a_new_description_of_an_item_shows_in_past_transactions_too(till: Api, alice: MadeAccount) -> None:
    campaign = make_campaign(alice, kind="buyx")
    item = make_item(alice, campaign, description="Coffee")
    make_customer(alice, code="c1")
    who = {"campaign_id": campaign.number, "code": "c1"}
    assert till.call("record_activity", **who, service_product=str(item)).ok
    assert till.call("campaign_update", action="item", item_id=item, new_item_description="Latte").ok
    shown = till.call("customer_balance", **who)
    assert "Latte" in [one.text for one in shown.xml.findall("campaign/customer/transactions/transaction/service_product")]
    assert "Coffee" not in repr(shown)


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("item_id", "x", ITEM_TEXT),
        ("item_id", "999999999", "item_id is not valid: no such item"),
        ("new_reward_level", "0", ITEM_TEXT),
        ("new_item_description", "x" * 256, ITEM_TEXT),
        ("new_item_identifier", "x" * 61, ITEM_TEXT),
        ("new_item_identifier", "TAKEN", ITEM_TEXT),
    ],
)
def test_a_bad_change_of_an_item_is_refused_in_the_documented_words(
    till: Api, alice: MadeAccount, field: str, value: str, text: str
) -> None:
    campaign = make_campaign(alice, kind="buyx")
    make_item(alice, campaign, identifier="TAKEN")
    given: dict[str, str | int] = {"item_id": make_item(alice, campaign), "new_reward_level": "5"}
    refused(till, alice, field, text, action="item", **given | {field: value})


def test_parts_of_campaigns_that_the_user_may_not_see_do_not_exist_for_him(api: Api, till: Api, alice: MadeAccount) -> None:
    points, buyx = make_campaign(alice), make_campaign(alice, kind="buyx")
    reward, promotion, item = make_reward(alice, points), make_promotion(alice, points), make_item(alice, buyx)
    bob = make_user(alice, role="M", campaigns_access="none")
    before = alice.fresh()
    for made in (make_account(), bob):
        client = api.as_(**made.credentials)
        for fields, code in (
            ({"action": "campaign", "campaign_id": points.number, "description": "x"}, "campaign_not_found"),
            ({"action": "reward", "reward_id": reward, "new_reward_level": "1"}, "reward_not_found"),
            ({"action": "promo", "promo_id": promotion, "new_promo_amount": "1"}, "promotion_not_found"),
            ({"action": "item", "item_id": item, "new_reward_level": "1"}, "item_not_found"),
        ):
            assert client.call("campaign_update", **fields).error_code == code  # type: ignore[arg-type]
    assert alice.fresh() == before
