# SPDX-License-Identifier: Apache-2.0
"""campaign_reactivate: brings a campaign back from hold (api.md 9)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.api.calls import campaign_kinds as kinds
from regulars.campaigns import operations, queries
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, record, success


@dataclass(frozen=True, slots=True)
class Params:
    campaign_id: str = param(kinds.campaign_id(), required=True, note="a campaign on hold, or one active already")


def handle(ctx: Context, params: Params) -> Element:
    """Bring the campaign back. Active already: the same answer."""
    campaign = queries.get_campaign(account=ctx.account, by=ctx.user, number=params.campaign_id, include_on_hold=True)
    operations.reactivate_campaign(account=ctx.account, by=ctx.user, at=ctx.at, campaign_id=campaign.id)
    return success(record("campaign", leaf("id", campaign.number)))


CALL = Call(
    type="campaign_reactivate",
    handle=handle,
    params=Params,
    permission="activate_campaign",
    summary="Reactivate a Campaign",
    errors=("campaign_not_found",),
    writes=True,
    source="api.md 9",
)
