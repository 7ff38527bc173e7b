# SPDX-License-Identifier: Apache-2.0
"""account_update by the platform owner's users: under which agency an account is, and whether it works (ADR-0024)."""

from __future__ import annotations

from typing import Any

import pytest

from regulars.accounts.operations import change_state
from regulars.accounts.queries import find_host, list_accounts_under
from regulars.kit.db import unit_of_work
from tests.client import Api, Parsed
from tests.factories import (
    MadeAccount,
    make_account,
    make_agency,
    make_brand,
    make_campaign,
    make_customer,
    make_host,
    make_user,
)


@pytest.fixture(scope="module")
def platform() -> MadeAccount:
    return make_account(biz_name="Headquarters", kind="platform")


@pytest.fixture
def agency() -> MadeAccount:
    return make_agency(name="North Agency")


@pytest.fixture
def other() -> MadeAccount:
    return make_agency(name="South Agency")


@pytest.fixture
def client(agency: MadeAccount) -> MadeAccount:
    return make_account(agency_id=number(agency), biz_name="Bean & Leaf")


def number(agency: MadeAccount) -> int:
    assert agency.account.agency is not None
    return agency.account.agency[0]


def say(api: Api, office: Any, client: Any, **fields: str) -> Parsed:
    return api.call("account_update", **{**office.credentials, "account_id": getattr(client, "code", client)}, **fields)


def seen_by(office: MadeAccount) -> list[str]:
    with unit_of_work(office.id):
        return [row.code for row in list_accounts_under(account=office.fresh()) if row.kind == "business"]


# -- moving ----------------------------------------------------------------------------------------------------------
def test_an_account_goes_from_one_agency_to_another(
    api: Api, platform: MadeAccount, agency: MadeAccount, other: MadeAccount, client: MadeAccount
) -> None:
    answer = say(api, platform, client, agency=str(number(other)))
    assert answer.ok, answer
    assert (answer.at("account/account_id"), answer.at("account/agency")) == (client.code, str(number(other)))
    assert (seen_by(agency), seen_by(other)) == ([], [client.code])
    for office, shown in ((agency, []), (other, [client.code])):
        listed = api.call("account_list", **office.credentials).json["accounts"]
        assert [row["account_id"] for row in listed] == shown


def test_hosts_brand_and_users_stay_and_what_was_the_agencys_is_the_new_ones(
    api: Api, platform: MadeAccount, agency: MadeAccount, other: MadeAccount, client: MadeAccount
) -> None:
    make_brand(agency, accent_colour="#6b1f8b", bar_colour="#111111")
    make_brand(other, accent_colour="#1f5f8b")
    make_brand(client, name="The Bean")
    own, northern, southern = make_host(client), make_host(agency), make_host(other)
    clerk = make_user(client, role="K")
    before = find_host(own)
    assert before is not None
    assert before.brand is not None
    assert (before.brand.name, before.brand.accent_colour, before.brand.bar_colour) == ("The Bean", "#6b1f8b", "#111111")
    assert say(api, platform, client, agency=str(number(other))).ok
    after = find_host(own)
    assert after is not None
    assert after.brand is not None
    assert (after.brand.name, after.brand.accent_colour, after.brand.bar_colour) == ("The Bean", "#1f5f8b", "")
    api.run(api.services.hosts.begin())
    for host, is_open in ((own, True), (southern, True), (northern, False)):
        for made in (client, clerk):
            answer = api.send(api.request({"type": "account_info", **made.credentials})._replace(host=host))
            assert answer.ok is is_open, (host, answer)


def test_receipts_name_the_new_agency_from_the_next_sale_on(
    api: Api, platform: MadeAccount, other: MadeAccount, client: MadeAccount
) -> None:
    club = make_campaign(client)
    make_customer(client, code="c1")
    sale = {"campaign_id": club.number, "code": "c1", "amount": "1"}
    assert api.call("record_activity", **client.credentials, **sale).at("receipt/agency/name") == "North Agency"
    assert say(api, platform, client, agency=str(number(other))).ok
    receipt = api.call("record_activity", **client.credentials, **sale)
    assert (receipt.at("receipt/agency/id"), receipt.at("receipt/agency/name")) == (str(number(other)), "South Agency")
    shown = api.call("account_info", **client.credentials)
    assert shown.at("account/contact_email") == other.account.agency[2]  # type: ignore[index]
    assert say(api, platform, client, agency="").ok
    assert api.call("record_activity", **client.credentials, **sale).xml.find("receipt/agency") is None


def test_a_dry_run_moves_nothing(
    api: Api, platform: MadeAccount, agency: MadeAccount, other: MadeAccount, client: MadeAccount
) -> None:
    assert say(api, platform, client, agency=str(number(other)), dry_run="Y").ok
    assert (seen_by(agency), seen_by(other)) == ([client.code], [])


