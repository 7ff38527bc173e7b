# SPDX-License-Identifier: Apache-2.0
"""validate_customer_password over the wire (api.md 7)."""

from __future__ import annotations

import pytest

from tests.client import Api
from tests.factories import MadeAccount, make_account, make_customer, make_user


@pytest.fixture
def shop() -> MadeAccount:
    account = make_account(country="US")
    make_customer(account, code="c1", card_number="7001", username="amy", phone="555-123-4567", password="secret_1", pin="1234")
    make_customer(account, code="c2", card_number="7002")
    return account


def validate(api: Api, shop: MadeAccount, **fields):
    return api.as_(**shop.credentials).call("validate_customer_password", **fields)


def test_success_is_an_empty_answer(api, shop):
    answer = validate(api, shop, card_number="7001", customer_password="secret_1")
    assert answer.xml_body == b'<?xml version="1.0" encoding="UTF-8"?><response status="success"></response>'
    assert answer.json_body == b'{\n  "status": "success"\n}'
    request = api.as_(**shop.credentials).signed_request(
        "validate_customer_password", code="c1", customer_PIN="1234", callback="f", condensed="yes"
    )
    assert api.raw(request).body == b'f({"status":"success"});'


@pytest.mark.parametrize(
    "who",
    [
        {"card_number": "7001"},
        {"code": "c1"},
        {"customer_username": "amy"},
        {"card_number": "555-123-4567"},
        {"card_number": "7001", "code": "c1", "customer_username": "amy", "phone": "5551234567"},
    ],
)
def test_all_that_is_sent_must_match(api, shop, who):
    assert validate(api, shop, **who, customer_password="secret_1").ok
    assert validate(api, shop, **who, customer_PIN="1234").ok
    assert validate(api, shop, **who, customer_password="secret_1", customer_PIN="1234").ok
    assert validate(api, shop, **{**who, "phone": "5550000000"}, customer_password="secret_1").text == (
        "No customer matches data provided."
    )


@pytest.mark.parametrize(
    ("fields", "text", "code"),
    [
        (
            {"code": "c1", "customer_password": "secret_2"},
            "The password submitted does not match the one on record.",
            "secret_mismatch",
        ),
        ({"code": "c1", "customer_PIN": "9999"}, "PINs do not match", "secret_mismatch"),
        ({"code": "c9", "customer_PIN": "1234"}, "No customer matches data provided.", "no_customer_matches"),
        ({"code": "c2", "customer_password": "secret_1"}, "Customer is not yet registered", "customer_not_registered"),
        ({"code": "c2", "customer_PIN": "1234"}, "No PIN exists in the record", "no_secret_on_record"),
        ({"code": "c1"}, "No password provided", "missing_parameter"),
        ({"code": "c1", "customer_password": ""}, "No password provided", "missing_parameter"),
        ({"code": "c1", "customer_PIN": ""}, "No PIN provided", "missing_parameter"),
        ({"customer_password": "secret_1"}, "Missing parameter: card_number", "missing_parameter"),
        (
            {"code": "c1", "customer_password": "x" * 129},
            "customer_password is not valid: at most 128 characters",
            "invalid_parameter",
        ),
        ({"code": "c1", "customer_PIN": "1" * 21}, "customer_PIN is not valid: at most 20 characters", "invalid_parameter"),
        (
            {"code": "c1", "phone": "1" * 41, "customer_PIN": "1234"},
            "phone is not valid: at most 40 characters",
            "invalid_parameter",
        ),
    ],
)
def test_what_is_wrong_is_said(api, shop, fields, text, code):
    answer = validate(api, shop, **fields)
    assert (answer.text, answer.error_code) == (text, code)


@pytest.mark.parametrize("name", ["card_number", "code", "customer_username"])
def test_a_wrong_value_is_named(api, shop, name):
    answer = validate(api, shop, **{name: "x" * 65}, customer_PIN="1234")
    assert answer.text.startswith(f"{name} is not valid")


def test_several_who_share_an_address_are_refused(api, shop):
    for _ in range(2):
        make_customer(shop, email="amy@example.com", password="secret_1")
    answer = validate(api, shop, card_number="amy@example.com", customer_password="secret_1")
    assert answer.text == "More than one customer matches data provided."


def test_wrong_pins_are_counted_though_the_answer_is_an_error(api, shop):
    for _ in range(5):
        assert validate(api, shop, code="c1", customer_PIN="0000").text == "PINs do not match"
    answer = validate(api, shop, code="c1", customer_PIN="1234")
    assert answer.error_code == "pin_locked"
    assert validate(api, shop, code="c1", customer_password="secret_1").ok


def test_another_accounts_member_is_nobody(api, shop):
    other = make_account()
    answer = validate(api, other, card_number="7001", customer_password="secret_1")
    assert answer.text == "No customer matches data provided."


def test_a_role_without_customers_is_refused(api, shop):
    designer = make_user(shop, role="D")
    answer = api.as_(**designer.credentials).call("validate_customer_password", code="c1", customer_PIN="1234")
    assert answer.text == "User does not have permission"
