# SPDX-License-Identifier: Apache-2.0
"""customer_info: every note of api.md 7 and 13."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.client import Api, Parsed
from tests.factories import (
    make_account,
    make_campaign,
    make_coalition,
    make_customer,
    make_field,
    make_item,
    make_reward,
    make_user,
)
from tests.till import RunAsOwner, Till, make_till


@pytest.fixture
def till(api: Api, run_as_owner: RunAsOwner) -> Till:
    till = make_till(api, run_as_owner)
    make_customer(till.made, code="c1", card_number="777001", first_name="Ann", email="ann@example.org")
    return till


def info(till: Till, code: str = "c1", **fields: Any) -> Parsed:
    return till.call("customer_info", code=code, **fields)


def campaigns(answer: Parsed) -> list[Any]:
    assert answer.ok, answer
    shown = answer.json["campaigns"]
    assert isinstance(shown, list)
    return shown


def test_the_customer_is_shown_in_the_documented_order_with_empty_fields(till: Till) -> None:
    make_field(till.made, number=3, label="Marital status")
    answer = info(till)
    assert [child.tag for child in answer.xml.find("customer")] == [
        "code", "card_number", "first_name", "last_name", "phone", "email", "street1", "street2", "city", "state",
        "postal_code", "country", "custom_date", "custom_field", "customer_username", "registered", "record_timestamp",
        "profile_uid", "custom_field_3",
    ]  # fmt: skip
    shown = answer.json["customer"]
    assert (shown["code"], shown["card_number"], shown["first_name"], shown["last_name"]) == ("c1", "777001", "Ann", "")
    assert (shown["custom_date"], shown["registered"]) == ("0000-00-00", "N")
    assert shown["custom_field_3"] == {"label": "Marital status", "data": ""}
    assert answer.json["campaigns"] == []


def test_a_points_campaign_in_full(till: Till) -> None:
    campaign = make_campaign(
        till.made,
        name="Beans",
        points_ratio_ppm=5_000_000,
        reward_ratio_ppm=20_000_000,
        at=datetime(2026, 1, 2, 17, tzinfo=UTC),
    )
    cup = make_reward(till.made, campaign, level=2000, description="Cup", identifier="SKU")
    coffee = make_reward(till.made, campaign, level=100, description="Coffee")
    till.sold(campaign, amount="300", transaction_time="2026-03-01 10:00:00")
    till.redeemed(campaign, custom_points_redeem="500", transaction_time="2026-03-05 10:00:00")
    (shown,) = campaigns(info(till))
    assert shown == {
        "id": campaign.number,
        "name": "Beans",
        "type": "points",
        "created_stamp": "2026-01-02 12:00:00",
        "points_ratio": "5",
        "reward_ratio": "20",
        "balance": "1000",
        "monetary_balance": "10.00",
        "currency": "USD",
        "glyph": "$",
        "cumulative": "1500",
        "last_transaction": "2026-03-05",
        "first_transaction": "2026-03-01",
        "available_rewards": [
            {"id": str(coffee), "name": "Coffee", "level": "100", "description": "Coffee", "needed_to_redeem": "0"},
            {
                "id": str(cup),
                "name": "Cup",
                "level": "2000",
                "description": "Cup",
                "needed_to_redeem": "1000",
                "reward_id": "SKU",
            },
        ],
    }
    customer = info(till).json["customer"]
    assert customer["equivalent_cash_balance"] == "10.00"
    assert (customer["equivalent_cash_currency"], customer["equivalent_cash_glyph"]) == ("USD", "$")


def test_points_without_a_spend_to_reward_ratio_are_worth_no_money(till: Till) -> None:
    till.sold(make_campaign(till.made, points_ratio_ppm=50_000), amount="300")
    answer = info(till)
    (shown,) = campaigns(answer)
    assert "monetary_balance" not in shown
    assert (shown["points_ratio"], shown["reward_ratio"]) == ("0.05", "0")
    assert "equivalent_cash_balance" not in answer.json["customer"]


def test_money_campaigns_show_their_balance_as_money(till: Till) -> None:
    card, visits = make_campaign(till.made, kind="giftcard"), make_campaign(till.made, kind="earned")
    till.sold(card, amount="12.5")
    till.sold(visits)
    shown = campaigns(info(till))
    assert [(each["balance"], each["monetary_balance"], each["currency"]) for each in shown] == [
        ("12.50", "12.50", "USD"),
        ("4.95", "4.95", "USD"),
    ]
    assert all("available_rewards" not in each for each in shown)


def test_events_and_buyx_campaigns(till: Till) -> None:
    visits, drinks = make_campaign(till.made, kind="events"), make_campaign(till.made, kind="buyx")
    wash = make_reward(till.made, visits, level=3, description="Free wash")
    latte = make_item(till.made, drinks, description="Latte", level=5)
    mocha = make_item(till.made, drinks, description="Mocha", level=5)
    till.sold(visits)
    till.sold(drinks, service_product=latte, buyx_quantity=7)
    first, second = campaigns(info(till))
    assert first["balance"] == "1"
    assert first["available_rewards"] == [
        {"id": str(wash), "name": "Free wash", "level": "3", "description": "Free wash", "needed_to_redeem": "2"}
    ]
    assert second["balances"] == [
        {"id": str(latte), "description": "Latte", "balance": "7", "level": "5", "free_available": "1"},
        {"id": str(mocha), "description": "Mocha", "balance": "0", "level": "5", "free_available": "0"},
    ]


def test_include_balances_n_gives_the_customer_only(till: Till) -> None:
    till.sold(make_campaign(till.made), amount="1")
    answer = info(till, include_balances="N")
    assert [child.tag for child in answer.xml] == ["customer"]


def test_campaign_id_gives_only_that_campaign_and_zeros_where_the_customer_never_was(till: Till) -> None:
    mine, other = make_campaign(till.made), make_campaign(till.made)
    till.sold(mine, amount="1")
    assert [each["id"] for each in campaigns(info(till, campaign_id=mine.number))] == [mine.number]
    (shown,) = campaigns(info(till, campaign_id=other.number))
    assert (shown["balance"], shown["cumulative"], shown["first_transaction"]) == ("0", "0", "0000-00-00")


def test_hide_custom_field_drops_it(till: Till) -> None:
    make_customer(till.made, code="c2", fields={1: "vip"})
    assert info(till, "c2").at("customer/custom_field") == "vip"
    for name in ("hide_custom_field", "hide_customer_field"):  # the second as a client in the field misspells it
        assert info(till, "c2", **{name: "Y"}).xml.find("customer/custom_field") is None


def test_a_coalition_shows_all_its_campaigns_with_the_shared_balance(till: Till) -> None:
    make_coalition(till.made)
    north, south = make_campaign(till.made), make_campaign(till.made)
    alone = make_campaign(till.made, coalition_opt_out=True)
    till.sold(north, amount="5")
    shown = {each["id"]: each for each in campaigns(info(till))}
    assert set(shown) == {north.number, south.number}
    assert shown[north.number]["in_coalition"] == "Y"
    for number, cumulative in ((north.number, "500"), (south.number, "0")):
        each = shown[number]
        assert (each["balance"], each["balance_coalition"]) == ("500", "500")
        assert (each["cumulative"], each["cumulative_coalition"]) == (cumulative, "500")
    assert [each["id"] for each in campaigns(info(till, show_only_belong_to="Y"))] == [north.number]
    (only,) = campaigns(info(till, campaign_id=south.number))
    assert only["balance"] == "500"
    till.sold(alone, amount="1")
    apart = {each["id"]: each for each in campaigns(info(till))}[alone.number]
    assert (apart["in_coalition"], apart["balance"]) == ("N", "100")
    assert "balance_coalition" not in apart


def test_a_shared_balance_is_worth_its_money_once(till: Till) -> None:
    make_coalition(till.made)
    north = make_campaign(till.made, points_ratio_ppm=5_000_000, reward_ratio_ppm=20_000_000)
    make_campaign(till.made, points_ratio_ppm=5_000_000, reward_ratio_ppm=20_000_000)
    till.sold(north, amount="200")
    assert info(till).at("customer/equivalent_cash_balance") == "10.00"


def test_campaigns_on_hold_or_not_allowed_are_hidden(till: Till, api: Api) -> None:
    shown, held, hidden = (make_campaign(till.made, kind="events") for _ in range(3))
    for campaign in (shown, held, hidden):
        till.sold(campaign)
    till.set_up("UPDATE campaigns_campaigns SET state = 'on_hold' WHERE number = %s AND account_id = %s", held.number)
    bob = make_user(till.made, role="K", campaigns_access="some", allowed_campaign_ids=(shown.id, held.id))
    seen = api.call("customer_info", **bob.credentials, code="c1")
    assert [each["id"] for each in campaigns(seen)] == [shown.number]
    for campaign in (held, hidden):
        refused = api.call("customer_info", **bob.credentials, code="c1", campaign_id=campaign.number)
        assert refused.text == "Campaign not valid or deactivated."
    assert [each["id"] for each in campaigns(info(till))] == [shown.number, hidden.number]


def test_depreciations_count_when_the_balance_is_asked_for(till: Till) -> None:
    campaign = make_campaign(till.made, kind="points", at=datetime(2026, 1, 1, tzinfo=UTC))
    _expire_after(till, campaign, months=6)
    till.api.call_at(datetime(2026, 12, 1, tzinfo=UTC), "record_activity", campaign_id=campaign.number, code="c1", amount="5")
    before = till.api.call_at(datetime(2027, 5, 31, tzinfo=UTC), "customer_info", code="c1")
    after = till.api.call_at(datetime(2027, 6, 2, tzinfo=UTC), "customer_info", code="c1")
    assert (before.at("campaigns/campaign/balance"), after.at("campaigns/campaign/balance")) == ("500", "0")
    assert after.at("campaigns/campaign/cumulative") == "500", "what was earned stays earned"


def _expire_after(till: Till, campaign: Any, months: int) -> None:
    till.set_up(
        "INSERT INTO campaigns_depreciations (rule_id, campaign_id, basis, interval_count, interval_unit, percentage_ppm,"
        " valid_from, account_id) VALUES (12, %s, 'per_transaction', %s, 'months', 1000000, '2026-01-01', %s)",
        campaign.id, months,
    )  # fmt: skip


def test_a_card_finds_by_card_address_and_phone_and_code_wins(till: Till) -> None:
    make_customer(till.made, code="c2", card_number="777002", phone="212 555 0123")
    assert till.call("customer_info", card_number="777002").at("customer/code") == "c2"
    assert till.call("customer_info", card_number="ann@example.org").at("customer/code") == "c1"
    assert till.call("customer_info", card_number="212-555-0123").at("customer/code") == "c2"
    assert till.call("customer_info", card_number="777002", code="c1").at("customer/code") == "c1"


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({}, "Missing parameter: code"),
        ({"code": "nobody"}, "This customer does not exist."),
        ({"card_number": "nobody"}, "This customer does not exist."),
        ({"code": "x" * 65}, "code is not valid"),
        ({"code": "c1", "include_balances": "maybe"}, "include_balances"),
        ({"code": "c1", "campaign_id": "12"}, "campaign_id"),
        ({"code": "c1", "campaign_id": "1234567890123456"}, "Campaign not valid or deactivated."),
        ({"code": "c1", "hide_custom_field": "maybe"}, "hide_custom_field"),
        ({"code": "c1", "show_only_belong_to": "maybe"}, "show_only_belong_to"),
    ],
)
def test_a_wrong_value_is_named(till: Till, fields: dict[str, str], names: str) -> None:
    answer = till.call("customer_info", **fields)
    assert not answer.ok
    assert names in answer.text


def test_another_accounts_customer_does_not_exist(till: Till) -> None:
    make_customer(make_account(), code="theirs", card_number="888001", email="their@example.org")
    for fields in ({"code": "theirs"}, {"card_number": "888001"}, {"card_number": "their@example.org"}):
        assert till.call("customer_info", **fields).text == "This customer does not exist."


@pytest.mark.parametrize(
    ("role", "is_allowed"), [("A", True), ("K", True), ("P", True), ("O", True), ("D", False), ("C", False)]
)
def test_only_roles_that_look_customers_up_may(till: Till, api: Api, role: str, is_allowed: bool) -> None:
    user = make_user(till.made, role=role)
    assert api.call("customer_info", **user.credentials, code="c1").ok is is_allowed
