# SPDX-License-Identifier: Apache-2.0
"""campaign_new: each documented note a test (api.md 9)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from regulars.campaigns import limits
from tests.client import Api
from tests.factories import MadeAccount, make_account, make_campaign, make_field, make_user


@pytest.fixture
def alice() -> MadeAccount:
    return make_account()


@pytest.fixture
def till(api: Api, alice: MadeAccount) -> Api:
    return api.as_(**alice.credentials)


def refused(till: Api, alice: MadeAccount, field: str, text: str, **fields: str) -> None:
    """Assert that a call is refused in these words, once, and changes nothing; the answer names the field or is LANG's."""
    before = alice.fresh()
    answer = till.call("campaign_new", **fields)
    assert answer.errors == [text], answer
    assert answer.answer.error is not None
    assert answer.answer.error.fields == (field,)
    assert alice.fresh() == before


# -- action=campaign -----------------------------------------------------------------------------------------------
def test_a_points_campaign_answers_its_16_digit_id(till: Api, alice: MadeAccount) -> None:
    answer = till.call(
        "campaign_new", action="campaign", campaign_type="points", campaign_name="Widget Rewards", points_ratio="50",
        reward_ratio="15", description="For all", latitude="-36.85", longitude="174.76",
    )  # fmt: skip
    number = answer.at("campaign/id")
    assert answer.json == {"status": "success", "campaign": {"id": number}}
    campaign = alice.fresh().campaigns[number]
    assert len(number) == 16
    assert (campaign.kind, campaign.name, campaign.description) == ("points", "Widget Rewards", "For all")
    assert (campaign.points_ratio_ppm, campaign.reward_ratio_ppm) == (50_000_000, 15_000_000)
    assert (campaign.latitude, campaign.longitude) == ("-36.85", "174.76")


@pytest.mark.parametrize("kind", limits.KINDS)
def test_every_kind_needs_no_more_than_type_and_name_but_earned_its_amount(till: Api, alice: MadeAccount, kind: str) -> None:
    more = {"amount_per_event": "4.95"} if kind == "earned" else {}
    answer = till.call("campaign_new", action="campaign", campaign_type=kind.upper(), campaign_name=f"A {kind}", **more)
    campaign = alice.fresh().campaigns[answer.at("campaign/id")]
    assert (campaign.kind, campaign.points_ratio_ppm, campaign.reward_ratio_ppm) == (kind, 100_000_000, None)
    assert campaign.amount_per_event_minor == (495 if kind == "earned" else 0)


def test_blank_ratios_mean_100_and_off(till: Api, alice: MadeAccount) -> None:
    answer = till.call(
        "campaign_new", action="campaign", campaign_type="points", campaign_name="Blank", points_ratio="", reward_ratio=""
    )
    campaign = alice.fresh().campaigns[answer.at("campaign/id")]
    assert (campaign.points_ratio_ppm, campaign.reward_ratio_ppm) == (100_000_000, None)


