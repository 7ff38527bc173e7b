# SPDX-License-Identifier: Apache-2.0
"""dashboard: each block as it is asked for, and no more than the user may see (api.md 4, 13)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.client import Api, Parsed
from tests.factories import make_account, make_campaign, make_customer, make_user

NOW = datetime(2026, 3, 31, 15, 0, tzinfo=UTC)
ALL = {
    "most_active": "10", "customer_count": "Yes", "total_customers_this_month": "Yes", "total_transactions_this_month": "Yes",
    "active_campaigns_count": "Yes", "campaigns_per_day_activity": "2", "last_X_transactions": "10", "last_X_customers": "10",
}  # fmt: skip


def dashboard(api: Api, made: Any, **fields: Any) -> Parsed:
    answer = api.call_at(NOW, "dashboard", API="1.5", **made.credentials, **fields)
    assert answer.ok, answer
    return answer


def sell(api: Api, made: Any, at: datetime, campaign: Any, code: str) -> str:
    answer = api.call_at(at, "record_activity", **made.credentials, campaign_id=campaign.number, code=code, amount="1")
    assert answer.ok, answer
    return answer.at("receipt/transaction/id")


@pytest.fixture(scope="module")
def shop(api: Api) -> Any:
    """Two campaigns, three customers of three months, and sales on several days; nobody changes it."""
    alice = make_account(at=datetime(2025, 1, 1, tzinfo=UTC))
    start = datetime(2025, 1, 2, tzinfo=UTC)
    one, two = make_campaign(alice, name="One", at=start), make_campaign(alice, name="Two", at=start)
    for code, day in (("1", datetime(2026, 2, 10, tzinfo=UTC)), ("2", datetime(2026, 3, 1, 6, tzinfo=UTC))):
        make_customer(alice, code=code, at=day, campaigns=(one,))
    make_customer(alice, code="3", at=datetime(2026, 2, 28, 20, tzinfo=UTC), campaigns=(two,))
    ids = [sell(api, alice, NOW - timedelta(days=days), one, "1") for days in (40, 40, 1, 0)]
    ids.append(sell(api, alice, NOW, two, "3"))
    gone = sell(api, alice, NOW, one, "2")
    assert api.call("transaction_delete", **alice.credentials, campaign_id=one.number, code="2", transaction_id=gone).ok
    return alice, one, two, ids


def test_nothing_is_shown_that_is_not_asked_for(api: Api, shop: Any):
    assert len(dashboard(api, shop[0]).xml.find("dashboard")) == 0
    assert [element.tag for element in dashboard(api, shop[0], **ALL).xml.find("dashboard")] == list(ALL)
    assert [element.tag for element in dashboard(api, shop[0], customer_count="Yes").xml.find("dashboard")] == [
        "customer_count"
    ]


def test_counts(api: Api, shop: Any):
    shown = dashboard(api, shop[0], **ALL).json["dashboard"]
    assert (shown["customer_count"], shown["active_campaigns_count"]) == ("3", "2")
    assert shown["total_customers_this_month"] == {"this_month": "1", "last_month": "2", "last_month_same_period": "1"}
    assert shown["total_transactions_this_month"] == {"this_month": "3", "last_month": "2", "last_month_same_period": "2"}


def test_most_active_customers_first_and_deleted_transactions_do_not_count(api: Api, shop: Any):
    shown = dashboard(api, shop[0], most_active="10").json["dashboard"]["most_active"]
    assert [(each["code"], each["transactions"]) for each in shown] == [("1", "4"), ("3", "1")]
    assert list(shown[0]) == ["code", "first_name", "last_name", "card_number", "transactions"]
    assert len(dashboard(api, shop[0], most_active="1").json["dashboard"]["most_active"]) == 1


def test_each_campaign_has_each_day(api: Api, shop: Any):
    _, one, two, _ = shop
    shown = dashboard(api, shop[0], campaigns_per_day_activity="3").json["dashboard"]["campaigns_per_day_activity"]
    days = ["2026-03-29", "2026-03-30", "2026-03-31"]
    assert [(each["id"], each["name"]) for each in shown] == [(one.number, "One"), (two.number, "Two")]
    assert [[(day["date"], day["transactions"]) for day in each["days"]] for each in shown] == [
        list(zip(days, times, strict=True)) for times in (("0", "1", "1"), ("0", "0", "1"))
    ]


def test_last_transactions_are_as_in_the_history_with_customer_and_campaign(api: Api, shop: Any):
    alice, one, _, ids = shop
    shown = dashboard(api, alice, last_X_transactions="3").json["dashboard"]["last_X_transactions"]
    assert [each["id"] for each in shown] == list(reversed(ids))[:3]
    assert [(each["customer_code"], each["campaign_name"]) for each in shown] == [("3", "Two"), ("1", "One"), ("1", "One")]
    history = api.call_at(NOW, "customer_balance", **alice.credentials, campaign_id=one.number, code="1")
    newest = history.json["campaign"]["customer"]["transactions"][0]
    assert shown[1] == newest | {"customer_code": "1", "campaign_name": "One"}


def test_last_customers_are_as_in_customer_info(api: Api, shop: Any):
    shown = dashboard(api, shop[0], last_X_customers="2").json["dashboard"]["last_X_customers"]
    assert [each["code"] for each in shown] == ["2", "3"]
    known = api.call("customer_info", **shop[0].credentials, code="2", include_balances="N").json["customer"]
    assert shown[0] == known


def test_user_of_one_campaign_sees_that_one(api: Api, shop: Any):
    alice, one, _, _ = shop
    bob = make_user(alice, role="K", campaigns_access="some", allowed_campaign_ids=[one.id])
    shown = dashboard(api, bob, **ALL).json["dashboard"]
    assert (shown["customer_count"], shown["active_campaigns_count"]) == ("2", "1")
    assert {each["campaign_name"] for each in shown["last_X_transactions"]} == {"One"}
    assert [each["code"] for each in shown["most_active"]] == ["1"]
    blind = make_user(alice, role="K", campaigns_access="none")
    nothing = dashboard(api, blind, **ALL).json["dashboard"]
    assert (nothing["customer_count"], nothing["active_campaigns_count"], nothing["last_X_customers"]) == ("0", "0", [])


@pytest.mark.parametrize(
    ("role", "blocks"),
    [
        ("D", ["active_campaigns_count"]),
        ("O", ["customer_count", "total_customers_this_month", "active_campaigns_count", "last_X_customers"]),
        ("K", list(ALL)),
    ],
)
def test_blocks_are_those_of_the_role(api: Api, shop: Any, role: str, blocks: list[str]):
    shown = dashboard(api, make_user(shop[0], role=role), **ALL)
    assert [element.tag for element in shown.xml.find("dashboard")] == blocks


@pytest.mark.parametrize(
    ("name", "value"), [("most_active", "0"), ("campaigns_per_day_activity", "367"), ("customer_count", "x")]
)
def test_wrong_values_name_their_parameter(api: Api, shop: Any, name: str, value: str):
    answer = api.call("dashboard", **shop[0].credentials, **{name: value})
    assert answer.answer.error.fields == (name,)
