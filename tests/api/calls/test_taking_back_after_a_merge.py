# SPDX-License-Identifier: Apache-2.0
"""What was recorded before two records became one is deleted and reversed as if it had been the survivor's own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import Api
from tests.factories import make_campaign, make_customer, make_depreciation
from tests.till import RunAsOwner, Till, make_till

TAKE_BACK = ["transaction_delete", "transaction_reverse"]


@pytest.fixture
def till(api: Api, run_as_owner: RunAsOwner) -> Till:
    """Two records of one person."""
    till = make_till(api, run_as_owner)
    make_customer(till.made, code="c1", card_number="51")
    make_customer(till.made, code="old", card_number="52")
    return till


def merge(till: Till, into: str = "c1", gone: str = "old") -> None:
    assert till.call("customer_merge", code=into, duplicate_code=gone).ok


def taken_back(till: Till, call: str, campaign: Any, transaction_id: str, code: str = "c1") -> None:
    answer = till.call(call, campaign_id=campaign.number, code=code, transaction_id=transaction_id)
    assert answer.ok, answer


def cumulative(till: Till, campaign: Any) -> str:
    return till.call("customer_info", campaign_id=campaign.number, code="c1").at("campaigns/campaign/cumulative")


@pytest.mark.parametrize("call", TAKE_BACK)
@pytest.mark.parametrize("code", ["c1", "old"])
def test_a_sale_goes_from_the_survivors_balance_by_his_code_or_the_earlier_one(till: Till, call: str, code: str) -> None:
    campaign = make_campaign(till.made)
    till.sold(campaign, amount="1")
    sale = till.sold(campaign, "old", amount="5")
    merge(till)
    taken_back(till, call, campaign, sale, code)
    assert (till.balance(campaign), cumulative(till, campaign)) == ("100", "100")
    before = till.books()
    taken_back(till, call, campaign, sale, code)
    assert till.books() == before, "once more changes nothing"


@pytest.mark.parametrize("call", TAKE_BACK)
def test_a_card_that_replaced_anothers_does_as_a_merge_does(till: Till, call: str) -> None:
    campaign = make_campaign(till.made)
    sale = till.sold(campaign, "old", amount="5")
    answer = till.call("card_replace", previous_code="c1", new_card_number="52", check_override="Y")
    assert answer.ok, answer
    taken_back(till, call, campaign, sale, "old")
    assert till.balance(campaign) == "0"


@pytest.mark.parametrize("call", TAKE_BACK)
def test_a_redemption_comes_back_with_its_age(till: Till, call: str) -> None:
    campaign = make_campaign(till.made, kind="giftcard")
    make_depreciation(till.made, campaign, interval_count=5, interval_unit="years")
    till.sold(campaign, "old", amount="10")
    (first,) = till.run_as_owner("SELECT expires_at FROM ledger_lots WHERE account_id = %s", till.made.id)
    spent = till.redeemed(campaign, "old", reward_to_redeem="10")
    merge(till)
    taken_back(till, call, campaign, spent)
    assert till.balance(campaign) == "10.00"
    restored = till.run_as_owner("SELECT expires_at FROM ledger_lots WHERE account_id = %s AND remaining > 0", till.made.id)
    assert restored == [first]


def test_what_was_spent_since_becomes_the_survivors_debt(till: Till) -> None:
    campaign = make_campaign(till.made)
    sale = till.sold(campaign, "old", amount="5")
    merge(till)
    till.redeemed(campaign, custom_points_redeem="500")
    taken_back(till, "transaction_delete", campaign, sale)
    assert till.balance(campaign) == "-500"
    till.sold(campaign, amount="6")
    assert till.balance(campaign) == "100"


def test_parts_taken_back_before_and_after_add_up(till: Till) -> None:
    campaign = make_campaign(till.made)
    sale = till.sold(campaign, "old", amount="5")
    assert till.call("transaction_reverse", transaction_id=sale, amount="2").ok
    merge(till)
    second = till.call("transaction_reverse", transaction_id=sale, amount="1", code="c1")
    assert (second.at("transaction/reversed/points"), second.at("transaction/remaining/points")) == ("-100", "200")
    assert till.call("transaction_reverse", transaction_id=sale, amount="3").error_code == "invalid_parameter"
    taken_back(till, "transaction_reverse", campaign, sale)
    assert (till.balance(campaign), cumulative(till, campaign)) == ("0", "0")


def test_a_second_tier_is_taken_back_from_the_survivor_too(till: Till) -> None:
    campaign, master = make_campaign(till.made), make_campaign(till.made)
    till.set_up("UPDATE accounts_accounts SET master_campaign_id = %s, contribution_ppm = 100000 WHERE id = %s", master.id)
    sale = till.sold(campaign, "old", amount="5")
    merge(till)
    assert till.balance(master) == "50"
    taken_back(till, "transaction_reverse", campaign, sale)
    assert (till.balance(campaign), till.balance(master)) == ("0", "0")


def test_merged_twice_it_goes_from_the_last(till: Till) -> None:
    campaign = make_campaign(till.made)
    make_customer(till.made, code="c0")
    sale = till.sold(campaign, "old", amount="5")
    merge(till, into="c0", gone="old")
    merge(till, into="c1", gone="c0")
    for code in ("c1", "c0", "old"):
        taken_back(till, "transaction_reverse", campaign, sale, code)
    assert till.balance(campaign) == "0"


def test_by_reference_the_survivor_finds_what_the_other_recorded(till: Till) -> None:
    campaign = make_campaign(till.made)
    till.sold(campaign, "old", amount="5", reference="R-7")
    merge(till)
    assert till.call("transaction_reverse", reference="R-7", code="c1").ok
    assert till.balance(campaign) == "0"


def test_first_and_last_transaction_are_still_those_of_both(till: Till) -> None:
    campaign = make_campaign(till.made)
    till.sold(campaign, "old", amount="5", transaction_time="2026-01-02 10:00:00")
    till.sold(campaign, "old", amount="5", transaction_time="2026-03-02 10:00:00")
    merge(till)
    own = till.sold(campaign, amount="1")
    taken_back(till, "transaction_delete", campaign, own)
    shown = till.call("customer_info", campaign_id=campaign.number, code="c1")
    assert shown.at("campaigns/campaign/first_transaction")[:10] == "2026-01-02"
    assert shown.at("campaigns/campaign/last_transaction")[:10] == "2026-03-02"


def test_the_survivors_history_shows_what_was_taken_of_what_arrived(till: Till) -> None:
    campaign = make_campaign(till.made)
    sale = till.sold(campaign, "old", amount="5")
    merge(till)
    taken_back(till, "transaction_delete", campaign, sale)
    rows = till.call("customer_balance", campaign_id=campaign.number, code="c1").xml.findall(".//transactions/transaction")
    assert [row.findtext("amount") for row in rows] == ["-500", "500"]


def test_of_a_deleted_survivor_nothing_is_taken_back(till: Till) -> None:
    campaign = make_campaign(till.made)
    sale = till.sold(campaign, "old", amount="5")
    merge(till)
    assert till.call("customer_delete", code="c1").ok
    before = till.books()
    assert till.call("transaction_reverse", transaction_id=sale).error_code == "transaction_not_found"
    assert till.books() == before


def test_another_customers_sale_is_not_the_survivors(till: Till) -> None:
    campaign = make_campaign(till.made)
    make_customer(till.made, code="c9")
    sale = till.sold(campaign, "c9", amount="5")
    merge(till)
    before = till.books()
    assert till.call("transaction_reverse", transaction_id=sale, code="c1").error_code == "transaction_not_found"
    assert till.books() == before
