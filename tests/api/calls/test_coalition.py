# SPDX-License-Identifier: Apache-2.0
"""
A live account becomes a coalition through the API, and every call says what api.md notes for coalitions; a store leaves and
comes back; the account ceases to be one. (Each call's own file has more of it, in accounts that are coalitions from the start.)
"""

from __future__ import annotations

from typing import Any

import pytest

from regulars.accounts.codes import make_code
from tests.client import Api, Parsed
from tests.factories import NOW, make_account, make_campaign, make_customer, make_user
from tests.till import TRANSACTION, RunAsOwner, Till, make_till

DAYS = {"date_start": "1970-01-01", "date_end": "2999-12-31"}


@pytest.fixture
def till(api: Api, run_as_owner: RunAsOwner) -> Till:
    till = make_till(api, run_as_owner, biz_name="Riverside Mall")
    for name, kind in (
        ("North", "points"),
        ("South", "points"),
        ("Card", "giftcard"),
        ("Cups", "earned"),
        ("Visits", "events"),
    ):
        make_campaign(till.made, kind=kind, name=name, **({"amount_per_event_minor": 50} if kind == "earned" else {}))
    make_customer(till.made, code="c1", first_name="Ann")
    make_customer(till.made, code="c2")
    return till


def named(till: Till) -> dict[str, Any]:
    return {campaign.name: campaign for campaign in till.made.fresh().campaigns.values()}


def sell(till: Till) -> dict[str, str]:
    """Ann buys for 3 in the North, 2 in the South, gets 10.00 on her card and 0.50 for her cup; c2 has 1.00 on a card."""
    stores = named(till)
    sold = {name: till.sold(stores[name], amount=amount) for name, amount in (("North", "3"), ("South", "2"), ("Card", "10"))}
    sold["Cups"] = till.sold(stores["Cups"])
    till.sold(stores["Visits"])
    till.sold(stores["Card"], "c2", amount="1")
    return sold


def code(module: str = "coalition", **options: Any) -> str:
    return make_code(module=module, at=NOW, **options)


def switch(till: Till, **fields: str) -> Parsed:
    answer = till.call("account_update", **fields)
    assert answer.ok, answer
    return answer


def balances(till: Till, who: str = "c1", **fields: str) -> dict[str, tuple[str, str, str | None, str | None]]:
    """By campaign: balance, cumulative, balance_coalition, cumulative_coalition of customer_info."""
    shown = till.call("customer_info", code=who, **fields).json["campaigns"]
    names = ("balance", "cumulative", "balance_coalition", "cumulative_coalition")
    return {each["name"]: tuple(each.get(name) for name in names) for each in shown}  # type: ignore[misc]


# -- entering a code ---------------------------------------------------------------------------------------------------
def test_a_code_makes_the_account_a_coalition_and_says_what_moved(till: Till) -> None:
    sell(till)
    answer = switch(till, activation_code=code())
    assert answer.at("account/coalition") == "Yes"
    moved = answer.json["coalition_switch"]
    assert (moved["coalition"], moved["status"], moved["customers"]) == ("Yes", "done", "2")
    assert [(each["name"], each["type"], each["customers"], each["amount"], each["debt"]) for each in moved["campaigns"]] == [
        ("North", "points", "1", "300", "0"), ("South", "points", "1", "200", "0"), ("Card", "giftcard", "2", "11.00", "0.00"),
        ("Cups", "earned", "1", "0.50", "0.00"),
    ]  # fmt: skip
    assert till.call("account_info").at("account/coalition") == "Yes"
    assert till.call("user_info").at("user/account_coalition") == "yes"


@pytest.mark.parametrize("what", ["wrong", "used", "expired", "another account's", "blank letters"])
def test_a_code_that_is_not_valid_changes_nothing(till: Till, api: Api, what: str) -> None:
    given = {
        "wrong": lambda: "ABCDE-FGHIJ-KLMNO-PQRST-UVWXY-Z",
        "used": lambda: _used(api),
        "expired": lambda: make_code(module="coalition", at=NOW.replace(year=2024), days=1),
        "another account's": lambda: code(account_code="somebody_else"),
        "blank letters": lambda: "- -",
    }[what]()
    answer = till.call("account_update", activation_code=given, biz_city="Boise")
    assert (answer.text, answer.error_code) == ("The Activation Code is not valid", "activation_code_not_valid")
    account = till.made.fresh()
    assert (account.modules, account.is_coalition, account.profile["biz_city"]) == (set(), False, "")


def _used(api: Api) -> str:
    other, text = make_account(), code()
    assert api.call("account_update", **other.credentials, activation_code=text).ok
    return text