def test_an_unknown_agency_is_named(api: Api, platform: MadeAccount, agency: MadeAccount, client: MadeAccount) -> None:
    answer = say(api, platform, client, agency="999999999")
    assert (answer.error_code, answer.errors) == ("agency_not_found", ["agency is not valid: no such agency"])
    assert seen_by(agency) == [client.code]


def test_an_agencys_own_account_stays_with_it(api: Api, platform: MadeAccount, agency: MadeAccount, other: MadeAccount) -> None:
    answer = say(api, platform, agency, agency=str(number(other)))
    assert answer.error_code == "invalid_parameter"
    assert answer.text.startswith("agency is not valid")


# -- suspending --------------------------------------------------------------------------------------------------------
def test_an_account_is_suspended_and_works_again(api: Api, platform: MadeAccount, client: MadeAccount) -> None:
    assert say(api, platform, client, state="suspended").at("account/state") == "suspended"
    assert api.call("account_info", **client.credentials).error_code == "account_suspended"
    assert say(api, platform, client, state="active").at("account/state") == "active"
    assert api.call("account_info", **client.credentials).ok


def test_a_suspended_agency_stops_its_people_not_its_clients(
    api: Api, platform: MadeAccount, agency: MadeAccount, client: MadeAccount
) -> None:
    assert say(api, platform, agency, state="suspended").ok
    assert api.call("account_list", **agency.credentials).error_code == "account_suspended"
    assert api.call("account_info", **client.credentials).ok


def test_the_platform_owner_does_not_shut_himself_out(api: Api, platform: MadeAccount) -> None:
    second = make_account(kind="platform")
    for target in (platform, second):
        assert say(api, platform, target, state="suspended").error_code == "permission_denied"
        assert target.fresh().state == "active"


def test_an_agency_takes_its_clients_out_of_trial_and_no_more(api: Api, agency: MadeAccount, other: MadeAccount) -> None:
    client = make_account(agency_id=number(agency), state="trial")
    assert say(api, other, client, state="active").error_code == "account_not_permitted"
    for role in "MO":
        assert say(api, make_user(agency, role=role), client, state="active").error_code == "permission_denied"
    assert say(api, agency, client, state="active").at("account/state") == "active"
    for state in ("suspended", "trial"):
        assert say(api, agency, client, state=state).error_code == "permission_denied"
    with unit_of_work(client.id):
        change_state(account=client.fresh(), state="suspended")
    assert say(api, agency, client, state="active").error_code == "permission_denied", "who suspended it lets it work again"
    assert say(api, agency, agency, state="suspended").error_code == "permission_denied"


# -- fences ------------------------------------------------------------------------------------------------------------
def test_whatever_is_the_accounts_own_is_not_the_platforms_to_say(api: Api, platform: MadeAccount, client: MadeAccount) -> None:
    for fields in ({"biz_name": "Mine"}, {"new_account_password": "mine_123"}, {"coalition": "Y"}, {"activate": "Y"}):
        answer = say(api, platform, client, state="trial", **fields)
        assert (answer.error_code, client.fresh().state) == ("permission_denied", "active"), fields
    assert client.fresh().profile["biz_name"] == "Bean & Leaf"


def test_nobody_else_moves_or_suspends_an_account(
    api: Api, agency: MadeAccount, other: MadeAccount, client: MadeAccount, platform: MadeAccount
) -> None:
    for fields in ({"agency": str(number(other))}, {"state": "suspended"}):
        for who in (other, make_account()):
            assert say(api, who, client, **fields).error_code == "account_not_permitted"
        assert say(api, agency, client, **fields).error_code == "permission_denied", "its agency neither"
    for fields, code in (({"agency": str(number(other))}, "invalid_parameter"), ({"state": "active"}, "permission_denied")):
        assert say(api, client, client, **fields).error_code == code
    for role in "MCOK":
        assert say(api, make_user(platform, role=role), client, state="suspended").error_code == "permission_denied"
    fresh = client.fresh()
    assert (fresh.state, fresh.agency) == ("active", agency.account.agency)


def test_an_account_that_does_not_exist_is_answered_as_one_that_may_not_be_named(api: Api, platform: MadeAccount) -> None:
    assert say(api, platform, "nobody_of_that_id", state="active").error_code == "account_not_permitted"


def test_a_suspended_platform_account_says_nothing(api: Api, client: MadeAccount) -> None:
    platform = make_account(kind="platform")
    with unit_of_work(platform.id):
        change_state(account=platform.fresh(), state="suspended")
    assert say(api, platform, client, state="suspended").error_code == "account_suspended"
    assert client.fresh().state == "active"
