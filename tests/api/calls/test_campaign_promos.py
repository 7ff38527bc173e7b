# SPDX-License-Identifier: Apache-2.0
"""campaign_promos: a points campaign's promotions (api.md 9)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from regulars.accounts.directory import CampaignConfig
from tests.client import Api
from tests.factories import NOW, MadeAccount, make_account, make_campaign, make_promotion, make_user


@pytest.fixture
def alice() -> MadeAccount:
    return make_account()


@pytest.fixture
def campaign(alice: MadeAccount) -> CampaignConfig:
    campaign = make_campaign(alice)
    make_promotion(alice, campaign, description="Late fee", points=-50, custom_id="LATE")
    make_promotion(alice, campaign, operation="x", multiplier_ppm=1_250_000, description="Summer", starts_at=NOW)
    make_promotion(
        alice, campaign, operation="x", multiplier_ppm=500_000, description="winter", ends_at=NOW + timedelta(days=1)
    )
    make_promotion(alice, campaign, description="Friend", points=100)
    return campaign


@pytest.fixture
def till(api: Api, alice: MadeAccount) -> Api:
    return api.as_(**alice.credentials)


def test_each_promotion_is_shown_also_when_it_is_over(till: Api, alice: MadeAccount, campaign: CampaignConfig) -> None:
    answer = till.call("campaign_promos", API="1.5", campaign_id=campaign.number)
    late, summer, winter, friend = alice.fresh().campaigns[campaign.number].promotions

    def row(number: int, operand: str, value: str, description: str, **more: str) -> dict[str, str]:
        empty = {"promo_custom_id": "", "promo_start_date": "0000-00-00", "promo_end_date": "0000-00-00"}
        return {"id": str(number), "operand": operand, "value": value, "description": description} | empty | more

    assert answer.json == {
        "status": "success",
        "campaign": {"id": campaign.number},
        "promotions": [
            row(late, "+", "-50", "Late fee", promo_custom_id="LATE"),
            row(summer, "x", "1.25", "Summer", promo_start_date="2026-11-23 04:30:00"),
            row(winter, "x", "0.5", "winter", promo_end_date="2026-11-24 04:30:00"),
            row(friend, "+", "100", "Friend"),
        ],
        "pagination": {"total": "4", "offset": "0"},
    }


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"searchField": "promotion", "searchOper": "ew", "searchValue": "ER"}, ["Summer", "winter"]),
        ({"searchField": "operation", "searchOper": "eq", "searchValue": "+"}, ["Late fee", "Friend"]),
        ({"searchField": "operation", "searchOper": "ne", "searchValue": "x"}, ["Late fee", "Friend"]),
        ({"searchField": "multiplier", "searchOper": "eq", "searchValue": "1,25"}, ["Summer"]),
        ({"searchField": "multiplier", "searchOper": "in", "searchValue": "0.50, 100"}, ["winter", "Friend"]),
        ({"sortField": "multiplier"}, ["Late fee", "winter", "Summer", "Friend"]),
        ({"sortField": "promotion", "sortOrder": "desc", "length": "2"}, ["winter", "Summer"]),
        ({"offset": "3"}, ["Friend"]),
    ],
)
def test_promotions_are_searched_sorted_and_paged(
    till: Api, campaign: CampaignConfig, fields: dict[str, str], found: list[str]
) -> None:
    answer = till.call("campaign_promos", campaign_id=campaign.number, **fields)
    assert [promotion["description"] for promotion in answer.json["promotions"]] == found


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"searchField": "value", "searchOper": "eq", "searchValue": "1"}, "searchField is not valid: one of promotion, "),
        ({"sortField": "value"}, "sortField is not valid: one of promotion, operation, multiplier"),
        ({"campaign_id": "1"}, "Error with campaign ID"),
    ],
)
def test_a_bad_search_is_refused_by_name(till: Api, campaign: CampaignConfig, fields: dict[str, str], text: str) -> None:
    answer = till.call("campaign_promos", **{"campaign_id": campaign.number} | fields)
    assert answer.text.startswith(text)


def test_a_campaign_of_another_type_has_none(till: Api, alice: MadeAccount) -> None:
    answer = till.call("campaign_promos", campaign_id=make_campaign(alice, kind="events").number)
    assert answer.json["promotions"] == []


def test_only_campaigns_that_the_user_may_see(api: Api, alice: MadeAccount, campaign: CampaignConfig) -> None:
    bob = make_user(alice, role="K", campaigns_access="none")
    for made in (bob, make_account()):
        answer = api.as_(**made.credentials).call("campaign_promos", campaign_id=campaign.number)
        assert answer.errors == ["Campaign not valid or deactivated."]
