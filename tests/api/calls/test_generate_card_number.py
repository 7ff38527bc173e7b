# SPDX-License-Identifier: Apache-2.0
"""generate_card_number over the wire (api.md 7)."""

from __future__ import annotations

import pytest

from tests.client import Api
from tests.factories import make_account, make_customer, make_user


def test_a_number_of_16_digits_is_made(api: Api):
    answer = api.as_(**make_account().credentials).call("generate_card_number")
    card = answer.at("customer/card_number")
    assert card.isdecimal()
    assert answer.xml_body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<response status="success"><customer><card_number>{card}</card_number></customer></response>'
    )
    assert len(card) == 16
    assert answer.json == {"status": "success", "customer": {"card_number": card}}


def test_length_prefix_and_suffix_are_kept(api: Api):
    call = api.as_(**make_account().credentials).call
    card = call("generate_card_number", how_many_digits=10, card_number_prefix="007", card_number_suffix="42").at(
        "customer/card_number"
    )
    assert (len(card), card[:3], card[-2:]) == (10, "007", "42")


def test_nobodys_card_or_code_is_made(api: Api):
    account = make_account()
    for digit in "12345678":
        make_customer(account, **({"code": digit} if digit in "123" else {"card_number": digit}))
    call = api.as_(**account.credentials).call
    made = {call("generate_card_number", how_many_digits=1).json.get("customer", {}).get("card_number") for _ in range(5)}
    assert made <= {"9", None}
    make_customer(account, code="9")
    answer = call("generate_card_number", how_many_digits=1)
    assert (answer.text, answer.error_code) == ("Error generating ID. Please try again.", "number_not_generated")
    assert answer.status == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("how_many_digits", "0"),
        ("how_many_digits", "33"),
        ("how_many_digits", "ten"),
        ("card_number_prefix", "AB"),
        ("card_number_prefix", "1" * 33),
        ("card_number_suffix", "9 9"),
    ],
)
def test_a_wrong_value_is_named(api: Api, name, value):
    answer = api.as_(**make_account().credentials).call("generate_card_number", **{name: value})
    assert answer.text.startswith(f"{name} is not valid")


def test_prefix_and_suffix_must_leave_a_digit(api: Api):
    answer = api.as_(**make_account().credentials).call(
        "generate_card_number", how_many_digits=4, card_number_prefix="12", card_number_suffix="34"
    )
    assert answer.text.startswith("how_many_digits is not valid")


def test_who_may_not_add_customers_makes_no_numbers(api: Api):
    observer = make_user(make_account(), role="O")
    assert api.as_(**observer.credentials).call("generate_card_number").text == "User does not have permission"
