# SPDX-License-Identifier: Apache-2.0
"""
Who may make which call: every registered call, by each of the 15 roles, in the own account and in a stranger's.

The table is written by hand from the prose of api.md 5 and held against users/access.py by real requests. A call that
writes is sent as a dry run, so that all roles meet the same books.
"""

from __future__ import annotations

from typing import Any

import pytest

from regulars.users.access import ROLES, may
from tests.client import Api, Parsed
from tests.factories import MadeAccount, MadeUser, make_account, make_agency, make_coalition, make_user
from tests.scene import Scene, make_scene, registered_calls, requests

EVERYONE = "AMNLSDCOKHPQFGI"
MAY = {
    "test": EVERYONE,
    "account_info": EVERYONE,
    "account_update": "A",
    "agency_new": "A",
    "agency_list": "A",
    "account_new": "A",
    "account_list": "AMNLSDCOGI",
    "dashboard": EVERYONE,
    "user_info": EVERYONE,
    "user_login": EVERYONE,
    "user_new": "AML",
    "user_update": "AMLGI",
    "users_list": "A",
    "user_delete": "A",
    "user_unlock": "A",
    "request_log": "A",
    "campaign_users.add": "AMLGI",
    "campaign_users.remove": "AMLGI",
    "record_customer.new": "AMNLSKHPQGI",
    "record_customer.register": "AMNLSKHPQGI",
    "record_customer.edit": "AMNLSKGI",
    "generate_card_number": "AMNLSKHPQGI",
    "customer_info": "AMNLSOKHPQFGI",
    "customer_balance": "AMNLSKHQGI",
    "balance_explain": "AMNLSKHQGI",
    "customer_search": "AMNLSOKHPQFGI",
    "customer_find": "AMNLSOKHPQFGI",
    "validate_customer_password": "AMNLSOKHPQFGI",
    "customer_delete": "AMNLI",
    "record_activity": "AMNLSKHPQGI",
    "redeem": "AMNLSKHFGI",
    "transaction_delete": "AMNLSGI",
    "transaction_reverse": "AMNLSGI",
    "campaign_new.campaign": "AMLD",
    "campaign_new.reward": "AMNLSDGI",
    "campaign_new.promo": "AMNLSDGI",
    "campaign_new.item": "AMNLDGI",
    "campaign_update.campaign": "AMNLDGI",
    "campaign_update.reward": "AMNLSDGI",
    "campaign_update.promo": "AMNLSDGI",
    "campaign_update.item": "AMNLDGI",
    "reports.customers_all": "AMNLDCGI",
    "reports.customers_new": "AMNLDCGI",
    "reports.customers_frequent": "AMNLDCGI",
    "reports.customers_missing": "AMNLDCGI",
    "reports.customers_birthday": "AMNLDCGI",
    "reports.customers_custom_date": "AMNLDCGI",
    "reports.customers_search": "AMNLDCGI",
    "reports.transactions_all": "AMNLDCGI",
    "reports.transactions_redeemed": "AMNLDCGI",
    "reports.audit_totals": "AMNLDCGI",
    "reports.coalition_points": "AMNLDCGI",
    "reports.coalition_stored_value": "AMNLDCGI",
    "reports.customers_balances": "AMNLDCGI",
    "settlement": "A",
    "settlement_close": "A",
    "settlement_list": "A",
    "campaigns_list": EVERYONE,
    "campaign_rewards": "AMNLSDCOKHFGI",
    "campaign_promos": "AMNLSDCOKHPQGI",
    "buyx_items_list": EVERYONE,
    "campaigns_inactive_list": EVERYONE,
    "campaign_delete.campaign": "AMLGI",
    "campaign_delete.reward": "AMNLSDGI",
    "campaign_delete.promo": "AMNLSDGI",
    "campaign_delete.item": "AMNLDGI",
    "generate_time_token": EVERYONE,
    "validate_time_token": EVERYONE,
    "depreciation_new": "AMNLDGI",
    "depreciation_update": "AMNLDGI",
    "depreciation_delete": "AMNLDGI",
    "campaign_depreciations": "AMNLDCGI",
    "campaign_fee_new": "AMNLDGI",
    "campaign_fee_update": "AMNLDGI",
    "campaign_fee_delete": "AMNLDGI",
    "campaign_fees": "AMNLDCGI",
    "campaign_deactivate": "AMNLDGI",
    "campaign_reactivate": "AMNLDGI",
    "customer_merge": "AMNLI",
    "customers_batch": "AMNLI",
    "batch_transactions": "AMNLGI",
    "batch_undo": "AMNLGI",
    "batch_info": "AMNLGI",
    "card_replace": "AMNLSGI",
    "manage_fields.list": "AMNLSDCOKHPQGI",
    "manage_fields.add": "AMNLGI",
    "manage_fields.update": "AMNLGI",
    "manage_fields.delete": "AMNLGI",
    "transaction_fields.list": "AMNLSDCOKHPQGI",
    "transaction_fields.add": "AMNLGI",
    "transaction_fields.update": "AMNLGI",
    "transaction_fields.delete": "AMNLGI",
    "reward_fields.list": "AMNLSDCOKHPQGI",
    "reward_fields.add": "AMNLGI",
    "reward_fields.update": "AMNLGI",
    "reward_fields.delete": "AMNLGI",
}
"""Call -> the letters of the roles that may make it. The owner may make every one."""

