# SPDX-License-Identifier: Apache-2.0
"""user_info: who one is and what one may do; and how little of others (api.md 5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from regulars.kit.db import unit_of_work
from regulars.users.access import MATRIX, PERMISSIONS, ROLES
from regulars.users.operations import delete_user, rotate_token
from tests.client import Api
from tests.factories import NOW, make_account, make_campaign, make_coalition, make_second_tier, make_user, unique_name

DOCUMENTED = [
    "user_id", "user_api_key", "user_is_owner", "user_first_name", "user_last_name", "user_PIN", "user_addtl_info",
    "user_language", "user_language_custom", "user_timezone", "user_level", "allowed_campaigns", "user_permissions",
    "account_c2t", "account_coalition",
]  # fmt: skip


def info(api: Api, user, **fields):
    return api.call("user_info", API="1.1", **user.credentials, **fields)


def test_owner_has_every_permission_in_the_published_order(api: Api):
    alice = make_account(contact_first_name="Alice", contact_last_name="Moreau")
    answer = info(api, alice)
    user = answer.json["user"]
    assert [element.tag for element in answer.xml.find("user")] == DOCUMENTED
    assert list(user["user_permissions"]) == list(PERMISSIONS)
    assert set(user["user_permissions"].values()) == {"Yes"}
    del user["user_permissions"]
    assert user == {
        "user_id": alice.code, "user_api_key": alice.token, "user_is_owner": "true", "user_first_name": "Alice",
        "user_last_name": "Moreau", "user_PIN": "", "user_addtl_info": "", "user_language": "EN", "user_language_custom": "No",
        "user_timezone": "14", "user_level": "A", "allowed_campaigns": {"status": "all", "campaign_ids": []},
        "account_c2t": "no", "account_coalition": "no",
    }  # fmt: skip


def test_clerk_sees_himself_as_he_was_made(api: Api):
    alice = make_account()
    one, two = make_campaign(alice), make_campaign(alice)
    make_campaign(alice)
    bob = make_user(
        alice, role="K", first_name="Bob", last_name="Ross", custom1="Downtown", pin="4711", language="fr", timezone="5",
        campaigns_access="some", allowed_campaign_ids=[one.id, two.id],
    )  # fmt: skip
    answer = info(api, bob)
    user = answer.json["user"]
    assert user["allowed_campaigns"] == {
        "status": "some",
        "campaign_ids": [{"xml_value_to_show": number} for number in sorted([one.number, two.number])],
    }
    assert answer.xml.xpath("user/allowed_campaigns/campaign_ids/campaign_id/text()") == sorted([one.number, two.number])
    assert (user["user_PIN"], user["user_addtl_info"], user["user_language"], user["user_timezone"], user["user_level"]) == (
        "4711", "Downtown", "FR", "5", "K",
    )  # fmt: skip
    assert user["user_is_owner"] == "false"


@pytest.mark.parametrize("role", list(ROLES))
def test_permissions_are_those_of_the_role_and_no_other(api: Api, role: str):
    permissions = info(api, make_user(make_account(), role=role)).json["user"]["user_permissions"]
    assert list(permissions) == [name for name in PERMISSIONS if name in MATRIX[role]]


def test_user_without_campaigns(api: Api):
    user = info(api, make_user(make_account(), campaigns_access="none")).json["user"]
    assert user["allowed_campaigns"] == {"status": "none", "campaign_ids": []}


@pytest.mark.parametrize("yes", ["Yes", "Y", "1"])
def test_permissions_can_be_left_out(api: Api, yes: str):
    assert "user_permissions" not in info(api, make_account(), suppress_permissions=yes).json["user"]


def test_terminal_changes_nothing(api: Api):
    alice = make_account()
    assert info(api, alice, terminal="Yes").json == info(api, alice).json


@pytest.mark.parametrize(("name", "value"), [("suppress_permissions", "perhaps"), ("terminal", "9"), ("user_name", "x" * 21)])
def test_bad_value_names_its_parameter(api: Api, name: str, value: str):
    answer = info(api, make_account(), **{name: value})
    assert (answer.ok, answer.error_code, answer.text.startswith(f"{name} is not valid")) == (False, "invalid_parameter", True)


def test_coalition_and_two_tier_accounts_say_so(api: Api):
    alice = make_account()
    make_coalition(alice)
    make_second_tier(alice, make_campaign(alice, coalition_opt_out=True))
    answer = info(api, alice)
    assert (answer.at("user/account_c2t"), answer.at("user/account_coalition")) == ("yes", "yes")


# -- others --------------------------------------------------------------------------------------------------------
def test_administrator_gets_another_users_key_and_pin(api: Api):
    alice = make_account()
    bob = make_user(alice, pin="4711")
    user = info(api, alice, user_name=bob.code.upper()).json["user"]
    assert (user["user_id"], user["user_api_key"], user["user_PIN"]) == (bob.code, bob.token, "4711")


def test_observer_sees_others_without_key_and_pin(api: Api):
    alice = make_account()
    olga, bob = make_user(alice, role="O"), make_user(alice, role="K", pin="4711")
    for other in (bob.code, alice.code):
        answer = info(api, olga, user_name=other)
        assert answer.ok
        assert (answer.at("user/user_id"), answer.at("user/user_api_key"), answer.at("user/user_PIN")) == (other, "", "")
        assert [element.tag for element in answer.xml.find("user")] == DOCUMENTED


def test_manager_gets_a_clerks_key_and_neither_an_administrators_nor_the_owners(api: Api):
    alice = make_account()
    mary, bob, adam = (make_user(alice, role=role) for role in "MKA")
    shown = {user.code: info(api, mary, user_name=user.code).at("user/user_api_key") for user in (bob, adam, alice)}
    assert shown == {bob.code: bob.token, adam.code: "", alice.code: ""}


def test_clerk_may_ask_about_himself_only(api: Api):
    alice = make_account()
    bob, other = make_user(alice), make_user(alice)
    assert info(api, bob, user_name=bob.code.upper()).at("user/user_api_key") == bob.token
    for name in (other.code, alice.code, unique_name("nobody")):
        answer = info(api, bob, user_name=name)
        assert (answer.error_code, answer.text) == ("permission_denied", "User does not have permission")


def test_user_of_another_account_and_unknown_user_are_one_answer(api: Api):
    alice, carol = make_account(), make_account()
    gone = make_user(alice)
    with unit_of_work(alice.id):
        delete_user(account=alice.fresh(), by=alice.owner, at=NOW, code=gone.code)
    answers = {info(api, alice, user_name=name).xml_body for name in (carol.code, unique_name("nobody"), gone.code)}
    (body,) = answers
    assert b"No other users are found." in body


# -- the key itself ------------------------------------------------------------------------------------------------
def rotate(alice, bob, **options) -> str:
    with unit_of_work(alice.id):
        return rotate_token(account=alice.fresh(), by=alice.owner, code=bob.code, **options)


def test_rotated_key_works_at_once_and_the_old_one_until_its_time(api: Api):
    alice = make_account()
    bob = make_user(alice)
    now = datetime.now(UTC)
    new = rotate(alice, bob, at=now, overlap_seconds=3600)
    old_key, new_key = bob.credentials, {**bob.credentials, "user_api_key": new}
    assert api.call("user_info", **new_key).at("user/user_api_key") == new
    assert api.call("user_info", **old_key).at("user/user_api_key") == new
    assert api.call_at(now + timedelta(seconds=3599), "user_info", **old_key).ok
    late = api.call_at(now + timedelta(seconds=3600), "user_info", **old_key)
    assert (late.error_code, late.text) == ("bad_credentials", "The user_id or user_api_key is not valid.")
    assert api.call_at(now + timedelta(seconds=3600), "user_info", **new_key).ok


def test_key_rotated_without_overlap_stops_with_the_very_next_call(api: Api):
    alice = make_account()
    bob = make_user(alice)
    assert api.call("user_info", **bob.credentials).ok
    new = rotate(alice, bob, at=datetime.now(UTC))
    assert api.call("user_info", **bob.credentials).error_code == "bad_credentials"
    assert api.call("user_info", **{**bob.credentials, "user_api_key": new}).ok


def test_deleted_users_key_stops_with_the_very_next_call(api: Api):
    alice = make_account()
    bob = make_user(alice)
    assert api.call("user_info", **bob.credentials).ok
    with unit_of_work(alice.id):
        delete_user(account=alice.fresh(), by=alice.owner, at=NOW, code=bob.code)
    assert api.call("user_info", **bob.credentials).error_code == "bad_credentials"


def test_login_password_is_no_key(api: Api):
    bob = make_user(make_account())
    assert api.call("user_info", **{**bob.credentials, "user_api_key": bob.password}).error_code == "bad_credentials"
