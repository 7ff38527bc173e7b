# SPDX-License-Identifier: Apache-2.0
"""account_update: what an account says of itself; and what neither it nor its Administrators may change (api.md 4)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import Api, Parsed
from tests.factories import make_account, make_campaign, make_customer, make_user


def update(api: Api, made: Any, **fields: Any) -> Parsed:
    return api.call("account_update", **made.credentials, **fields)


def info(api: Api, made: Any) -> dict[str, Any]:
    return api.call("account_info", **made.credentials).json["account"]


SHOWN = {
    "biz_name": "Widgets", "biz_address1": "1 Main St", "biz_address2": "Floor 2", "biz_city": "Auckland", "biz_state": "AKL",
    "biz_zip": "1010", "biz_country": "New Zealand", "biz_locations": "50", "biz_online": "Y",
    "industry": "Science & Technology", "contact_first_name": "Ann", "contact_last_name": "Lee",
    "contact_phone": "+64 9 555 0100",
}  # fmt: skip


def test_answer_is_that_of_account_info_and_every_field_comes_back(api: Api):
    alice = make_account()
    answer = update(
        api, alice, **SHOWN, biz_empoloyees="5000", client_email="ann@widgets.example", referrer_name="Bob",
        language_selector="FR", symbol_selector="AUD", timezone_selector="68",
    )  # fmt: skip
    account = answer.json["account"]
    assert account == info(api, alice)
    assert account == account | SHOWN | {
        "account_id": alice.code, "biz_employees": "5000", "contact_email": "ann@widgets.example", "language": "FR",
        "symbol": "AUD", "timezone": "68",
    }  # fmt: skip
    assert alice.fresh().profile["referrer_name"] == "Bob"


def test_what_is_not_sent_stays_and_blank_is_taken_away(api: Api):
    alice = make_account()
    assert update(api, alice, **SHOWN, biz_employees="7").ok
    before = info(api, alice)
    assert (before["biz_employees"], update(api, alice).json["account"]) == ("7", before)
    after = update(api, alice, biz_address2="", contact_phone="", biz_locations="", biz_name="", biz_online="").json["account"]
    assert after == before | {"biz_address2": "", "contact_phone": "", "biz_locations": ""}


def test_both_spellings_of_employees_are_taken(api: Api):
    alice = make_account()
    assert update(api, alice, biz_empoloyees="5").at("account/biz_employees") == "5"
    assert update(api, alice, biz_employees="6").at("account/biz_employees") == "6"


def test_country_by_code_or_by_name(api: Api):
    alice = make_account()
    assert update(api, alice, biz_country="nz").at("account/biz_country") == "NZ"
    assert update(api, alice, biz_country="new zealand").at("account/biz_country") == "New Zealand"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"client_email": "nowhere"}, "This email address is not valid."),
        ({"contact_phone": "call me"}, "This is not a valid phone number."),
        ({"language_selector": "xx"}, "There is an error with the language chosen."),
        ({"activate": "N"}, "Activate parameter missing or incorrect."),
        ({"new_account_password": "four"}, "Your password must be between 5 and 20 characters long."),
        ({"symbol_selector": "XYZ"}, "symbol_selector is not valid: a currency code of ISO 4217, such as USD"),
        ({"agency": "1"}, "agency is not valid: the account is not under this agency"),
        ({"biz_online": "sometimes"}, "biz_online is not valid: Y or N is expected"),
        ({"biz_empoloyees": "many"}, "biz_empoloyees is not valid: a whole number from 0 to 9999999 is expected"),
    ],
)
def test_wrong_values_are_told_and_nothing_changes(api: Api, fields: dict[str, str], text: str):
    alice = make_account()
    before = info(api, alice)
    assert update(api, alice, biz_city="Elsewhere", **fields).errors == [text]
    assert info(api, alice) == before


def test_activation_takes_the_account_out_of_trial(api: Api):
    alice = make_account(state="trial")
    assert update(api, alice, biz_city="Boise").ok
    assert alice.fresh().state == "trial"
    assert update(api, alice, activate="Y").ok
    assert alice.fresh().state == "active"
    assert update(api, alice, activate="y").ok


def test_owner_changes_his_password_and_an_administrator_does_not(api: Api):
    alice = make_account()
    adam = make_user(alice, role="A")
    assert update(api, alice, new_account_password="mocha_11").ok
    assert api.call("user_login", user_id=alice.code, user_password="mocha_11").ok
    assert not api.call("user_login", user_id=alice.code, user_password=alice.password).ok
    refused = update(api, adam, new_account_password="guess_99", biz_city="Elsewhere")
    assert (refused.error_code, refused.answer.error.fields) == ("permission_denied", ("new_account_password",))
    assert api.call("user_login", user_id=alice.code, user_password="mocha_11").ok
    assert info(api, alice)["biz_city"] == ""
    assert update(api, alice, account_password="mocha_12").ok
    assert api.call("user_login", user_id=alice.code, user_password="mocha_12").ok


@pytest.mark.parametrize(("kind", "amount"), [("points", "9.95"), ("giftcard", "5")])
def test_currency_is_fixed_once_money_was_recorded(api: Api, kind: str, amount: str):
    alice = make_account()
    campaign = make_campaign(alice, kind=kind)
    make_customer(alice, code="1", campaigns=(campaign,))
    assert update(api, alice, symbol_selector="EUR").at("account/symbol") == "EUR"
    sale = api.call("record_activity", **alice.credentials, campaign_id=campaign.number, code="1", amount=amount)
    assert sale.ok, sale
    refused = update(api, alice, symbol_selector="JPY", biz_city="Elsewhere")
    assert refused.errors == ["symbol_selector is not valid: money was recorded in EUR already"]
    assert (info(api, alice)["symbol"], info(api, alice)["biz_city"]) == ("EUR", "")
    assert update(api, alice, symbol_selector="EUR", biz_city="Boise").ok


def test_currency_is_fixed_by_a_campaigns_own_amounts(api: Api):
    alice = make_account()
    make_campaign(alice, kind="earned", amount_per_event_minor=495)
    assert update(api, alice, symbol_selector="JPY").error_code == "invalid_parameter"


def test_events_alone_do_not_fix_the_currency(api: Api):
    alice = make_account()
    campaign = make_campaign(alice, kind="events")
    make_customer(alice, code="1", campaigns=(campaign,))
    assert api.call("record_activity", **alice.credentials, campaign_id=campaign.number, code="1").ok
    assert update(api, alice, symbol_selector="JPY").at("account/symbol") == "JPY"


def test_passwords_of_services_are_kept_encrypted_and_never_shown(api: Api, run_as_owner):
    alice = make_account()
    fields = {
        "mailchimp_username": "bean", "mailchimp_password": "pepper mill", "sms_username": "leaf",
        "sms_password": "salt cellar",
    }  # fmt: skip
    answer = update(api, alice, **fields)
    assert answer.ok
    assert "pepper" not in repr(answer)
    statement = (
        "SELECT mailchimp_username, mailchimp_password_encrypted, sms_password_encrypted FROM accounts_accounts WHERE id = %s"
    )
    ((name, mail, sms),) = run_as_owner(statement, alice.id)
    assert name == "bean"
    assert (b"pepper" in bytes(mail), b"salt" in bytes(sms)) == (False, False)
    assert update(api, alice, mailchimp_password="", sms_password="").ok
    assert run_as_owner(statement, alice.id) == [("bean", None, None)]
    ((snapshot,),) = run_as_owner("SELECT accounts_snapshot(%s)::text", alice.id)
    assert "password" not in snapshot


def test_agencys_address_is_the_agencys_and_without_one_ones_own(api: Api, run_as_owner):
    alice = make_account()
    assert update(api, alice, contact_email="own@bean.example").at("account/contact_email") == "own@bean.example"
    assert (
        update(api, alice, contact_email="a@bean.example", client_email="b@bean.example").at("account/contact_email")
        == "b@bean.example"
    )
    ((agency,),) = run_as_owner(
        "INSERT INTO accounts_agencies (name, email) VALUES ('Loyal Ltd', 'hello@loyal.example') RETURNING id"
    )
    run_as_owner("UPDATE accounts_accounts SET agency_id = %s WHERE id = %s", agency, alice.id)
    assert update(api, alice, agency=str(agency), contact_email="hello@loyal.example", biz_city="Boise").ok
    assert update(api, alice, contact_email="x@bean.example").answer.error.fields == ("contact_email",)
    assert update(api, alice, client_email="c@bean.example").at("account/contact_email") == "hello@loyal.example"
    assert alice.fresh().profile["client_email"] == "c@bean.example"


@pytest.mark.parametrize("role", list("MNLSDCOKHPQFGI"))
def test_only_administrators_may(api: Api, role: str):
    alice = make_account()
    assert update(api, make_user(alice, role=role), biz_city="X").errors == ["User does not have permission"]
    assert update(api, make_user(alice, role="A"), biz_city="Boise").ok
