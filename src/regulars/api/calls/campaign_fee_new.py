# SPDX-License-Identifier: Apache-2.0
"""campaign_fee_new: a recurring fee on the balances of a points or gift card campaign (api.md 9)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.api.calls import campaign_kinds as kinds
from regulars.api.calls.schedule_element import FEE_NAMES, fee_element
from regulars.campaigns import limits, operations, queries
from regulars.protocol.kinds import text
from regulars.protocol.naming import wire_names
from regulars.protocol.params import param
from regulars.protocol.tree import Element, success


@dataclass(frozen=True, slots=True)
class Params:
    campaign_id: str = param(kinds.campaign_id(), required=True, note="a points or gift card campaign")
    fee_interval: int = param(kinds.interval(), required=True, note="how many days, months or years lie between two fees")
    interval_type: str = param(kinds.interval_unit(), required=True, note="the unit of fee_interval")
    fee_amount: str = param(text(40, shape="value"), required=True, note="points, or money; above 0")
    fee_description: str = param(text(limits.TEXT_MAX), required=True, note="shown in the customer's history")


def handle(ctx: Context, params: Params) -> Element:
    """
    Add a fee, taken once each interval from now on, counted from the first activity of each balance; answer with it.

    It never takes more than there is.
    """
    account = ctx.account
    campaign = queries.get_campaign(account=account, by=ctx.user, number=params.campaign_id)
    amount = kinds.fee_amount("fee_amount", params.fee_amount, campaign, account)
    with wire_names(FEE_NAMES):
        rule_id = operations.add_fee(
            account=account,
            by=ctx.user,
            at=ctx.at,
            campaign_id=campaign.id,
            interval_count=params.fee_interval,
            interval_unit=params.interval_type,
            amount=amount,
            description=params.fee_description,
        )
    return success(
        fee_element(
            account, campaign, rule_id, params.fee_interval, params.interval_type, amount, params.fee_description, status="new"
        )
    )


CALL = Call(
    type="campaign_fee_new",
    handle=handle,
    params=Params,
    permission="add_recurring_fee",
    summary="Create New Campaign Fee",
    errors=("campaign_not_found", "limit_reached"),
    writes=True,
    source="api.md 9",
)
