# SPDX-License-Identifier: Apache-2.0
"""What the standing cast may see of each other."""

from __future__ import annotations

import pytest

from regulars.errors import CampaignNotFound, UserNotFound
from regulars.kit.db import unit_of_work
from regulars.reports.overview import get_overview
from regulars.users.operations import create_user
from regulars.users.queries import get_user
from tests.factories import NOW, make_cast, make_user, unique_name


def test_bob_sees_his_campaign_only_and_carol_none():
    cast = make_cast()
    with unit_of_work(cast.alice.id):
        seen = get_overview(account=cast.alice.fresh(), by=cast.bob.user)
    assert [line.campaign.id for line in seen.campaigns] == [cast.club.id]
    with unit_of_work(cast.carol.id):
        assert get_overview(account=cast.carol.fresh(), by=cast.carol.owner).campaigns == ()


def test_carol_finds_neither_alice_nor_bob():
    cast = make_cast()
    for code in (cast.alice.code, cast.bob.code):
        with pytest.raises(UserNotFound):
            get_user(account=cast.carol.fresh(), by=cast.carol.owner, code=code)


def test_manager_gives_no_campaign_that_he_may_not_enter_himself():
    cast = make_cast()
    mary = make_user(cast.alice, role="M", campaigns_access="some", allowed_campaign_ids=[cast.club.id])
    with pytest.raises(CampaignNotFound), unit_of_work(cast.alice.id):
        create_user(
            account=cast.alice.fresh(), by=mary.user, at=NOW, code=unique_name(), role="K", campaigns_access="some",
            allowed_campaign_ids=[cast.other.id],
        )  # fmt: skip