def test_without_a_code_there_is_no_coalition_and_no_second_tier(till: Till) -> None:
    for fields in ({"coalition": "Y"}, {"two_tier_campaign": named(till)["North"].number, "two_tier_percentage": "10"}):
        answer = till.call("account_update", **fields)
        assert (answer.text, answer.error_code) == ("This needs an Activation Code", "module_not_activated")


def test_only_who_may_activate_can_enter_a_code(till: Till, api: Api) -> None:
    for role in "MLCK":
        user = make_user(till.made, role=role)
        assert api.call("account_update", **user.credentials, activation_code=code()).error_code == "permission_denied"
    admin = make_user(till.made, role="A")
    assert api.call("account_update", **admin.credentials, activation_code=code()).at("account/coalition") == "Yes"


def test_a_code_can_be_kept_for_later(till: Till) -> None:
    answer = switch(till, activation_code=code(), coalition="N")
    assert answer.xml.find("account/coalition") is None
    assert switch(till, coalition="Y").at("account/coalition") == "Yes"


def test_a_preview_shows_the_same_figures_and_changes_nothing(till: Till) -> None:
    sell(till)
    before, text = till.books(), code()
    preview = switch(till, activation_code=text, dry_run="Y")
    assert till.books() == before
    assert till.made.fresh().modules == set()
    assert balances(till)["North"][2] is None
    assert switch(till, activation_code=text).json["coalition_switch"] == preview.json["coalition_switch"]


def test_a_retry_under_its_key_is_answered_as_the_first(till: Till) -> None:
    sell(till)
    text = code()
    first = switch(till, activation_code=text, idempotency_key="k")
    assert switch(till, activation_code=text, idempotency_key="k").json == first.json


# -- every call --------------------------------------------------------------------------------------------------------
def test_each_calls_note_on_coalitions_holds_after_the_switch(till: Till) -> None:
    sold = sell(till)
    switch(till, activation_code=code())
    stores = named(till)
    assert balances(till) == {
        "North": ("500", "300", "500", "500"), "South": ("500", "200", "500", "500"),
        "Card": ("10.50", "10.00", "10.50", "10.50"), "Cups": ("10.50", "0.50", "10.50", "10.50"),
        "Visits": ("1", "1", None, None),
    }  # fmt: skip
    assert set(balances(till, "c2")) == {"North", "South", "Card", "Cups"}
    assert set(balances(till, "c2", show_only_belong_to="Y")) == {"Card"}

    shown = till.call("customer_balance", code="c1", campaign_id=stores["South"].number).json["campaign"]["customer"]
    assert (shown["balance"], [row["id"] for row in shown["transactions"]]) == ("500", [sold["South"]])
    across = till.call("customer_balance", code="c1", campaign_id=stores["South"].number, across_campaigns="Yes")
    listed = across.json["campaign"]["customer"]["transactions"]
    assert {sold["North"], sold["South"], sold["Card"], sold["Cups"]} <= {row["id"] for row in listed}
    assert all("moved" not in row["authorization"] for row in listed), "moving is no transaction"

    assert {each["name"]: each["in_coalition"] for each in till.call("campaigns_list").json["campaigns"]} == {
        "North": "Y", "South": "Y", "Card": "Y", "Cups": "Y", "Visits": "N",
    }  # fmt: skip
    receipt = till.record(stores["South"], amount="1").json["receipt"]["transaction"]
    assert (receipt["balance"], receipt["cumulative_balance"], receipt["coalition_cumulative_balance"]) == (
        {"points": "600"}, {"points": "300"}, {"points": "600"},
    )  # fmt: skip
    money = till.redeem(stores["Cups"], reward_to_redeem="10.25").json["receipt"]["transaction"]
    assert (money["balance"]["amount"], money["coalition_cumulative_balance"]["amount"]) == ("0.25", "10.50")
    found = till.call("customer_search", first_name="Ann", include_balances="Y").json["customers"][0]["campaigns"]
    assert {each["name"]: each["balance"] for each in found}["North"] == "600"


def test_reports_show_stores_and_shared_balances(till: Till) -> None:
    sell(till)
    every = {**DAYS, "selected_campaigns": ",".join(each.number for each in named(till).values())}
    totals = till.call("reports", report="audit_totals", **every).json["campaigns"]
    switch(till, activation_code=code())
    assert till.call("reports", report="audit_totals", **every).json["campaigns"] == totals, "no total changed"
    names = [each["campaign_name"] for each in till.call("reports", report="coalition_points", **every).json["campaigns"]]
    assert names == ["North", "South"]
    names = [each["campaign_name"] for each in till.call("reports", report="coalition_stored_value", **every).json["campaigns"]]
    assert names == ["Card", "Cups"]

    def listed(**fields: str) -> list[tuple[str, str, str]]:
        rows = till.call("reports", report="customers_balances", **fields).json["customers"]
        return [(row["code"], row["balance"], row["cumulative"]) for row in rows]

    assert listed(campaign_id=named(till)["North"].number) == [("c1", "500", "300")]
    assert listed(coalition_balance="coalition_points") == [("c1", "500", "500")]
    assert listed(coalition_balance="coalition_storedvalue") == [("c1", "10.50", "10.50"), ("c2", "1.00", "1.00")]
    assert till.call("reports", report="transactions_all", **every).json["transactions_count"] == "6"


