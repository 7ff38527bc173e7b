# SPDX-License-Identifier: Apache-2.0
"""Documented notes that concern several calls, each shown by the calls themselves (tests/contract/section_2.py names them)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.client import Api, Parsed
from tests.factories import NOW, MadeAccount, make_account, make_campaign, make_customer

TYPES = {
    "Text": ("any text & more", "any text & more"),
    "Date": ("2012.07.28 22:59:59", "2012-07-28 22:59:59"),
    "Pick": ("Used", "Used"),
    "List": ("Used, New", "Used,New"),
    "Number": ("12,50", "12.5"),
    "Money": ("9,9", "9.90"),
}
"""Type -> a value as a client sends it, and as every call shows it."""
FIRST = 2
"""custom_field_1 is there from the start."""
REFUSED = {
    "Date": ("2012-02-30", "Not a valid date."),
    "Pick": ("Broken", "Non-allowed option submitted."),
    "List": ("New,Broken", "Non-allowed options submitted."),
    "Number": ("many", "Not a valid number."),
    "Money": ("9.999", "Not a valid monetary amount."),
}
SENT = {number: sent for number, (sent, _) in enumerate(TYPES.values(), FIRST)}
SHOWN = {number: shown for number, (_, shown) in enumerate(TYPES.values(), FIRST)}


@pytest.fixture
def alice() -> MadeAccount:
    return make_account()


@pytest.fixture
def owner(api: Api, alice: MadeAccount) -> Api:
    """Alice, who has added one field of each type for customers, transactions and rewards."""
    signed = api.as_(**alice.credentials)
    fields: dict[str, str] = {}
    for number, kind in enumerate(TYPES, FIRST):
        fields |= {f"custom_field_{number}_label": kind, f"custom_field_{number}_type": kind}
        if kind in ("Pick", "List"):
            fields[f"custom_field_{number}_choices"] = "New, Used, Other"
    for family in ("manage_fields", "transaction_fields", "reward_fields"):
        assert signed.call(family, action="add", **fields).ok
    return signed


def numbered(values: dict[int, str], prefix: str = "custom_field_") -> dict[str, str]:
    return {f"{prefix}{number}": value for number, value in values.items()}


def labelled(customer: Any) -> dict[int, str]:
    """Return the custom fields of a customer as calls show them: each with its label."""
    shown = {number: customer[f"custom_field_{number}"] for number in SENT}
    assert [each["label"] for each in shown.values()] == list(TYPES)
    return {number: each["data"] for number, each in shown.items()}


def plain(row: Any) -> dict[int, str]:
    return {number: row[f"custom_field_{number}"] for number in SENT}


def good(answer: Parsed) -> Any:
    assert answer.ok, answer
    return answer.json


def test_six_types_of_customer_fields_reach_every_call(owner: Api, alice: MadeAccount) -> None:
    points = make_campaign(alice)
    good(owner.call("record_customer", customer_action="new", code="c1", campaign_id=points.number, **numbered(SENT)))
    assert labelled(good(owner.call("customer_info", code="c1"))["customer"]) == SHOWN
    sale = good(owner.call("record_activity", campaign_id=points.number, code="c1", amount="5"))
    assert labelled(sale["receipt"]["customer"]) == SHOWN
    spent = good(owner.call("redeem", campaign_id=points.number, code="c1", custom_points_redeem="5"))
    assert labelled(spent["receipt"]["customer"]) == SHOWN
    assert labelled(good(owner.call("dashboard", last_X_customers="1"))["dashboard"]["last_X_customers"][0]) == SHOWN
    assert plain(good(owner.call("reports", report="customers_all"))["customers"][0]) == SHOWN
    asked = {"date_start": "2000-01-01", "date_end": "2999-01-01", "selected_campaigns": points.number}
    searched = good(owner.call("reports", report="customers_search", search_text="9.90", **asked))
    assert plain(searched["customers"][0]) == SHOWN
    changed = {2: "another", 3: "2013/1/2", 4: "New", 5: "Other", 6: "-1", 7: "1.234,50"}
    good(owner.call("record_customer", customer_action="edit", code="c1", **numbered(changed)))
    assert labelled(good(owner.call("customer_info", code="c1"))["customer"]) == {
        2: "another", 3: "2013-01-02 00:00:00", 4: "New", 5: "Other", 6: "-1", 7: "1234.50",
    }  # fmt: skip
    good(owner.call("record_customer", customer_action="edit", code="c1", **numbered(dict.fromkeys(changed, ""))))
    assert labelled(good(owner.call("customer_info", code="c1"))["customer"]) == dict.fromkeys(SENT, "")


@pytest.mark.parametrize("exact_match", [None, "sensitive", "insensitive"])
def test_a_customer_is_found_by_a_field_as_it_was_sent_and_as_it_is_shown(
    owner: Api, alice: MadeAccount, exact_match: str | None
) -> None:
    make_customer(alice, code="other")
    good(owner.call("record_customer", customer_action="new", code="c1", custom_field="one", **numbered(SENT)))
    for values in (SENT, SHOWN):
        for number, value in values.items():
            found = good(owner.call("customer_search", exact_match=exact_match, **numbered({number: value})))
            assert found["customer"]["code"] == "c1", (number, value)
            assert labelled(found["customers"][0]) == SHOWN
        assert owner.call("customer_search", exact_match=exact_match, **numbered(values)).ok
    for name in ("custom_field", "custom_field_1", "custom1"):
        assert owner.call("customer_search", exact_match=exact_match, **{name: "one"}).ok
        assert not owner.call("customer_search", exact_match=exact_match, **{name: "two"}).ok


def test_a_day_and_a_part_of_an_amount_are_found_partially(owner: Api) -> None:
    good(owner.call("record_customer", customer_action="new", code="c1", **numbered(SENT)))
    for number, part in ((3, "2012.07.28"), (3, "2012.07"), (3, "2012"), (7, "9"), (7, "9,9"), (6, "12"), (2, "TEXT &")):
        assert owner.call("customer_search", **numbered({number: part})).ok, part
    assert owner.call("customer_find", find_customer="9.90 2012-07-28").ok


def test_six_types_of_transaction_fields_reach_every_call(owner: Api, alice: MadeAccount) -> None:
    points = make_campaign(alice)
    make_customer(alice, code="c1", campaigns=(points,), openings=(500,))
    who = {"campaign_id": points.number, "code": "c1"}
    good(owner.call("record_activity", amount="5", **who, **numbered(SENT)))
    good(owner.call("redeem", custom_points_redeem="5", **who, **numbered(SENT)))
    asked = {"date_start": "2000-01-01", "date_end": "2999-01-01", "selected_campaigns": points.number}
    for report in ("transactions_all", "transactions_redeemed"):
        assert plain(good(owner.call("reports", report=report, **asked))["transactions"][-1]) == SHOWN
    words = {"search_text": "any text", "include_transactions_search": "Y"}
    assert owner.call("reports", report="customers_search", **words, **asked).ok
    assert not owner.call("reports", report="customers_search", search_text="any text", **asked).ok


def test_six_types_of_reward_fields_reach_every_call(owner: Api, alice: MadeAccount) -> None:
    points = make_campaign(alice)
    prefix = "reward_custom_field_"
    made = good(
        owner.call(
            "campaign_new", action="reward", campaign_id=points.number, reward_level="100", reward_description="Cookie",
            **numbered(SENT, prefix),
        )
    )  # fmt: skip
    (reward,) = good(owner.call("campaign_rewards", campaign_id=points.number))["rewards"]
    assert {number: reward[f"{prefix}{number}"] for number in SENT} == SHOWN
    reward_id = made["campaign"]["reward"]["id"]
    changed = {f"{prefix}2": "another", f"{prefix}4": ""}
    good(owner.call("campaign_update", action="reward", reward_id=reward_id, **changed))
    (reward,) = good(owner.call("campaign_rewards", campaign_id=points.number))["rewards"]
    assert reward[f"{prefix}2"] == "another"
    assert f"{prefix}4" not in reward
    assert reward[f"{prefix}7"] == "9.90"


@pytest.mark.parametrize(("kind", "wrong", "text"), [(kind, wrong, text) for kind, (wrong, text) in REFUSED.items()])
def test_each_type_refuses_what_it_is_not_in_the_published_words(
    owner: Api, alice: MadeAccount, kind: str, wrong: str, text: str
) -> None:
    points = make_campaign(alice)
    make_customer(alice, code="c1")
    number = FIRST + list(TYPES).index(kind)
    field = numbered({number: wrong})
    reward = {"reward_level": "100", "reward_description": "Cookie", **numbered({number: wrong}, "reward_custom_field_")}
    for answer in (
        owner.call("record_customer", customer_action="new", code="c2", **field),
        owner.call("record_customer", customer_action="edit", code="c1", **field),
        owner.call("record_activity", campaign_id=points.number, code="c1", amount="5", **field),
        owner.call("campaign_new", action="reward", campaign_id=points.number, **reward),
    ):
        assert answer.errors == [text]
    assert not owner.call("customer_info", code="c2").ok
    assert owner.call("customer_balance", campaign_id=points.number, code="c1").at("campaign/customer/balance") == "0"


def test_an_action_that_is_none_is_undefined(owner: Api) -> None:
    for family, selector in (
        ("manage_fields", "action"), ("transaction_fields", "action"), ("reward_fields", "action"), ("campaign_new", "action"),
        ("campaign_update", "action"), ("campaign_delete", "action"), ("campaign_users", "action"),
        ("record_customer", "customer_action"), ("reports", "report"),
    ):  # fmt: skip
        for value in (None, "", "nonsense"):
            assert owner.call(family, **{selector: value}).errors == ["Action Undefined"], family


def test_a_report_without_an_end_goes_to_today(owner: Api, alice: MadeAccount) -> None:
    points = make_campaign(alice)
    make_customer(alice, code="c1")
    sold = {"campaign_id": points.number, "code": "c1", "amount": "5"}
    for days in (0, 1, 2):
        assert owner.call_at(NOW + timedelta(days=days), "record_activity", **sold).ok
    asked = {"report": "transactions_all", "date_start": "2000-01-01", "selected_campaigns": points.number}
    for days in (0, 1, 2):
        at = NOW + timedelta(days=days)
        assert owner.call_at(at, "reports", **asked).at("transactions_count") == str(days + 1)


def test_account_update_takes_what_old_examples_send(api: Api, alice: MadeAccount) -> None:
    owner = api.as_(**alice.credentials)
    assert owner.call("account_update", action="Reward", account_password="mocha_77", biz_empoloyees="5000").ok
    assert api.call("user_login", user_id=alice.owner.code, user_password="mocha_77").ok
    assert owner.call("account_update", new_account_password="mocha_78").ok
    assert api.call("user_login", user_id=alice.owner.code, user_password="mocha_78").ok
