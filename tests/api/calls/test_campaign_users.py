# SPDX-License-Identifier: Apache-2.0
"""campaign_users: who is let into a campaign and who is shut out, and who is left out of the answer (api.md 5)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import Api, Parsed
from tests.factories import MadeUser, make_account, make_campaign, make_user, unique_name


def change(api: Api, made: Any, action: str, campaign: Any, *users: Any, **fields: Any) -> Parsed:
    names = ", ".join(getattr(user, "code", user) for user in users)
    return api.call(
        "campaign_users", API="1.6", **made.credentials, action=action, campaign_id=campaign.number, users_list=names, **fields
    )


def listed(answer: Parsed) -> list[str]:
    (wrapper,) = [child for child in answer.xml if child.tag in ("users_added", "users_removed")]
    return [user.text for user in wrapper.findall("user")]


def allowed(api: Api, user: MadeUser) -> tuple[str, set[str]]:
    shown = api.call("user_info", **user.credentials).json["user"]["allowed_campaigns"]
    return shown["status"], {each["xml_value_to_show"] for each in shown["campaign_ids"]}


def test_only_users_really_changed_are_listed(api: Api):
    alice, carol = make_account(), make_account()
    one, two = make_campaign(alice), make_campaign(alice)
    inside = make_user(alice, campaigns_access="some", allowed_campaign_ids=[one.id])
    other = make_user(alice, campaigns_access="some", allowed_campaign_ids=[two.id])
    nobody = make_user(alice, campaigns_access="none")
    everywhere, stranger = make_user(alice), make_user(carol, campaigns_access="none")
    answer = change(
        api, alice, "add", one, inside, other.code.upper(), nobody, everywhere, stranger, alice, unique_name("nobody"), other
    )  # fmt: skip
    assert listed(answer) == [other.code, nobody.code]
    assert answer.json["users_added"] == [{"xml_value_to_show": other.code}, {"xml_value_to_show": nobody.code}]
    assert allowed(api, other) == ("some", {one.number, two.number})
    assert allowed(api, nobody) == ("some", {one.number})
    assert allowed(api, everywhere) == ("all", set())


def test_removed_users_lose_that_campaign_alone(api: Api):
    alice = make_account()
    one, two, three = (make_campaign(alice) for _ in range(3))
    both = make_user(alice, campaigns_access="some", allowed_campaign_ids=[one.id, two.id])
    last = make_user(alice, campaigns_access="some", allowed_campaign_ids=[one.id])
    everywhere, without = make_user(alice), make_user(alice, campaigns_access="none")
    adam = make_user(alice, role="A")
    answer = change(api, alice, "remove", one, both, last, everywhere, without, adam, alice)
    assert listed(answer) == [both.code, last.code, everywhere.code]
    assert answer.xml.find("users_removed") is not None
    assert allowed(api, both) == ("some", {two.number})
    assert allowed(api, last) == ("none", set())
    assert allowed(api, everywhere) == ("some", {two.number, three.number})
    assert allowed(api, adam) == ("all", set())


def test_nobody_changed_is_an_empty_list(api: Api):
    alice = make_account()
    one = make_campaign(alice)
    answer = change(api, alice, "remove", one, alice, unique_name("nobody"))
    assert answer.ok
    assert answer.json["users_removed"] == []


def test_access_binds_from_the_very_next_call(api: Api):
    alice = make_account()
    one = make_campaign(alice)
    bob = make_user(alice, campaigns_access="none")
    assert api.call("campaign_promos", **bob.credentials, campaign_id=one.number).error_code == "campaign_not_found"
    assert change(api, alice, "add", one, bob).ok
    assert api.call("campaign_promos", **bob.credentials, campaign_id=one.number).ok
    assert change(api, alice, "remove", one, bob).ok
    assert api.call("campaign_promos", **bob.credentials, campaign_id=one.number).error_code == "campaign_not_found"


def test_list_of_users_may_come_as_fields(api: Api):
    alice = make_account()
    one = make_campaign(alice)
    names = [make_user(alice, campaigns_access="none").code for _ in range(2)]
    answer = api.call("campaign_users", **alice.credentials, action="ADD", campaign_id=one.number, users_list=names)
    assert listed(answer) == names


def test_manager_changes_neither_himself_nor_who_may_more(api: Api):
    alice = make_account()
    one, two = make_campaign(alice), make_campaign(alice)
    mary = make_user(alice, role="M", campaigns_access="some", allowed_campaign_ids=[one.id])
    clerk = make_user(alice, campaigns_access="none")
    accountant = make_user(alice, role="C", campaigns_access="none")
    assert listed(change(api, mary, "add", one, mary, clerk, accountant)) == [clerk.code]
    assert listed(change(api, mary, "remove", one, mary)) == []
    assert change(api, mary, "add", two, clerk).errors == ["Campaign not valid or deactivated."]


@pytest.mark.parametrize("role", list("NSDCOKHPQF"))
def test_roles_without_the_permission_are_refused(api: Api, role: str):
    alice = make_account()
    answer = change(api, make_user(alice, role=role), "add", make_campaign(alice), alice)
    assert answer.errors == ["User does not have permission"]


def test_another_accounts_campaign_and_one_that_is_missing_are_refused(api: Api):
    alice, carol = make_account(), make_account()
    bob = make_user(alice, campaigns_access="none")
    theirs = make_campaign(carol)
    assert change(api, alice, "add", theirs, bob).errors == ["Campaign not valid or deactivated."]
    assert api.call("campaign_users", **alice.credentials, action="add", users_list=bob.code).error_code == "missing_parameter"
    assert api.call("campaign_users", **alice.credentials, action="swap").errors == ["Action Undefined"]
    assert allowed(api, bob) == ("none", set())