DENIED = {"users_list": "Only account owners can access this information"}
"""Calls with a published sentence of their own for who may not; the others have one in common."""

WITHOUT_OBJECT = {
    "user_new", "users_list", "request_log", "account_update", "dashboard",
    "test", "account_info", "user_info", "user_login", "generate_card_number", "campaign_new.campaign", "campaigns_list",
    "campaigns_inactive_list", "generate_time_token",
    "manage_fields.list", "manage_fields.add", "transaction_fields.list", "transaction_fields.add", "reward_fields.list",
    "reward_fields.add",
}  # fmt: skip
"""Calls that name nothing of the account: a stranger's answer is about the stranger."""

BY_PART = {
    "campaign_update.reward", "campaign_update.promo", "campaign_update.item", "transaction_reverse",
    "campaign_delete.reward", "campaign_delete.promo", "campaign_delete.item", "depreciation_update", "depreciation_delete",
    "campaign_fee_update", "campaign_fee_delete", "batch_undo", "batch_info",
}  # fmt: skip
"""Calls that name a part of a campaign, not the campaign: to a user without campaigns there is no such part."""

BY_LINE = {"batch_transactions"}
"""Calls whose lines name campaigns: a line about one that is not the user's is refused, as an unknown one is."""

ENROLS = {"record_customer.edit"}
"""An unknown code enrols a new customer, as documented; nobody learns that it is taken elsewhere."""

CALLS = {key: (select, call) for key, select, call in registered_calls()}
OFFICE_CALLS = {
    "agency_new": {"platform"}, "agency_list": {"agency", "platform"}, "account_new": {"agency", "platform"},
    "account_list": {"agency", "platform"},
}  # fmt: skip
"""Calls that no business makes -> whose own accounts do (ADR-0011)."""
REACHING_CALLS = {"account_update": {"agency", "platform"}}
"""Calls that may name another account than one's own -> whose users' (ADR-0024)."""


@pytest.fixture(scope="session")
def scene(api: Api) -> Scene:
    return make_scene(api, prepare=make_coalition)


@pytest.fixture(scope="session")
def staff(scene: Scene) -> dict[str, MadeUser]:
    """One user of each role, with all campaigns."""
    return {role: make_user(scene.made, role=role) for role in ROLES}


@pytest.fixture(scope="session")
def blind(scene: Scene) -> MadeUser:
    """A manager who may see no campaign."""
    return make_user(scene.made, role="L", campaigns_access="none")


def sign(key: str, fields: dict[str, str], made: Any) -> dict[str, str]:
    """Return the fields of a request signed by an owner or a user."""
    if key == "test":
        return fields
    if key == "user_login":
        code = made.owner.code if hasattr(made, "owner") else made.user.code
        return fields | {"user_id": code, "user_password": made.password}
    if key in OFFICE_CALLS:  # they come signed by the platform owner
        return fields | made.credentials
    return made.credentials | fields


