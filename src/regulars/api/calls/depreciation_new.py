# SPDX-License-Identifier: Apache-2.0
"""depreciation_new: lets points or gift card money expire (api.md 9)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.api.calls import campaign_kinds as kinds
from regulars.api.calls.schedule_element import DEPRECIATION_NAMES, depreciation_answer
from regulars.campaigns import limits, operations, queries
from regulars.protocol.kinds import choice
from regulars.protocol.naming import wire_names
from regulars.protocol.params import param
from regulars.protocol.tree import Element


@dataclass(frozen=True, slots=True)
class Params:
    campaign_id: str = param(kinds.campaign_id(), required=True, note="a points or gift card campaign")
    depreciation_type: str = param(
        choice(*limits.BASES, error_text=limits.DEPRECIATION_TEXT), required=True,
        note="per_transaction: each earning ages by itself; last_transaction: any activity restarts the clock",
    )  # fmt: skip
    depreciation_interval: int = param(
        kinds.interval(limits.DEPRECIATION_TEXT), required=True, note="after how many days, months or years"
    )
    depreciation_interval_type: str = param(
        kinds.interval_unit(limits.DEPRECIATION_TEXT), required=True, note="the unit of depreciation_interval"
    )
    depreciation_percentage: int = param(kinds.percentage(), required=True, note="of what is left; 100 = all")


def handle(ctx: Context, params: Params) -> Element:
    """
    Add a depreciation, in force from now on, and answer with it. What is older than the interval already goes at once.

    Several stack (25 % after one year, 50 % after two); a second one with the same interval (1 year = 12 months) is refused.
    """
    campaign = queries.get_campaign(account=ctx.account, by=ctx.user, number=params.campaign_id)
    with wire_names(DEPRECIATION_NAMES):
        rule_id = operations.add_depreciation(
            account=ctx.account,
            by=ctx.user,
            at=ctx.at,
            campaign_id=campaign.id,
            basis=params.depreciation_type,
            interval_count=params.depreciation_interval,
            interval_unit=params.depreciation_interval_type,
            percentage_ppm=params.depreciation_percentage,
        )
    return depreciation_answer(
        "new", rule_id, params.depreciation_type, params.depreciation_interval, params.depreciation_interval_type,
        params.depreciation_percentage,
    )  # fmt: skip


CALL = Call(
    type="depreciation_new",
    handle=handle,
    params=Params,
    permission="add_depreciation",
    summary="Create New Campaign Depreciation",
    errors=("campaign_not_found", "depreciation_exists", "limit_reached"),
    writes=True,
    source="api.md 9",
)