# -- stores come and go ------------------------------------------------------------------------------------------------
def test_a_store_leaves_with_what_is_left_of_its_own_and_comes_back(till: Till) -> None:
    sell(till)
    switch(till, activation_code=code())
    south = named(till)["South"].number
    assert till.redeem(named(till)["North"], custom_points_redeem="350").ok
    assert till.call("campaign_update", action="campaign", campaign_id=south, coalition_opt_out="Y").ok
    assert balances(till)["North"] == ("0", "300", "0", "300")
    assert balances(till)["South"] == ("150", "200", None, None)
    shown = {each["name"]: each["in_coalition"] for each in till.call("campaigns_list").json["campaigns"]}
    assert shown["South"] == "N"
    every = {**DAYS, "selected_campaigns": f"{named(till)['North'].number},{south}"}
    kept = till.call("reports", report="coalition_points", **every).json["campaigns"]
    assert [each["campaign_name"] for each in kept] == ["North"]
    assert till.call("campaign_update", action="campaign", campaign_id=south, coalition_opt_out="N").ok
    assert balances(till)["South"] == ("150", "200", "150", "500")


def test_a_campaign_can_stay_out_from_the_start(till: Till) -> None:
    switch(till, activation_code=code())
    fields = {"campaign_type": "points", "campaign_name": "Apart", "coalition_opt_out": "Y"}
    number = till.call("campaign_new", action="campaign", **fields).at("campaign/id")
    till.sold(till.made.fresh().campaigns[number], amount="4")
    assert balances(till)["Apart"] == ("400", "400", None, None)


def test_a_campaign_can_keep_out_of_the_second_tier_from_the_start(till: Till) -> None:
    mall = named(till)["North"]
    switch(till, activation_code=code("two_tier"), two_tier_campaign=mall.number, two_tier_percentage="10")
    fields = {"campaign_type": "points", "campaign_name": "Apart", "two_tier_opt_out": "Y"}
    number = till.call("campaign_new", action="campaign", **fields).at("campaign/id")
    assert till.record(till.made.fresh().campaigns[number], amount="5").xml.find(f"{TRANSACTION}/second_tier") is None
    fields |= {"campaign_name": "In", "two_tier_opt_out": "N"}
    number = till.call("campaign_new", action="campaign", **fields).at("campaign/id")
    assert till.record(till.made.fresh().campaigns[number], amount="5").at(f"{TRANSACTION}/second_tier/points") == "50"


def test_back_to_balances_of_their_own_and_undone(till: Till) -> None:
    sell(till)
    before = balances(till)
    switch(till, activation_code=code())
    answer = switch(till, coalition="undo")
    assert answer.json["coalition_switch"]["coalition"] == "No"
    assert balances(till) == before
    switch(till, coalition="Y")
    till.sold(named(till)["North"], amount="1")
    refused = till.call("account_update", coalition="undo")
    assert (refused.text, refused.error_code) == ("It can not be undone: something was recorded since", "switch_stands")
    assert switch(till, coalition="N").json["coalition_switch"]["status"] == "done"
    assert balances(till)["North"] == ("400", "400", None, None)
    assert till.call("account_info").xml.find("account/coalition") is None


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"coalition": "perhaps"}, "coalition"),
        ({"two_tier_percentage": "lots"}, ""),
        ({"two_tier_rounding": "even"}, "two_tier_rounding"),
        ({"two_tier_campaign": "12"}, "two_tier_campaign"),
        ({"activation_code": "x" * 61}, ""),
    ],
)
def test_wrong_values_are_named(till: Till, fields: dict[str, str], name: str) -> None:
    answer = till.call("account_update", **fields)
    assert not answer.ok
    assert answer.text.startswith(f"{name} is not valid") or answer.text in (
        "The percentage is not valid.", "The Activation Code is not valid",
    )  # fmt: skip


