# SPDX-License-Identifier: Apache-2.0
"""campaign_fee_update: changes a recurring fee from now on (api.md 9)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.api.calls import campaign_kinds as kinds
from regulars.api.calls.schedule_element import FEE_NAMES, fee_element, refuse_other_campaign, require_a_change
from regulars.campaigns import limits, operations, queries
from regulars.kit.unchanged import UNCHANGED, Unchanged
from regulars.protocol.kinds import small_id, text
from regulars.protocol.naming import wire_names
from regulars.protocol.params import param
from regulars.protocol.tree import Element, success


@dataclass(frozen=True, slots=True)
class Params:
    fee_id: int = param(small_id(), required=True, note="the id of campaign_fees")
    campaign_id: str | None = param(kinds.campaign_id(), note="where given, it must be the fee's")
    fee_interval: int | Unchanged = param(kinds.interval(), default=UNCHANGED, note="blank: unchanged")
    interval_type: str | Unchanged = param(
        kinds.interval_unit(), default=UNCHANGED, note="the unit of fee_interval; blank: unchanged"
    )
    fee_amount: str | Unchanged = param(text(40, shape="value"), default=UNCHANGED, note="points, or money; above 0")
    fee_description: str | Unchanged = param(text(limits.TEXT_MAX), default=UNCHANGED, note="blank: unchanged")


def handle(ctx: Context, params: Params) -> Element:
    """Change what is given; blank is unchanged. What the fee took before stays taken, and its id stays the same."""
    account = ctx.account
    require_a_change("fee_interval", params.fee_interval, params.interval_type, params.fee_amount, params.fee_description)
    campaign, rule = queries.get_fee(account=account, by=ctx.user, rule_id=params.fee_id)
    refuse_other_campaign(campaign, params.campaign_id)
    count, unit, raw, description = params.fee_interval, params.interval_type, params.fee_amount, params.fee_description
    amount = UNCHANGED if isinstance(raw, Unchanged) else kinds.fee_amount("fee_amount", raw, campaign, account)
    with wire_names(FEE_NAMES):
        operations.update_fee(
            account=account,
            by=ctx.user,
            at=ctx.at,
            rule_id=rule.rule_id,
            interval_count=count,
            interval_unit=unit,
            amount=amount,
            description=description,
        )
    return success(
        fee_element(
            account,
            campaign,
            rule.rule_id,
            rule.interval_count if isinstance(count, Unchanged) else count,
            rule.interval_unit if isinstance(unit, Unchanged) else unit,
            rule.amount if isinstance(amount, Unchanged) else amount,
            rule.description if isinstance(description, Unchanged) else description,
            status="updated",
        )
    )


CALL = Call(
    type="campaign_fee_update",
    handle=handle,
    params=Params,
    permission="edit_recurring_fee",
    summary="Update Fee",
    errors=("campaign_not_found", "fee_not_found"),
    writes=True,
    source="api.md 9",
)
