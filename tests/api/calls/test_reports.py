# SPDX-License-Identifier: Apache-2.0
"""reports: names, order, formats and every note of api.md 10. That the numbers are right: test_reports_scan.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from regulars.reports.rules import birthdays_in
from tests.client import Api, Parsed
from tests.factories import NOW, MadeAccount, make_account, make_campaign, make_coalition, make_customer, make_field, make_user
from tests.scene import Scene, make_scene

DAYS = {"date_start": "2026-11-01", "date_end": "2026-11-30"}
AT = NOW + timedelta(minutes=5)


@pytest.fixture
def scene(api: Api) -> Scene:
    return make_scene(api, at=AT)


def report(scene: Scene, name: str, at: datetime = AT + timedelta(hours=1), **fields: str) -> Parsed:
    asked = {**DAYS, "selected_campaigns": scene.campaigns["points"].number, **fields}
    return scene.owner.call_at(at, "reports", report=name, **{key: value for key, value in asked.items() if value})


def codes(answer: Parsed) -> list[str]:
    return [row.findtext("customer_code") or "" for row in answer.xml.findall("customer")]


# -- the shape -----------------------------------------------------------------------------------------------------
def test_a_customer_has_the_documented_names_in_order(scene: Scene) -> None:
    answer = report(scene, "customers_new")
    assert answer.json["customers"] == [
        {
            "first_name": "Amy", "last_name": "Acker", "phone": "212-555-0101", "email": "amy@acker.example",
            "address1": "1234 Main St", "address2": "", "city": "Boise", "state": "ID", "zip": "83701", "country": "US",
            "custom_date": "1970-07-14", "customer_code": "1001", "card_number": "5500001", "custom_field": "VIP",
            "custom_field_2": "Tea", "record_timestamp": "2026-11-23 04:30:00",
        }
    ]  # fmt: skip
    assert [child.tag for child in answer.xml] == ["customer"]
    assert [child.tag for child in answer.xml[0]] == list(answer.json["customers"][0])


def test_a_transaction_has_the_documented_names_in_order(scene: Scene) -> None:
    answer = report(scene, "transactions_all")
    assert [child.tag for child in answer.xml] == ["transactions_count", "transaction", "transaction"]
    assert answer.at("transactions_count") == "2"
    sale, redemption = answer.json["transactions"]
    assert sale == {
        "code": "1001", "date": "2026-11-23", "authorization": "", "campaign_id": scene.campaigns["points"].number,
        "user_name": scene.made.owner.code, "user_custom1": "", "first_name": "Amy", "last_name": "Acker",
        "phone": "212-555-0101", "email": "amy@acker.example", "customer": "1001", "custom1": "VIP", "custom_field": "VIP",
        "card_number": "5500001", "amount_number": "995", "amount_type": "points", "original_amount": "9.95", "redeemed": "",
        "promotion": "", "service_product": "", "campaign_name": "Bean Points", "record_timestamp": "2026-11-23 04:35:00",
        "transaction_id": scene.sale_id, "custom_field_1": "",
    }  # fmt: skip
    assert [child.tag for child in answer.xml[1]] == list(sale)
    assert (redemption["redeemed"], redemption["amount_number"]) == ("R", "-100")
    assert redemption["transaction_id"] == scene.redemption_id


def test_amounts_are_in_the_unit_of_the_campaign_and_money_is_marked(scene: Scene) -> None:
    numbers = ",".join(campaign.number for campaign in scene.campaigns.values())
    rows = report(scene, "transactions_all", selected_campaigns=numbers).json["transactions"]
    assert [(row["campaign_name"], row["amount_number"], row["amount_type"], row["service_product"]) for row in rows] == [
        ("Bean Points", "995", "points", ""), ("Leaf Card", "50.00", "$", ""), ("Ten Visits", "1", "events", ""),
        ("Earn as You Come", "0.50", "$", ""), ("Every Tenth Cup", "3", "units", "Flat White"),
        ("Bean Points", "-100", "points", ""),
    ]  # fmt: skip


def test_totals_have_the_documented_names_letters_and_commas(scene: Scene) -> None:
    points, card = scene.campaigns["points"].number, scene.campaigns["giftcard"].number
    sold = scene.owner.call_at(AT, "record_activity", campaign_id=points, code="1001", amount="34.42")
    assert sold.ok
    assert scene.owner.call_at(AT, "record_activity", campaign_id=card, code="1001", amount="1234567").ok
    assert scene.owner.call_at(AT, "redeem", campaign_id=points, code="1001", custom_points_redeem="2910").ok
    every = ",".join(scene.campaigns[kind].number for kind in ("points", "giftcard", "events", "earned", "buyx"))
    answer = report(scene, "audit_totals", selected_campaigns=every)
    first = answer.xml.find("campaign")
    assert first is not None
    assert [(child.tag, child.text) for child in first] == [
        ("campaign_name", "Bean Points"), ("campaign_type", "T"), ("earned", "4,437"), ("redeemed", "-3,010"),
        ("liability", "1,427"), ("monetary_equivalent", "0.71"), ("campaign_id", points),
    ]  # fmt: skip
    names = ("campaign_type", "earned", "redeemed", "liability", "monetary_equivalent")
    assert [tuple(row[name] for name in names) for row in answer.json["campaigns"]][1:] == [
        ("G", "1,234,617.00", "0.00", "1,234,617.00", "1,234,617.00"), ("E", "1", "0", "1", ""),
        ("M", "0.50", "0.00", "0.50", "0.50"), ("B", "3", "0", "3", ""),
    ]  # fmt: skip


def test_json_is_an_array_also_for_one_row(scene: Scene) -> None:
    for name, member in (
        ("customers_new", "customers"),
        ("audit_totals", "campaigns"),
        ("transactions_redeemed", "transactions"),
    ):
        assert len(report(scene, name).json[member]) == 1


def test_without_a_row_the_published_sentences_are_answered(scene: Scene) -> None:
    never = {"date_start": "1999-01-01", "date_end": "1999-12-31"}
    assert report(scene, "customers_new", **never).errors == ["No Customers Match Criteria"]
    assert report(scene, "transactions_all", **never).errors == ["No Transactions Found"]
    assert report(scene, "transactions_redeemed", **never).errors == ["No Transactions Found"]
    assert report(scene, "audit_totals", **never).json["campaigns"][0]["earned"] == "0"


def test_an_unknown_report_is_undefined(scene: Scene) -> None:
    assert report(scene, "customers_new3").errors == ["Action Undefined"]


# -- days, campaigns, parts ----------------------------------------------------------------------------------------
def test_a_day_is_a_day_of_the_account(api: Api) -> None:
    made = make_account(timezone="Pacific/Auckland")
    campaign = make_campaign(made)
    make_customer(made, code="A", campaigns=(campaign,))
    till = api.as_(**made.credentials)
    midnight = datetime(2026, 11, 24, 11, tzinfo=UTC)  # of the 25th in Auckland
    for at in (midnight - timedelta(seconds=1), midnight, midnight + timedelta(hours=24)):
        assert till.call_at(at, "record_activity", campaign_id=campaign.number, code="A", amount="1").ok
    end = midnight + timedelta(days=3)
    fields = {"report": "transactions_all", "selected_campaigns": campaign.number}
    one = till.call_at(end, "reports", date_start="2026-11-25", date_end="2026-11-25", **fields)
    assert [row["date"] for row in one.json["transactions"]] == ["2026-11-25"]
    today = till.call_at(end, "reports", date_start="2026-11-25", **fields)
    assert [row["date"] for row in today.json["transactions"]] == ["2026-11-25", "2026-11-26"]


def test_an_end_before_the_start_is_refused(scene: Scene) -> None:
    assert report(scene, "audit_totals", date_end="2026-10-31").errors == ["date_end is not valid: it is before date_start"]


def test_a_campaign_that_is_unknown_on_hold_or_not_allowed_is_refused_alike(api: Api, scene: Scene) -> None:
    points, card = scene.campaigns["points"].number, scene.campaigns["giftcard"]
    manager = make_user(scene.made, role="M", campaigns_access="some", allowed_campaign_ids=[card.id])
    other = api.as_(**manager.credentials).call("reports", report="audit_totals", selected_campaigns=points, **DAYS)
    assert scene.owner.call("campaign_deactivate", campaign_id=points).ok
    for answer in (other, report(scene, "audit_totals"), report(scene, "audit_totals", selected_campaigns="9" * 16)):
        assert answer.errors == ["Campaign not valid or deactivated."]


def test_a_report_can_be_had_in_parts(scene: Scene) -> None:
    whole = [
        report(scene, "transactions_all", offset=str(start), limit="1").at("transaction/transaction_id") for start in (0, 1)
    ]
    assert whole == [scene.sale_id, scene.redemption_id]
    assert report(scene, "transactions_all", offset="2", limit="1").errors == ["No Transactions Found"]
    assert codes(report(scene, "customers_all", selected_campaigns="", offset="1", limit="1")) == ["1002"]


# -- customers -----------------------------------------------------------------------------------------------------
def test_all_customers_without_campaigns_whatever_the_dates(scene: Scene) -> None:
    never = {"date_start": "1999-01-01", "date_end": "1999-12-31"}
    assert codes(report(scene, "customers_all", selected_campaigns="", **never)) == ["1001", "1002"]
    assert codes(report(scene, "customers_all", date_start="", date_end="")) == ["1001"]
    assert report(scene, "customers_all", **never).errors == ["No Customers Match Criteria"]


def test_last_brings_only_who_is_new_or_changed(scene: Scene) -> None:
    first = report(scene, "customers_all", selected_campaigns="")
    last = first.at("last")
    assert report(scene, "customers_all", selected_campaigns="", last=last).errors == ["No Customers Match Criteria"]
    later = AT + timedelta(hours=2)
    assert scene.owner.call_at(later, "record_customer", customer_action="edit", code="1002", city="Reno").ok
    assert scene.owner.call_at(later, "record_customer", customer_action="new", code="1009", first_name="Ben").ok
    after = report(scene, "customers_all", at=later + timedelta(hours=1), selected_campaigns="", last=last)
    assert codes(after) == ["1002", "1009"]
    assert int(after.at("last")) > int(last)


def test_a_change_in_the_last_minute_comes_again_rather_than_never(scene: Scene) -> None:
    now = AT + timedelta(hours=2)
    assert scene.owner.call_at(now, "record_customer", customer_action="edit", code="1002", city="Reno").ok
    last = report(scene, "customers_all", at=now, selected_campaigns="").at("last")
    assert codes(report(scene, "customers_all", at=now, selected_campaigns="", last=last)) == ["1002"]


def test_the_range_of_birthdays_minds_no_year(scene: Scene) -> None:
    leap = make_customer(scene.made, code="leap", custom_date="2000-02-29", campaigns=(scene.campaigns["points"],))
    make_customer(scene.made, code="half", custom_date="0000-02-00", campaigns=(scene.campaigns["points"],))
    make_customer(scene.made, code="day", custom_date="0000-12-31", campaigns=(scene.campaigns["points"],))

    def born(first: str, last: str) -> list[str]:
        return codes(report(scene, "customers_birthday", date_start=first, date_end=last))

    assert born("2026-07-14", "2026-07-14") == ["1001"]
    assert born("2026-12-20", "2027-01-05") == ["day"]
    assert born("2027-02-28", "2027-02-28") == [leap.code]
    assert born("2028-02-28", "2028-02-28") == []
    assert born("2028-02-29", "2028-03-01") == [leap.code]
    assert born("2026-07-15", "2027-07-14") == ["1001", "leap", "day"]
    assert birthdays_in(datetime(2026, 12, 20).date(), datetime(2027, 1, 5).date()) == (("12-20", "12-31"), ("01-01", "01-05"))


def test_a_custom_date_is_in_the_range_with_its_year(scene: Scene) -> None:
    assert codes(report(scene, "customers_custom_date", date_start="1970-07-14", date_end="1970-07-14")) == ["1001"]
    assert not report(scene, "customers_custom_date", date_start="1971-07-14", date_end="1971-07-14").ok
    make_customer(scene.made, code="half", custom_date="1971-07-00", campaigns=(scene.campaigns["points"],))
    assert not report(scene, "customers_custom_date", date_start="1971-01-01", date_end="1971-12-31").ok


def test_the_search_looks_through_customers_and_if_asked_their_transactions(scene: Scene) -> None:
    assert codes(report(scene, "customers_search", search_text="acK boise")) == ["1001"]
    assert codes(report(scene, "customers_search", search_text="zoe, main")) == ["1001"]
    assert not report(scene, "customers_search", search_text="5500002").ok, "1002 has no transaction"
    assert not report(scene, "customers_search", search_text="acker", date_end="2026-11-02").ok
    sold = {"campaign_id": scene.campaigns["points"].number, "code": "1001", "amount": "2"}
    assert scene.owner.call_at(AT, "record_activity", authorization="Window seat", custom_field_1="T_7", **sold).ok
    for words in ("window SEAT", "t_7", "nothing, window", "R-1"):
        assert not report(scene, "customers_search", search_text=words).ok
        assert codes(report(scene, "customers_search", search_text=words, include_transactions_search="Y")) == ["1001"]
    for words in ("window t-7", "%", "t17"):
        assert not report(scene, "customers_search", search_text=words, include_transactions_search="Y").ok


def test_the_missing_are_counted_in_days(scene: Scene) -> None:
    def gone(days_later: int, missing_for: str) -> bool:
        at = AT + timedelta(days=days_later)
        return report(scene, "customers_missing", at=at, missing_for=missing_for).ok

    assert (gone(9, "10"), gone(10, "10"), gone(11, "10")) == (False, True, True)


# -- transactions --------------------------------------------------------------------------------------------------
def test_activations_are_shown_when_asked_for(scene: Scene) -> None:
    first = report(scene, "transactions_all", show_activations="Yes").json["transactions"][0]
    assert (first["service_product"], first["amount_number"], first["authorization"]) == (
        "Activation", "0", "Account Activated.",
    )  # fmt: skip
    assert report(scene, "transactions_all").at("transactions_count") == "2"


def test_last_brings_only_later_transactions(scene: Scene) -> None:
    for name in ("transactions_all", "transactions_redeemed"):
        answer = report(scene, name, last=scene.sale_id)
        assert [row["transaction_id"] for row in answer.json["transactions"]] == [scene.redemption_id]
        assert report(scene, name, last=scene.redemption_id).errors == ["No Transactions Found"]


def test_only_one_users_transactions_when_asked_for(api: Api, scene: Scene) -> None:
    bob = make_user(scene.made, role="K", code=f"Bob_{scene.made.code[-9:]}", custom1="Boise")
    sold = {"campaign_id": scene.campaigns["points"].number, "code": "1001", "amount": "2"}
    assert api.as_(**bob.credentials).call_at(AT, "record_activity", **sold).ok
    answer = report(scene, "transactions_all", restrict_by_user=bob.code.lower())
    assert [(row["user_name"], row["user_custom1"]) for row in answer.json["transactions"]] == [(bob.code, "Boise")]
    assert report(scene, "transactions_all", restrict_by_user="nobody").errors == ["No other users are found."]
    accountant = api.as_(**make_user(scene.made, role="C").credentials)
    fields = {**DAYS, "selected_campaigns": scene.campaigns["points"].number, "report": "transactions_all"}
    assert accountant.call_at(AT, "reports", **fields).ok
    assert not accountant.call_at(AT, "reports", restrict_by_user=bob.code, **fields).ok


def test_a_deleted_transaction_is_in_no_report(scene: Scene) -> None:
    number = scene.campaigns["points"].number
    assert scene.owner.call_at(
        AT, "transaction_delete", transaction_id=scene.redemption_id, code="1001", campaign_id=number
    ).ok  # fmt: skip
    assert [row["transaction_id"] for row in report(scene, "transactions_all").json["transactions"]] == [scene.sale_id]
    assert not report(scene, "transactions_redeemed").ok
    assert report(scene, "audit_totals").at("campaign/redeemed") == "0"


def test_a_redemption_taken_back_stands_beside_it(scene: Scene) -> None:
    assert scene.owner.call_at(AT, "transaction_reverse", transaction_id=scene.redemption_id, amount="40").ok
    rows = report(scene, "transactions_redeemed").json["transactions"]
    assert [(row["amount_number"], row["redeemed"]) for row in rows] == [("-100", "R"), ("40", "R")]
    assert report(scene, "audit_totals").at("campaign/redeemed") == "-60"


def test_erasing_a_customer_hides_his_transactions_and_keeps_what_was_earned_and_redeemed(scene: Scene) -> None:
    before = report(scene, "audit_totals").json["campaigns"][0]
    assert scene.owner.call_at(AT, "customer_delete", code="1001").ok
    after = report(scene, "audit_totals").json["campaigns"][0]
    assert [after[name] for name in ("earned", "redeemed")] == [before[name] for name in ("earned", "redeemed")]
    assert after["liability"] == "0"
    assert report(scene, "transactions_all").errors == ["No Transactions Found"]
    assert codes(report(scene, "customers_all", selected_campaigns="")) == ["1002"]


def test_a_renamed_item_has_its_new_name_in_past_transactions(scene: Scene) -> None:
    assert scene.owner.call("campaign_update", action="item", item_id=str(scene.item_id), new_item_description="Ristretto").ok
    answer = report(scene, "transactions_all", selected_campaigns=scene.campaigns["buyx"].number)
    assert answer.at("transaction/service_product") == "Ristretto"


def test_promotion_and_reward_are_named(scene: Scene) -> None:
    number = scene.campaigns["points"].number
    named = {"campaign_id": number, "code": "1001"}
    assert scene.owner.call_at(AT, "record_activity", amount="10", promo_id=str(scene.promotion_id), **named).ok
    assert scene.owner.call_at(AT, "redeem", reward_to_redeem=str(scene.reward_id), **named).ok
    sale, reward = report(scene, "transactions_all").json["transactions"][2:]
    assert (sale["promotion"], sale["service_product"], sale["original_amount"]) == ("Happy hour", "", "10.00")
    assert (reward["promotion"], reward["service_product"], reward["amount_number"]) == ("", "Free Cookie", "-500")


# -- balances and coalitions ---------------------------------------------------------------------------------------
def test_balances_are_shown_page_by_page(scene: Scene) -> None:
    points = scene.campaigns["points"]
    for code in ("B", "C"):
        make_customer(scene.made, code=code, campaigns=(points,), openings=(7,))
    answer = report(scene, "customers_balances", campaign_id=points.number, limit="2")
    names = ["code", "card_number", "first_name", "last_name", "email", "phone", "balance", "cumulative", "last_transaction"]
    assert [child.tag for child in answer.xml[0]] == names
    assert [(row["code"], row["balance"], row["cumulative"]) for row in answer.json["customers"]] == [
        ("1001", "895", "995"), ("B", "7", "7"),
    ]  # fmt: skip
    assert answer.json["pagination"] == {"total": "3", "offset": "0", "length": "2"}
    rest = report(scene, "customers_balances", campaign_id=points.number, limit="2", offset="2")
    assert [row["code"] for row in rest.json["customers"]] == ["C"]
    money = report(scene, "customers_balances", campaign_id=scene.campaigns["giftcard"].number)
    assert (money.at("customer/balance"), money.at("customer/last_transaction")) == ("50.00", "2026-11-23")


def test_balances_need_a_campaign_or_the_coalition(scene: Scene) -> None:
    assert report(scene, "customers_balances").errors == ["Missing parameter: campaign_id"]
    alone = report(scene, "customers_balances", coalition_balance="coalition_points")
    assert alone.errors == ["coalition_balance is not valid: this account is no coalition"]


def test_a_coalitions_balances_leave_out_who_opted_out(api: Api) -> None:
    made = make_account()
    make_coalition(made)
    north, south = make_campaign(made, name="North"), make_campaign(made, name="South")
    apart = make_campaign(made, name="Apart", coalition_opt_out=True)
    card = make_campaign(made, kind="giftcard", name="Card")
    make_customer(made, code="A", campaigns=(north, south, apart, card), openings=(5, 7, 100, 250))
    make_customer(made, code="B", campaigns=(apart,), openings=(9,))
    till = api.as_(**made.credentials)

    def balances(**fields: str) -> list[tuple[str, str, str]]:
        rows = till.call_at(AT, "reports", report="customers_balances", **fields).json["customers"]
        return [(row["code"], row["balance"], row["cumulative"]) for row in rows]

    assert balances(coalition_balance="coalition_points") == [("A", "12", "12")]
    assert balances(coalition_balance="coalition_storedvalue") == [("A", "2.50", "2.50")]
    assert balances(campaign_id=north.number) == [("A", "12", "5")]
    assert balances(campaign_id=apart.number) == [("A", "100", "100"), ("B", "9", "9")]
    every = {**DAYS, "selected_campaigns": ",".join(each.number for each in (north, south, apart, card))}

    def stores(name: str) -> list[tuple[str, str]]:
        rows = till.call_at(AT, "reports", report=name, **every).json["campaigns"]
        return [(row["campaign_name"], row["earned"]) for row in rows]

    assert stores("coalition_points") == [("North", "5"), ("South", "7")]
    assert stores("coalition_stored_value") == [("Card", "2.50")]
    only = {**DAYS, "selected_campaigns": apart.number}
    refused = till.call_at(AT, "reports", report="coalition_points", **only)
    assert refused.errors == ["selected_campaigns is not valid: none of them shares its balances"]


def test_store_totals_are_for_coalitions_and_two_tiers_alone(scene: Scene) -> None:
    for name in ("coalition_points", "coalition_stored_value"):
        assert report(scene, name).error_code == "no_coalition"


def test_another_accounts_rows_are_in_no_report(api: Api, scene: Scene) -> None:
    carol: MadeAccount = make_account()
    make_field(carol, number=2)
    make_customer(carol, code="hers", campaigns=(make_campaign(carol),))
    assert codes(report(scene, "customers_all", selected_campaigns="")) == ["1001", "1002"]
    hers = api.as_(**carol.credentials).call_at(AT, "reports", report="customers_all")
    assert codes(hers) == ["hers"]
