# SPDX-License-Identifier: Apache-2.0
"""campaigns_inactive_list: the campaigns on hold, shown as campaigns_list shows the active ones (api.md 9)."""

from __future__ import annotations

import pytest

from tests.client import Api
from tests.factories import MadeAccount, make_account, make_campaign, make_user


@pytest.fixture
def alice() -> MadeAccount:
    return make_account()


@pytest.fixture
def till(api: Api, alice: MadeAccount) -> Api:
    return api.as_(**alice.credentials)


def test_it_shows_what_is_on_hold_as_it_was_shown_before(till: Api, alice: MadeAccount) -> None:
    campaign = make_campaign(alice, name="Summer")
    make_campaign(alice, name="Winter")
    (before,) = (row for row in till.call("campaigns_list").json["campaigns"] if row["id"] == campaign.number)
    assert till.call("campaigns_inactive_list").json == {"status": "success", "account_name": alice.code, "campaigns": []}
    assert till.call("campaign_deactivate", campaign_id=campaign.number).ok
    assert till.call("campaigns_inactive_list").json["campaigns"] == [before]
    assert till.call("campaign_reactivate", campaign_id=campaign.number).ok
    assert till.call("campaigns_inactive_list").json["campaigns"] == []


def test_it_is_searched_sorted_paged_and_restricted_by_type(till: Api, alice: MadeAccount) -> None:
    for kind, name in (("points", "Bees"), ("giftcard", "Ants"), ("points", "Cats")):
        assert till.call("campaign_deactivate", campaign_id=make_campaign(alice, kind=kind, name=name).number).ok

    def names(**fields: str) -> list[str]:
        return [row["name"] for row in till.call("campaigns_inactive_list", **fields).json["campaigns"]]

    assert names() == ["Bees", "Ants", "Cats"]
    assert names(API="1.5", sortField="campaign_name", sortOrder="DESC", length="2") == ["Cats", "Bees"]
    assert names(type_restrict="points", searchField="campaign_name", searchOper="bw", searchValue="c") == ["Cats"]
    page = till.call("campaigns_inactive_list", API="1.5", offset="1", length="1")
    assert page.json["pagination"] == {"total": "3", "offset": "1", "length": "1"}


def test_a_user_sees_only_his_own_campaigns(api: Api, till: Api, alice: MadeAccount) -> None:
    mine, other = make_campaign(alice), make_campaign(alice)
    for campaign in (mine, other):
        assert till.call("campaign_deactivate", campaign_id=campaign.number).ok
    clerk = make_user(alice, role="K", campaigns_access="some", allowed_campaign_ids=frozenset({mine.id}))
    seen = api.as_(**clerk.credentials).call("campaigns_inactive_list").json["campaigns"]
    assert [row["id"] for row in seen] == [mine.number]
    assert api.as_(**make_account().credentials).call("campaigns_inactive_list").json["campaigns"] == []
