# SPDX-License-Identifier: Apache-2.0
"""record_customer over the wire: each documented note is a test (api.md 7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from regulars.customers.models import Customer
from regulars.kit.db import unit_of_work
from regulars.ledger.models import Entry
from regulars.messages.models import OutboxMessage
from tests.client import Api
from tests.factories import NOW, MadeAccount, make_account, make_campaign, make_customer, make_field, make_user


def customers_of(account: MadeAccount) -> list[Customer]:
    with unit_of_work(account.id):
        return list(Customer.objects.filter(account_id=account.id, deleted_at__isnull=True).order_by("id"))


def signed(api: Api, account: MadeAccount, action: str = "new") -> Api:
    return api.as_(**account.credentials, customer_action=action)


# -- new -----------------------------------------------------------------------------------------------------------
def test_a_new_customer_is_answered_by_his_code(api):
    account = make_account()
    request = {"code": "c1", "card_number": "7001", "first_name": "Amy"}
    answer = signed(api, account).call("record_customer", **request)
    assert answer.xml_body == (
        b'<?xml version="1.0" encoding="UTF-8"?>'
        b'<response status="success">'
        b'<customer status="new"><code>c1</code><card_number>7001</card_number></customer></response>'
    )
    assert answer.json_body == (
        b'{\n  "status": "success",\n  "customer": {\n'
        b'    "status": "new",\n    "code": "c1",\n    "card_number": "7001"\n  }\n}'
    )


def test_the_answer_comes_as_jsonp_where_a_function_is_named(api):
    account = make_account()
    request = signed(api, account).signed_request("record_customer", code="c1", callback="shop.done", condensed="yes")
    response = api.raw(request)
    assert dict(response.headers)["content-type"] == "application/javascript; charset=utf-8"
    assert response.body == b'shop.done({"status":"success","customer":{"status":"new","code":"c1"}});'


def test_all_fields_are_kept_and_shown_again(api):
    account = make_account()
    make_field(account, number=2, label="Colour")
    given = {
        "code": "c1", "card_number": "7001", "first_name": "Amy & <Ann>", "last_name": "Acker", "phone": "(555) 123-4567",
        "email": "amy@example.com", "street1": "1234 Main St", "street2": "Apt 5", "city": "Fargo", "state": "ND",
        "postal_code": "58102", "country": "US", "custom_date": "1970-07-00", "custom_field": "vip", "customer_username": "amy",
        "custom_field_2": "Blue",
    }  # fmt: skip
    assert signed(api, account).call("record_customer", **given, customer_password="secret_1", customer_PIN="1234").ok
    info = api.as_(**account.credentials).call("customer_info", code="c1")
    for name, value in given.items():
        assert info.at(f"customer/{name}" + ("/data" if name == "custom_field_2" else "")) == value
    assert info.at("customer/registered") == "Y"


def test_a_get_with_few_fields_is_enough(api):
    account = make_account()
    make_field(account, number=2)
    answer = signed(api, account).call(
        "record_customer",
        code="c1",
        phone="5551234567",
        first_name="Amy",
        custom_field_1="a",
        custom_field_2="b",
        card_number="7001",
    )
    assert answer.at("customer/code") == "c1"
    (customer,) = customers_of(account)
    assert customer.fields == {"1": "a", "2": "b"}


def test_without_a_code_the_card_becomes_the_code(api):
    account = make_account()
    assert signed(api, account).call("record_customer", card_number="7001").at("customer/code") == "7001"
    answer = signed(api, account).call("record_customer", card_number="7002", new_code="Yes")
    assert len(answer.at("customer/code")) == 16
    assert answer.at("customer/card_number") == "7002"


def test_a_made_card_number_is_answered(api):
    account = make_account()
    answer = signed(api, account).call(
        "record_customer", card_number_generate=10, card_number_prefix="12", card_number_suffix="9"
    )
    card = answer.json["customer"]["code"]
    assert (len(card), card[:2], card[-1]) == (10, "12", "9")
    assert answer.at("customer/card_number") == card


@pytest.mark.parametrize(
    ("second", "text", "code"),
    [
        ({"code": "c1"}, "The customer Account Id you entered already exists.", "customer_exists"),
        ({"card_number": "7001"}, "The information entered matches an existing customer.", "card_in_use"),
        ({"code": "c2", "card_number": "7001"}, "The information entered matches an existing customer.", "card_in_use"),
        ({"customer_username": "amy"}, "The username is already in use.", "username_taken"),
    ],
)
def test_who_is_there_already_is_refused(api, second, text, code):
    account = make_account()
    assert signed(api, account).call("record_customer", code="c1", card_number="7001", customer_username="amy").ok
    answer = signed(api, account).call("record_customer", **second)
    assert (answer.text, answer.error_code) == (text, code)
    assert len(customers_of(account)) == 1


def test_a_trial_account_takes_ten_customers(api):
    account = make_account(state="trial")
    for number in range(10):
        assert signed(api, account).call("record_customer", code=f"c{number}").ok
    answer = signed(api, account).call("record_customer", code="c10")
    assert answer.text == "Cannot add more customers: Account in Trial mode."
    assert len(customers_of(account)) == 10


def test_joining_campaigns_shows_an_activation_and_the_opening_amount(api):
    account = make_account()
    points, card = make_campaign(account), make_campaign(account, kind="giftcard")
    answer = signed(api, account).call(
        "record_customer", code="c1", campaign_id=f"{points.number},{card.number}", auto_add="1500"
    )
    assert answer.ok, answer
    shop = api.as_(**account.credentials)
    history = shop.call("customer_balance", code="c1", campaign_id=points.number)
    rows = history.xml.findall("campaign/customer/transactions/transaction")
    assert [(row.findtext("authorization"), row.findtext("service_product"), row.findtext("amount")) for row in rows] == [
        ("", "", "1500"),
        ("Account Activated.", "Activation", "0"),
    ]
    assert history.at("campaign/customer/balance") == "1500"
    assert shop.call("customer_balance", code="c1", campaign_id=card.number).at("campaign/customer/balance") == "1500.00"


def test_campaigns_may_be_sent_as_a_list(api):
    account = make_account()
    numbers = [make_campaign(account).number, make_campaign(account).number]
    assert signed(api, account).call("record_customer", code="c1", campaign_id=numbers).ok
    with unit_of_work(account.id):
        assert Entry.objects.filter(account_id=account.id, kind="activation").count() == 2


def test_a_campaign_that_cannot_be_joined_is_refused(api):
    account, other = make_account(), make_account()
    mine, theirs = make_campaign(account), make_campaign(other)
    for number in (theirs.number, "1234567890123456"):
        answer = signed(api, account).call("record_customer", code="c1", campaign_id=f"{mine.number},{number}")
        assert answer.text == "One of the campaigns selected is not valid."
    assert customers_of(account) == []


def test_an_opening_amount_needs_a_campaign_that_takes_it(api):
    account = make_account()
    buyx, points = make_campaign(account, kind="buyx"), make_campaign(account)
    call = signed(api, account).call
    assert call("record_customer", code="c1", auto_add="100").text == "Missing parameter: campaign_id"
    assert call("record_customer", code="c1", auto_add="100", campaign_id=buyx.number).text.startswith("auto_add is not valid")
    for amount in ("-5", "1.5", "1e3", "NaN", "-0", "x"):
        answer = call("record_customer", code="c1", auto_add=amount, campaign_id=points.number)
        assert answer.text.startswith("auto_add is not valid"), amount
    assert customers_of(account) == []


def test_mail_is_written_unless_it_is_not_wanted(api):
    account = make_account()
    call = signed(api, account).call
    assert call("record_customer", code="c1", email="amy@example.com").ok
    assert call("record_customer", code="c2", email="bob@example.com", send_no_email="true").ok
    assert call("record_customer", code="c3").ok
    with unit_of_work(account.id):
        assert list(OutboxMessage.objects.filter(account_id=account.id).values_list("kind", "recipient")) == [
            ("welcome", "amy@example.com")
        ]


def test_old_names_of_the_first_custom_field_mean_the_same(api):
    account = make_account()
    for number, name in enumerate(("custom_field", "custom1", "custom_field_1")):
        assert signed(api, account).call("record_customer", code=f"c{number}", **{name: "vip"}).ok
    assert [customer.fields for customer in customers_of(account)] == [{"1": "vip"}] * 3
    answer = signed(api, account).call("record_customer", code="c9", custom_field="a", custom_field_1="b")
    assert answer.error_code == "duplicate_parameter"


WRONG = [
    ("code", "x" * 65), ("card_number", "x" * 65), ("new_code", "maybe"), ("card_number_generate", "0"),
    ("card_number_generate", "33"), ("card_number_generate", "1e9"), ("card_number_prefix", "AB"),
    ("card_number_suffix", "9-9"),
    ("first_name", "x" * 101), ("last_name", "x" * 101), ("phone", "call me"), ("email", "amy"), ("street1", "x" * 121),
    ("street2", "x" * 121), ("city", "x" * 81), ("state", "x" * 81), ("postal_code", "x" * 21), ("country", "x" * 81),
    ("custom_date", "2026-02-30"), ("custom_date", "14.07."), ("custom_field", "x" * 64_001), ("customer_username", "x" * 65),
    ("customer_password", "abcd"), ("customer_password", "with space"), ("customer_PIN", "12"), ("customer_PIN", "abcd"),
    ("custom_field_7", "no such field"), ("custom_field_2", "Purple"), ("campaign_id", "12"), ("campaign_id", ","),
    ("auto_add", "x" * 41), ("send_no_email", "perhaps"),
]  # fmt: skip
OWN_SENTENCE = {
    "phone": "This is not a valid phone number.",
    "email": "This email address is not valid.",
    "custom_field_2": "Non-allowed option submitted.",
    "customer_PIN": "A PIN must be 4 or 5 numbers only",
}


@pytest.mark.parametrize("action", ["new", "edit"])
@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_named_and_nothing_is_written(api, action, name, value):
    account = make_account()
    make_field(account, number=2, type="Pick", choices=("Blue", "Red"))
    make_customer(account, code="c1", first_name="Amy")
    campaign = make_campaign(account)
    request = {"code": "c1" if action == "edit" else "c2", "last_name": "Acker", "campaign_id": campaign.number}
    if name.startswith("card_number_") and name != "card_number_generate":
        request["card_number_generate"] = "10"
    answer = signed(api, account, action).call("record_customer", **{**request, name: value})
    if name == "customer_password":
        assert "password" in answer.text
    else:
        assert answer.text == OWN_SENTENCE[name] if name in OWN_SENTENCE else answer.text.startswith(f"{name} is not valid"), (
            answer
        )
    assert answer.error_code == "invalid_parameter"
    (customer,) = customers_of(account)
    assert (customer.code, customer.first_name, customer.last_name) == ("c1", "Amy", "")
    with unit_of_work(account.id):
        assert not Entry.objects.filter(account_id=account.id).exists()


def test_every_wrong_value_is_told_at_once(api):
    account = make_account()
    answer = signed(api, account).call("record_customer", email="amy", phone="x", customer_PIN="1")
    assert answer.errors == [
        "This is not a valid phone number.",
        "This email address is not valid.",
        "A PIN must be 4 or 5 numbers only",
    ]


def test_an_unknown_action_is_refused(api):
    account = make_account()
    for action in ("remove", ""):
        answer = api.as_(**account.credentials).call("record_customer", customer_action=action, code="c1")
        assert answer.text == "Action Undefined"


def test_a_required_field_is_asked_for(api):
    account = make_account()
    make_field(account, number=2, required=True)
    answer = signed(api, account).call("record_customer", code="c1")
    assert (answer.text, answer.error_code) == ("Missing parameter: custom_field_2", "missing_parameter")
    assert signed(api, account).call("record_customer", code="c1", custom_field_2="x").ok
    answer = signed(api, account, "edit").call("record_customer", code="c1", custom_field_2="")
    assert answer.text == "Missing parameter: custom_field_2"


def test_a_unique_field_is_refused_twice(api):
    account = make_account()
    make_field(account, number=2, unique=True)
    assert signed(api, account).call("record_customer", code="c1", custom_field_2="x").ok
    answer = signed(api, account).call("record_customer", code="c2", custom_field_2="X")
    assert "Not Unique" in answer.text
    assert answer.error_code == "not_unique"


def test_metacharacters_are_only_text(api):
    account = make_account()
    nasty = """'; DROP TABLE customers_customers; -- <b>&amp;]]>"%_\\"""
    assert signed(api, account).call("record_customer", code=nasty, first_name=nasty).at("customer/code") == nasty
    assert api.as_(**account.credentials).call("customer_info", code=nasty).at("customer/first_name") == nasty


