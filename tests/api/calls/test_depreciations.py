# SPDX-License-Identifier: Apache-2.0
"""depreciation_new, depreciation_update, depreciation_delete, campaign_depreciations: every note of api.md 9."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.client import Api, Parsed
from tests.factories import NOW, make_account, make_campaign, make_customer, make_depreciation, make_user
from tests.till import RunAsOwner, Till, make_till

BEGUN = NOW + timedelta(minutes=5)
YEARLY = {
    "API": "1.1", "depreciation_type": "per_transaction", "depreciation_interval": "1", "depreciation_interval_type": "years",
    "depreciation_percentage": "25",
}  # fmt: skip


@pytest.fixture
def till(api: Api, run_as_owner: RunAsOwner) -> Till:
    till = make_till(api, run_as_owner)
    make_customer(till.made, code="c1")
    return till


def new(till: Till, campaign: Any, **fields: Any) -> Parsed:
    return till.call("depreciation_new", campaign_id=campaign.number, **YEARLY | fields)


def listed(till: Till, campaign: Any) -> Any:
    return till.call("campaign_depreciations", campaign_id=campaign.number).json["depreciations"]


def balance_at(till: Till, campaign: Any, days: int) -> str:
    shown = till.api.call_at(BEGUN + timedelta(days=days), "customer_info", code="c1", campaign_id=campaign.number)
    return shown.at("campaigns/campaign/balance")


def test_a_depreciation_is_made_listed_changed_and_deleted(till: Till) -> None:
    campaign = make_campaign(till.made)
    made = new(till, campaign, depreciation_percentage="12,5").json["depreciation"]
    rule = made["id"]
    assert made == {
        "status": "new", "id": rule, "type": "per_transaction", "interval": "1", "interval_type": "years", "percentage": "12.5",
    }  # fmt: skip
    row = {
        "id": rule,
        "depreciation_type": "per_transaction",
        "depreciation_interval": "1",
        "depreciation_interval_type": "years",
    }
    assert listed(till, campaign) == [row | {"depreciation_percentage": "12.5"}]
    changed = till.call("depreciation_update", depreciation_id=rule, depreciation_percentage="100", depreciation_type="")
    assert changed.json["depreciation"] == made | {"status": "updated", "percentage": "100"}
    assert listed(till, campaign) == [row | {"depreciation_percentage": "100"}]
    gone = till.call("depreciation_delete", depreciation_id=rule)
    assert gone.json == {"status": "success", "depreciation": {"status": "deleted", "id": rule}}
    assert listed(till, campaign) == []
    for call in ("depreciation_delete", "depreciation_update"):
        again = till.call(call, depreciation_id=rule, depreciation_percentage="5")
        assert again.errors == ["depreciation_id is not valid: no such depreciation"]


def test_the_answers_nest_as_documented(till: Till) -> None:
    campaign = make_campaign(till.made)
    made = new(till, campaign)
    assert made.xml_body.endswith(
        b'<depreciation status="new"><id>' + made.at("depreciation/id").encode() + b"</id><type>per_transaction</type>"
        b"<interval>1</interval><interval_type>years</interval_type><percentage>25</percentage></depreciation></response>"
    )
    shown = till.call("campaign_depreciations", campaign_id=campaign.number)
    assert shown.at("campaign/id") == campaign.number
    assert shown.at("depreciations/depreciation/depreciation_percentage") == "25"


def test_several_stack_and_two_of_one_interval_are_refused(till: Till) -> None:
    campaign = make_campaign(till.made)
    first = new(till, campaign).at("depreciation/id")
    second = new(till, campaign, depreciation_interval="2", depreciation_percentage="50").at("depreciation/id")
    assert [row["id"] for row in listed(till, campaign)] == [first, second]
    for fields in ({}, {"depreciation_interval": "12", "depreciation_interval_type": "months"}):
        assert new(till, campaign, **fields).errors == ["A depreciation for the time interval given already exists."]
    moved = till.call("depreciation_update", depreciation_id=second, depreciation_interval="1")
    assert moved.error_code == "depreciation_exists"
    assert new(till, make_campaign(till.made)).ok


def test_each_earning_ages_by_itself_or_any_activity_restarts_the_clock(till: Till) -> None:
    days = {"depreciation_interval": "30", "depreciation_interval_type": "days", "depreciation_percentage": "100"}
    by_age, by_rest = make_campaign(till.made), make_campaign(till.made)
    for campaign, basis in ((by_age, "per_transaction"), (by_rest, "last_transaction")):
        sent = {"campaign_id": campaign.number, **YEARLY, **days, "depreciation_type": basis}
        assert till.api.call_at(BEGUN, "depreciation_new", **sent).ok
        for day in (0, 20):
            at = BEGUN + timedelta(days=day)
            assert till.api.call_at(at, "record_activity", campaign_id=campaign.number, code="c1", amount="1").ok
    seen = [(balance_at(till, by_age, day), balance_at(till, by_rest, day)) for day in (29, 31, 49, 51)]
    assert seen == [("200", "200"), ("100", "200"), ("100", "200"), ("0", "0")]


def test_a_depreciation_that_ended_takes_nothing_more(till: Till) -> None:
    campaign = make_campaign(till.made)
    rule = make_depreciation(till.made, campaign, percentage_ppm=500_000)
    for day in (0, 10):
        at = BEGUN + timedelta(days=day)
        assert till.api.call_at(at, "record_activity", campaign_id=campaign.number, code="c1", amount="1").ok
    assert till.api.call_at(BEGUN + timedelta(days=31), "depreciation_delete", depreciation_id=rule).ok
    assert balance_at(till, campaign, 400) == "150"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"depreciation_type": "weekly"}, "Error with campaign depreciation settings"),
        ({"depreciation_interval": "0"}, "Error with campaign depreciation settings"),
        ({"depreciation_interval": "101"}, "Error with campaign depreciation settings"),
        ({"depreciation_interval_type": "weeks"}, "Error with campaign depreciation settings"),
        ({"depreciation_percentage": "0"}, "The percentage is not valid."),
        ({"depreciation_percentage": "100.01"}, "The percentage is not valid."),
        ({"depreciation_percentage": "12.34567"}, "The percentage is not valid."),
    ],
)
def test_a_bad_value_is_refused_in_the_published_words(till: Till, fields: dict[str, str], text: str) -> None:
    campaign = make_campaign(till.made)
    rule = new(till, campaign, depreciation_interval="3").at("depreciation/id")
    before = listed(till, campaign)
    assert new(till, campaign, **fields).errors == [text]
    assert till.call("depreciation_update", depreciation_id=rule, **fields).errors == [text]
    assert listed(till, campaign) == before


def test_an_update_without_a_change_or_of_another_campaign_is_refused(till: Till) -> None:
    campaign, other = make_campaign(till.made), make_campaign(till.made)
    rule = new(till, campaign).at("depreciation/id")
    assert till.call("depreciation_update", depreciation_id=rule).error_code == "missing_parameter"
    wrong = till.call("depreciation_update", depreciation_id=rule, campaign_id=other.number, depreciation_percentage="5")
    assert wrong.errors == ["Campaign not valid or deactivated."]
    right = till.call("depreciation_update", depreciation_id=rule, campaign_id=campaign.number, depreciation_percentage="5")
    assert right.ok


@pytest.mark.parametrize("kind", ["events", "earned", "buyx"])
def test_only_points_and_gift_cards_have_them(till: Till, kind: str) -> None:
    campaign = make_campaign(till.made, kind=kind)
    refused = new(till, campaign)
    assert refused.errors == [f"campaign_id is not valid: the campaign must be of type points or giftcard, this one is {kind}"]
    assert listed(till, campaign) == []
    assert new(till, make_campaign(till.made, kind="giftcard")).ok


def test_it_takes_a_campaign_of_ones_own(api: Api, till: Till) -> None:
    campaign, other = make_campaign(till.made), make_campaign(till.made)
    rule = new(till, other).at("depreciation/id")
    designer = make_user(till.made, role="D", campaigns_access="some", allowed_campaign_ids=frozenset({campaign.id}))
    for client in (api.as_(**designer.credentials), api.as_(**make_account().credentials)):
        assert client.call("depreciation_new", campaign_id=other.number, **YEARLY).error_code == "campaign_not_found"
        changed = client.call("depreciation_update", depreciation_id=rule, depreciation_percentage="5")
        assert changed.error_code == "depreciation_not_found"
        assert client.call("depreciation_delete", depreciation_id=rule).error_code == "depreciation_not_found"
        assert client.call("campaign_depreciations", campaign_id=other.number).error_code == "campaign_not_found"
    assert len(listed(till, other)) == 1
