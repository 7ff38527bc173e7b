# SPDX-License-Identifier: Apache-2.0
"""campaign_deactivate: puts a campaign on hold; its data are kept (api.md 9)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.api.calls import campaign_kinds as kinds
from regulars.campaigns import operations, queries
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, record, success


@dataclass(frozen=True, slots=True)
class Params:
    campaign_id: str = param(kinds.campaign_id(), required=True, note="an active campaign, or one on hold already")


def handle(ctx: Context, params: Params) -> Element:
    """Put the campaign on hold: it vanishes from lists and calls. On hold already: the same answer."""
    campaign = queries.get_campaign(account=ctx.account, by=ctx.user, number=params.campaign_id, include_on_hold=True)
    operations.deactivate_campaign(account=ctx.account, by=ctx.user, at=ctx.at, campaign_id=campaign.id)
    return success(record("campaign", leaf("id", campaign.number)))


CALL = Call(
    type="campaign_deactivate",
    handle=handle,
    params=Params,
    permission="deactivate_campaign",
    summary="Deactivate a Campaign",
    errors=("campaign_not_found",),
    writes=True,
    source="api.md 9",
)
