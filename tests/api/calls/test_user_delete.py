# SPDX-License-Identifier: Apache-2.0
"""user_delete: marked deleted, or deleted for good (api.md 5)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import Api, Parsed
from tests.factories import make_account, make_campaign, make_customer, make_user, unique_name


def delete(api: Api, made: Any, user: Any, **fields: Any) -> Parsed:
    return api.call("user_delete", **made.credentials, user_name=getattr(user, "code", user), **fields)


def create(api: Api, made: Any, name: str) -> Parsed:
    return api.call(
        "user_new", **made.credentials, user_name=name, user_new_password="secret_4", user_role="K", allowed_campaigns="all"
    )


def test_answer_is_an_empty_success(api: Api):
    alice = make_account()
    answer = delete(api, alice, make_user(alice))
    assert answer.xml_body.endswith(b'<response status="success"></response>')
    assert answer.json == {"status": "success"}


@pytest.mark.parametrize("fields", [{}, {"action": "permanent"}, {"action": "PERMANENT"}])
def test_deleted_user_can_do_nothing_more(api: Api, fields: dict[str, str]):
    alice = make_account()
    bob = make_user(alice, pin="4711")
    assert delete(api, alice, bob.code.upper(), **fields).ok
    assert api.call("user_info", **bob.credentials).error_code == "bad_credentials"
    assert api.call("user_login", user_id=bob.code, user_password=bob.password).error_code == "bad_credentials"
    assert bob.code not in alice.fresh().users
    make_user(alice, pin="4711")


def test_user_id_of_a_user_marked_deleted_stays_taken(api: Api):
    alice = make_account()
    bob = make_user(alice)
    assert delete(api, alice, bob).ok
    assert create(api, alice, bob.code).error_code == "user_id_taken"
    assert create(api, make_account(), bob.code).error_code == "user_id_taken"


def test_user_id_of_a_user_deleted_for_good_is_free_and_inherits_nothing(api: Api):
    alice, carol = make_account(), make_account()
    campaign = make_campaign(alice)
    make_customer(alice, code="1", campaigns=(campaign,))
    bob = make_user(alice)
    assert api.call("record_activity", **bob.credentials, campaign_id=campaign.number, code="1", amount="5").ok
    assert delete(api, alice, bob, action="permanent").ok
    again = create(api, alice, bob.code)
    assert again.at("user/user_id") == bob.code
    assert again.at("user/user_api_key") != bob.token
    history = api.call("customer_balance", **alice.credentials, campaign_id=campaign.number, code="1")
    assert bob.code not in repr(history)
    assert history.at("campaign/customer/balance") == "500"
    assert delete(api, alice, bob, action="permanent").ok
    assert create(api, carol, bob.code).ok


def test_user_marked_deleted_can_be_deleted_for_good_later(api: Api):
    alice, carol = make_account(), make_account()
    bob = make_user(alice)
    assert delete(api, alice, bob).ok
    assert delete(api, alice, bob).error_code == "user_not_found"
    assert delete(api, carol, bob, action="permanent").error_code == "user_not_found"
    assert delete(api, alice, bob.code.upper(), action="permanent").ok
    assert create(api, alice, bob.code).ok


def test_administrators_delete_and_nobody_else(api: Api):
    alice = make_account()
    adam, mary, bob = (make_user(alice, role=role) for role in "AMK")
    for fields in ({}, {"action": "permanent"}):
        assert delete(api, mary, bob, **fields).errors == ["User does not have permission"]
    assert delete(api, adam, bob).ok


@pytest.mark.parametrize("fields", [{}, {"action": "permanent"}])
def test_neither_the_owner_nor_oneself_can_be_deleted(api: Api, fields: dict[str, str]):
    alice = make_account()
    adam = make_user(alice, role="A")
    for made, user in ((alice, alice), (adam, alice), (adam, adam)):
        assert delete(api, made, user, **fields).error_code == "permission_denied"
    assert {alice.code.lower(), adam.code.lower()} <= set(alice.fresh().users)


@pytest.mark.parametrize("fields", [{}, {"action": "permanent"}])
def test_unknown_user_and_another_accounts_are_one_answer(api: Api, fields: dict[str, str]):
    alice, carol = make_account(), make_account()
    other = make_user(carol)
    bodies = {delete(api, alice, name, **fields).xml_body for name in (other.code, carol.code, unique_name("nobody"))}
    (body,) = bodies
    assert b"No other users are found." in body
    assert api.call("user_info", **other.credentials).ok


def test_user_name_is_required_and_another_action_is_refused(api: Api):
    alice = make_account()
    bob = make_user(alice)
    assert api.call("user_delete", **alice.credentials).errors == ["Missing username"]
    assert delete(api, alice, bob, action="for_good").errors == ["action is not valid: one of permanent"]
    assert bob.code in alice.fresh().users
