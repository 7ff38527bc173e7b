# SPDX-License-Identifier: Apache-2.0
"""transaction_delete: every note of api.md 8 and 13."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import Api, Parsed
from tests.factories import make_campaign, make_customer, make_user
from tests.till import RunAsOwner, Till, make_till

NOT_REMOVED = "Error removing transaction. Please try again."


@pytest.fixture
def till(api: Api, run_as_owner: RunAsOwner) -> Till:
    till = make_till(api, run_as_owner)
    make_customer(till.made, code="c1")
    return till


def delete(till: Till, campaign: Any, transaction_id: object, /, **fields: Any) -> Parsed:
    return till.call(
        "transaction_delete", **{"campaign_id": campaign.number, "code": "c1", "transaction_id": str(transaction_id), **fields}
    )


def shown_ids(till: Till, campaign: Any) -> list[str | None]:
    answer = till.call("customer_balance", campaign_id=campaign.number, code="c1")
    return [row.findtext("id") for row in answer.xml.findall("campaign/customer/transactions/transaction")]


def test_a_deleted_sale_is_gone_from_balance_and_history(till: Till) -> None:
    campaign = make_campaign(till.made)
    kept, sale = till.sold(campaign, amount="1"), till.sold(campaign, amount="5")
    answer = delete(till, campaign, sale)
    assert answer.xml_body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?><response status="success">'
        f'<transaction status="deleted"><id>{sale}</id></transaction></response>'
    )
    assert answer.json == {"status": "success", "transaction": {"status": "deleted", "id": sale}}
    assert till.balance(campaign) == "100"
    assert shown_ids(till, campaign) == [kept]


def test_a_deleted_redemption_gives_back_what_it_took(till: Till) -> None:
    campaign = make_campaign(till.made, kind="giftcard")
    till.sold(campaign, amount="10")
    spent = till.redeemed(campaign, reward_to_redeem="4")
    assert delete(till, campaign, spent).ok
    assert till.balance(campaign) == "10.00"
    assert (
        till.call("customer_balance", campaign_id=campaign.number, code="c1").at("campaign/customer/last_redemption")
        == "0000-00-00"
    )


def test_later_redemptions_are_not_checked_again(till: Till) -> None:
    campaign = make_campaign(till.made)
    sale = till.sold(campaign, amount="5")
    till.redeemed(campaign, custom_points_redeem="500")
    assert delete(till, campaign, sale).ok
    assert till.balance(campaign) == "-500"


def test_deleting_once_more_gives_the_same_answer_and_changes_nothing(till: Till) -> None:
    campaign = make_campaign(till.made)
    sale = till.sold(campaign, amount="5")
    first = delete(till, campaign, sale)
    before = till.books()
    assert delete(till, campaign, sale).xml_body == first.xml_body
    assert till.books() == before


def test_what_is_left_of_a_partly_reversed_sale_can_be_deleted(till: Till) -> None:
    campaign = make_campaign(till.made)
    sale = till.sold(campaign, amount="5")
    till.call("transaction_reverse", transaction_id=sale, amount="2")
    assert delete(till, campaign, sale).ok
    assert till.balance(campaign) == "0"
    assert shown_ids(till, campaign) == []
    assert till.call("transaction_reverse", transaction_id=sale).error_code == "transaction_not_found"


def test_what_was_taken_back_wholly_can_be_deleted_too_and_only_vanishes(till: Till) -> None:
    campaign = make_campaign(till.made)
    kept, sale = till.sold(campaign, amount="1"), till.sold(campaign, amount="5")
    till.call("transaction_reverse", transaction_id=sale, amount="2")
    assert till.call("transaction_reverse", transaction_id=sale).ok
    assert len(shown_ids(till, campaign)) == 4
    lines = till.entry_count()
    assert delete(till, campaign, sale).at("transaction/id") == sale
    assert till.entry_count() == lines
    assert (till.balance(campaign), shown_ids(till, campaign)) == ("100", [kept])
    before = till.books()
    assert delete(till, campaign, sale).at("transaction/id") == sale
    assert till.books() == before
    assert till.call("transaction_reverse", transaction_id=sale).error_code == "transaction_not_found"


def test_a_reversed_sale_that_is_deleted_takes_its_share_of_the_second_tier_out_of_sight(till: Till) -> None:
    campaign, master = make_campaign(till.made), make_campaign(till.made)
    till.set_up("UPDATE accounts_accounts SET master_campaign_id = %s, contribution_ppm = 100000 WHERE id = %s", master.id)
    sale = till.sold(campaign, amount="5")
    till.call("transaction_reverse", transaction_id=sale)
    assert len(shown_ids(till, master)) == 2
    assert delete(till, campaign, sale).ok
    assert (shown_ids(till, master), till.balance(master)) == ([], "0")


@pytest.mark.parametrize("missing", ["campaign_id", "code", "transaction_id", "account_id"])
def test_all_four_parameters_are_required(till: Till, missing: str) -> None:
    campaign = make_campaign(till.made)
    sale = till.sold(campaign, amount="5")
    before = till.books()
    answer = delete(till, campaign, sale, **{missing: ""})
    assert answer.text == f"Missing parameter: {missing}"
    assert till.books() == before


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("campaign_id", "12", "campaign_id is not valid: 16 digits"),
        ("campaign_id", "1234567890123456", "Campaign not valid or deactivated."),
        ("code", "nobody", "This customer does not exist."),
        ("transaction_id", "999999999", NOT_REMOVED),
        ("transaction_id", "D12", NOT_REMOVED),
        ("transaction_id", "F3", NOT_REMOVED),
        ("transaction_id", "abc", "transaction_id is not valid"),
        ("transaction_id", "1.5", "transaction_id is not valid"),
        ("transaction_id", "-1", "transaction_id is not valid"),
        ("dry_run", "perhaps", "dry_run is not valid"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_written(till: Till, field: str, value: str, text: str) -> None:
    campaign = make_campaign(till.made)
    sale = till.sold(campaign, amount="5")
    before = till.books()
    answer = delete(till, campaign, sale, **{field: value})
    assert not answer.ok
    assert text in answer.text
    assert till.books() == before


def test_campaign_and_customer_must_be_those_of_the_transaction(till: Till) -> None:
    campaign, other = make_campaign(till.made), make_campaign(till.made)
    make_customer(till.made, code="c2")
    sale = till.sold(campaign, amount="5")
    before = till.books()
    assert delete(till, other, sale).text == NOT_REMOVED
    assert delete(till, campaign, sale, code="c2").text == NOT_REMOVED
    assert till.books() == before


def test_an_activation_is_no_transaction_to_delete(till: Till) -> None:
    campaign = make_campaign(till.made)
    make_customer(till.made, code="c9", campaigns=(campaign,))
    activation = till.run_as_owner("SELECT id FROM ledger_entries WHERE account_id = %s", till.made.id)[0][0]
    assert delete(till, campaign, activation, code="c9").text == NOT_REMOVED


def test_another_accounts_transaction_does_not_exist(till: Till, api: Api) -> None:
    theirs = make_till(api, till.run_as_owner)
    make_customer(theirs.made, code="c1")
    foreign = theirs.sold(make_campaign(theirs.made), amount="5")
    assert delete(till, make_campaign(till.made), foreign).text == NOT_REMOVED


def test_a_dry_run_deletes_nothing(till: Till) -> None:
    campaign = make_campaign(till.made)
    sale = till.sold(campaign, amount="5")
    before = till.books()
    assert delete(till, campaign, sale, dry_run="Y").ok
    assert till.books() == before


@pytest.mark.parametrize(("role", "is_allowed"), [("A", True), ("M", True), ("K", False), ("P", False)])
def test_only_roles_that_delete_may_delete(till: Till, api: Api, role: str, is_allowed: bool) -> None:
    campaign = make_campaign(till.made)
    sale = till.sold(campaign, amount="5")
    user = make_user(till.made, role=role)
    fields = {"campaign_id": campaign.number, "code": "c1", "transaction_id": sale}
    assert api.call("transaction_delete", **user.credentials, **fields).ok is is_allowed
