# SPDX-License-Identifier: Apache-2.0
"""campaign_deactivate: a campaign on hold vanishes from lists and calls, and its data stay (api.md 9)."""

from __future__ import annotations

from tests.client import Api
from tests.factories import make_account, make_campaign, make_reward, make_user


def test_a_deactivated_campaign_vanishes_from_lists_and_calls_and_keeps_its_data(api: Api) -> None:
    alice = make_account()
    campaign = make_campaign(alice)
    reward = make_reward(alice, campaign)
    till = api.as_(**alice.credentials)
    answer = till.call("campaign_deactivate", campaign_id=campaign.number)
    assert answer.json == {"status": "success", "campaign": {"id": campaign.number}}
    assert till.call("campaigns_list").json["campaigns"] == []
    for call, fields in (
        ("campaign_rewards", {"campaign_id": campaign.number}),
        ("campaign_promos", {"campaign_id": campaign.number}),
        ("campaign_update", {"action": "campaign", "campaign_id": campaign.number, "description": "x"}),
        ("record_activity", {"campaign_id": campaign.number, "code": "1", "amount": "1"}),
    ):
        assert till.call(call, **fields).errors == ["Campaign not valid or deactivated."], call
    kept = alice.fresh().campaigns[campaign.number]
    assert (kept.state, list(kept.rewards)) == ("on_hold", [reward])


def test_a_second_time_is_the_same_answer(api: Api) -> None:
    alice = make_account()
    campaign = make_campaign(alice)
    till = api.as_(**alice.credentials)
    first = till.call("campaign_deactivate", campaign_id=campaign.number)
    assert till.call("campaign_deactivate", campaign_id=campaign.number).json == first.json


def test_it_takes_the_permission_and_a_campaign_of_ones_own(api: Api) -> None:
    alice = make_account()
    campaign, other = make_campaign(alice), make_campaign(alice)
    clerk = make_user(alice, role="K")
    denied = api.as_(**clerk.credentials).call("campaign_deactivate", campaign_id=campaign.number)
    assert denied.error_code == "permission_denied"
    manager = make_user(alice, role="M", campaigns_access="some", allowed_campaign_ids=frozenset({campaign.id}))
    client = api.as_(**manager.credentials)
    assert client.call("campaign_deactivate", campaign_id=campaign.number).ok
    assert client.call("campaign_deactivate", campaign_id=other.number).error_code == "campaign_not_found"
    carol = api.as_(**make_account().credentials)
    assert carol.call("campaign_deactivate", campaign_id=other.number).error_code == "campaign_not_found"
    assert carol.call("campaign_deactivate", campaign_id="1").errors == ["Error with campaign ID"]
    assert alice.fresh().campaigns[other.number].state == "active"
