# SPDX-License-Identifier: Apache-2.0
"""customer_balance: every note of api.md 7 and 13."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from regulars.api.calls.customer_balance import TRANSACTIONS_MAX
from tests.client import Api, Parsed
from tests.factories import make_campaign, make_coalition, make_customer, make_item, make_promotion, make_reward, make_user
from tests.till import RunAsOwner, Till, make_till


@pytest.fixture
def till(api: Api, run_as_owner: RunAsOwner) -> Till:
    till = make_till(api, run_as_owner)
    make_customer(till.made, code="c1", card_number="777001", first_name="Ann", last_name="Lee")
    return till


def balance(till: Till, campaign: Any, **fields: Any) -> Parsed:
    return till.call("customer_balance", **{"campaign_id": campaign.number, "code": "c1", **fields})


def rows(answer: Parsed) -> list[Any]:
    assert answer.ok, answer
    return list(answer.json["campaign"]["customer"].get("transactions", []))


def test_the_whole_answer(till: Till) -> None:
    campaign = make_campaign(till.made, name="Beans", points_ratio_ppm=5_000_000, reward_ratio_ppm=20_000_000)
    reward = make_reward(till.made, campaign, level=500, description="Mug")
    sale = till.sold(campaign, amount="300", authorization="Order 7", transaction_time="2026-03-01 10:00:00")
    spent = till.redeemed(campaign, reward_to_redeem=reward, transaction_time="2026-03-05 10:00:00")
    answer = balance(till, campaign)
    stamps = [each.pop("record_timestamp") for each in rows(answer)]
    assert all(len(stamp) == 19 for stamp in stamps)
    assert answer.json["campaign"] == {
        "campaign_id": campaign.number,
        "campaign_type": "points",
        "campaign_name": "Beans",
        "reward_ratio": "20",
        "customer": {
            "code": "c1",
            "card_number": "777001",
            "first_name": "Ann",
            "last_name": "Lee",
            "balance": "1000",
            "equivalent_cash_balance": "10.00",
            "equivalent_cash_currency": "USD",
            "equivalent_cash_glyph": "$",
            "last_transaction": "2026-03-01",
            "last_transaction_points": "1500",
            "last_redemption": "2026-03-05",
            "last_redemption_points": "500",
            "transactions": [
                {
                    "id": spent, "date": "2026-03-05", "authorization": "", "service_product": "Mug", "redeemed": "Y",
                    "amount": "-500", "campaign": campaign.number, "user_name": till.made.code, "real": "Y",
                },
                {
                    "id": sale, "date": "2026-03-01", "authorization": "Order 7", "service_product": "", "redeemed": "N",
                    "amount": "1500", "campaign": campaign.number, "user_name": till.made.code, "real": "Y",
                },
            ],
        },
    }  # fmt: skip
    assert [child.tag for child in answer.xml.find("campaign")] == [
        "campaign_id", "campaign_type", "campaign_name", "reward_ratio", "customer",
    ]  # fmt: skip


def test_balance_is_the_same_call(till: Till) -> None:
    campaign = make_campaign(till.made)
    till.sold(campaign, amount="1")
    assert till.call("balance", campaign_id=campaign.number, code="c1").xml_body == balance(till, campaign).xml_body


def test_nothing_yet(till: Till) -> None:
    answer = balance(till, make_campaign(till.made))
    customer = answer.json["campaign"]["customer"]
    assert (customer["balance"], customer["last_transaction"], customer["last_redemption"]) == ("0", "0000-00-00", "0000-00-00")
    assert "transactions" not in customer
    assert "reward_ratio" not in answer.json["campaign"]


def test_joining_is_an_activation_row(till: Till) -> None:
    campaign = make_campaign(till.made)
    make_customer(till.made, code="c2", campaigns=(campaign,))
    (row,) = rows(balance(till, campaign, code="c2"))
    assert (row["authorization"], row["service_product"], row["amount"]) == ("Account Activated.", "Activation", "0")


def test_money_is_written_as_money(till: Till) -> None:
    campaign = make_campaign(till.made, kind="giftcard")
    till.sold(campaign, amount="10")
    till.redeemed(campaign, reward_to_redeem="2.5")
    answer = balance(till, campaign)
    assert answer.at("campaign/customer/balance") == "7.50"
    assert answer.at("campaign/customer/last_redemption_points") == "2.50"
    assert [row["amount"] for row in rows(answer)] == ["-2.50", "10.00"]


def test_buyx_lists_its_items_in_place_of_a_balance(till: Till) -> None:
    campaign = make_campaign(till.made, kind="buyx")
    latte = make_item(till.made, campaign, description="Latte", level=5)
    till.sold(campaign, service_product=latte, buyx_quantity=7)
    answer = balance(till, campaign)
    assert "balance" not in answer.json["campaign"]["customer"]
    assert answer.json["campaign"]["customer"]["balances"] == [
        {"id": str(latte), "description": "Latte", "balance": "7", "level": "5", "free_available": "1"}
    ]
    assert [row["service_product"] for row in rows(answer)] == ["Latte"]


def test_renaming_an_item_renames_it_in_past_transactions(till: Till) -> None:
    campaign = make_campaign(till.made, kind="buyx")
    till.sold(campaign, service_product=make_item(till.made, campaign, description="Latte"))
    till.set_up("UPDATE campaigns_items SET description = 'Oat latte' WHERE account_id = %s")
    assert rows(balance(till, campaign))[0]["service_product"] == "Oat latte"


def test_a_promotion_is_the_product_of_its_row(till: Till) -> None:
    campaign = make_campaign(till.made)
    till.sold(campaign, promo_id=make_promotion(till.made, campaign, description="Friend"))
    assert rows(balance(till, campaign))[0]["service_product"] == "Friend"


def test_transactions_number_limits_the_list(till: Till) -> None:
    campaign = make_campaign(till.made, kind="events")
    numbers = [till.sold(campaign) for _ in range(3)]
    assert [row["id"] for row in rows(balance(till, campaign))] == numbers[::-1]
    assert [row["id"] for row in rows(balance(till, campaign, transactions_number="2"))] == numbers[:0:-1]
    assert "transactions" not in balance(till, campaign, transactions_number="0").json["campaign"]["customer"]
    assert len(rows(balance(till, campaign, transactions_number="99999999"))) == 3


def test_all_transactions_are_at_most_the_documented_maximum(till: Till) -> None:
    campaign = make_campaign(till.made, kind="events")
    request = till.api.signed_request("record_activity", campaign_id=campaign.number, code="c1")
    for _ in range(TRANSACTIONS_MAX // 200 + 1):
        assert all(answer.ok for answer in till.api.together([request] * 201))
    answer = balance(till, campaign)
    assert len(rows(answer)) == TRANSACTIONS_MAX
    assert answer.at("campaign/customer/balance") == str(201 * (TRANSACTIONS_MAX // 200 + 1))


def test_a_coalition_shows_its_balance_and_this_campaigns_transactions_unless_asked_across(till: Till, api: Api) -> None:
    make_coalition(till.made)
    north, south = make_campaign(till.made), make_campaign(till.made)
    first, second = till.sold(north, amount="5"), till.sold(south, amount="2")
    answer = balance(till, north)
    assert answer.at("campaign/customer/balance") == "700"
    assert [row["id"] for row in rows(answer)] == [first]
    across = rows(balance(till, north, across_campaigns="Yes"))
    assert [(row["id"], row["campaign"]) for row in across] == [(second, south.number), (first, north.number)]
    bob = make_user(till.made, role="K", campaigns_access="some", allowed_campaign_ids=(north.id,))
    seen = api.call("customer_balance", **bob.credentials, campaign_id=north.number, code="c1", across_campaigns="Y")
    assert [row["id"] for row in rows(seen)] == [first], "only campaigns he may see"


def test_a_coalitions_balance_is_there_in_a_store_the_customer_never_was_in(till: Till) -> None:
    make_coalition(till.made)
    north, south = make_campaign(till.made), make_campaign(till.made)
    till.sold(north, amount="5")
    assert balance(till, south).at("campaign/customer/balance") == "500"
    assert rows(balance(till, south)) == []


def test_across_campaigns_means_nothing_outside_a_coalition(till: Till) -> None:
    one, two = make_campaign(till.made), make_campaign(till.made)
    sale = till.sold(one, amount="5")
    till.sold(two, amount="5")
    assert [row["id"] for row in rows(balance(till, one, across_campaigns="Yes"))] == [sale]


def test_rows_that_rules_made_are_not_real(till: Till) -> None:
    campaign = make_campaign(till.made, kind="points", at=datetime(2026, 1, 1, tzinfo=UTC))
    till.set_up(
        "INSERT INTO campaigns_depreciations (rule_id, campaign_id, basis, interval_count, interval_unit, percentage_ppm,"
        " valid_from, account_id) VALUES (12, %s, 'per_transaction', 6, 'months', 500000, '2026-01-01', %s)",
        campaign.id,
    )
    till.set_up(
        "INSERT INTO campaigns_fees (rule_id, campaign_id, interval_count, interval_unit, amount, description, valid_from,"
        " account_id) VALUES (3, %s, 8, 'months', 10, 'Card fee', '2026-01-01', %s)",
        campaign.id,
    )
    till.api.call_at(datetime(2026, 12, 1, tzinfo=UTC), "record_activity", campaign_id=campaign.number, code="c1", amount="5")
    later = datetime(2027, 9, 1, tzinfo=UTC)
    answer = till.api.call_at(later, "customer_balance", campaign_id=campaign.number, code="c1")
    assert answer.at("campaign/customer/balance") == "240"
    shown = [(row["id"], row["real"], row["amount"], row["redeemed"]) for row in rows(answer)][:2]
    assert shown == [("F3", "N", "-10", "N"), ("D12", "N", "-250", "N")]
    assert rows(answer)[0]["authorization"] == "Card fee"
    assert rows(answer)[0]["user_name"] == ""
    refused = till.call("transaction_delete", campaign_id=campaign.number, code="c1", transaction_id="D12")
    assert refused.text == "Error removing transaction. Please try again."


@pytest.mark.parametrize(
    ("field", "value", "names"),
    [
        ("campaign_id", "", "Missing parameter: campaign_id"),
        ("campaign_id", "12", "campaign_id"),
        ("campaign_id", "1234567890123456", "Campaign not valid or deactivated."),
        ("code", "", "Missing parameter: code"),
        ("code", "nobody", "This customer does not exist."),
        ("transactions_number", "-1", "transactions_number"),
        ("transactions_number", "some", "transactions_number"),
        ("transactions_number", "1.5", "transactions_number"),
        ("across_campaigns", "maybe", "across_campaigns"),
    ],
)
def test_a_wrong_value_is_named(till: Till, field: str, value: str, names: str) -> None:
    answer = balance(till, make_campaign(till.made), **{field: value})
    assert not answer.ok
    assert names in answer.text


@pytest.mark.parametrize(("role", "is_allowed"), [("A", True), ("K", True), ("Q", True), ("P", False), ("F", False)])
def test_only_roles_that_see_history_may_look(till: Till, api: Api, role: str, is_allowed: bool) -> None:
    campaign = make_campaign(till.made)
    user = make_user(till.made, role=role)
    assert api.call("customer_balance", **user.credentials, campaign_id=campaign.number, code="c1").ok is is_allowed
