# SPDX-License-Identifier: Apache-2.0
"""campaign_reactivate: a campaign comes back from hold as it was (api.md 9)."""

from __future__ import annotations

from tests.client import Api
from tests.factories import make_account, make_campaign, make_reward, make_user


def test_a_campaign_comes_back_as_it_was(api: Api) -> None:
    alice = make_account()
    campaign = make_campaign(alice)
    make_reward(alice, campaign)
    till = api.as_(**alice.credentials)
    before = till.call("campaigns_list").json
    assert till.call("campaign_deactivate", campaign_id=campaign.number).ok
    answer = till.call("campaign_reactivate", campaign_id=campaign.number)
    assert answer.json == {"status": "success", "campaign": {"id": campaign.number}}
    assert till.call("campaigns_list").json == before
    assert len(till.call("campaign_rewards", campaign_id=campaign.number).json["rewards"]) == 1


def test_an_active_campaign_answers_the_same(api: Api) -> None:
    alice = make_account()
    campaign = make_campaign(alice)
    assert api.as_(**alice.credentials).call("campaign_reactivate", campaign_id=campaign.number).ok
    assert alice.fresh().campaigns[campaign.number].state == "active"


def test_it_takes_the_permission_and_a_campaign_of_ones_own(api: Api) -> None:
    alice = make_account()
    campaign = make_campaign(alice)
    till = api.as_(**alice.credentials)
    till.call("campaign_deactivate", campaign_id=campaign.number)
    for made, code in (
        (make_user(alice, role="K"), "permission_denied"),
        (make_user(alice, role="D", campaigns_access="none"), "campaign_not_found"),
        (make_account(), "campaign_not_found"),
    ):
        answer = api.as_(**made.credentials).call("campaign_reactivate", campaign_id=campaign.number)
        assert answer.error_code == code
    assert till.call("campaign_reactivate", campaign_id="1").errors == ["Error with campaign ID"]
    assert alice.fresh().campaigns[campaign.number].state == "on_hold"
    designer = make_user(alice, role="D")
    assert api.as_(**designer.credentials).call("campaign_reactivate", campaign_id=campaign.number).ok