def test_the_same_key_enrols_once(api):
    account = make_account()
    call = signed(api, account).call
    first = call("record_customer", first_name="Amy", idempotency_key="k1")
    again = call("record_customer", first_name="Amy", idempotency_key="k1")
    assert again.xml_body == first.xml_body
    assert len(customers_of(account)) == 1
    assert call("record_customer", first_name="Bob", idempotency_key="k1").error_code == "key_reused"


def test_a_dry_run_writes_nothing(api):
    account = make_account()
    campaign = make_campaign(account)
    answer = signed(api, account).call(
        "record_customer", code="c1", email="amy@example.com", campaign_id=campaign.number, auto_add="5", dry_run="Y"
    )
    assert answer.at("customer/code") == "c1"
    assert customers_of(account) == []
    with unit_of_work(account.id):
        assert not Entry.objects.filter(account_id=account.id).exists()
        assert not OutboxMessage.objects.filter(account_id=account.id).exists()


# -- edit ----------------------------------------------------------------------------------------------------------
def test_an_edit_keeps_what_is_not_sent_and_empties_what_is_blank(api):
    account = make_account()
    make_customer(
        account, code="c1", first_name="Amy", last_name="Acker", email="amy@example.com", city="Fargo", fields={1: "vip"}
    )
    answer = signed(api, account, "edit").call(
        "record_customer", code="c1", last_name="Adams", city="", email="", custom_field="", phone=""
    )
    assert answer.xml_body.endswith(
        b'<response status="success"><customer status="updated"><code>c1</code></customer></response>'
    )
    (customer,) = customers_of(account)
    assert (customer.first_name, customer.last_name, customer.city, customer.email) == ("Amy", "Adams", "", "")
    assert customer.fields == {}