def send(api: Api, scene: Scene, key: str, made: Any, **more: str) -> Parsed:
    select, call = CALLS[key]
    fields = sign(key, requests(scene)[key], made) | select | ({"dry_run": "Y"} if call.writes else {}) | more
    call_type = fields.pop("type")
    return api.call(call_type, **fields)


def assert_each_line_is_refused(answer: Parsed) -> None:
    batch = answer.json["batch"]
    assert (batch["transactions"], batch["lines_refused"]) == ("0", batch["lines"])
    assert {error["xml_value_to_show"] for error in batch["errors"]} == {"Campaign not valid or deactivated."}


def test_every_registered_call_has_its_row() -> None:
    assert set(MAY) == set(CALLS)


def test_every_role_stands_in_the_table_once_per_call() -> None:
    for key, roles in MAY.items():
        assert set(roles) <= set(ROLES), key
        assert len(set(roles)) == len(roles), key


@pytest.fixture(scope="session")
def offices(scene: Scene) -> dict[str, tuple[MadeAccount, dict[str, MadeUser]]]:
    """The platform owner's own account and an agency's, each with a user of every role."""
    made = {"platform": scene.platform, "agency": make_agency()}
    return {kind: (account, {role: make_user(account, role=role) for role in ROLES}) for kind, account in made.items()}


def test_every_call_of_offices_stands_in_their_table() -> None:
    assert {key: set(call.offices) for key, (_, call) in CALLS.items() if call.offices} == OFFICE_CALLS


@pytest.mark.parametrize("kind", ["platform", "agency"])
@pytest.mark.parametrize("key", sorted(OFFICE_CALLS))
def test_a_call_of_offices_is_open_to_their_roles_and_closed_to_the_others(
    api: Api, scene: Scene, offices: dict[str, tuple[MadeAccount, dict[str, MadeUser]]], key: str, kind: str
) -> None:
    office, people = offices[kind]
    assert send(api, scene, key, office).ok is (kind in OFFICE_CALLS[key])
    for role, user in people.items():
        answer = send(api, scene, key, user)
        if role in MAY[key] and kind in OFFICE_CALLS[key]:
            assert answer.ok, (key, role, answer)
        else:
            assert (answer.error_code, answer.errors) == ("permission_denied", ["User does not have permission"]), (key, role)


@pytest.mark.parametrize("key", sorted(OFFICE_CALLS))
def test_nobody_of_a_business_makes_a_call_of_offices(api: Api, scene: Scene, staff: dict[str, MadeUser], key: str) -> None:
    for made in (scene.made, *staff.values()):
        answer = send(api, scene, key, made)
        assert (answer.error_code, answer.errors) == ("agency_token_missing", ["The agency token is missing"])


@pytest.mark.parametrize("key", sorted(set(CALLS) - set(OFFICE_CALLS)))
def test_a_call_is_open_to_its_roles_and_closed_to_the_others(
    api: Api, scene: Scene, staff: dict[str, MadeUser], key: str
) -> None:
    call = CALLS[key][1]
    assert send(api, scene, key, scene.made).ok
    for role, user in staff.items():
        answer = send(api, scene, key, user)
        if role in MAY[key]:
            assert answer.ok, (key, role, answer)
        else:
            text = DENIED.get(key, "User does not have permission")
            assert (answer.error_code, answer.errors) == ("permission_denied", [text]), (key, role)
        assert call.permission is None or may(user.user, call.permission) is (role in MAY[key]), (key, role)


@pytest.mark.parametrize("key", sorted(set(CALLS) - {"test", "user_login"}))
def test_no_role_reaches_another_account_by_its_account_id(
    api: Api, scene: Scene, staff: dict[str, MadeUser], key: str
) -> None:
    carol = make_account()
    for role, user in staff.items():
        answer = send(api, scene, key, user, account_id=carol.code)
        assert answer.error_code == "account_not_permitted", (key, role)
        assert answer.errors == ["User does not have permission to access the account affected"]


