# SPDX-License-Identifier: Apache-2.0
"""transaction_reverse: exact and partial taking back of earnings and redemptions (our extension)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.client import Api, Parsed
from tests.factories import make_account, make_campaign, make_customer, make_item, make_promotion, make_user
from tests.till import RunAsOwner, Till, make_till

USD = "<currency>USD</currency><glyph>$</glyph>"


@pytest.fixture
def till(api: Api, run_as_owner: RunAsOwner) -> Till:
    till = make_till(api, run_as_owner)
    make_customer(till.made, code="c1", card_number="777001", first_name="Ann", email="ann@example.org")
    return till


def reverse(till: Till, **fields: Any) -> Parsed:
    return till.call("transaction_reverse", **fields)


def transaction(answer: Parsed) -> Any:
    assert answer.ok, answer
    return answer.json["transaction"]


# -- the whole of it -------------------------------------------------------------------------------------------------
def test_a_sale_taken_back_answers_with_every_amount(till: Till) -> None:
    campaign = make_campaign(till.made)
    till.sold(campaign, amount="1")
    sale = till.sold(campaign, amount="9.95")
    answer = reverse(till, transaction_id=sale)
    number = answer.at("transaction/id")
    assert answer.xml_body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?><response status="success"><transaction status="reversed">'
        f"<id>{number}</id><reversed_id>{sale}</reversed_id><reversed><points>-995</points></reversed>"
        f"<purchase><amount>9.95</amount>{USD}</purchase><reversed_total><points>995</points></reversed_total>"
        "<remaining><points>0</points></remaining><balance><points>100</points></balance></transaction></response>"
    )
    assert answer.json["transaction"]["status"] == "reversed"
    assert int(number) > int(sale)
    assert till.balance(campaign) == "100"


def test_a_redemption_taken_back_returns_what_it_took(till: Till) -> None:
    campaign = make_campaign(till.made, kind="giftcard")
    till.sold(campaign, amount="10")
    spent = till.redeemed(campaign, reward_to_redeem="4")
    shown = transaction(reverse(till, transaction_id=spent))
    assert shown["reversed"] == {"amount": "4.00", "currency": "USD", "glyph": "$"}
    assert shown["balance"]["amount"] == "10.00"
    assert "purchase" not in shown
    assert till.balance(campaign) == "10.00"


@pytest.mark.parametrize("kind", ["events", "buyx", "earned"])
def test_every_kind_is_taken_back_in_its_own_unit(till: Till, kind: str) -> None:
    campaign = make_campaign(till.made, kind=kind)
    fields: dict[str, Any] = {}
    if kind == "buyx":
        fields = {"service_product": make_item(till.made, campaign), "buyx_quantity": 3}
    sale = till.sold(campaign, **fields)
    shown = transaction(reverse(till, transaction_id=sale))
    unit = {"events": {"events": "-1"}, "buyx": {"units": "-3"}}.get(kind)
    assert shown["reversed"] == (unit or {"amount": "-4.95", "currency": "USD", "glyph": "$"})
    assert till.balance(campaign) in ("0", "0.00")


def test_a_whole_reversal_sent_again_gives_the_first_answer_again(till: Till) -> None:
    campaign = make_campaign(till.made)
    sale = till.sold(campaign, amount="9.95")
    first = reverse(till, transaction_id=sale)
    till.sold(campaign, amount="1")
    count = till.entry_count()
    for fields in ({}, {"amount": "9.95"}):
        again = reverse(till, transaction_id=sale, **fields)
        assert (again.xml_body, again.json_body) == (first.xml_body, first.json_body)
    assert till.entry_count() == count
    assert till.balance(campaign) == "100"


def test_points_that_were_spent_meanwhile_are_owed(till: Till) -> None:
    campaign = make_campaign(till.made)
    sale = till.sold(campaign, amount="5")
    till.redeemed(campaign, custom_points_redeem="400")
    assert transaction(reverse(till, transaction_id=sale))["balance"] == {"points": "-400"}
    till.sold(campaign, amount="5")
    assert till.balance(campaign) == "100"


def test_a_negative_deed_taken_back_gives_its_points_again(till: Till) -> None:
    campaign = make_campaign(till.made)
    till.sold(campaign, amount="5")
    deed = till.sold(campaign, promo_id=make_promotion(till.made, campaign, description="Broke a cup", points=-50))
    assert till.balance(campaign) == "450"
    assert transaction(reverse(till, transaction_id=deed))["reversed"] == {"points": "50"}
    assert till.balance(campaign) == "500"


def test_what_a_rule_took_of_a_sale_is_given_back_with_it(till: Till) -> None:
    campaign = make_campaign(till.made, at=datetime(2026, 1, 1, tzinfo=UTC))
    till.set_up(
        "INSERT INTO campaigns_depreciations (rule_id, campaign_id, basis, interval_count, interval_unit, percentage_ppm,"
        " valid_from, account_id) VALUES (12, %s, 'per_transaction', 6, 'months', 1000000, '2026-01-01', %s)",
        campaign.id,
    )
    sold_at, later = datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 9, 1, tzinfo=UTC)
    fields = {"campaign_id": campaign.number, "code": "c1"}
    sale = till.api.call_at(sold_at, "record_activity", **fields, amount="5").at("receipt/transaction/id")
    assert transaction(till.api.call_at(later, "transaction_reverse", transaction_id=sale))["balance"] == {"points": "0"}
    shown = till.api.call_at(later, "customer_balance", **fields)
    rows = shown.xml.findall("campaign/customer/transactions/transaction")
    assert sorted((row.findtext("real"), row.findtext("amount")) for row in rows) == [
        ("N", "-500"), ("N", "500"), ("Y", "-500"), ("Y", "500"),
    ]  # fmt: skip
    assert {row.findtext("id") for row in rows if row.findtext("real") == "N"} == {"D12"}


# -- a part ------------------------------------------------------------------------------------------------------------
def test_a_part_of_a_purchase_takes_its_points_in_proportion_and_parts_add_up(till: Till) -> None:
    campaign = make_campaign(till.made, points_ratio_ppm=333_000)
    sale = till.sold(campaign, amount="100")  # 33 points
    first = transaction(reverse(till, transaction_id=sale, amount="33.33"))
    assert first["reversed"] == {"points": "-11"}, "the customer keeps floor(33 x 66.67 / 100) = 22"
    assert first["purchase"]["amount"] == "33.33"
    assert first["remaining"] == {"points": "22"}
    second = transaction(reverse(till, transaction_id=sale, amount="33.33"))
    assert second["reversed"] == {"points": "-11"}, "33 - 11 - floor(33 x 33.34 / 100)"
    third = transaction(reverse(till, transaction_id=sale, amount="33.34"))
    assert third["reversed_total"] == {"points": "33"}
    assert till.balance(campaign) == "0"


def test_the_rest_may_be_taken_back_without_an_amount(till: Till) -> None:
    campaign = make_campaign(till.made)
    sale = till.sold(campaign, amount="10")
    reverse(till, transaction_id=sale, amount="4")
    rest = transaction(reverse(till, transaction_id=sale))
    assert rest["purchase"]["amount"] == "6.00"
    assert rest["reversed"] == {"points": "-600"}


def test_a_promotions_points_go_back_with_their_purchase(till: Till) -> None:
    campaign = make_campaign(till.made)
    promotion = make_promotion(till.made, campaign, points=100)
    sale = till.sold(campaign, amount="10", promo_id=promotion)  # 1100 points
    assert transaction(reverse(till, transaction_id=sale, amount="5"))["reversed"] == {"points": "-550"}


def test_without_a_purchase_the_amount_is_in_the_balances_unit(till: Till) -> None:
    points, card = make_campaign(till.made), make_campaign(till.made, kind="giftcard")
    promotion = make_promotion(till.made, points, points=100)
    deed, top_up = till.sold(points, promo_id=promotion), till.sold(card, amount="10")
    spent = till.redeemed(card, reward_to_redeem="6")
    assert transaction(reverse(till, transaction_id=deed, amount="30"))["remaining"] == {"points": "70"}
    assert transaction(reverse(till, transaction_id=spent, amount="2.50"))["balance"]["amount"] == "6.50"
    assert transaction(reverse(till, transaction_id=top_up, amount="1"))["balance"]["amount"] == "5.50"
    assert reverse(till, transaction_id=deed, amount="1.5").text == "The amount entered is not valid"


def test_points_spent_as_money_are_taken_back_by_money(till: Till) -> None:
    campaign = make_campaign(till.made, points_ratio_ppm=5_000_000, reward_ratio_ppm=20_000_000)
    till.sold(campaign, amount="300")
    spent = till.redeemed(campaign, custom_dollars_redeem="9.95")
    shown = transaction(reverse(till, transaction_id=spent, amount="4.95"))
    assert shown["reversed"] == {"points": "495"}
    assert shown["purchase"]["amount"] == "4.95"


def test_never_more_than_the_original(till: Till) -> None:
    campaign = make_campaign(till.made)
    sale = till.sold(campaign, amount="10")
    before = till.books()
    refused = reverse(till, transaction_id=sale, amount="10.01")
    assert refused.error_code == "invalid_parameter"
    assert refused.text == "amount is not valid: it is more than is left of the transaction"
    assert till.books() == before
    reverse(till, transaction_id=sale, amount="4")
    assert reverse(till, transaction_id=sale, amount="6.01").error_code == "invalid_parameter"
    assert reverse(till, transaction_id=sale, amount="6").ok
    assert reverse(till, transaction_id=sale, amount="1").error_code == "already_reversed"


def test_a_part_sent_again_under_its_key_is_one_part(till: Till) -> None:
    campaign = make_campaign(till.made)
    sale = till.sold(campaign, amount="10")
    first = reverse(till, transaction_id=sale, amount="4", idempotency_key="r1")
    again = reverse(till, transaction_id=sale, amount="4", idempotency_key="r1")
    assert again.xml_body == first.xml_body
    assert till.balance(campaign) == "600"
    reverse(till, transaction_id=sale, amount="4")
    assert till.balance(campaign) == "200", "without a key, parts add up"
    assert reverse(till, transaction_id=sale, amount="1", idempotency_key="r1").error_code == "key_reused"


def test_a_dry_run_takes_nothing_back(till: Till) -> None:
    campaign = make_campaign(till.made)
    sale = till.sold(campaign, amount="10")
    before = till.books()
    assert transaction(reverse(till, transaction_id=sale, dry_run="Y"))["balance"] == {"points": "0"}
    assert till.books() == before


def test_racing_parts_never_take_more_than_the_original(till: Till) -> None:
    campaign = make_campaign(till.made)
    sale = till.sold(campaign, amount="10")
    request = till.api.signed_request("transaction_reverse", transaction_id=sale, amount="3")
    answers = till.api.together([request] * 6)
    assert sum(answer.ok for answer in answers) == 3, [answer.text for answer in answers]
    assert till.balance(campaign) == "100"


def test_a_second_tier_goes_back_in_proportion(till: Till) -> None:
    master, shop = make_campaign(till.made), make_campaign(till.made)
    till.set_up("UPDATE accounts_accounts SET master_campaign_id = %s, contribution_ppm = 100000 WHERE id = %s", master.id)
    sale = till.sold(shop, amount="10")
    assert till.balance(master) == "100"
    reverse(till, transaction_id=sale, amount="4")
    assert till.balance(master) == "60"
    reverse(till, transaction_id=sale)
    assert till.balance(master) == "0"


# -- which one -----------------------------------------------------------------------------------------------------------
def test_the_tills_own_reference_names_a_transaction(till: Till) -> None:
    campaign = make_campaign(till.made)
    sale = till.sold(campaign, amount="10", reference="R-77")
    assert transaction(reverse(till, reference="R-77"))["reversed_id"] == sale


def test_a_reference_of_several_transactions_is_an_error_until_it_is_narrowed(till: Till) -> None:
    campaign, other = make_campaign(till.made), make_campaign(till.made)
    make_customer(till.made, code="c2")
    till.sold(campaign, amount="10", reference="R-1")
    till.sold(campaign, "c2", amount="10", reference="R-1")
    elsewhere = till.sold(other, amount="10", reference="R-1")
    before = till.books()
    answer = reverse(till, reference="R-1")
    assert answer.error_code == "ambiguous_reference"
    assert "reference" in answer.text
    assert reverse(till, reference="R-1", campaign_id=campaign.number).error_code == "ambiguous_reference"
    assert till.books() == before
    assert transaction(reverse(till, reference="R-1", campaign_id=other.number))["reversed_id"] == elsewhere
    assert reverse(till, reference="R-1", code="c2").ok


def test_campaign_and_customer_are_checked_where_they_are_given(till: Till) -> None:
    campaign, other = make_campaign(till.made), make_campaign(till.made)
    make_customer(till.made, code="c2")
    sale = till.sold(campaign, amount="10")
    assert reverse(till, transaction_id=sale, campaign_id=other.number).error_code == "transaction_not_found"
    assert reverse(till, transaction_id=sale, code="c2").error_code == "transaction_not_found"
    assert reverse(till, transaction_id=sale, campaign_id=campaign.number, code="c1").ok


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({}, "Missing parameter: transaction_id"),
        ({"transaction_id": "0"}, "transaction_id"),
        ({"transaction_id": "D12"}, "transaction_id"),
        ({"transaction_id": "999999999"}, "transaction_id"),
        ({"reference": "unknown"}, "reference"),
        ({"reference": "x" * 65}, "reference"),
        ({"amount": "0"}, "The amount entered must be at least 0.01"),
        ({"amount": "-1"}, "The amount entered must be at least 0.01"),
        ({"amount": "1e3"}, "The amount entered is not valid"),
        ({"campaign_id": "12"}, "campaign_id"),
        ({"campaign_id": "1234567890123456"}, "Campaign not valid or deactivated."),
        ({"code": "nobody"}, "This customer does not exist."),
        ({"authorization": "x" * 256}, "authorization"),
        ({"dry_run": "perhaps"}, "dry_run"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_written(till: Till, fields: dict[str, str], names: str) -> None:
    sale = till.sold(make_campaign(till.made), amount="10")
    right = {} if not fields or "reference" in fields else {"transaction_id": sale}
    before = till.books()
    answer = reverse(till, **{**right, **fields})
    assert not answer.ok
    assert names in answer.text
    assert till.books() == before


def test_what_is_not_a_transaction_of_this_user_can_not_be_taken_back(till: Till, api: Api) -> None:
    elsewhere = make_account()
    theirs = make_till(api, till.run_as_owner)
    make_customer(theirs.made, code="c1")
    foreign = theirs.sold(make_campaign(theirs.made), amount="10")
    campaign = make_campaign(till.made)
    make_customer(till.made, code="member", campaigns=(campaign,))
    activation = till.run_as_owner("SELECT id FROM ledger_entries WHERE account_id = %s AND kind = 'activation'", till.made.id)[
        0
    ][0]
    sale = till.sold(campaign, amount="10")
    blind = make_user(till.made, role="M", campaigns_access="none")
    for answer in (
        reverse(till, transaction_id=foreign),
        reverse(till, transaction_id=activation),
        api.call("transaction_reverse", **blind.credentials, transaction_id=sale),
        api.call("transaction_reverse", **elsewhere.credentials, transaction_id=sale),
    ):
        assert (answer.error_code, answer.text) == (
            "transaction_not_found",
            "transaction_id is not valid: no such transaction",
        )
    undone = transaction(reverse(till, transaction_id=sale))["id"]
    assert reverse(till, transaction_id=undone).error_code == "transaction_not_found", "a reversal is not reversed"


@pytest.mark.parametrize(("role", "is_allowed"), [("A", True), ("S", True), ("K", False), ("F", False)])
def test_only_roles_that_delete_may_reverse(till: Till, api: Api, role: str, is_allowed: bool) -> None:
    sale = till.sold(make_campaign(till.made), amount="10")
    user = make_user(till.made, role=role)
    answer = api.call("transaction_reverse", **user.credentials, transaction_id=sale)
    assert answer.ok is is_allowed


def test_the_reversal_stands_in_the_history_with_its_text(till: Till) -> None:
    campaign = make_campaign(till.made)
    sale = till.sold(campaign, amount="10")
    undone = transaction(reverse(till, transaction_id=sale, amount="4", authorization="Returned a bag"))["id"]
    shown = till.call("customer_balance", campaign_id=campaign.number, code="c1")
    rows = shown.xml.findall("campaign/customer/transactions/transaction")
    assert [(row.findtext("id"), row.findtext("amount"), row.findtext("redeemed")) for row in rows] == [
        (undone, "-400", "N"),
        (sale, "1000", "N"),
    ]
    assert rows[0].findtext("authorization") == "Returned a bag"