def test_an_unknown_date_empties_the_date(api):
    account = make_account()
    make_customer(account, code="c1", custom_date="1970-07-14")
    assert signed(api, account, "edit").call("record_customer", code="c1", custom_date="0000-00-00").ok
    assert customers_of(account)[0].custom_date == ""


def test_an_edit_without_a_code_makes_a_new_customer(api):
    account = make_account()
    make_customer(account, code="c1")
    answer = signed(api, account, "edit").call("record_customer", first_name="Amy")
    assert answer.xml.find("customer").get("status") == "new"
    assert len(answer.at("customer/code")) == 16
    assert len(customers_of(account)) == 2


def test_an_edit_with_an_unknown_code_makes_a_new_customer(api):
    account = make_account()
    answer = signed(api, account, "edit").call("record_customer", code="c9", first_name="Amy", card_number="7001")
    assert (answer.at("customer/code"), answer.at("customer/card_number")) == ("c9", "7001")
    assert answer.xml.find("customer").get("status") == "new"


def test_an_edit_with_only_a_card_matches_it_first(api):
    account = make_account()
    make_customer(account, code="c1", card_number="7001")
    answer = signed(api, account, "edit").call("record_customer", card_number="7001", first_name="Amy")
    assert answer.at("customer/code") == "c1"
    assert answer.xml.find("customer").get("status") == "updated"
    answer = signed(api, account, "edit").call("record_customer", card_number="7002", first_name="Bob")
    assert len(answer.at("customer/code")) == 16
    assert answer.at("customer/card_number") == "7002"


