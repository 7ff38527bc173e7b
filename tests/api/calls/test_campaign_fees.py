# SPDX-License-Identifier: Apache-2.0
"""campaign_fee_new, campaign_fee_update, campaign_fee_delete, campaign_fees: every note of api.md 9."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.client import Api, Parsed
from tests.factories import NOW, make_account, make_campaign, make_customer, make_user
from tests.till import RunAsOwner, Till, make_till

BEGUN = NOW + timedelta(minutes=5)
MONTHLY = {"fee_interval": "18", "interval_type": "months", "fee_amount": "100", "fee_description": "Idle & costly"}


@pytest.fixture
def till(api: Api, run_as_owner: RunAsOwner) -> Till:
    till = make_till(api, run_as_owner)
    make_customer(till.made, code="c1")
    return till


def new(till: Till, campaign: Any, **fields: Any) -> Parsed:
    return till.call("campaign_fee_new", campaign_id=campaign.number, **MONTHLY | fields)


def listed(till: Till, campaign: Any) -> Any:
    return till.call("campaign_fees", campaign_id=campaign.number).json["fees"]


def test_a_fee_is_made_listed_changed_and_deleted(till: Till) -> None:
    campaign = make_campaign(till.made)
    answer = new(till, campaign)
    fee = answer.at("fee/id")
    assert answer.xml_body.endswith(
        f'<fee status="new"><id>{fee}</id><interval>18</interval><interval_type>months</interval_type><amount>100</amount>'
        "<description>Idle &amp; costly</description></fee></response>".encode()
    )
    row = {"id": fee, "interval": "18", "interval_type": "months", "amount": "100", "description": "Idle & costly"}
    assert listed(till, campaign) == [row]
    changed = till.call("campaign_fee_update", fee_id=fee, fee_amount="5", interval_type="years", fee_description="")
    row |= {"amount": "5", "interval_type": "years"}
    assert changed.json["fee"] == row | {"status": "updated"}
    assert listed(till, campaign) == [row]
    gone = till.call("campaign_fee_delete", fee_id=fee)
    assert gone.json == {"status": "success", "fee": {"status": "deleted", "id": fee}}
    assert listed(till, campaign) == []
    for call in ("campaign_fee_delete", "campaign_fee_update"):
        assert till.call(call, fee_id=fee, fee_amount="5").errors == ["fee_id is not valid: no such fee"]


def test_the_amount_is_points_or_money(till: Till) -> None:
    card = make_campaign(till.made, kind="giftcard")
    answer = new(till, card, fee_amount="2,5")
    assert answer.at("fee/amount") == "2.50"
    assert till.call("campaign_fee_update", fee_id=answer.at("fee/id"), fee_amount="0.05").at("fee/amount") == "0.05"
    points = make_campaign(till.made)
    assert new(till, points, fee_amount="2.5").error_code == "invalid_parameter"
    for amount in ("0", "-1", "lots"):
        assert new(till, card, fee_amount=amount).answer.error.fields == ("fee_amount",)  # type: ignore[union-attr]


def test_it_is_taken_every_interval_with_its_description_and_never_more_than_there_is(till: Till) -> None:
    card = make_campaign(till.made, kind="giftcard")
    fee = {"fee_interval": "10", "interval_type": "days", "fee_amount": "4", "fee_description": "Upkeep"}
    assert till.api.call_at(BEGUN, "campaign_fee_new", campaign_id=card.number, **fee).ok
    assert till.api.call_at(BEGUN, "record_activity", campaign_id=card.number, code="c1", amount="10").ok
    shown = till.api.call_at(BEGUN + timedelta(days=45), "customer_balance", campaign_id=card.number, code="c1")
    customer = shown.json["campaign"]["customer"]
    taken = [(row["authorization"], row["amount"], row["real"]) for row in customer["transactions"] if row["real"] == "N"]
    assert customer["balance"] == "0.00"
    assert taken == [("Upkeep", "-2.00", "N"), ("Upkeep", "-4.00", "N"), ("Upkeep", "-4.00", "N")]


def test_a_fee_that_ended_takes_nothing_more(till: Till) -> None:
    campaign = make_campaign(till.made)
    sent = {"fee_interval": "10", "interval_type": "days", "fee_amount": "4", "fee_description": "Upkeep"}
    fee = till.api.call_at(BEGUN, "campaign_fee_new", campaign_id=campaign.number, **sent).at("fee/id")
    assert till.api.call_at(BEGUN, "record_activity", campaign_id=campaign.number, code="c1", amount="1").ok
    assert till.api.call_at(BEGUN + timedelta(days=15), "campaign_fee_delete", fee_id=fee).ok
    shown = till.api.call_at(BEGUN + timedelta(days=400), "customer_info", code="c1", campaign_id=campaign.number)
    assert shown.at("campaigns/campaign/balance") == "96"


@pytest.mark.parametrize("kind", ["events", "earned", "buyx"])
def test_only_points_and_gift_cards_have_them(till: Till, kind: str) -> None:
    campaign = make_campaign(till.made, kind=kind)
    refused = new(till, campaign)
    assert refused.errors == [f"campaign_id is not valid: the campaign must be of type points or giftcard, this one is {kind}"]
    assert listed(till, campaign) == []


def test_an_update_without_a_change_or_of_another_campaign_is_refused(till: Till) -> None:
    campaign, other = make_campaign(till.made), make_campaign(till.made)
    fee = new(till, campaign).at("fee/id")
    assert till.call("campaign_fee_update", fee_id=fee).error_code == "missing_parameter"
    wrong = till.call("campaign_fee_update", fee_id=fee, campaign_id=other.number, fee_amount="5")
    assert wrong.errors == ["Campaign not valid or deactivated."]
    assert till.call("campaign_fee_update", fee_id=fee, campaign_id=campaign.number, fee_amount="5").ok
    too_long = till.call("campaign_fee_update", fee_id=fee, interval_type="years", fee_interval="101")
    assert too_long.errors == ["fee_interval is not valid: from 1 to 100"]


def test_it_takes_a_campaign_of_ones_own(api: Api, till: Till) -> None:
    campaign, other = make_campaign(till.made), make_campaign(till.made)
    fee = new(till, other).at("fee/id")
    designer = make_user(till.made, role="D", campaigns_access="some", allowed_campaign_ids=frozenset({campaign.id}))
    for client in (api.as_(**designer.credentials), api.as_(**make_account().credentials)):
        assert client.call("campaign_fee_new", campaign_id=other.number, **MONTHLY).error_code == "campaign_not_found"
        assert client.call("campaign_fee_update", fee_id=fee, fee_amount="5").error_code == "fee_not_found"
        assert client.call("campaign_fee_delete", fee_id=fee).error_code == "fee_not_found"
        assert client.call("campaign_fees", campaign_id=other.number).error_code == "campaign_not_found"
    assert len(listed(till, other)) == 1
