# SPDX-License-Identifier: Apache-2.0
"""The account's pages: what it says of itself, its localisation, limits and services, by the operation of account_update."""

from __future__ import annotations

from typing import Any

import pytest

from regulars.accounts.localisation import currencies_in_use
from regulars.accounts.models import Account
from regulars.accounts.queries import get_services
from regulars.kit.db import unit_of_work
from tests.factories import make_account, make_campaign, make_user

PAGE = "/admin.php/account"


def wrong(page: Any) -> dict[str, str]:
    return {
        field.xpath(".//@name")[0]: " ".join(field.xpath(".//p[@class='error']/text()"))
        for field in page.xpath("//div[contains(@class,'wrong')]")
    }


def test_what_the_account_says_of_itself_is_saved_and_shown(visit):
    alice = make_account()
    visitor = visit(alice)
    visitor.get(PAGE)
    page = visitor.submit(
        "account", biz_name='Bean & "Leaf"', biz_city="Köln", biz_country="DE", biz_online="on", biz_locations="3"
    )
    assert "The account was saved." in page.text
    profile = alice.fresh().profile
    assert [profile[name] for name in ("biz_name", "biz_city", "biz_country", "biz_online", "biz_locations")] == [
        'Bean & "Leaf"', "Köln", "DE", "Y", "3",
    ]  # fmt: skip
    assert page.xpath("//select[@name='biz_country']/option[@selected]/@value") == ["DE"]


@pytest.mark.parametrize("path", ["", "/localisation", "/limits", "/services"])
def test_saving_an_untouched_page_changes_nothing(visit, path: str):
    alice = make_account(country="New Zealand", language="de", currency="JPY", timezone="Australia/Lord_Howe")
    before = alice.fresh()
    visitor = visit(alice)
    visitor.get(PAGE + path)
    assert "Das Konto wurde gespeichert." in visitor.submit(path.rpartition("/")[2] or "account").text
    after = alice.fresh()
    for name in (
        "profile",
        "language",
        "currency",
        "timezone",
        "request_log_days",
        "calls_per_minute",
        "unknown_cards_per_minute",
    ):
        assert getattr(after, name) == getattr(before, name)


@pytest.mark.parametrize(
    ("path", "field", "value", "sentence"),
    [
        ("", "biz_name", "", "This field is required."),
        ("", "client_email", "nobody", "Enter a valid email address."),
        ("", "biz_locations", "many", "A whole number is expected."),
        ("", "biz_city", "x" * 61, "at most 60 characters"),
        ("", "biz_country", "ZZ", "Select a valid choice"),
        ("/localisation", "money", "XXX", "Select a valid choice"),
        ("/localisation", "timezone", "Mars", "Select a valid choice"),
        ("/limits", "request_log_days", "91", "from 0 to 90"),
        ("/limits", "calls_per_minute", "0", "from 1 to 60000000"),
        ("/limits", "unknown_cards_per_minute", "", "This field is required."),
    ],
)
def test_a_bad_value_is_told_at_its_field_and_nothing_is_saved(visit, path: str, field: str, value: str, sentence: str):
    alice = make_account()
    before = alice.fresh()
    visitor = visit(alice)
    visitor.get(PAGE + path)
    other = {} if path else {"industry": "Coffee"}
    page = visitor.submit(path.rpartition("/")[2] or "account", **{field: value, **other})
    assert page.status == 400
    assert list(wrong(page)) == [field]
    assert sentence in wrong(page)[field]
    if other:
        assert page.xpath("//input[@name='industry']/@value") == ["Coffee"], "what was typed stays"
    assert alice.fresh() == before


def test_the_currency_is_fixed_once_money_was_recorded(visit):
    alice = make_account(currency="USD")
    visitor = visit(alice)
    page = visitor.get(PAGE + "/localisation")
    assert "until money is recorded for the first time" in page.text
    visitor.submit("localisation", money="EUR")
    assert alice.fresh().currency.code == "EUR"
    campaign = make_campaign(alice, kind="earned", amount_per_event_minor=500)
    assert campaign.is_money
    page = visitor.get(PAGE + "/localisation")
    assert "It can not be changed any more" in page.text
    assert page.xpath("//select[@name='money']/@disabled")
    page = visitor.submit("localisation", money="USD", language="fr")
    assert (alice.fresh().currency.code, alice.fresh().language) == ("EUR", "fr")


def test_limits_are_kept_as_numbers_and_empty_means_the_installations(visit):
    alice = make_account()
    visitor = visit(alice)
    visitor.get(PAGE + "/limits")
    visitor.submit("limits", request_log_days="0", calls_per_minute="600", unknown_cards_per_minute="5")
    now = alice.fresh()
    assert (now.request_log_days, now.calls_per_minute, now.unknown_cards_per_minute) == (0, 600, 5)
    visitor.submit("limits", calls_per_minute="")
    assert alice.fresh().calls_per_minute is None
    assert "Keep them for some days" in visitor.get("/admin.php/requests").text


def test_a_services_password_is_kept_encrypted_never_shown_and_goes_with_its_user_name(visit):
    alice = make_account()
    visitor = visit(alice)
    visitor.get(PAGE + "/services")
    page = visitor.submit("services", mailchimp_username="bean", mailchimp_password="s3cret key")
    assert "s3cret" not in page.text
    assert "One is kept" in page.text
    with unit_of_work(alice.id):
        stored = bytes(Account.objects.get(id=alice.id).mailchimp_password_encrypted or b"")
    assert stored
    assert b"s3cret" not in stored
    visitor.submit("services", mailchimp_username="leaf")
    with unit_of_work(alice.id):
        assert bytes(Account.objects.get(id=alice.id).mailchimp_password_encrypted or b"") == stored, "empty keeps it"
    visitor.submit("services", mailchimp_username="")
    with unit_of_work(alice.id):
        assert get_services(account=alice.fresh()).has_mailchimp_password is False


def test_the_owner_takes_the_account_out_of_trial(visit):
    alice = make_account(state="trial")
    visitor = visit(alice)
    assert "trial mode" in visitor.get(PAGE).text
    page = visitor.submit("/activate")
    assert "out of trial" in page.text
    assert alice.fresh().state == "active"
    assert "trial mode" not in visitor.get(PAGE).text


def test_a_manager_does_not_see_the_account(visit):
    alice = make_account()
    visitor = visit(make_user(alice, role="M"))
    assert visitor.get(PAGE).status == 403
    assert "Localisation" not in visitor.get("/admin.php").text


def test_the_currencies_offered_are_those_of_countries_today():
    offered = currencies_in_use()
    assert {"EUR", "USD", "JPY", "CHF", "NZD", "KWD"} <= set(offered)
    assert not {"DEM", "FRF", "XXX", "XAU"} & set(offered)