def test_another_accounts_customer_is_not_edited(api):
    account, other = make_account(), make_account()
    make_customer(other, code="c1", card_number="7001", first_name="Amy")
    assert signed(api, account, "edit").call("record_customer", code="c1", first_name="Eve").ok
    assert customers_of(other)[0].first_name == "Amy"
    assert customers_of(account)[0].first_name == "Eve"


def test_roles_may_do_what_they_may(api):
    account = make_account()
    make_customer(account, code="c1", card_number="7001")
    clerk, temp, associate = (make_user(account, role=role) for role in "KPH")
    refused = "User does not have permission"

    def call(user, action, **fields):
        return api.as_(**user.credentials, customer_action=action).call("record_customer", **fields)

    assert call(temp, "new", code="c2").ok
    assert call(temp, "edit", code="c2").text == refused
    assert call(associate, "edit", code="c2").text == refused
    assert call(clerk, "edit", code="c2", first_name="Bob").ok
    assert call(clerk, "edit", code="c1", card_number="7009").text == refused
    assert customers_of(account)[0].card_number == "7001"


# -- register ------------------------------------------------------------------------------------------------------
def test_a_member_takes_over_an_issued_card(api):
    account = make_account()
    make_customer(account, code="c1", card_number="7001", city="Fargo")
    answer = signed(api, account, "register").call(
        "record_customer", card_number="7001", customer_password="secret_1", first_name="Amy", city=""
    )
    assert answer.xml_body.endswith(
        b'<customer status="updated"><code>c1</code><card_number>7001</card_number></customer></response>'
    )
    (customer,) = customers_of(account)
    assert (customer.first_name, customer.city, customer.is_registered) == ("Amy", "Fargo", True)
    shop = api.as_(**account.credentials)
    assert shop.call("validate_customer_password", card_number="7001", customer_password="secret_1").ok
    again = signed(api, account, "register").call("record_customer", card_number="7001", customer_password="other_11")
    assert again.text == "The information entered matches an existing customer."


def test_registering_needs_a_card_that_was_issued_and_a_password(api):
    account = make_account()
    make_customer(account, code="c1", card_number="7001", email="amy@example.com")
    call = signed(api, account, "register").call
    assert call("record_customer", card_number="7001").text == "Missing parameter: customer_password"
    assert call("record_customer", customer_password="secret_1").text == "Missing parameter: card_number"
    for card in ("7002", "amy@example.com"):
        assert call("record_customer", card_number=card, customer_password="secret_1").text == "This customer does not exist."
    assert not customers_of(account)[0].is_registered


# -- time ----------------------------------------------------------------------------------------------------------
def test_the_moment_of_enrolment_is_the_accounts_own(api):
    account = make_account(timezone="Pacific/Auckland")
    at = NOW + timedelta(hours=2)
    shop = signed(api, account)
    assert shop.call_at(at, "record_customer", code="c1").ok
    shown = shop.call("customer_info", code="c1").at("customer/record_timestamp")
    assert shown == at.astimezone(account.account.zone).strftime("%Y-%m-%d %H:%M:%S")
