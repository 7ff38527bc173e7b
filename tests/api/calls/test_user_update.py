# SPDX-License-Identifier: Apache-2.0
"""user_update: what changes, what never does, and whom nobody may change (api.md 5)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import Api, Parsed
from tests.factories import make_account, make_campaign, make_user, unique_name


def update(api: Api, made: Any, user: Any, **fields: Any) -> Parsed:
    return api.call("user_update", **made.credentials, user_name=getattr(user, "code", user), **fields)


def info(api: Api, made: Any, user: Any) -> dict[str, Any]:
    return api.call("user_info", **made.credentials, user_name=user.code, suppress_permissions="Y").json["user"]


def test_answer_is_that_of_user_new_and_the_key_stays(api: Api):
    alice = make_account()
    bob = make_user(alice)
    answer = update(api, alice, bob.code.upper(), user_first_name="Bob")
    assert answer.json["user"] == {"user_id": bob.code, "user_api_key": bob.token}
    assert info(api, alice, bob)["user_first_name"] == "Bob"


def test_every_field_changes(api: Api):
    alice = make_account()
    one = make_campaign(alice)
    bob = make_user(alice)
    fields = {
        "user_first_name": "Bob", "user_last_name": "Ross", "user_custom1": "Downtown", "user_PIN": "4711",
        "language_selector": "ES", "language_custom": "Yes", "timezone_selector": "35", "user_role": "O",
        "allowed_campaigns": one.number,
    }  # fmt: skip
    assert update(api, alice, bob, **fields).ok
    user = info(api, alice, bob)
    assert user == user | {
        "user_first_name": "Bob", "user_last_name": "Ross", "user_addtl_info": "Downtown", "user_PIN": "4711",
        "user_language": "ES", "user_language_custom": "Yes", "user_timezone": "35", "user_level": "O",
        "allowed_campaigns": {"status": "some", "campaign_ids": [{"xml_value_to_show": one.number}]},
    }  # fmt: skip


def test_what_is_not_sent_stays_as_it_is(api: Api):
    alice = make_account()
    bob = make_user(alice, first_name="Bob", last_name="Ross", custom1="Downtown", pin="4711", language="fr", timezone="5")
    before = info(api, alice, bob)
    assert update(api, alice, bob).ok
    assert update(
        api, alice, bob, user_new_password="", user_role="", allowed_campaigns="", language_selector="", timezone_selector=""
    ).ok  # fmt: skip
    assert info(api, alice, bob) == before
    assert api.call("user_login", user_id=bob.code, user_password=bob.password).ok


def test_blank_texts_and_a_blank_pin_are_taken_away(api: Api):
    alice = make_account()
    bob = make_user(alice, first_name="Bob", last_name="Ross", custom1="Downtown", pin="4711")
    assert update(api, alice, bob, user_first_name="", user_last_name="", user_custom1="", user_PIN="").ok
    user = info(api, alice, bob)
    assert [user[name] for name in ("user_first_name", "user_last_name", "user_addtl_info", "user_PIN")] == [""] * 4


def test_new_password_signs_in_and_the_old_one_does_not(api: Api):
    alice = make_account()
    bob = make_user(alice)
    assert update(api, alice, bob, user_new_password="mocha_11").ok
    assert api.call("user_login", user_id=bob.code, user_password="mocha_11").ok
    assert not api.call("user_login", user_id=bob.code, user_password=bob.password).ok


def test_new_role_binds_from_the_very_next_call(api: Api):
    alice = make_account()
    bob = make_user(alice, role="O")
    assert api.call("generate_card_number", **bob.credentials).error_code == "permission_denied"
    assert update(api, alice, bob, user_role="K").ok
    assert api.call("generate_card_number", **bob.credentials).ok


@pytest.mark.parametrize("given", ["all", "none"])
def test_allowed_campaigns_by_word(api: Api, given: str):
    alice = make_account()
    bob = make_user(alice, campaigns_access="some", allowed_campaign_ids=[make_campaign(alice).id])
    assert update(api, alice, bob, allowed_campaigns=given).ok
    assert info(api, alice, bob)["allowed_campaigns"] == {"status": given, "campaign_ids": []}


def test_allowed_campaigns_as_a_list_and_as_commas_are_one(api: Api):
    alice = make_account()
    numbers = sorted(make_campaign(alice).number for _ in range(3))
    for given in (numbers[:2], ", ".join(numbers[:2])):
        bob = make_user(alice)
        assert update(api, alice, bob, allowed_campaigns=given).ok
        shown = info(api, alice, bob)["allowed_campaigns"]["campaign_ids"]
        assert [each["xml_value_to_show"] for each in shown] == numbers[:2]


def test_allowed_campaigns_have_no_effect_on_an_administrator(api: Api):
    alice = make_account()
    adam = make_user(alice, role="A")
    assert update(api, alice, adam, allowed_campaigns="none").ok
    assert info(api, alice, adam)["allowed_campaigns"]["status"] == "all"


def test_user_name_is_required_and_unknown_users_are_told_alike(api: Api):
    alice, carol = make_account(), make_account()
    missing = api.call("user_update", **alice.credentials)
    assert (missing.error_code, missing.errors) == ("missing_parameter", ["Missing username"])
    answers = {update(api, alice, name, user_first_name="X").xml_body for name in (carol.code, unique_name("nobody"))}
    (body,) = answers
    assert b"No other users are found." in body


def test_pin_of_another_is_refused_and_ones_own_is_not(api: Api):
    alice = make_account()
    bob, _ = make_user(alice, pin="1234"), make_user(alice, pin="4711")
    answer = update(api, alice, bob, user_PIN="4711", user_first_name="Bob")
    assert (answer.error_code, answer.errors) == ("pin_in_use", ["This PIN is already in use"])
    assert info(api, alice, bob)["user_first_name"] == ""
    assert update(api, alice, bob, user_PIN="1234").ok


def test_manager_changes_clerks_but_nobody_who_may_more(api: Api):
    alice = make_account()
    mary, bob, adam = (make_user(alice, role=role) for role in "MKA")
    assert update(api, mary, bob, user_first_name="Bob").ok
    for other in (adam, alice):
        answer = update(api, mary, other, user_first_name="X")
        assert answer.error_code == "permission_denied"
    assert update(api, mary, bob, user_role="M").error_code == "permission_denied"


def test_owner_and_oneself_keep_their_role(api: Api):
    alice = make_account()
    adam = make_user(alice, role="A")
    assert update(api, alice, alice, user_role="K").error_code == "permission_denied"
    assert update(api, adam, adam, user_role="K").error_code == "permission_denied"
    assert update(api, alice, alice, user_first_name="Alice").ok


def test_store_manager_of_all_campaigns_changes_users_of_some(api: Api):
    alice = make_account()
    one, two = make_campaign(alice), make_campaign(alice)
    lena = make_user(alice, role="L")
    clerk = make_user(alice, campaigns_access="some", allowed_campaign_ids=[one.id])
    assert update(api, lena, clerk, allowed_campaigns=two.number).ok
    narrow = make_user(alice, role="L", campaigns_access="some", allowed_campaign_ids=[one.id])
    assert update(api, narrow, clerk, user_first_name="X").errors == ["No other users are found."]


def test_same_call_with_a_key_gives_the_same_answer(api: Api):
    alice = make_account()
    bob = make_user(alice)
    first = update(api, alice, bob, user_PIN="4711", idempotency_key="one")
    assert first.xml_body == update(api, alice, bob, user_PIN="4711", idempotency_key="one").xml_body
    assert update(api, alice, bob, user_PIN="4712", idempotency_key="one").error_code == "key_reused"
