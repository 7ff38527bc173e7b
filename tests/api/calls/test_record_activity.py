# SPDX-License-Identifier: Apache-2.0
"""record_activity: every note and every published text of api.md 8 and 13."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.client import Api
from tests.factories import (
    make_account,
    make_campaign,
    make_customer,
    make_field,
    make_item,
    make_promotion,
    make_user,
    unique_name,
)  # fmt: skip
from tests.till import TRANSACTION, RunAsOwner, Till, make_till, transaction_xml

USD = "<currency>USD</currency><glyph>$</glyph>"


@pytest.fixture
def till(api: Api, run_as_owner: RunAsOwner) -> Till:
    till = make_till(api, run_as_owner)
    make_customer(till.made, code="c1", card_number="777001", first_name="Ann", email="ann@example.org")
    return till


# -- receipts, element by element ----------------------------------------------------------------------------------
def test_points_receipt_has_the_documented_elements_in_order(till: Till) -> None:
    campaign = make_campaign(till.made, name="Beans")
    answer = till.record(campaign, amount="9.95")
    number = answer.at(f"{TRANSACTION}/id")
    assert answer.xml_body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?><response status="success"><receipt>'
        "<account_name>Bean &amp; Leaf</account_name>"
        f"<campaign><id>{campaign.number}</id><name>Beans</name><type>points</type></campaign>"
        "<customer><first_name>Ann</first_name><card_number>777001</card_number><email>ann@example.org</email></customer>"
        f"<transaction><id>{number}</id><purchase><amount>9.95</amount>{USD}</purchase>"
        "<recorded><points>995</points><description>Beans</description></recorded>"
        "<balance><points>995</points></balance><cumulative_balance><points>995</points></cumulative_balance>"
        "</transaction></receipt></response>"
    )
    assert answer.json["receipt"]["transaction"] == {
        "id": number,
        "purchase": {"amount": "9.95", "currency": "USD", "glyph": "$"},
        "recorded": {"points": "995", "description": "Beans"},
        "balance": {"points": "995"},
        "cumulative_balance": {"points": "995"},
    }


def test_giftcard_receipt(till: Till) -> None:
    campaign = make_campaign(till.made, kind="giftcard", name="Cards")
    assert transaction_xml(till.record(campaign, amount="1")) == (
        f"<id>N</id><add><amount>1.00</amount>{USD}<description>Cards</description></add>"
        f"<balance><amount>1.00</amount>{USD}</balance><cumulative_balance><amount>1.00</amount>{USD}</cumulative_balance>"
    )


def test_earned_receipt_adds_the_amount_per_event(till: Till) -> None:
    campaign = make_campaign(till.made, kind="earned", name="Visits pay", amount_per_event_minor=495)
    till.sold(campaign)
    assert transaction_xml(till.record(campaign)) == (
        f"<id>N</id><add><amount>4.95</amount>{USD}<description>Visits pay</description></add>"
        f"<balance><amount>9.90</amount>{USD}</balance><cumulative_balance><amount>9.90</amount>{USD}</cumulative_balance>"
    )


def test_events_receipt_records_one_event(till: Till) -> None:
    campaign = make_campaign(till.made, kind="events", name="Visits")
    assert transaction_xml(till.record(campaign, amount="9.95")) == (
        "<id>N</id><recorded><events>1</events><description>Visits</description></recorded>"
        "<balance><events>1</events></balance><cumulative_balance><events>1</events></cumulative_balance>"
    )


def test_buyx_receipt_names_the_item(till: Till) -> None:
    campaign = make_campaign(till.made, kind="buyx")
    item = make_item(till.made, campaign, description="Flat white", level=5, identifier="FW")
    assert transaction_xml(till.record(campaign, service_product=item, buyx_quantity=12)) == (
        "<id>N</id><recorded><units>12</units><description>Flat white</description></recorded>"
        f"<item><id>{item}</id><name>Flat white</name><reward_id>FW</reward_id></item>"
        "<balance><units>12</units><needed_for_free>0</needed_for_free><free_available>2</free_available></balance>"
        "<cumulative_balance><units>12</units></cumulative_balance>"
    )


def test_buyx_quantity_defaults_to_one_and_the_item_may_be_named_by_its_identifier(till: Till) -> None:
    campaign = make_campaign(till.made, kind="buyx")
    make_item(till.made, campaign, description="Flat white", level=5, identifier="FW")
    other = make_item(till.made, campaign, description="Mocha", level=5)
    assert till.record(campaign, service_product="FW").at(f"{TRANSACTION}/recorded/units") == "1"
    answer = till.record(campaign, service_product=other)
    assert answer.at(f"{TRANSACTION}/balance/units") == "1", "each item has a balance of its own"
    assert answer.at(f"{TRANSACTION}/balance/needed_for_free") == "4"


def test_currencies_without_decimals_are_written_without(api: Api, run_as_owner: RunAsOwner) -> None:
    till = make_till(api, run_as_owner, currency="RWF")
    make_customer(till.made, code="c1")
    campaign = make_campaign(till.made, kind="giftcard")
    assert till.record(campaign, amount="500").at(f"{TRANSACTION}/balance/amount") == "500"
    refused = till.record(campaign, amount="0.5")
    assert refused.text == "TRANSACTION ERROR: The amount entered is not valid"
    assert till.record(campaign, amount="0").text == "TRANSACTION ERROR: The amount entered must be at least 1"


def test_the_agency_stands_in_the_receipt(api: Api, run_as_owner: RunAsOwner) -> None:
    agency = run_as_owner("INSERT INTO accounts_agencies (name, email) VALUES ('Loyal & Co', 'us@loyal.example') RETURNING id")[
        0
    ][0]
    till = make_till(api, run_as_owner, agency_id=agency)
    make_customer(till.made, code="c1")
    answer = till.record(make_campaign(till.made, kind="events"))
    assert answer.json["receipt"]["agency"] == {"id": str(agency), "name": "Loyal & Co", "email": "us@loyal.example"}
    assert [child.tag for child in answer.xml.find("receipt")] == [
        "account_name",
        "agency",
        "campaign",
        "customer",
        "transaction",
    ]


def test_the_customer_shows_only_filled_fields_and_labels_custom_ones(till: Till) -> None:
    make_field(till.made, number=3, label="Marital status")
    make_field(till.made, number=4, label="Empty one")
    make_customer(
        till.made, code="c2", last_name="Lee", custom_date="1980-00-00", street1="1 Main St", fields={1: "vip", 3: "Single"}
    )  # fmt: skip
    answer = till.record(make_campaign(till.made, kind="events"), "c2")
    assert answer.json["receipt"]["customer"] == {
        "last_name": "Lee",
        "custom_date": "1980-00-00",
        "street1": "1 Main St",
        "custom_field": "vip",
        "custom_field_3": {"label": "Marital status", "data": "Single"},
    }


def test_description_is_the_text_given_else_what_was_chosen_else_the_campaign(till: Till) -> None:
    campaign = make_campaign(till.made, name="Beans")
    promotion = make_promotion(till.made, campaign, description="Double day", operation="x", multiplier_ppm=2_000_000)
    path = f"{TRANSACTION}/recorded/description"
    assert till.record(campaign, amount="1", promo_id=promotion, authorization="By phone").at(path) == "By phone"
    assert till.record(campaign, amount="1", promo_id=promotion).at(path) == "Double day"
    assert till.record(campaign, amount="1").at(path) == "Beans"


def test_receipt_text_is_for_printers(till: Till) -> None:
    campaign = make_campaign(till.made, name="Beans")
    text = till.record(campaign, amount="9.95", receipt_text="Y").at("receipt/receipt_text")
    assert "Bean & Leaf" in text
    assert any(line.startswith("Balance") and line.endswith("995 points") for line in text.splitlines())
    assert till.record(campaign, amount="9.95").xml.find("receipt/receipt_text") is None


# -- promotions ----------------------------------------------------------------------------------------------------
def test_a_promotion_adds_or_multiplies_and_is_shown(till: Till) -> None:
    campaign = make_campaign(till.made)
    plus = make_promotion(till.made, campaign, description="Friend", points=100)
    times = make_promotion(till.made, campaign, description="Happy hour", operation="x", multiplier_ppm=1_250_000)
    answer = till.record(campaign, amount="2.00", promo_id=plus)
    assert answer.at(f"{TRANSACTION}/recorded/points") == "300"
    assert answer.json["receipt"]["transaction"]["promotion"] == {"id": str(plus), "description": "Friend"}
    assert [child.tag for child in answer.xml.find(TRANSACTION)][:4] == ["id", "purchase", "promotion", "recorded"]
    assert till.record(campaign, amount="2,00", promo_id=times).at(f"{TRANSACTION}/recorded/points") == "250"


def test_a_plus_promotion_may_be_recorded_alone(till: Till) -> None:
    campaign = make_campaign(till.made)
    answer = till.record(campaign, promo_id=make_promotion(till.made, campaign, points=100))
    assert answer.at(f"{TRANSACTION}/recorded/points") == "100"
    assert answer.xml.find(f"{TRANSACTION}/purchase") is None


def test_a_negative_promotion_does_not_take_a_purchase_below_zero(till: Till) -> None:
    campaign = make_campaign(till.made)
    minus = make_promotion(till.made, campaign, points=-500)
    assert till.record(campaign, amount="1.00", promo_id=minus).at(f"{TRANSACTION}/recorded/points") == "0"


def test_a_times_promotion_needs_an_amount(till: Till) -> None:
    campaign = make_campaign(till.made)
    times = make_promotion(till.made, campaign, operation="x")
    answer = till.record(campaign, promo_id=times)
    assert answer.text == "TRANSACTION ERROR: You must enter a purchase amount to use this promotion."


def test_an_amount_or_a_promotion_is_needed(till: Till) -> None:
    answer = till.record(make_campaign(till.made))
    assert answer.text == "TRANSACTION ERROR: You must either enter a USD amount or select a promotion."


def test_a_promotion_may_be_named_by_the_owners_own_id(till: Till) -> None:
    campaign = make_campaign(till.made)
    make_promotion(till.made, campaign, points=7, custom_id="SPRING")
    assert till.record(campaign, promo_id="SPRING").at(f"{TRANSACTION}/recorded/points") == "7"


def test_a_promotion_counts_only_in_its_window(till: Till) -> None:
    campaign = make_campaign(till.made)
    starts, ends = datetime(2027, 1, 1, 5, tzinfo=UTC), datetime(2027, 1, 2, 5, tzinfo=UTC)
    promotion = make_promotion(till.made, campaign, points=7, starts_at=starts, ends_at=ends)
    fields: dict[str, Any] = {"campaign_id": campaign.number, "code": "c1", "promo_id": promotion}
    early = till.api.call_at(starts - timedelta(seconds=1), "record_activity", **fields)
    assert (early.error_code, early.text) == ("promotion_not_active", "promo_id is not valid: this promotion has not begun")
    assert till.api.call_at(starts, "record_activity", **fields).ok
    late = till.api.call_at(ends, "record_activity", **fields)
    assert late.text == "promo_id is not valid: this promotion is over"
    within = till.api.call_at(ends + timedelta(days=1), "record_activity", transaction_time="2027-01-01 12:00:00", **fields)
    assert within.ok, "the window is that of the time it happened"


# -- amounts -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("amount", ["1e9", "NaN", "-0", "9.955", "abc", "1.2.3", "Infinity", "0x10", "1_000", "٣", "9" * 40])
@pytest.mark.parametrize("kind", ["points", "giftcard"])
def test_an_amount_that_is_no_amount_is_refused_in_the_published_words(till: Till, kind: str, amount: str) -> None:
    campaign = make_campaign(till.made, kind=kind)
    before = till.books()
    answer = till.record(campaign, amount=amount)
    assert (answer.error_code, answer.text) == ("invalid_parameter", "TRANSACTION ERROR: The amount entered is not valid")
    assert till.books() == before


@pytest.mark.parametrize("amount", ["0", "0.00", "-5", "-0.01"])
@pytest.mark.parametrize("kind", ["points", "giftcard"])
def test_an_amount_below_the_smallest_is_refused(till: Till, kind: str, amount: str) -> None:
    campaign = make_campaign(till.made, kind=kind)
    before = till.books()
    assert till.record(campaign, amount=amount).text == "TRANSACTION ERROR: The amount entered must be at least 0.01"
    assert till.books() == before


@pytest.mark.parametrize(
    ("written", "points"), [("9,95", "995"), ("+9.95", "995"), ("1,234.50", "123450"), ("1.234,50", "123450"), (" 5 ", "500")]
)
def test_amounts_are_read_as_tills_write_them(till: Till, written: str, points: str) -> None:
    assert till.record(make_campaign(till.made), amount=written).at(f"{TRANSACTION}/recorded/points") == points


def test_a_gift_card_needs_an_amount(till: Till) -> None:
    assert till.record(make_campaign(till.made, kind="giftcard")).text == "Missing parameter: amount"


def test_points_are_cut_toward_zero_and_the_remainder_is_carried_where_the_campaign_says_so(till: Till) -> None:
    cuts = make_campaign(till.made, points_ratio_ppm=50_000)
    carries = make_campaign(till.made, points_ratio_ppm=50_000, carries_remainder=True)
    plain = [till.record(cuts, amount="15").at(f"{TRANSACTION}/recorded/points") for _ in range(4)]
    carried = [till.record(carries, amount="15").at(f"{TRANSACTION}/recorded/points") for _ in range(4)]
    assert plain == ["0", "0", "0", "0"]
    assert carried == ["0", "1", "1", "1"], "0.75 + 0.75 + 0.75 + 0.75 = 3"
    assert till.balance(carries) == "3"


@pytest.mark.parametrize(("rounding", "points"), [("down", "1"), ("nearest", "2"), ("up", "2")])
def test_rounding_is_the_campaigns(till: Till, rounding: str, points: str) -> None:
    campaign = make_campaign(till.made, points_ratio_ppm=1_000_000, rounding=rounding)
    assert till.record(campaign, amount="1.50").at(f"{TRANSACTION}/recorded/points") == points


# -- wrong values: an error that names the field, and nothing written --------------------------------------------------
@pytest.mark.parametrize(
    ("field", "value", "names"),
    [
        ("campaign_id", "12", "campaign_id"),
        ("campaign_id", "1234567890123456", "Campaign not valid or deactivated."),
        ("campaign_id", "", "campaign_id"),
        ("code", "nobody", "This customer does not exist."),
        ("code", "x" * 65, "code"),
        ("promo_id", "999999", "promo_id"),
        ("promo_id", "x" * 61, "promo_id"),
        ("authorization", "x" * 256, "authorization"),
        ("send_transaction_email", "perhaps", "send_transaction_email"),
        ("custom_field_9", "x", "custom_field_9"),
        ("custom_field_1", "much", "Not a valid number."),
        ("reference", "x" * 65, "reference"),
        ("transaction_time", "2026-02-30", "transaction_time"),
        ("transaction_time", "2199-01-01", "transaction_time"),
        ("transaction_time", "yesterday", "transaction_time"),
        ("expected_balance", "lots", "expected_balance"),
        ("expected_balance", "1.5", "expected_balance"),
        ("expected_balance", "7", "expected_balance"),
        ("receipt_text", "maybe", "receipt_text"),
        ("dry_run", "perhaps", "dry_run"),
        ("idempotency_key", "x" * 129, "idempotency_key"),
        ("amount", "much", "TRANSACTION ERROR: The amount entered is not valid"),
        ("account_id", "another_one", "User does not have permission to access the account affected"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_and_nothing_is_written(till: Till, field: str, value: str, names: str) -> None:
    make_field(till.made, owner="transaction", number=1, type="Number")
    campaign = make_campaign(till.made)
    right: dict[str, Any] = {"campaign_id": campaign.number, "code": "c1", "amount": "5"}
    before = till.books()
    answer = till.call("record_activity", **{**right, field: value})
    assert not answer.ok
    assert names in answer.text
    assert till.books() == before
    assert till.call("record_activity", **right).ok, "the rest of the call was right"


@pytest.mark.parametrize(
    ("field", "value", "names"),
    [
        ("service_product", "", "Missing parameter: service_product"),
        ("service_product", "999999", "service_product"),
        ("service_product", "x" * 61, "service_product"),
        ("buyx_quantity", "0", "buyx_quantity"),
        ("buyx_quantity", "-1", "buyx_quantity"),
        ("buyx_quantity", "1.5", "buyx_quantity"),
        ("buyx_quantity", "10001", "buyx_quantity"),
        ("buyx_quantity", "some", "buyx_quantity"),
    ],
)
def test_a_wrong_value_for_a_buyx_item_is_named(till: Till, field: str, value: str, names: str) -> None:
    campaign = make_campaign(till.made, kind="buyx")
    right: dict[str, Any] = {"service_product": make_item(till.made, campaign), "buyx_quantity": "10000"}
    before = till.books()
    answer = till.record(campaign, **{**right, field: value})
    assert not answer.ok
    assert names in answer.text
    assert till.books() == before
    assert till.record(campaign, **right).ok


def test_a_customer_must_be_named(till: Till) -> None:
    campaign = make_campaign(till.made, kind="events")
    assert till.call("record_activity", campaign_id=campaign.number).text == "Missing parameter: code"


def test_code_wins_over_card_number_and_a_card_finds_an_address_too(till: Till) -> None:
    campaign = make_campaign(till.made, kind="events")
    make_customer(till.made, code="c2", card_number="777002")
    both = till.call("record_activity", campaign_id=campaign.number, code="c2", card_number="777001")
    assert both.at("receipt/customer/card_number") == "777002"
    assert till.call("record_activity", campaign_id=campaign.number, card_number="777001").ok
    assert till.call("record_activity", campaign_id=campaign.number, card_number="ANN@example.org").ok
    assert (
        till.call("record_activity", campaign_id=campaign.number, card_number="777003").text == "This customer does not exist."
    )


def test_campaigns_on_hold_unknown_foreign_or_not_allowed_all_say_the_same(till: Till, api: Api) -> None:
    elsewhere = make_campaign(make_account(), kind="events")
    on_hold = make_campaign(till.made, kind="events")
    till.set_up("UPDATE campaigns_campaigns SET state = 'on_hold' WHERE number = %s AND account_id = %s", on_hold.number)
    not_his = make_campaign(till.made, kind="events")
    bob = make_user(till.made, role="K", campaigns_access="none")
    answers = [
        till.record(elsewhere),
        till.record(on_hold),
        api.call("record_activity", **bob.credentials, campaign_id=not_his.number, code="c1"),
    ]
    for answer in answers:
        assert (answer.error_code, answer.text) == ("campaign_not_found", "Campaign not valid or deactivated.")
    assert till.record(not_his).ok


def test_another_accounts_customer_does_not_exist(till: Till) -> None:
    make_customer(make_account(), code="theirs", card_number="888001")
    campaign = make_campaign(till.made, kind="events")
    assert till.record(campaign, "theirs").text == "This customer does not exist."


@pytest.mark.parametrize(
    ("role", "is_allowed"), [("A", True), ("K", True), ("P", True), ("F", False), ("O", False), ("D", False)]
)
def test_only_roles_that_record_may_record(till: Till, api: Api, role: str, is_allowed: bool) -> None:
    campaign = make_campaign(till.made, kind="events")
    user = make_user(till.made, role=role)
    answer = api.call("record_activity", **user.credentials, campaign_id=campaign.number, code="c1")
    assert answer.ok is is_allowed
    assert is_allowed or answer.text == "User does not have permission"


# -- transaction fields, mail, reference, time -----------------------------------------------------------------------
def test_transaction_fields_are_checked_and_kept(till: Till) -> None:
    make_field(till.made, owner="transaction", number=1, label="Table", type="Number")
    make_field(till.made, owner="transaction", number=2, label="Kind", type="Pick", choices=("New", "Used"))
    campaign = make_campaign(till.made, kind="events")
    assert till.record(campaign, custom_field_1="7", custom_field_2="Broken").text == "Non-allowed option submitted."
    number = till.sold(campaign, custom_field_1="7,5", custom_field_2="Used")
    kept = till.run_as_owner("SELECT fields FROM ledger_entries WHERE account_id = %s AND id = %s", till.made.id, int(number))
    assert kept == [({"1": "7.5", "2": "Used"},)]


def test_a_required_transaction_field_must_be_there(till: Till) -> None:
    make_field(till.made, owner="transaction", number=1, label="Table", required=True)
    campaign = make_campaign(till.made, kind="events")
    assert till.record(campaign).text == "Missing parameter: custom_field_1"
    assert till.record(campaign, custom_field_1="4").ok


def test_mail_is_queued_when_asked_for_and_there_is_an_address(till: Till) -> None:
    campaign = make_campaign(till.made, kind="events")
    make_customer(till.made, code="mute")
    number = till.sold(campaign, send_transaction_email="Y")
    till.sold(campaign)
    till.sold(campaign, "mute", send_transaction_email="Y")
    queued = till.run_as_owner("SELECT kind, entry_id FROM messages_outbox WHERE account_id = %s", till.made.id)
    assert queued == [("transaction", int(number))]


def test_transaction_time_is_the_accounts_local_time_and_dates_the_history(till: Till) -> None:
    campaign = make_campaign(till.made, kind="events")
    till.sold(campaign, transaction_time="2026-01-15 12:00:00")
    occurred = till.run_as_owner("SELECT occurred_at FROM ledger_entries WHERE account_id = %s", till.made.id)
    assert occurred[-1][0] == datetime(2026, 1, 15, 17, tzinfo=UTC), "New York is five hours behind"
    row = till.call("customer_balance", campaign_id=campaign.number, code="c1").xml.find(
        "campaign/customer/transactions/transaction"
    )
    assert row.findtext("date") == "2026-01-15"


def test_the_future_can_not_be_recorded(till: Till) -> None:
    answer = till.record(make_campaign(till.made, kind="events"), transaction_time="2199-01-01 00:00:00")
    assert answer.text == "transaction_time is not valid: it lies in the future"


def test_expected_balance_is_checked_before_the_sale_in_the_campaigns_unit(till: Till) -> None:
    campaign = make_campaign(till.made, kind="giftcard")
    assert till.record(campaign, amount="5", expected_balance="0").ok
    assert till.record(campaign, amount="5", expected_balance="5.00").ok
    refused = till.record(campaign, amount="5", expected_balance="5.00")
    assert refused.error_code == "unexpected_balance"
    assert till.balance(campaign) == "10.00"


def test_names_with_markup_stay_text(till: Till) -> None:
    campaign = make_campaign(till.made, name="<b>&\"'</b>")
    make_customer(till.made, code="evil", first_name="]]>'; DROP TABLE", last_name="\U0001f600")
    answer = till.record(campaign, "evil", amount="1", authorization="</authorization>")
    assert answer.at("receipt/campaign/name") == "<b>&\"'</b>"
    assert answer.at("receipt/customer/first_name") == "]]>'; DROP TABLE"
    assert answer.at(f"{TRANSACTION}/recorded/description") == "</authorization>"


def test_a_huge_number_is_an_error_not_an_overflow(till: Till) -> None:
    campaign = make_campaign(till.made, kind="giftcard")
    answer = till.record(campaign, amount="999999999999.99")
    assert answer.ok
    for _ in range(3):
        assert till.record(campaign, amount="999999999999.99").ok
    assert till.record(make_campaign(till.made), amount="999999999999.99").ok
    assert till.record(campaign, amount="9" * 19).text == "TRANSACTION ERROR: The amount entered is not valid"


def test_a_new_campaign_counts_from_the_very_next_call(till: Till) -> None:
    first = make_campaign(till.made, kind="events", name=unique_name("one"))
    till.sold(first)
    second = make_campaign(till.made, kind="events", name=unique_name("two"))
    assert till.record(second).ok