def test_every_call_that_reaches_further_stands_in_its_table() -> None:
    assert {key: set(call.reached_by) for key, (_, call) in CALLS.items() if call.reached_by} == REACHING_CALLS


@pytest.mark.parametrize("kind", ["platform", "agency"])
@pytest.mark.parametrize("key", sorted(set(CALLS) - {"test", "user_login"}))
def test_no_office_reaches_an_account_by_its_account_id_but_where_it_is_said(
    api: Api, scene: Scene, offices: dict[str, tuple[MadeAccount, dict[str, MadeUser]]], key: str, kind: str
) -> None:
    office, people = offices[kind]
    own, theirs = make_account(agency_id=office.account.agency[0] if office.account.agency else None), make_account()
    for client in (own, theirs):
        for user in (office, people["A"], people["O"]):
            answer = send(api, scene, key, user, account_id=client.code)
            if kind in REACHING_CALLS.get(key, set()):  # what the scene changes is the account's own
                assert answer.error_code == "permission_denied", (key, answer)
            else:
                assert answer.error_code == "account_not_permitted", (key, answer)


@pytest.mark.parametrize("key", sorted(CALLS))
def test_another_accounts_owner_finds_nothing_and_learns_nothing(api: Api, scene: Scene, key: str) -> None:
    answer = send(api, scene, key, make_account())
    sent = set(requests(scene)[key].values())
    for secret in ("Amy", "Acker", "amy@acker.example", "5500001", "Bean Points", "Leaf Card", "Flat White", scene.made.code):
        assert secret in sent or secret not in repr(answer), (key, secret)
    if key in OFFICE_CALLS:
        assert answer.error_code == "agency_token_missing"
    elif key in WITHOUT_OBJECT:
        assert answer.ok
    elif key in BY_LINE:
        assert_each_line_is_refused(answer)
    elif key in ENROLS:
        assert answer.at("customer/code") == requests(scene)[key]["code"]
        assert answer.json["customer"]["status"] == "new"
    else:
        assert answer.answer.error is not None, (key, answer)
        assert answer.answer.error.parts[0].status in (404, 422), (key, answer)


@pytest.mark.parametrize("key", sorted(CALLS))
def test_a_user_without_campaigns_finds_none(api: Api, scene: Scene, blind: MadeUser, key: str) -> None:
    answer = send(api, scene, key, blind)
    assert "Bean Points" not in repr(answer)
    assert "Leaf Card" not in repr(answer)
    permission = CALLS[key][1].permission
    if key in OFFICE_CALLS:
        assert answer.error_code == "agency_token_missing"
    elif permission is not None and not may(blind.user, permission):
        assert answer.error_code == "permission_denied"
    elif key == "user_update":
        assert answer.errors == ["No other users are found."]
    elif key in BY_LINE:
        assert_each_line_is_refused(answer)
    elif key in ("record_customer.new", "customers_batch"):
        assert answer.errors == ["One of the campaigns selected is not valid."]
    elif {"campaign_id", "selected_campaigns"} & set(requests(scene)[key]):
        assert answer.errors == ["Campaign not valid or deactivated."]
    elif key in BY_PART:
        assert answer.answer.error is not None, (key, answer)
        assert answer.answer.error.parts[0].status == 404, (key, answer)
    else:
        assert answer.ok, (key, answer)


@pytest.mark.parametrize("key", sorted(set(CALLS) - {"test"}))
def test_nobody_makes_a_call_without_credentials(api: Api, scene: Scene, key: str) -> None:
    select, _ = CALLS[key]
    fields = requests(scene)[key] | {"account_id": scene.made.code} | select
    fields = {name: value for name, value in fields.items() if name not in ("user_id", "user_password")}
    assert not api.call(fields.pop("type"), **fields).ok
    signed = sign(key, requests(scene)[key], scene.made) | select
    signed |= {"user_password": "wrong"} if key == "user_login" else {"user_api_key": "0" * 40}
    assert api.call(signed.pop("type"), **signed).error_code == "bad_credentials"