# -- the Coalition Store Manager -----------------------------------------------------------------------------------------
def test_a_store_manager_sees_his_stores_with_the_shared_balance_and_their_users_alone(till: Till, api: Api) -> None:
    sell(till)
    switch(till, activation_code=code())
    stores = named(till)
    lea = make_user(till.made, role="L", campaigns_access="some", allowed_campaign_ids=(stores["South"].id,))
    bob = make_user(till.made, role="K", campaigns_access="some", allowed_campaign_ids=(stores["South"].id,))
    eve = make_user(till.made, role="K", campaigns_access="some", allowed_campaign_ids=(stores["North"].id,))
    his = api.as_(**lea.credentials)
    shown = his.call("customer_info", code="c1").json["campaigns"]
    assert [(each["name"], each["balance"]) for each in shown] == [("South", "500")]
    across = his.call("customer_balance", code="c1", campaign_id=stores["South"].number, across_campaigns="Y")
    assert {row["campaign"] for row in across.json["campaign"]["customer"]["transactions"]} == {stores["South"].number}
    report = his.call("reports", report="coalition_points", **DAYS, selected_campaigns=stores["North"].number)
    assert report.error_code == "campaign_not_found"
    assert his.call("user_info", user_name=bob.code).ok
    assert his.call("user_info", user_name=eve.code).error_code == "user_not_found"
    assert his.call("account_update", coalition="N").error_code == "permission_denied"
    assert his.call("redeem", code="c1", campaign_id=stores["South"].number, custom_points_redeem="450").ok


# -- the second tier ---------------------------------------------------------------------------------------------------
def test_the_second_tier_is_set_changed_and_ended_by_account_update(till: Till) -> None:
    master = named(till)["North"]
    set_up = switch(till, activation_code=code("two_tier"), two_tier_campaign=master.number, two_tier_percentage="12.5")
    account = set_up.json["account"]
    assert (account["two_tier_campaign"], account["two_tier_percentage"], account["two_tier_rounding"]) == (
        master.number, "12.5", "down",
    )  # fmt: skip
    assert till.call("user_info").at("user/account_c2t") == "yes"
    south = named(till)["South"]
    assert till.record(south, amount="0.50").json["receipt"]["transaction"]["second_tier"] == {
        "campaign_id": master.number, "points": "6", "balance": "6",
    }  # fmt: skip
    switch(till, two_tier_rounding="up")
    sale = till.record(south, amount="0.50")
    assert sale.at(f"{TRANSACTION}/second_tier/points") == "7"
    assert till.balance(master) == "13"
    assert till.call("transaction_delete", campaign_id=south.number, code="c1", transaction_id=sale.at(f"{TRANSACTION}/id")).ok
    assert till.balance(master) == "6"
    assert till.call("campaign_update", action="campaign", campaign_id=south.number, two_tier_opt_out="Y").ok
    assert till.record(south, amount="1").xml.find(f"{TRANSACTION}/second_tier") is None
    assert till.record(master, amount="1").xml.find(f"{TRANSACTION}/second_tier") is None
    assert till.call("campaign_update", action="campaign", campaign_id=south.number, two_tier_opt_out="N").ok
    ended = switch(till, two_tier_campaign="")
    assert ended.xml.find("account/two_tier_campaign") is None
    assert till.record(south, amount="1").xml.find(f"{TRANSACTION}/second_tier") is None


def test_an_opening_amount_contributes_too(till: Till) -> None:
    stores = named(till)
    fields = {"two_tier_campaign": stores["North"].number, "two_tier_percentage": "10"}
    switch(till, activation_code=code("two_tier"), **fields)
    made = till.call("record_customer", customer_action="new", code="c3", campaign_id=stores["South"].number, auto_add="250")
    assert made.ok
    assert balances(till, "c3")["North"] == ("25", "25", None, None)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"two_tier_percentage": "0"}, "The percentage is not valid."),
        ({"two_tier_percentage": "100.1"}, "The percentage is not valid."),
        ({"two_tier_percentage": "10"}, "Campaign not valid or deactivated."),
        ({"two_tier_campaign": "9" * 16}, "Campaign not valid or deactivated."),
        ({"two_tier_campaign": "Card", "two_tier_percentage": "10"}, "two_tier_campaign is not valid: a points campaign"),
        ({"two_tier_campaign": "North"}, "The percentage is not valid."),
    ],
)
def test_terms_that_no_second_tier_can_have_are_refused(till: Till, fields: dict[str, str], text: str) -> None:
    stores = named(till)
    given = {name: stores[value].number if value in stores else value for name, value in fields.items()}
    answer = till.call("account_update", activation_code=code("two_tier"), **given)
    assert not answer.ok
    assert text in answer.text
    assert till.made.fresh().modules == set(), "the code is still good"


def test_two_tier_reports_are_there_for_the_mall(till: Till) -> None:
    stores = named(till)
    every = {**DAYS, "selected_campaigns": ",".join(each.number for each in stores.values())}
    fields = {"two_tier_campaign": stores["North"].number, "two_tier_percentage": "10"}
    switch(till, activation_code=code("two_tier"), **fields)
    sell(till)
    rows = till.call("reports", report="coalition_points", **every).json["campaigns"]
    assert {row["campaign_name"]: row["earned"] for row in rows} == {"North": "320", "South": "200"}
