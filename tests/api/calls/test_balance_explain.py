# SPDX-License-Identifier: Apache-2.0
"""balance_explain: every line with what it was computed from, and sums that are the balance (our extension)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.client import Api, Parsed
from tests.factories import (
    NOW,
    make_account,
    make_campaign,
    make_coalition,
    make_customer,
    make_depreciation,
    make_fee,
    make_item,
    make_promotion,
    make_reward,
    make_user,
)
from tests.till import RunAsOwner, Till, make_till


@pytest.fixture
def till(api: Api, run_as_owner: RunAsOwner) -> Till:
    till = make_till(api, run_as_owner)
    make_customer(till.made, code="c1", card_number="51")
    return till


def explain(till: Till, campaign: Any, /, **fields: Any) -> dict[str, Any]:
    """Return what stands below ``<customer>``, after its sums were checked."""
    answer = till.call("balance_explain", **{"campaign_id": campaign.number, "code": "c1", **fields})
    assert answer.ok, answer
    return checked(answer)


def checked(answer: Parsed) -> dict[str, Any]:
    customer: dict[str, Any] = answer.json["campaign"]["customer"]
    balance, debt = Decimal(customer["balance"]), Decimal(customer["debt"])
    assert sum(Decimal(total["amount"]) for total in customer["totals"]) == balance
    assert sum(int(total["lines"]) for total in customer["totals"]) == int(answer.json["pagination"]["total"])
    assert sum(Decimal(lot["remaining"]) for lot in customer["lots"]) - debt == balance
    gone = sum(Decimal(expiry["amount"]) for expiry in customer["expiries"])
    assert gone + Decimal(customer["remains"]) - debt == balance
    after = balance
    if answer.json["pagination"]["offset"] == "0":
        for line in customer["lines"]:
            assert Decimal(line["balance"]) == after
            after -= Decimal(line["amount"])
    return customer


def line_of(customer: dict[str, Any], entry_id: str) -> dict[str, Any]:
    (line,) = [line for line in customer["lines"] if line["id"] == entry_id]
    return dict(line)


def test_a_sale_shows_what_its_points_were_computed_from(till: Till) -> None:
    campaign = make_campaign(till.made, points_ratio_ppm=5_000_000)
    offer = make_promotion(till.made, campaign, operation="x", multiplier_ppm=1_250_000, description="Happy hour")
    sale = till.sold(campaign, amount="9.95", promo_id=str(offer), authorization="Two cups", reference="R-1")
    customer = explain(till, campaign)
    line = line_of(customer, sale)
    assert line["calculation"] == {
        "purchase": "9.95", "ratio": "5", "multiplier": "1.25", "exact": "62.1875", "cut_off": "0.1875", "rounding": "down",
    }  # fmt: skip
    assert (line["kind"], line["amount"], line["balance"], line["number"]) == ("earn", "62", "62", "1")
    assert (line["authorization"], line["service_product"], line["reference"]) == ("Two cups", "Happy hour", "R-1")
    assert line["user_name"] == till.made.owner.code
    assert [(lot["id"], lot["issued"], lot["remaining"]) for lot in line["lots"]] == [(sale, "62", "62")]
    assert (customer["balance"], customer["cumulative"], customer["unit"]) == ("62", "62", "points")


@pytest.mark.parametrize(
    ("rounding", "exact", "cut_off", "amount"), [("down", "49.75", "0.75", "49"), ("nearest", "49.75", "-0.25", "50")]
)
def test_rounding_is_told_by_what_it_cut_off_or_gave(till: Till, rounding: str, exact: str, cut_off: str, amount: str) -> None:
    campaign = make_campaign(till.made, points_ratio_ppm=5_000_000, rounding=rounding)
    line = explain_after(till, campaign, amount="9.95")
    assert (line["calculation"]["exact"], line["calculation"]["cut_off"], line["amount"]) == (exact, cut_off, amount)
    assert line["calculation"]["rounding"] == rounding


def explain_after(till: Till, campaign: Any, **fields: Any) -> dict[str, Any]:
    """Record a sale and return its line."""
    sale = till.sold(campaign, **fields)
    return line_of(explain(till, campaign), sale)


def test_what_is_carried_is_shown_as_it_comes_in_and_goes_out(till: Till) -> None:
    campaign = make_campaign(till.made, points_ratio_ppm=5_000_000, carries_remainder=True)
    minus = make_promotion(till.made, campaign, operation="+", points=-100)
    sales = [till.sold(campaign, amount="9.95") for _ in range(2)] + [till.sold(campaign, amount="9.95", promo_id=str(minus))]
    customer = explain(till, campaign)
    made = [line_of(customer, sale)["calculation"] for sale in sales]
    assert [(each["carried_in"], each["carried_out"]) for each in made] == [("0", "0.75"), ("0.75", "0.5"), ("0.5", "0.5")]
    assert [line_of(customer, sale)["amount"] for sale in sales] == ["49", "50", "0"]
    assert made[2]["bonus"] == "-100"


def test_points_spent_as_money_show_both_ratios(till: Till) -> None:
    campaign = make_campaign(till.made, points_ratio_ppm=1_500_000, reward_ratio_ppm=1_000_000)
    till.sold(campaign, amount="100")
    spent = till.redeemed(campaign, custom_dollars_redeem="3.33")
    assert line_of(explain(till, campaign), spent)["calculation"] == {
        "purchase": "3.33", "ratio": "1.5", "reward_ratio": "1", "exact": "4.995", "cut_off": "-0.005", "rounding": "up",
    }  # fmt: skip


def test_a_redemption_shows_which_lots_it_took_from_and_what_came_back(till: Till) -> None:
    campaign = make_campaign(till.made)
    reward = make_reward(till.made, campaign, level=150, description="Free coffee")
    first, second = till.sold(campaign, amount="1"), till.sold(campaign, amount="1")
    spent = till.redeemed(campaign, reward_to_redeem=str(reward))
    line = line_of(explain(till, campaign), spent)
    assert line["taken"] == [{"lot": first, "amount": "100"}, {"lot": second, "amount": "50"}]
    assert line["service_product"] == "Free coffee"
    back = till.call("transaction_reverse", transaction_id=spent, amount="60").at("transaction/id")
    customer = explain(till, campaign)
    line = line_of(customer, spent)
    assert line["reversed"] == "60"
    assert line["taken"] == [
        {"lot": first, "amount": "100", "returned": "10"}, {"lot": second, "amount": "50", "returned": "50"}
    ]  # fmt: skip
    returned = line_of(customer, back)
    assert returned["reverses"] == spent
    assert [(lot["id"], lot["made_by"], lot["issued"]) for lot in returned["lots"]] == [
        (first, back, "10"),
        (second, back, "50"),
    ]


def test_debt_is_shown_where_it_was_made_and_where_it_was_paid(till: Till) -> None:
    campaign = make_campaign(till.made)
    sale = till.sold(campaign, amount="1")
    till.redeemed(campaign, custom_points_redeem="80")
    till.call("transaction_delete", campaign_id=campaign.number, code="c1", transaction_id=sale)
    customer = explain(till, campaign)
    assert (customer["balance"], customer["debt"], customer["lines"][0]["debt"]) == ("-80", "80", "80")
    assert [line.get("deleted") for line in customer["lines"]] == ["Y", None, "Y"]
    paying = till.sold(campaign, amount="0.50")
    line = line_of(explain(till, campaign), paying)
    assert (line["debt"], line["lots"][0]["remaining"]) == ("-50", "0")


def test_what_expires_when_and_what_it_took(till: Till) -> None:
    campaign = make_campaign(till.made, kind="giftcard")
    ages = make_depreciation(till.made, campaign, interval_count=10, percentage_ppm=500_000)
    fee = make_fee(till.made, campaign, interval_count=7, amount=125, description="Upkeep")
    fields = {"campaign_id": campaign.number, "code": "c1"}
    assert till.api.call_at(NOW, "record_activity", **fields, amount="10").ok
    until = (NOW + timedelta(days=15)).date().isoformat()
    customer = checked(till.api.call_at(NOW, "balance_explain", **fields, expiries_until=until))
    ahead = [(each["kind"], each["rule"], each["amount"], each["balance"]) for each in customer["expiries"]]
    assert ahead == [
        ("fee", f"F{fee}", "1.25", "8.75"), ("expire", f"D{ages}", "4.37", "4.38"), ("fee", f"F{fee}", "1.25", "3.13"),
    ]  # fmt: skip
    assert (customer["remains"], customer["lots"][0]["expires"][:10]) == ("3.13", (NOW + timedelta(days=10)).date().isoformat())
    then = checked(till.api.call_at(NOW + timedelta(days=15), "balance_explain", **fields))
    assert then["balance"] == "3.13"
    booked = [(line["kind"], line.get("rule"), line["amount"]) for line in then["lines"]]
    assert booked == [
        ("fee", f"F{fee}", "-1.25"), ("expire", f"D{ages}", "-4.37"), ("fee", f"F{fee}", "-1.25"), ("earn", None, "10.00"),
    ]  # fmt: skip
    sale = then["lines"][3]["id"]
    assert then["lines"][1]["taken"] == [{"lot": sale, "amount": "4.37"}]
    assert {total["kind"]: total["amount"] for total in then["totals"]} == {"earn": "10.00", "expire": "-4.37", "fee": "-2.50"}


def test_a_contribution_shows_the_earning_it_is_a_share_of(till: Till) -> None:
    campaign, master = make_campaign(till.made, points_ratio_ppm=5_000_000), make_campaign(till.made)
    till.set_up("UPDATE accounts_accounts SET master_campaign_id = %s, contribution_ppm = 105000 WHERE id = %s", master.id)
    sale = till.sold(campaign, amount="9.95")
    (line,) = explain(till, master)["lines"]
    assert line["cause"] == sale
    assert line["calculation"] == {
        "of": "49", "share": "0.105", "exact": "5.145", "cut_off": "0.145", "rounding": "down"
    }  # fmt: skip


def test_after_a_merge_the_lines_name_what_they_stem_from(till: Till) -> None:
    campaign = make_campaign(till.made)
    make_customer(till.made, code="old")
    sale = till.sold(campaign, "old", amount="5")
    till.redeemed(campaign, "old", custom_points_redeem="100")
    assert till.call("customer_merge", code="c1", duplicate_code="old").ok
    customer = explain(till, campaign, code="old")
    assert [(line["kind"], line["amount"]) for line in customer["lines"]] == [("move", "-100"), ("move", "500")]
    assert all(line["cause"] for line in customer["lines"])
    assert [(lot["id"], lot["remaining"]) for lot in customer["lots"]] == [(sale, "400")]


def test_an_item_of_a_buyx_campaign_has_its_own_balance(till: Till) -> None:
    campaign = make_campaign(till.made, kind="buyx")
    for name in ("FW", "LB"):
        make_item(till.made, campaign, identifier=name, level=5)
        till.sold(campaign, service_product=name, buyx_quantity="3")
    customer = explain(till, campaign, service_product="FW")
    assert (customer["balance"], customer["unit"], len(customer["lines"])) == ("3", "units", 1)
    missing = till.call("balance_explain", campaign_id=campaign.number, code="c1")
    assert missing.errors == ["Missing parameter: service_product"]
    unknown = till.call("balance_explain", campaign_id=campaign.number, code="c1", service_product="XX")
    assert unknown.error_code == "item_not_found"


def test_lines_come_in_pages_from_the_newest(till: Till) -> None:
    campaign = make_campaign(till.made)
    sales = [till.sold(campaign, amount="1") for _ in range(5)]
    pages = [explain(till, campaign, offset=str(offset), length="2") for offset in (0, 2, 4, 6)]
    assert [[line["id"] for line in page["lines"]] for page in pages] == [sales[:2:-1], sales[2:0:-1], sales[:1], []]
    answer = till.call("balance_explain", campaign_id=campaign.number, code="c1", offset="2", length="2")
    assert answer.json["pagination"] == {"total": "5", "offset": "2", "length": "2"}


def test_who_never_was_in_the_campaign_has_nothing_to_explain(till: Till) -> None:
    customer = explain(till, make_campaign(till.made))
    assert (customer["balance"], customer["lines"], customer["totals"], customer["remains"]) == ("0", [], [], "0")


def test_a_stores_clerk_sees_of_other_stores_only_what_the_shared_balance_shows(api: Api, run_as_owner: RunAsOwner) -> None:
    made = make_account()
    make_coalition(made)
    till = Till(made, api.as_(**made.credentials), run_as_owner)
    make_customer(made, code="c1")
    own, other = make_campaign(made), make_campaign(made)
    make_depreciation(made, other, interval_count=30)
    till.sold(other, amount="5", authorization="Secret deal")
    till.sold(own, amount="1", authorization="Own deal")
    clerk = make_user(made, role="K", campaigns_access="some", allowed_campaign_ids=[own.id])
    answer = api.call("balance_explain", **clerk.credentials, campaign_id=own.number, code="c1")
    customer = checked(answer)
    assert customer["balance"] == "600"
    assert "Own deal" in repr(answer)
    for secret in ("Secret deal", other.number, "Points expired."):
        assert secret not in repr(answer)
    assert set(customer["lines"][1]) == {"number", "date", "kind", "amount", "balance"}
    assert "Secret deal" in repr(till.call("balance_explain", campaign_id=own.number, code="c1"))


@pytest.mark.parametrize(
    ("field", "value", "names"),
    [
        ("campaign_id", "12", "campaign_id"),
        ("campaign_id", "1234567890123456", "Campaign not valid or deactivated."),
        ("campaign_id", "", "campaign_id"),
        ("code", "nobody", "This customer does not exist."),
        ("code", "", "Missing parameter: code"),
        ("offset", "-1", "offset"),
        ("length", "0", "length"),
        ("length", "501", "length"),
        ("expiries_until", "soon", "expiries_until"),
        ("expiries_until", "1999-12-31", "expiries_until"),
        ("expiries_until", "2999-12-31", "expiries_until"),
    ],
)
def test_a_wrong_value_is_named(till: Till, field: str, value: str, names: str) -> None:
    campaign = make_campaign(till.made)
    till.sold(campaign, amount="1")
    before = till.books()
    answer = till.call("balance_explain", **{"campaign_id": campaign.number, "code": "c1", field: value})
    assert not answer.ok
    assert names in answer.text
    assert till.books() == before