def test_the_settings_of_our_own_are_kept(till: Api, alice: MadeAccount) -> None:
    answer = till.call(
        "campaign_new", action="campaign", campaign_type="points", campaign_name="Carried", rounding="nearest",
        carry_remainder="Y", coalition_opt_out="Y", two_tier_opt_out="Y",
    )  # fmt: skip
    campaign = alice.fresh().campaigns[answer.at("campaign/id")]
    assert (campaign.rounding, campaign.carries_remainder) == ("nearest", True)
    assert (campaign.coalition_opt_out, campaign.two_tier_opt_out) == (True, True)
    answer = till.call("campaign_new", action="campaign", campaign_type="buyx", campaign_name="Cups", default_item_level="7")
    number = answer.at("campaign/id")
    item = till.call("campaign_new", action="item", campaign_id=number, item_description="Tea").at("campaign/item/id")
    assert alice.fresh().campaigns[number].items[int(item)].level == 7


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("campaign_type", "lottery", "Error with campaign type"),
        ("campaign_name", "x" * 31, "Error with campaign name"),
        ("points_ratio", "0", "Error with campaign points-per-USD ratio"),
        ("points_ratio", "many", "Error with campaign points-per-USD ratio"),
        ("points_ratio", "1e3", "Error with campaign points-per-USD ratio"),
        ("reward_ratio", "-1", "Error with campaign spend-to-reward ratio"),
        ("amount_per_event", "0", "Error with campaign earn-per-event amount"),
        ("amount_per_event", "4.95", "Error with campaign earn-per-event amount"),
        ("latitude", "91", "latitude is not valid: degrees from -90 to 90 with at most 6 decimals"),
        ("longitude", "east", "longitude is not valid: degrees from -180 to 180 with at most 6 decimals"),
        ("description", "x" * 2001, "description is not valid: at most 2000 characters"),
        ("rounding", "sideways", "rounding is not valid: one of down, nearest, up"),
        ("carry_remainder", "maybe", "carry_remainder is not valid: Y or N is expected"),
        ("default_item_level", "5", "default_item_level is not valid: only buyx campaigns have it"),
        ("coalition_opt_out", "perhaps", "coalition_opt_out is not valid: Y or N is expected"),
        ("two_tier_opt_out", "perhaps", "two_tier_opt_out is not valid: Y or N is expected"),
    ],
)
def test_a_bad_setting_is_refused_in_the_documented_words(
    till: Api, alice: MadeAccount, field: str, value: str, text: str
) -> None:
    given = {"campaign_type": "points", "campaign_name": "Widget Rewards"} | {field: value}
    refused(till, alice, field, text, action="campaign", **given)


def test_the_ratio_error_names_the_accounts_currency(api: Api) -> None:
    made = make_account(currency="RWF")
    till = api.as_(**made.credentials)
    text = "Error with campaign points-per-RWF ratio"
    refused(till, made, "points_ratio", text, action="campaign", campaign_type="points", campaign_name="A", points_ratio="0")


def test_an_earned_campaign_without_its_amount_is_refused(till: Api, alice: MadeAccount) -> None:
    text = "Error with campaign earn-per-event amount"
    refused(till, alice, "amount_per_event", text, action="campaign", campaign_type="earned", campaign_name="Visits")


def test_a_name_that_was_ever_used_is_refused(till: Api, alice: MadeAccount) -> None:
    make_campaign(alice, name="Taken")
    text = "Error with campaign name"
    refused(till, alice, "campaign_name", text, action="campaign", campaign_type="events", campaign_name="Taken")


def test_what_is_missing_is_named_all_at_once(till: Api) -> None:
    answer = till.call("campaign_new", action="campaign")
    assert answer.errors == ["Missing parameter: campaign_type", "Missing parameter: campaign_name"]
    assert answer.error_codes == ["missing_parameter"] * 2


@pytest.mark.parametrize("action", ["", "lottery"])
def test_another_action_is_undefined(till: Api, action: str) -> None:
    assert till.call("campaign_new", action=action).errors == ["Action Undefined"]


def test_a_dry_run_answers_and_writes_nothing(till: Api, alice: MadeAccount) -> None:
    before = alice.fresh()
    answer = till.call("campaign_new", action="campaign", campaign_type="events", campaign_name="Trial", dry_run="Y")
    assert len(answer.at("campaign/id")) == 16
    assert alice.fresh() == before


def test_a_repetition_under_its_key_is_answered_as_the_first(till: Api, alice: MadeAccount) -> None:
    fields = {"action": "campaign", "campaign_type": "events", "campaign_name": "Once", "idempotency_key": "k1"}
    first, second = till.call("campaign_new", **fields), till.call("campaign_new", **fields)
    assert first.at("campaign/id") == second.at("campaign/id")
    assert len(alice.fresh().campaigns) == 1
    assert till.call("campaign_new", **fields | {"campaign_name": "Twice"}).error_code == "key_reused"


