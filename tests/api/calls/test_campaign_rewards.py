# SPDX-License-Identifier: Apache-2.0
"""campaign_rewards: what a campaign's points or events buy (api.md 9)."""

from __future__ import annotations

from tests.client import Api
from tests.factories import make_account, make_campaign, make_field, make_reward, make_user


def test_rewards_come_by_level_with_their_own_id_only_where_set(api: Api) -> None:
    alice = make_account()
    make_field(alice, owner="reward", number=1)
    make_field(alice, owner="reward", number=12)
    campaign = make_campaign(alice)
    dear = make_reward(
        alice, campaign, level=1500, description="Free Service", identifier="SKU-9", fields={12: "Twelve", 1: "One"}
    )
    cheap = make_reward(alice, campaign, level=100, description="Tea & cake")
    answer = api.as_(**alice.credentials).call("campaign_rewards", campaign_id=campaign.number)
    assert answer.json == {
        "status": "success",
        "campaign": {"id": campaign.number},
        "rewards": [
            {"id": str(cheap), "level": "100", "description": "Tea & cake"},
            {
                "id": str(dear), "level": "1500", "description": "Free Service", "reward_id": "SKU-9",
                "reward_custom_field_1": "One", "reward_custom_field_12": "Twelve",
            },
        ],
    }  # fmt: skip


def test_a_campaign_of_another_type_has_none(api: Api) -> None:
    alice = make_account()
    campaign = make_campaign(alice, kind="giftcard")
    answer = api.as_(**alice.credentials).call("campaign_rewards", campaign_id=campaign.number)
    assert answer.json["rewards"] == []


def test_a_clerk_sees_rewards_of_his_campaigns_and_a_temp_none(api: Api) -> None:
    alice = make_account()
    campaign, other = make_campaign(alice), make_campaign(alice)
    make_reward(alice, campaign)
    clerk = make_user(alice, role="K", campaigns_access="some", allowed_campaign_ids=frozenset({campaign.id}))
    client = api.as_(**clerk.credentials)
    assert client.call("campaign_rewards", campaign_id=campaign.number).ok
    answer = client.call("campaign_rewards", campaign_id=other.number)
    assert answer.errors == ["Campaign not valid or deactivated."]
    temp = make_user(alice, role="P")
    assert api.as_(**temp.credentials).call("campaign_rewards", campaign_id=campaign.number).error_code == "permission_denied"


def test_a_bad_campaign_id_is_refused_in_the_documented_words(api: Api) -> None:
    till = api.as_(**make_account().credentials)
    assert till.call("campaign_rewards", campaign_id="12").errors == ["Error with campaign ID"]
    assert till.call("campaign_rewards").errors == ["Missing parameter: campaign_id"]
    theirs = make_campaign(make_account())
    assert till.call("campaign_rewards", campaign_id=theirs.number).error_code == "campaign_not_found"
