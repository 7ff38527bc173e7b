# SPDX-License-Identifier: Apache-2.0
"""What comes by API is noted as such, under the user whose token it was; a dry run and a refusal are no changes."""

from __future__ import annotations

import pytest

from regulars.changes.queries import list_changes
from regulars.client import errors
from regulars.kit.db import unit_of_work
from tests.factories import make_campaign, make_cast, make_user


def test_a_change_by_api_is_noted_under_the_user_of_the_token(connect) -> None:
    cast = make_cast()
    till = make_user(cast.alice, role="A")
    shop = connect(**till.credentials)
    shop.campaign_update_campaign(campaign_id=cast.club.number, description="Tried out.", dry_run=True)
    shop.campaign_update_campaign(campaign_id=cast.club.number, description="By API.")
    with pytest.raises(errors.CampaignNameTaken):
        shop.campaign_update_campaign(campaign_id=cast.club.number, new_campaign_name=make_campaign(cast.alice).name)
    shop.record_customer_new(code="C-1", first_name="Ann", campaign_id=[cast.club.number])
    shop.record_activity(campaign_id=cast.club.number, code="C-1", amount=5)
    with unit_of_work(cast.alice.id):
        lines = list_changes(account=cast.alice.fresh(), by=cast.alice.owner, user_code=till.code).lines
    assert [(line.face, line.subject, line.action, line.after) for line in lines] == [
        ("api", "customer", "added", {}),
        ("api", "campaign", "changed", {"description": "By API."}),
    ]