# -- action=reward -------------------------------------------------------------------------------------------------
def test_a_reward_answers_its_small_id(till: Api, alice: MadeAccount) -> None:
    make_field(alice, owner="reward", number=3)
    campaign = make_campaign(alice, kind="events")
    answer = till.call(
        "campaign_new", action="reward", campaign_id=campaign.number, reward_level="15", reward_description="Free wash",
        reward_identifier="WASH", reward_custom_field_3="Bay 2",
    )  # fmt: skip
    reward_id = answer.at("campaign/reward/id")
    assert answer.json == {"status": "success", "campaign": {"reward": {"id": reward_id}}}
    reward = alice.fresh().campaigns[campaign.number].rewards[int(reward_id)]
    assert (reward.level, reward.description, reward.identifier, reward.fields) == (15, "Free wash", "WASH", {"3": "Bay 2"})


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("campaign_id", "12345", "Error with campaign ID"),
        ("reward_level", "0", "Error with campaign reward parameters"),
        ("reward_level", "1.5", "Error with campaign reward parameters"),
        ("reward_description", "x" * 256, "Error with campaign reward parameters"),
        ("reward_identifier", "x" * 61, "Error with campaign reward parameters"),
        (
            "reward_custom_field_1",
            "x",
            "reward_custom_field_1 is not valid: there is no such field of rewards",
        ),
    ],
)
def test_a_bad_reward_is_refused_in_the_documented_words(
    till: Api, alice: MadeAccount, field: str, value: str, text: str
) -> None:
    campaign = make_campaign(alice)
    given = {"campaign_id": campaign.number, "reward_level": "100", "reward_description": "Free coffee"} | {field: value}
    refused(till, alice, field, text, action="reward", **given)


def test_gift_cards_have_no_rewards(till: Api, alice: MadeAccount) -> None:
    campaign = make_campaign(alice, kind="giftcard")
    text = "campaign_id is not valid: the campaign must be of type points or events, this one is giftcard"
    refused(
        till, alice, "campaign_id", text, action="reward", campaign_id=campaign.number, reward_level="1", reward_description="x"
    )


# -- action=promo --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("operation", "amount", "multiplier_ppm", "points"),
    [
        ("x", "1.25", 1_250_000, 0),
        ("x", "0.5", 500_000, 0),
        ("x", "0,5", 500_000, 0),
        ("+", "100", 0, 100),
        ("+", "-50", 0, -50),
    ],
)
def test_a_promotion_answers_its_small_id(
    till: Api, alice: MadeAccount, operation: str, amount: str, multiplier_ppm: int, points: int
) -> None:
    campaign = make_campaign(alice)
    answer = till.call(
        "campaign_new", action="promo", campaign_id=campaign.number, promo_operation=operation, promo_amount=amount,
        promo_description="Summer", promo_custom_id="S1", promo_start_date="2013-08-01 00:00:00", promo_end_date="2013-09-01",
    )  # fmt: skip
    promotion_id = answer.at("campaign/promo/id")
    assert answer.xml_body.endswith(f"<campaign><promo><id>{promotion_id}</id></promo></campaign></response>".encode())
    promotion = alice.fresh().campaigns[campaign.number].promotions[int(promotion_id)]
    assert (promotion.operation, promotion.multiplier_ppm, promotion.points) == (operation, multiplier_ppm, points)
    assert (promotion.description, promotion.custom_id) == ("Summer", "S1")
    assert promotion.starts_at == datetime(2013, 8, 1, 4, tzinfo=UTC)  # New York's midnight
    assert promotion.ends_at == datetime(2013, 9, 2, 3, 59, 59, tzinfo=UTC)


PROMOTION_TEXT = "Error with campaign promotion parameters"


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("campaign_id", "x", "Error with campaign ID"),
        ("promo_operation", "*", PROMOTION_TEXT),
        ("promo_amount", "0", PROMOTION_TEXT),
        ("promo_amount", "1.5", PROMOTION_TEXT),
        ("promo_amount", "lots", PROMOTION_TEXT),
        ("promo_description", "x" * 256, PROMOTION_TEXT),
        ("promo_custom_id", "x" * 61, PROMOTION_TEXT),
        ("promo_start_date", "2026-02-30", "promo_start_date is not valid: there is no such date"),
        ("promo_end_date", "soon", "promo_end_date is not valid: a date and time as YYYY-MM-DD HH:MM:SS is expected"),
        ("promo_end_date", "2013-07-31", PROMOTION_TEXT),
    ],
)
def test_a_bad_promotion_is_refused_in_the_documented_words(
    till: Api, alice: MadeAccount, field: str, value: str, text: str
) -> None:
    given = {
        "campaign_id": make_campaign(alice).number, "promo_operation": "+", "promo_amount": "100",
        "promo_description": "Summer", "promo_start_date": "2013-08-01",
    } | {field: value}  # fmt: skip
    refused(till, alice, field, text, action="promo", **given)


