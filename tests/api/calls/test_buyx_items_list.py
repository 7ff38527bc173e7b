# SPDX-License-Identifier: Apache-2.0
"""buyx_items_list: what a buy-X-get-one campaign counts (api.md 9)."""

from __future__ import annotations

import pytest

from regulars.accounts.directory import CampaignConfig
from tests.client import Api
from tests.factories import MadeAccount, make_account, make_campaign, make_item, make_user


@pytest.fixture
def alice() -> MadeAccount:
    return make_account()


@pytest.fixture
def campaign(alice: MadeAccount) -> CampaignConfig:
    campaign = make_campaign(alice, kind="buyx", default_item_level=8)
    make_item(alice, campaign, description="Coffee", level=10, identifier="CF")
    make_item(alice, campaign, description="tea", level=None)
    make_item(alice, campaign, description="Car wash", level=5, identifier="WASH")
    return campaign


@pytest.fixture
def till(api: Api, alice: MadeAccount) -> Api:
    return api.as_(**alice.credentials)


def test_each_item_is_shown_with_its_level_or_the_campaigns(till: Api, alice: MadeAccount, campaign: CampaignConfig) -> None:
    coffee, tea, wash = map(str, alice.fresh().campaigns[campaign.number].items)
    answer = till.call("buyx_items_list", API="1.5", campaign_id=campaign.number)
    assert answer.json == {
        "status": "success",
        "campaign": {"id": campaign.number},
        "buyx_items": [
            {"id": coffee, "name": "Coffee", "description": "Coffee", "reward_id": "CF", "buy_amount": "10"},
            {"id": tea, "name": "tea", "description": "tea", "reward_id": "", "buy_amount": "8"},
            {"id": wash, "name": "Car wash", "description": "Car wash", "reward_id": "WASH", "buy_amount": "5"},
        ],
        "pagination": {"total": "3", "offset": "0"},
    }
    assert [item.tag for item in answer.xml.findall("buyx_items/*")] == ["item"] * 3


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"searchField": "service_product", "searchOper": "bw", "searchValue": "c"}, ["Coffee", "Car wash"]),
        ({"searchField": "reward_id", "searchOper": "nu"}, ["tea"]),
        ({"searchField": "reward_id", "searchOper": "nn"}, ["Coffee", "Car wash"]),
        ({"searchField": "buy_amount", "searchOper": "ni", "searchValue": "5,8"}, ["Coffee"]),
        ({"sortField": "buy_amount", "sortOrder": "DESC"}, ["Coffee", "tea", "Car wash"]),
        ({"sortField": "service_product", "offset": "1", "length": "1"}, ["Coffee"]),
    ],
)
def test_items_are_searched_sorted_and_paged(
    till: Api, campaign: CampaignConfig, fields: dict[str, str], found: list[str]
) -> None:
    answer = till.call("buyx_items_list", campaign_id=campaign.number, **fields)
    assert [item["name"] for item in answer.json["buyx_items"]] == found


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"searchField": "id", "searchOper": "eq", "searchValue": "1"}, "searchField is not valid: one of service_product, "),
        ({"sortField": "id"}, "sortField is not valid: one of service_product, reward_id, buy_amount"),
        ({"campaign_id": "1"}, "Error with campaign ID"),
    ],
)
def test_a_bad_search_is_refused_by_name(till: Api, campaign: CampaignConfig, fields: dict[str, str], text: str) -> None:
    answer = till.call("buyx_items_list", **{"campaign_id": campaign.number} | fields)
    assert answer.text.startswith(text)


def test_a_campaign_of_another_type_has_none(till: Api, alice: MadeAccount) -> None:
    answer = till.call("buyx_items_list", campaign_id=make_campaign(alice).number)
    assert answer.json["buyx_items"] == []


def test_only_campaigns_that_the_user_may_see(api: Api, alice: MadeAccount, campaign: CampaignConfig) -> None:
    bob = make_user(alice, role="F", campaigns_access="none")
    for made in (bob, make_account()):
        answer = api.as_(**made.credentials).call("buyx_items_list", campaign_id=campaign.number)
        assert answer.errors == ["Campaign not valid or deactivated."]
