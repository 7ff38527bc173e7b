# SPDX-License-Identifier: Apache-2.0
"""account_info: the documented members in their order (api.md 4)."""

from __future__ import annotations

import pytest

from regulars.accounts.models import Agency
from regulars.accounts.operations import change_state
from regulars.kit.db import unit_of_work
from tests.client import Api
from tests.factories import make_account, make_coalition, make_user

DOCUMENTED = [
    "account_id", "biz_name", "biz_address1", "biz_address2", "biz_city", "biz_state", "biz_zip", "biz_country",
    "biz_locations", "biz_online", "biz_employees", "industry", "contact_first_name", "contact_last_name",
    "contact_email", "contact_phone", "language", "symbol", "glyph", "timezone", "created",
]  # fmt: skip
PROFILE = {
    "biz_address1": "1 Main St", "biz_address2": "Unit 2", "biz_city": "Wellington", "biz_state": "WGN", "biz_zip": "6011",
    "biz_locations": "50", "biz_employees": "5000", "industry": "Science & Technology", "contact_first_name": "Alice",
    "contact_last_name": "<Moreau>", "contact_phone": "+64 4 123 4567",
}  # fmt: skip


def test_members_stand_in_the_documented_order_with_what_is_on_record(api: Api):
    alice = make_account(
        biz_name='Bean & "Leaf"',
        currency="NZD",
        timezone="Pacific/Auckland",
        country="NZ",
        client_email="a@bean.example",
        **PROFILE,
    )
    answer = api.call("account_info", **alice.credentials)
    assert [element.tag for element in answer.xml.find("account")] == DOCUMENTED
    assert answer.json == {
        "status": "success",
        "account": {
            "account_id": alice.code, "biz_name": 'Bean & "Leaf"', "biz_country": "NZ", "biz_online": "N", **PROFILE,
            "contact_email": "a@bean.example", "language": "EN", "symbol": "NZD", "glyph": "NZ$", "timezone": "68",
            "created": "2026-11-23 22:30:00",
        },
    }  # fmt: skip


def test_unfilled_members_are_there_and_empty(api: Api):
    account = api.call("account_info", **make_account(biz_name="").credentials).json["account"]
    assert list(account) == DOCUMENTED
    assert [account[name] for name in ("biz_name", "biz_city", "biz_country", "contact_email")] == ["", "", "", ""]


def test_contact_email_is_the_agencys(api: Api):
    agency = Agency.objects.create(name="Resellers Ltd", email="billing@agency.example")
    alice = make_account(agency_id=agency.id, client_email="own@shop.example")
    assert api.call("account_info", **alice.credentials).at("account/contact_email") == "billing@agency.example"


@pytest.mark.parametrize(
    ("zone", "shown", "created"),
    [
        ("America/Los_Angeles", "5", "2026-11-23 01:30:00"),
        ("America/New_York", "14", "2026-11-23 04:30:00"),
        ("Africa/Kigali", "35", "2026-11-23 11:30:00"),
        ("Australia/Lord_Howe", "Australia/Lord_Howe", "2026-11-23 20:30:00"),
    ],
)
def test_time_zone_has_its_number_and_created_is_local(api: Api, zone: str, shown: str, created: str):
    answer = api.call("account_info", **make_account(timezone=zone).credentials)
    assert (answer.at("account/timezone"), answer.at("account/created")) == (shown, created)


def test_country_comes_back_in_the_form_it_was_given(api: Api):
    alice = make_account(country="rwanda", currency="RWF")
    answer = api.call("account_info", **alice.credentials)
    assert (answer.at("account/biz_country"), answer.at("account/symbol")) == ("Rwanda", "RWF")


def test_coalition_is_named_only_where_it_is_one(api: Api):
    alice = make_account()
    assert api.call("account_info", **alice.credentials).xml.find("account/coalition") is None
    make_coalition(alice)
    answer = api.call("account_info", **alice.credentials)
    assert answer.at("account/coalition") == "Yes"
    assert [element.tag for element in answer.xml.find("account")] == [*DOCUMENTED[:-1], "coalition", "created"]


def test_every_role_may_since_tills_sign_in_with_it(api: Api):
    alice = make_account()
    for role in "KPF":
        assert api.call("account_info", **make_user(alice, role=role).credentials).at("account/account_id") == alice.code


def test_account_id_is_required_and_must_be_the_own(api: Api):
    alice, carol = make_account(), make_account()
    missing = api.call("account_info", user_id=alice.code, user_api_key=alice.token)
    assert (missing.error_code, missing.text) == ("missing_parameter", "Missing parameter: account_id")
    for other in (carol.code, "nobody_at_all"):
        answer = api.call("account_info", **{**alice.credentials, "account_id": other})
        assert (answer.error_code, answer.text) == (
            "account_not_permitted", "User does not have permission to access the account affected",
        )  # fmt: skip


def test_suspended_account_is_told_so(api: Api):
    alice = make_account()
    with unit_of_work(alice.id):
        change_state(account=alice.account, state="suspended")
    assert api.call("account_info", **alice.credentials).text == "This account has been suspended"