@pytest.mark.parametrize("amount", ["0", "-1", "0.0000001", "1001"])
def test_a_multiplier_is_above_0_and_at_most_1000(till: Api, alice: MadeAccount, amount: str) -> None:
    campaign = make_campaign(alice)
    refused(
        till, alice, "promo_amount", PROMOTION_TEXT, action="promo", campaign_id=campaign.number, promo_operation="x",
        promo_amount=amount, promo_description="Summer",
    )  # fmt: skip


# -- action=item ---------------------------------------------------------------------------------------------------
def test_an_item_answers_its_small_id(till: Api, alice: MadeAccount) -> None:
    campaign = make_campaign(alice, kind="buyx")
    answer = till.call(
        "campaign_new", action="item", campaign_id=campaign.number, reward_level="9", item_description="Flat white",
        item_identifier="FW",
    )  # fmt: skip
    item_id = answer.at("campaign/item/id")
    assert answer.json == {"status": "success", "campaign": {"item": {"id": item_id}}}
    item = alice.fresh().campaigns[campaign.number].items[int(item_id)]
    assert (item.level, item.description, item.identifier) == (9, "Flat white", "FW")
    refused(
        till, alice, "item_identifier", "Error with BuyX campaign item parameters", action="item", campaign_id=campaign.number,
        item_description="Another", item_identifier="FW",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("campaign_id", "x", "Error with campaign ID"),
        ("reward_level", "-1", "Error with BuyX campaign item parameters"),
        ("item_description", "x" * 256, "Error with BuyX campaign item parameters"),
        ("item_identifier", "x" * 61, "Error with BuyX campaign item parameters"),
    ],
)
def test_a_bad_item_is_refused_in_the_documented_words(
    till: Api, alice: MadeAccount, field: str, value: str, text: str
) -> None:
    campaign = make_campaign(alice, kind="buyx")
    given = {"campaign_id": campaign.number, "reward_level": "9", "item_description": "Flat white"} | {field: value}
    refused(till, alice, field, text, action="item", **given)


# -- whose campaign ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("action", "kind", "fields"),
    [
        ("reward", "points", {"reward_level": "1", "reward_description": "x"}),
        ("promo", "points", {"promo_operation": "+", "promo_amount": "1", "promo_description": "x"}),
        ("item", "buyx", {"item_description": "x"}),
    ],
)
def test_only_an_active_campaign_that_the_user_may_see_gets_parts(
    api: Api, till: Api, alice: MadeAccount, action: str, kind: str, fields: dict[str, str]
) -> None:
    theirs = make_campaign(make_account(), kind=kind)
    hidden, held = make_campaign(alice, kind=kind), make_campaign(alice, kind=kind)
    till.call("campaign_deactivate", campaign_id=held.number)
    bob = make_user(alice, role="M", campaigns_access="some", allowed_campaign_ids=frozenset({held.id}))
    for client, number in (
        (till, theirs.number), (till, held.number), (till, "0" * 16), (api.as_(**bob.credentials), hidden.number),
    ):  # fmt: skip
        answer = client.call("campaign_new", action=action, campaign_id=number, **fields)
        assert (answer.errors, answer.error_code) == (["Campaign not valid or deactivated."], "campaign_not_found")


def test_a_clerk_may_not_add_a_campaign(api: Api, alice: MadeAccount) -> None:
    clerk = make_user(alice, role="K")
    fields = {"action": "campaign", "campaign_type": "events", "campaign_name": "Mine"}
    assert api.as_(**clerk.credentials).call("campaign_new", **fields).error_code == "permission_denied"
    assert api.as_(**alice.credentials).call("campaign_new", **fields).ok
