# SPDX-License-Identifier: Apache-2.0
"""customer_search and customer_find over the wire (api.md 7, 13)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from regulars.campaigns.operations import add_depreciation
from regulars.kit.db import unit_of_work
from tests.client import Api
from tests.factories import NOW, MadeAccount, make_account, make_campaign, make_customer, make_field, make_user

NOBODY = "No customer matches data provided."


@pytest.fixture(scope="module")
def shop() -> MadeAccount:
    account = make_account(country="US", timezone="America/New_York")
    make_field(account, number=3, label="Colour")
    make_customer(
        account, code="amy", card_number="7001", first_name="Amy", last_name="Acker", phone="(555) 123-4567",
        email="amy@example.com", city="Fargo", custom_date="1980-05-01", fields={1: "vip", 3: "Blue"}, password="secret_1",
        pin="1234",
    )  # fmt: skip
    make_customer(account, code="john", card_number="7002", first_name="Johnny", city="Fargo", password="secret_1")
    make_customer(make_account(), code="spy", card_number="7001", first_name="Amy")
    return account


def codes(answer) -> list[str]:
    return [customer["code"] for customer in answer.json["customers"]]


CUSTOMER = (
    "<customer><code>amy</code><card_number>7001</card_number><first_name>Amy</first_name><last_name>Acker</last_name>"
    "<phone>(555) 123-4567</phone><email>amy@example.com</email><street1></street1><street2></street2><city>Fargo</city>"
    "<state></state><postal_code></postal_code><country></country><custom_date>1980-05-01</custom_date>"
    "<custom_field>vip</custom_field><customer_username></customer_username><registered>Y</registered>"
    "<record_timestamp>2026-11-23 04:30:00</record_timestamp><profile_uid>%s</profile_uid>"
    "<custom_field_3><label>Colour</label><data>Blue</data></custom_field_3></customer>"
)


@pytest.mark.parametrize(
    ("call_type", "fields"),
    [("customer_search", {"first_name": "amy"}), ("customer_find", {"find_customer": "amy fargo"})],
)
def test_a_single_match_stands_directly_under_the_response(api: Api, shop, call_type, fields):
    answer = api.as_(**shop.credentials).call(call_type, **fields)
    customer = CUSTOMER % answer.at("customer/profile_uid")
    assert answer.xml_body.decode().replace("/>", "></>") == (
        f'<?xml version="1.0" encoding="UTF-8"?><response status="success">{customer}</response>'
    )
    assert answer.json["customers"] == [answer.json["customer"]]
    assert answer.json["customer"]["custom_field_3"] == {"label": "Colour", "data": "Blue"}
    assert list(answer.json) == ["status", "customer", "customers"]


def test_several_matches_stand_in_a_list(api, shop):
    answer = api.as_(**shop.credentials).call("customer_search", city="fargo")
    assert [element.tag for element in answer.xml] == ["customers"]
    assert [customer.findtext("code") for customer in answer.xml.findall("customers/customer")] == ["amy", "john"]
    assert codes(answer) == ["amy", "john"]
    assert "customer" not in answer.json
    assert "pagination" not in answer.json


def test_the_answer_comes_as_jsonp(api, shop):
    request = api.as_(**shop.credentials).signed_request(
        "customer_find", find_customer="johnny", callback="found", output="json"
    )
    body = api.raw(request).body.decode()
    assert body.startswith('found({\n  "status": "success",\n  "customer": {\n    "code": "john",')
    assert body.endswith("});")


def test_without_a_filter_everybody_is_listed(api, shop):
    assert codes(api.as_(**shop.credentials).call("customer_search")) == ["amy", "john"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"first_name": "John"}, ["john"]),
        ({"first_name": "john", "exact_match": "insensitive"}, []),
        ({"first_name": "johnny", "exact_match": "insensitive"}, ["john"]),
        ({"first_name": "johnny", "exact_match": "sensitive"}, []),
        ({"card_number": "700"}, ["amy", "john"]),
        ({"last_name": "ACK"}, ["amy"]),
        ({"phone": "555-123"}, ["amy"]),
        ({"email": "example"}, ["amy"]),
        ({"custom_date": "1980-05-01"}, ["amy"]),
        ({"custom_field": "VIP"}, ["amy"]),
        ({"custom_field_1": "VIP"}, ["amy"]),
        ({"custom_field_3": "blue"}, ["amy"]),
        ({"customer_password": "secret_1"}, ["amy", "john"]),
        ({"customer_password": "secret_1", "customer_PIN": "1234"}, ["amy"]),
        ({"state": "ND"}, []),
        ({"postal_code": "1"}, []),
        ({"customer_username": "x"}, []),
        ({"city": "far", "first_name": "amy"}, ["amy"]),
    ],
)
def test_each_filter_narrows(api, shop, fields, expected):
    answer = api.as_(**shop.credentials).call("customer_search", **fields)
    if expected:
        assert codes(answer) == expected
    else:
        assert (answer.text, answer.error_code) == (NOBODY, "no_customer_matches")


def test_balances_stand_inside_each_customer(api):
    account = make_account()
    points, card = make_campaign(account), make_campaign(account, kind="giftcard")
    make_customer(account, code="c1", city="Fargo", campaigns=(points, card), openings=(100, 950))
    make_customer(account, code="c2", city="Fargo", campaigns=(points,), openings=(7,))
    make_customer(account, code="c3", city="Fargo")
    call = api.as_(**account.credentials).call
    answer = call("customer_find", find_customer="fargo", include_balances="Y")
    shown = [
        [(campaign.findtext("id"), campaign.findtext("balance")) for campaign in customer.findall("campaigns/campaign")]
        for customer in answer.xml.findall("customers/customer")
    ]
    assert shown == [[(points.number, "100"), (card.number, "9.50")], [(points.number, "7")], []]
    assert answer.json["customers"][2]["campaigns"] == []
    info = call("customer_info", code="c1")
    assert answer.json["customers"][0]["campaigns"] == info.json["campaigns"]


def test_balances_are_shown_only_of_campaigns_the_user_may_see(api):
    account = make_account()
    mine, other = make_campaign(account), make_campaign(account)
    make_customer(account, code="c1", campaigns=(mine, other))
    clerk = make_user(account, role="K", campaigns_access="some", allowed_campaign_ids=[mine.id])
    answer = api.as_(**clerk.credentials).call("customer_find", find_customer="c1", include_balances="Y")
    assert [campaign["id"] for campaign in answer.json["customer"]["campaigns"]] == [mine.number]


def test_a_page_is_shown_with_its_place(api, shop):
    call = api.as_(**shop.credentials).call
    answer = call("customer_search", city="fargo", offset=1, length=1)
    assert codes(answer) == ["john"]
    assert "customer" not in answer.json
    assert answer.json["pagination"] == {"total": "2", "offset": "1", "length": "1"}
    answer = call("customer_find", find_customer="fargo", offset=5)
    assert answer.json["customers"] == []
    assert answer.at("pagination/total") == "2"


def test_the_old_name_of_customer_find_answers_too(api, shop):
    assert codes(api.as_(**shop.credentials).call("find_customer", find_customer="amy")) == ["amy"]


def test_words_are_and_commas_are_or(api, shop):
    call = api.as_(**shop.credentials).call
    assert codes(call("customer_find", find_customer="Amy Acker, johnny")) == ["amy", "john"]
    assert call("customer_find", find_customer="amy johnny").text == NOBODY
    assert call("customer_find", find_customer="secret_1").text == NOBODY


def test_words_are_needed(api, shop):
    call = api.as_(**shop.credentials).call
    assert call("customer_find").text == "Missing parameter: find_customer"
    assert call("customer_find", find_customer=" , ").text.startswith("find_customer is not valid")


@pytest.mark.parametrize(
    ("call_type", "name", "value"),
    [
        ("customer_search", "exact_match", "maybe"),
        ("customer_search", "card_number", "x" * 65),
        ("customer_search", "first_name", "x" * 101),
        ("customer_search", "last_name", "x" * 101),
        ("customer_search", "phone", "x" * 41),
        ("customer_search", "email", "x" * 255),
        ("customer_search", "city", "x" * 81),
        ("customer_search", "state", "x" * 81),
        ("customer_search", "postal_code", "x" * 21),
        ("customer_search", "custom_date", "x" * 11),
        ("customer_search", "custom_field", "x" * 256),
        ("customer_search", "custom_field_3", "x" * 256),
        ("customer_search", "custom_field_9", "no such field"),
        ("customer_search", "customer_username", "x" * 65),
        ("customer_search", "customer_password", "x" * 129),
        ("customer_search", "customer_PIN", "1" * 21),
        ("customer_search", "include_balances", "perhaps"),
        ("customer_search", "offset", "-1"),
        ("customer_search", "length", "0"),
        ("customer_search", "length", "1001"),
        ("customer_find", "find_customer", "a " * 51),
        ("customer_find", "find_customer", "x" * 1001),
        ("customer_find", "include_balances", "perhaps"),
        ("customer_find", "offset", "1e9"),
        ("customer_find", "length", "9,95"),
    ],
)
def test_a_wrong_value_is_named(api, shop, call_type, name, value):
    given = {"find_customer": "amy"} if call_type == "customer_find" else {}
    answer = api.as_(**shop.credentials).call(call_type, **{**given, name: value})
    assert answer.text.startswith(f"{name} is not valid"), answer
    assert answer.error_code == "invalid_parameter"


def test_a_secret_is_not_searched_among_many(api):
    account = make_account()
    for number in range(21):
        make_customer(account, code=f"c{number}")
    answer = api.as_(**account.credentials).call("customer_search", customer_PIN="1234")
    assert answer.error_code == "too_many_candidates"


def test_a_role_without_customers_is_refused(api, shop):
    designer = make_user(shop, role="D")
    for call_type, fields in (("customer_search", {}), ("customer_find", {"find_customer": "amy"})):
        assert api.as_(**designer.credentials).call(call_type, **fields).text == "User does not have permission"


def test_a_search_shows_balances_as_of_its_moment(api):
    account = make_account()
    points = make_campaign(account)
    with unit_of_work(account.id):
        add_depreciation(
            account=account.fresh(), by=account.owner, at=NOW, campaign_id=points.id, basis="per_transaction",
            interval_count=10, interval_unit="days", percentage_ppm=1_000_000,
        )  # fmt: skip
    make_customer(account, code="c1", campaigns=(points,), openings=(100,))
    shop = api.as_(**account.credentials)
    for days, balance in ((9, "100"), (11, "0")):
        found = shop.call_at(NOW + timedelta(days=days), "customer_find", find_customer="c1", include_balances="Y")
        assert found.at("customer/campaigns/campaign/balance") == balance


@pytest.mark.parametrize("custom_date", ["1970-07-04", "1970-7-4", "1970.07.04", "1970/07", "07-04", "1970"])
def test_a_day_is_found_as_clients_write_it(api: Api, custom_date: str) -> None:
    made = make_account()
    make_customer(made, code="c1", custom_date="1970-07-04")
    make_customer(made, code="c2", custom_date="1981-12-24")
    assert api.as_(**made.credentials).call("customer_search", custom_date=custom_date).at("customer/code") == "c1"


@pytest.mark.parametrize(
    "number", ["503-555-0100", "(503) 555-0100", "+1 503 555 0100", "1.503.555.0100", "5035550100", "555 0100"]
)
def test_a_phone_number_is_found_however_it_is_typed(api: Api, number: str) -> None:
    made = make_account()
    make_customer(made, code="c1", phone="+1 503 555 0100")
    make_customer(made, code="c2", phone="503-555-0199")
    owner = api.as_(**made.credentials)
    assert owner.call("customer_find", find_customer=number).at("customer/code") == "c1"
    assert owner.call("customer_find", find_customer=f"nobody, {number}").at("customer/code") == "c1"
    assert owner.call("customer_search", phone=number).at("customer/code") == "c1"
