# SPDX-License-Identifier: Apache-2.0
"""campaign_fees: the recurring fees of a campaign (api.md 9)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.api.calls import campaign_kinds as kinds
from regulars.api.calls.schedule_element import listed_fee
from regulars.campaigns import queries
from regulars.protocol.params import param
from regulars.protocol.tree import Element, items, leaf, record, success


@dataclass(frozen=True, slots=True)
class Params:
    campaign_id: str = param(kinds.campaign_id(), required=True, note="a points or gift card campaign")


def handle(ctx: Context, params: Params) -> Element:
    """List the fees in force, oldest first; none for campaigns of other types than points and gift card."""
    account = ctx.account
    campaign = queries.get_campaign(account=account, by=ctx.user, number=params.campaign_id)
    return success(
        record("campaign", leaf("id", campaign.number)),
        items("fees", (listed_fee(account, campaign, rule) for rule in queries.current_fees(campaign))),
    )


CALL = Call(
    type="campaign_fees",
    handle=handle,
    params=Params,
    permission="view_recurring_fee",
    summary="Campaign Fees List",
    errors=("campaign_not_found",),
    source="api.md 9",
)
