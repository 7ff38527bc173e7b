# SPDX-License-Identifier: Apache-2.0
"""redeem: every note and every published text of api.md 8 and 13."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import Api
from tests.factories import (
    make_account,
    make_campaign,
    make_coalition,
    make_customer,
    make_item,
    make_reward,
    make_second_tier,
    make_user,
)
from tests.till import TRANSACTION, RunAsOwner, Till, make_till, transaction_xml

USD = "<currency>USD</currency><glyph>$</glyph>"
TOO_MUCH = "The amount entered exceeds the available balance"
TOO_HIGH = "The reward level selected exceeds the available balance"


@pytest.fixture
def till(api: Api, run_as_owner: RunAsOwner) -> Till:
    till = make_till(api, run_as_owner)
    make_customer(till.made, code="c1", card_number="777001", first_name="Ann", email="ann@example.org")
    return till


# -- receipts, element by element ----------------------------------------------------------------------------------
def test_points_receipt_for_a_number_of_points(till: Till) -> None:
    campaign = make_campaign(till.made, name="Beans")
    till.sold(campaign, amount="10")
    answer = till.redeem(campaign, custom_points_redeem="400")
    assert transaction_xml(answer) == (
        "<id>N</id><deduct><points>-400</points><description>Beans</description></deduct>"
        "<balance><points>600</points></balance><cumulative_balance><points>1000</points></cumulative_balance>"
    )
    number = answer.at(f"{TRANSACTION}/id")
    assert answer.json["receipt"]["transaction"] == {
        "id": number,
        "deduct": {"points": "-400", "description": "Beans"},
        "balance": {"points": "600"},
        "cumulative_balance": {"points": "1000"},
    }
    assert answer.json["receipt"]["campaign"] == {"id": campaign.number, "name": "Beans", "type": "points"}


def test_points_receipt_for_a_reward_names_it(till: Till) -> None:
    campaign = make_campaign(till.made)
    reward = make_reward(till.made, campaign, level=300, description="Free coffee", identifier="SKU-1")
    till.sold(campaign, amount="10")
    assert transaction_xml(till.redeem(campaign, reward_to_redeem=reward)) == (
        "<id>N</id><deduct><points>-300</points><description>Free coffee</description></deduct>"
        f"<reward><id>{reward}</id><name>Free coffee</name><reward_id>SKU-1</reward_id></reward>"
        "<balance><points>700</points></balance><cumulative_balance><points>1000</points></cumulative_balance>"
    )


def test_points_receipt_for_a_currency_amount_shows_the_money(till: Till) -> None:
    campaign = make_campaign(till.made, name="Beans", points_ratio_ppm=5_000_000, reward_ratio_ppm=20_000_000)
    till.sold(campaign, amount="300")
    answer = till.redeem(campaign, custom_dollars_redeem="9,95")
    assert transaction_xml(answer) == (
        f"<id>N</id><deduct><points>-995</points><amount>-9.95</amount>{USD}<description>Beans</description></deduct>"
        "<balance><points>505</points></balance><cumulative_balance><points>1500</points></cumulative_balance>"
    )


@pytest.mark.parametrize("kind", ["giftcard", "earned"])
def test_money_receipt(till: Till, kind: str) -> None:
    campaign = make_campaign(
        till.made, kind=kind, name="Money", **({"amount_per_event_minor": 1000} if kind == "earned" else {})
    )
    till.sold(campaign, **({"amount": "10"} if kind == "giftcard" else {}))
    assert transaction_xml(till.redeem(campaign, reward_to_redeem="1")) == (
        f"<id>N</id><deduct><amount>-1.00</amount>{USD}<description>Money</description></deduct>"
        f"<balance><amount>9.00</amount>{USD}</balance><cumulative_balance><amount>10.00</amount>{USD}</cumulative_balance>"
    )


def test_events_receipt(till: Till) -> None:
    campaign = make_campaign(till.made, kind="events")
    reward = make_reward(till.made, campaign, level=2, description="Free wash")
    for _ in range(3):
        till.sold(campaign)
    assert transaction_xml(till.redeem(campaign, reward_to_redeem=reward)) == (
        "<id>N</id><deduct><events>-2</events><description>Free wash</description></deduct>"
        f"<reward><id>{reward}</id><name>Free wash</name></reward>"
        "<balance><events>1</events></balance><cumulative_balance><events>3</events></cumulative_balance>"
    )


@pytest.mark.parametrize("by_identifier", [False, True])
def test_buyx_receipt_takes_the_items_level(till: Till, by_identifier: bool) -> None:
    campaign = make_campaign(till.made, kind="buyx")
    item = make_item(till.made, campaign, description="Flat white", level=5, identifier="FW")
    till.sold(campaign, service_product=item, buyx_quantity=12)
    assert transaction_xml(till.redeem(campaign, reward_to_redeem="FW" if by_identifier else item)) == (
        "<id>N</id><deduct><units>-5</units><description>Flat white</description></deduct>"
        f"<item><id>{item}</id><name>Flat white</name><reward_id>FW</reward_id></item>"
        "<balance><units>7</units><needed_for_free>0</needed_for_free><free_available>1</free_available></balance>"
        "<cumulative_balance><units>12</units></cumulative_balance>"
    )


def test_authorization_describes_the_redemption(till: Till) -> None:
    campaign = make_campaign(till.made)
    till.sold(campaign, amount="10")
    answer = till.redeem(campaign, custom_points_redeem="1", authorization="Manager said yes")
    assert answer.at(f"{TRANSACTION}/deduct/description") == "Manager said yes"


def test_a_coalition_card_is_redeemed_anywhere_in_it(till: Till) -> None:
    make_coalition(till.made)
    north, south = make_campaign(till.made, kind="giftcard"), make_campaign(till.made, kind="giftcard")
    till.sold(north, amount="10")
    shown = till.redeem(south, reward_to_redeem="4").json["receipt"]["transaction"]
    assert shown["balance"]["amount"] == "6.00"
    assert shown["cumulative_balance"]["amount"] == "0.00"
    assert shown["coalition_cumulative_balance"]["amount"] == "10.00"


# -- what is asked for -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["points", "giftcard", "events", "earned", "buyx"])
def test_nothing_asked_for_is_an_error(till: Till, kind: str) -> None:
    answer = till.redeem(make_campaign(till.made, kind=kind))
    assert answer.text == "Nothing was requested to be redeemed"


def test_two_choices_that_contradict_each_other_are_both_named(till: Till) -> None:
    campaign = make_campaign(till.made, points_ratio_ppm=5_000_000, reward_ratio_ppm=20_000_000)
    reward = make_reward(till.made, campaign, level=300)
    till.sold(campaign, amount="300")
    before = till.books()
    answer = till.redeem(campaign, reward_to_redeem=reward, custom_points_redeem="100", custom_dollars_redeem="1")
    assert not answer.ok
    for name in ("reward_to_redeem", "custom_points_redeem", "custom_dollars_redeem"):
        assert any(text.startswith(name) for text in answer.errors)
    assert till.books() == before


def test_two_choices_that_mean_the_same_are_one(till: Till) -> None:
    campaign = make_campaign(till.made)
    reward = make_reward(till.made, campaign, level=300)
    till.sold(campaign, amount="10")
    answer = till.redeem(campaign, reward_to_redeem=reward, custom_points_redeem="300")
    assert answer.at(f"{TRANSACTION}/balance/points") == "700"
    assert answer.at(f"{TRANSACTION}/reward/id") == str(reward)


def test_empty_choices_do_not_count(till: Till) -> None:
    campaign = make_campaign(till.made)
    till.sold(campaign, amount="10")
    assert till.redeem(campaign, reward_to_redeem="", custom_points_redeem="7", custom_dollars_redeem="").ok


@pytest.mark.parametrize("field", ["custom_points_redeem", "custom_dollars_redeem"])
@pytest.mark.parametrize("kind", ["giftcard", "events", "earned", "buyx"])
def test_points_choices_mean_nothing_elsewhere(till: Till, kind: str, field: str) -> None:
    answer = till.redeem(make_campaign(till.made, kind=kind), **{field: "1"})
    assert answer.text == f"{field} is not valid: this campaign is redeemed by reward_to_redeem"


def test_redeeming_by_currency_needs_a_ratio(till: Till) -> None:
    campaign = make_campaign(till.made)
    till.sold(campaign, amount="10")
    answer = till.redeem(campaign, custom_dollars_redeem="1")
    assert answer.error_code == "redeeming_by_currency_off"
    assert "custom_dollars_redeem" in answer.text


# -- the published refusals ----------------------------------------------------------------------------------------------
def test_more_than_the_balance_is_refused_in_words_for_what_was_asked(till: Till) -> None:
    points = make_campaign(till.made, points_ratio_ppm=5_000_000, reward_ratio_ppm=20_000_000)
    reward = make_reward(till.made, points, level=1001)
    card, visits = make_campaign(till.made, kind="giftcard"), make_campaign(till.made, kind="events")
    wash = make_reward(till.made, visits, level=2)
    drinks = make_campaign(till.made, kind="buyx")
    drink = make_item(till.made, drinks, level=5)
    till.sold(points, amount="200")
    till.sold(card, amount="10")
    till.sold(visits)
    till.sold(drinks, service_product=drink, buyx_quantity=4)
    before = till.books()
    for answer, text in (
        (till.redeem(points, custom_points_redeem="1001"), TOO_MUCH),
        (till.redeem(points, custom_dollars_redeem="10.01"), TOO_MUCH),
        (till.redeem(points, reward_to_redeem=reward), TOO_HIGH),
        (till.redeem(card, reward_to_redeem="10.01"), TOO_MUCH),
        (till.redeem(visits, reward_to_redeem=wash), TOO_HIGH),
        (till.redeem(drinks, reward_to_redeem=drink), TOO_HIGH),
    ):
        assert (answer.error_code, answer.text) == ("insufficient_balance", text)
    assert till.books() == before
    assert till.redeem(points, custom_points_redeem="1000").ok, "all of it may be redeemed"
    assert till.redeem(card, reward_to_redeem="10").at(f"{TRANSACTION}/balance/amount") == "0.00"


def test_somebody_who_never_was_in_the_campaign_has_nothing_to_redeem(till: Till) -> None:
    assert till.redeem(make_campaign(till.made), custom_points_redeem="1").text == TOO_MUCH


@pytest.mark.parametrize("value", ["0", "-1"])
def test_points_need_to_be_at_least_one(till: Till, value: str) -> None:
    answer = till.redeem(make_campaign(till.made), custom_points_redeem=value)
    assert answer.text == "The amount entered needs to be at least 1"


@pytest.mark.parametrize("value", ["0", "0.00", "-1"])
def test_money_must_be_at_least_one_minor_unit(till: Till, value: str) -> None:
    points = make_campaign(till.made, reward_ratio_ppm=20_000_000)
    card = make_campaign(till.made, kind="giftcard")
    text = "The amount entered must be at least 0.01"
    assert till.redeem(points, custom_dollars_redeem=value).text == text
    assert till.redeem(card, reward_to_redeem=value).text == text


@pytest.mark.parametrize("value", ["1e9", "NaN", "-0", "1.5", "abc", "9" * 30])
def test_what_is_no_number_of_points_is_not_valid(till: Till, value: str) -> None:
    answer = till.redeem(make_campaign(till.made), custom_points_redeem=value)
    assert (answer.error_code, answer.text) == ("invalid_parameter", "The amount entered is not valid")


@pytest.mark.parametrize("value", ["1e9", "NaN", "-0", "1.555", "abc", "9" * 30])
def test_what_is_no_amount_of_money_is_not_valid(till: Till, value: str) -> None:
    points = make_campaign(till.made, reward_ratio_ppm=20_000_000)
    card = make_campaign(till.made, kind="giftcard")
    for answer in (till.redeem(points, custom_dollars_redeem=value), till.redeem(card, reward_to_redeem=value)):
        assert (answer.error_code, answer.text) == ("invalid_parameter", "The amount entered is not valid")


@pytest.mark.parametrize(
    ("field", "value", "names"),
    [
        ("campaign_id", "12", "campaign_id"),
        ("campaign_id", "1234567890123456", "Campaign not valid or deactivated."),
        ("code", "nobody", "This customer does not exist."),
        ("reward_to_redeem", "999999", "reward_to_redeem"),
        ("reward_to_redeem", "coffee", "reward_to_redeem"),
        ("reward_to_redeem", "x" * 61, "reward_to_redeem"),
        ("authorization", "x" * 256, "authorization"),
        ("send_transaction_email", "perhaps", "send_transaction_email"),
        ("custom_field_9", "x", "custom_field_9"),
        ("reference", "x" * 65, "reference"),
        ("transaction_time", "2026-13-01", "transaction_time"),
        ("transaction_time", "2199-01-01", "transaction_time"),
        ("expected_balance", "lots", "expected_balance"),
        ("expected_balance", "7", "expected_balance"),
        ("receipt_text", "maybe", "receipt_text"),
        ("dry_run", "perhaps", "dry_run"),
        ("idempotency_key", "\u00e9", "idempotency_key"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_and_nothing_is_written(till: Till, field: str, value: str, names: str) -> None:
    campaign = make_campaign(till.made)
    reward = make_reward(till.made, campaign, level=100)
    till.sold(campaign, amount="10")
    right: dict[str, Any] = {"campaign_id": campaign.number, "code": "c1", "reward_to_redeem": reward}
    before = till.books()
    answer = till.call("redeem", **{**right, field: value})
    assert not answer.ok
    assert names in answer.text
    assert till.books() == before
    assert till.call("redeem", **right).ok, "the rest of the call was right"


def test_rewards_and_items_of_another_campaign_are_not_this_ones(till: Till) -> None:
    campaign, other = make_campaign(till.made), make_campaign(till.made)
    drinks, more = make_campaign(till.made, kind="buyx"), make_campaign(till.made, kind="buyx")
    reward, item = make_reward(till.made, other), make_item(till.made, more)
    till.sold(campaign, amount="10")
    assert till.redeem(campaign, reward_to_redeem=reward).error_code == "reward_not_found"
    answer = till.redeem(drinks, reward_to_redeem=item)
    assert (answer.error_code, answer.text) == (
        "item_not_found",
        "reward_to_redeem is not valid: no such item in this campaign",
    )


def test_the_owners_identifier_is_not_the_rewards_id(till: Till) -> None:
    campaign = make_campaign(till.made)
    make_reward(till.made, campaign, identifier="424242")
    till.sold(campaign, amount="10")
    assert till.redeem(campaign, reward_to_redeem="424242").error_code == "reward_not_found"


@pytest.mark.parametrize(("role", "is_allowed"), [("A", True), ("K", True), ("F", True), ("P", False), ("O", False)])
def test_only_roles_that_redeem_may_redeem(till: Till, api: Api, role: str, is_allowed: bool) -> None:
    campaign = make_campaign(till.made, kind="giftcard")
    till.sold(campaign, amount="10")
    user = make_user(till.made, role=role)
    answer = api.call("redeem", **user.credentials, campaign_id=campaign.number, code="c1", reward_to_redeem="1")
    assert answer.ok is is_allowed


def test_another_account_is_never_touched(till: Till) -> None:
    elsewhere = make_account()
    campaign = make_campaign(elsewhere, kind="giftcard")
    make_customer(elsewhere, code="theirs", campaigns=(campaign,), openings=(1000,))
    assert till.redeem(campaign, "theirs", reward_to_redeem="1").error_code == "campaign_not_found"
    assert (
        till.redeem(make_campaign(till.made, kind="giftcard"), "theirs", reward_to_redeem="1").error_code
        == "customer_not_found"
    )


# -- repetition --------------------------------------------------------------------------------------------------------------
def test_a_key_answers_the_first_redemption_byte_for_byte(till: Till) -> None:
    campaign = make_campaign(till.made)
    reward = make_reward(till.made, campaign, level=300)
    till.sold(campaign, amount="3")
    first = till.redeem(campaign, reward_to_redeem=reward, idempotency_key="k")
    assert first.ok
    till.set_up("UPDATE campaigns_rewards SET description = 'Other', level = 1 WHERE account_id = %s")
    again = till.redeem(campaign, reward_to_redeem=reward, idempotency_key="k")
    assert (again.xml_body, again.json_body) == (first.xml_body, first.json_body)
    assert till.balance(campaign) == "0"


def test_racing_redemptions_never_take_more_than_there_is(till: Till) -> None:
    campaign = make_campaign(till.made, kind="giftcard")
    till.sold(campaign, amount="10")
    request = till.api.signed_request("redeem", campaign_id=campaign.number, code="c1", reward_to_redeem="3")
    answers = till.api.together([request] * 20)
    assert sum(answer.ok for answer in answers) == 3
    assert {answer.text for answer in answers if not answer.ok} == {TOO_MUCH}
    assert till.balance(campaign) == "1.00"


def test_a_dry_run_of_a_redemption_takes_nothing(till: Till) -> None:
    campaign = make_campaign(till.made, kind="giftcard")
    till.sold(campaign, amount="10")
    before = till.books()
    assert till.redeem(campaign, reward_to_redeem="4", dry_run="Y").at(f"{TRANSACTION}/balance/amount") == "6.00"
    assert till.redeem(campaign, reward_to_redeem="11", dry_run="Y").text == TOO_MUCH
    assert till.books() == before


def test_the_guard_holds_for_redemptions_too(till: Till) -> None:
    campaign = make_campaign(till.made, kind="giftcard")
    till.sold(campaign, amount="10")
    till.set_up("UPDATE users_users SET duplicate_guard = 'first' WHERE account_id = %s")
    first = till.redeem(campaign, reward_to_redeem="4")
    assert till.redeem(campaign, reward_to_redeem="4").xml_body == first.xml_body
    assert till.balance(campaign) == "6.00"


def test_a_redemption_gives_no_share_to_the_second_tier(till: Till) -> None:
    master, shop = make_campaign(till.made), make_campaign(till.made)
    make_second_tier(till.made, master)
    till.sold(shop, amount="5")
    assert till.redeem(shop, custom_points_redeem="100").xml.find(f"{TRANSACTION}/second_tier") is None
    assert till.balance(master) == "50"
