# SPDX-License-Identifier: Apache-2.0
"""user_new: who may be made, by whom, with what (api.md 5)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from regulars.kit.db import unit_of_work
from regulars.users.operations import delete_user
from tests.client import Api, Parsed
from tests.factories import NOW, make_account, make_campaign, make_user, unique_name


def new(api: Api, made: Any, **fields: Any) -> Parsed:
    name = fields.pop("user_name", unique_name("jane"))
    given = {"user_new_password": "secret_4", "user_role": "K", "allowed_campaigns": "none", **fields}
    return api.call("user_new", **made.credentials, user_name=name, **given)


def test_new_user_signs_with_the_key_that_is_answered(api: Api):
    alice = make_account()
    answer = new(api, alice, user_name=unique_name("Jane"))
    user = answer.json["user"]
    assert list(user) == ["user_id", "user_api_key"]
    assert len(user["user_api_key"]) == 40
    seen = api.call("user_info", user_id=user["user_id"], user_api_key=user["user_api_key"], account_id=alice.code)
    assert seen.at("user/user_id") == user["user_id"]
    assert seen.at("user/user_level") == "K"


def test_every_field_comes_back(api: Api):
    alice = make_account()
    one, two = make_campaign(alice), make_campaign(alice)
    name = unique_name("jane")
    answer = new(
        api, alice, user_name=name, user_role="m", allowed_campaigns=f"{one.number}, {two.number}", user_first_name="Jane",
        user_last_name="Clerk", user_custom1="Downtown", user_PIN="4711", language_selector="fr", language_custom="Yes",
        timezone_selector="68",
    )  # fmt: skip
    assert answer.ok, answer
    user = api.call("user_info", **alice.credentials, user_name=name, suppress_permissions="Y").json["user"]
    assert (user["user_first_name"], user["user_last_name"], user["user_addtl_info"]) == ("Jane", "Clerk", "Downtown")
    assert (user["user_PIN"], user["user_language"], user["user_language_custom"]) == ("4711", "FR", "Yes")
    assert (user["user_timezone"], user["user_level"]) == ("68", "M")
    assert [each["xml_value_to_show"] for each in user["allowed_campaigns"]["campaign_ids"]] == sorted([one.number, two.number])


def test_password_signs_the_new_user_in(api: Api):
    name = unique_name("jane")
    assert new(api, make_account(), user_name=name, user_new_password="coffee_9").ok
    assert api.call("user_login", user_id=name, user_password="coffee_9").at("account/user_id") == name


def test_language_and_time_zone_are_the_accounts_unless_given(api: Api):
    alice = make_account(language="de", timezone="Europe/Berlin")
    name = unique_name("jane")
    assert new(api, alice, user_name=name).ok
    user = api.call("user_info", **alice.credentials, user_name=name).json["user"]
    assert (user["user_language"], user["user_timezone"]) == ("DE", "30")


def test_campaigns_may_come_as_a_list_and_all_is_a_word(api: Api):
    alice = make_account()
    one = make_campaign(alice)
    for given, status in (([one.number], "some"), ("ALL", "all"), ("None", "none")):
        name = unique_name("jane")
        assert new(api, alice, user_name=name, allowed_campaigns=given).ok
        seen = api.call("user_info", **alice.credentials, user_name=name)
        assert seen.at("user/allowed_campaigns/status") == status


def test_administrator_always_gets_all_campaigns(api: Api):
    alice = make_account()
    name = unique_name("adam")
    assert new(api, alice, user_name=name, user_role="A", allowed_campaigns="none").ok
    assert api.call("user_info", **alice.credentials, user_name=name).at("user/allowed_campaigns/status") == "all"


@pytest.mark.parametrize(
    ("missing", "text"),
    [
        ("user_name", "A User ID is required to create a new user."),
        ("user_role", "You must select a role for this user:"),
        ("user_new_password", "Missing parameter: user_new_password"),
        ("allowed_campaigns", "Missing parameter: allowed_campaigns"),
    ],
)
def test_what_is_missing_is_said_in_the_published_words(api: Api, missing: str, text: str):
    answer = new(api, make_account(), **{missing: ""})
    assert (answer.error_code, answer.errors) == ("missing_parameter", [text])


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("user_name", "jane clerk", "A User ID can only have letters, numbers, or an underscore (_)"),
        ("user_name", "j" * 21, "user_name is not valid: at most 20 characters"),
        ("user_new_password", "four", "Your password must be between 5 and 20 characters long."),
        ("user_new_password", "with blank", "A password can only have letters, numbers, or an underscore (_)"),
        ("user_PIN", "123", "A PIN must be 4 or 5 numbers only"),
        ("user_role", "Z", "user_role is not valid: one of the letters A M N L S D C O K H P Q F G I"),
        ("language_selector", "xx", "There is an error with the language chosen."),
        ("allowed_campaigns", "9" * 16, "Campaign not valid or deactivated."),
    ],
)  # fmt: skip
def test_wrong_values_are_told_in_the_published_words(api: Api, name: str, value: str, text: str):
    answer = new(api, make_account(), **{name: value})
    assert answer.errors == [text]


def test_user_id_is_taken_by_anybody_of_any_account_in_any_case_even_deleted(api: Api):
    alice, carol = make_account(), make_account()
    gone = make_user(alice)
    with unit_of_work(alice.id):
        delete_user(account=alice.fresh(), by=alice.owner, at=NOW, code=gone.code)
    for name in (carol.code, alice.code.upper(), gone.code):
        answer = new(api, alice, user_name=name)
        assert (answer.error_code, answer.text) == ("user_id_taken", "The User ID you selected already exists.")
        assert answer.answer.error.fields == ("user_name",)


def test_pin_is_unique_in_the_account_and_free_in_another(api: Api):
    alice = make_account()
    make_user(alice, pin="4711")
    answer = new(api, alice, user_PIN="4711")
    assert (answer.error_code, answer.errors) == ("pin_in_use", ["This PIN is already in use"])
    assert answer.answer.error.fields == ("user_PIN",)
    assert new(api, make_account(), user_PIN="4711").ok


def test_manager_makes_neither_managers_nor_users_of_campaigns_he_may_not_enter(api: Api):
    alice = make_account()
    own, other = make_campaign(alice), make_campaign(alice)
    mary = make_user(alice, role="M", campaigns_access="some", allowed_campaign_ids=[own.id])
    assert new(api, mary, allowed_campaigns=own.number).ok
    for fields, field in (
        ({"user_role": "M"}, "user_role"), ({"user_role": "A"}, "user_role"),
        ({"allowed_campaigns": "all"}, "allowed_campaigns"),
    ):  # fmt: skip
        answer = new(api, mary, **fields)
        assert (answer.error_code, answer.answer.error.fields) == ("permission_denied", (field,))
    assert new(api, mary, allowed_campaigns=other.number).errors == ["Campaign not valid or deactivated."]


def test_same_call_with_a_key_is_the_same_user_and_its_stored_answer_hides_the_token(api: Api, run_as_owner):
    alice = make_account()
    name = unique_name("jane")
    first = new(api, alice, user_name=name, idempotency_key="one")
    second = new(api, alice, user_name=name, idempotency_key="one")
    assert first.xml_body == second.xml_body
    ((stored,),) = run_as_owner("SELECT answer::text FROM ledger_keys WHERE account_id = %s", alice.id)
    assert first.at("user/user_api_key") not in stored
    assert list(json.loads(stored)) == ["sealed"]


def test_dry_run_makes_nobody(api: Api):
    alice = make_account()
    name = unique_name("jane")
    assert new(api, alice, user_name=name, dry_run="Y").ok
    assert name not in alice.fresh().users
    assert new(api, alice, user_name=name).ok
