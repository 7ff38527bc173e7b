# SPDX-License-Identifier: Apache-2.0
"""depreciation_update: changes a depreciation from now on (api.md 9)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.api.calls import campaign_kinds as kinds
from regulars.api.calls.schedule_element import (
    DEPRECIATION_NAMES,
    depreciation_answer,
    refuse_other_campaign,
    require_a_change,
)
from regulars.campaigns import limits, operations, queries
from regulars.kit.unchanged import UNCHANGED, Unchanged
from regulars.protocol.kinds import choice, small_id
from regulars.protocol.naming import wire_names
from regulars.protocol.params import param
from regulars.protocol.tree import Element


@dataclass(frozen=True, slots=True)
class Params:
    depreciation_id: int = param(
        small_id(error_text=limits.DEPRECIATION_TEXT), required=True, note="the id of campaign_depreciations"
    )
    campaign_id: str | None = param(kinds.campaign_id(), note="where given, it must be the depreciation's")
    depreciation_type: str | Unchanged = param(
        choice(*limits.BASES, error_text=limits.DEPRECIATION_TEXT), default=UNCHANGED, note="blank: unchanged"
    )
    depreciation_interval: int | Unchanged = param(
        kinds.interval(limits.DEPRECIATION_TEXT), default=UNCHANGED, note="blank: unchanged"
    )
    depreciation_interval_type: str | Unchanged = param(
        kinds.interval_unit(limits.DEPRECIATION_TEXT), default=UNCHANGED, note="blank: unchanged"
    )
    depreciation_percentage: int | Unchanged = param(
        kinds.percentage(), default=UNCHANGED, note="of what is left; 100 = all; blank: unchanged"
    )


def handle(ctx: Context, params: Params) -> Element:
    """Change what is given; blank is unchanged. What the depreciation took before stays taken, and its id stays the same."""
    require_a_change(
        "depreciation_interval", params.depreciation_type, params.depreciation_interval, params.depreciation_interval_type,
        params.depreciation_percentage,
    )  # fmt: skip
    campaign, rule = queries.get_depreciation(account=ctx.account, by=ctx.user, rule_id=params.depreciation_id)
    refuse_other_campaign(campaign, params.campaign_id)
    with wire_names(DEPRECIATION_NAMES):
        operations.update_depreciation(
            account=ctx.account,
            by=ctx.user,
            at=ctx.at,
            rule_id=rule.rule_id,
            basis=params.depreciation_type,
            interval_count=params.depreciation_interval,
            interval_unit=params.depreciation_interval_type,
            percentage_ppm=params.depreciation_percentage,
        )
    basis, count, unit, share = (
        params.depreciation_type, params.depreciation_interval, params.depreciation_interval_type,
        params.depreciation_percentage,
    )  # fmt: skip
    return depreciation_answer(
        "updated",
        rule.rule_id,
        rule.basis if isinstance(basis, Unchanged) else basis,
        rule.interval_count if isinstance(count, Unchanged) else count,
        rule.interval_unit if isinstance(unit, Unchanged) else unit,
        rule.percentage_ppm if isinstance(share, Unchanged) else share,
    )


CALL = Call(
    type="depreciation_update",
    handle=handle,
    params=Params,
    permission="edit_depreciation",
    summary="Update Depreciation",
    errors=("campaign_not_found", "depreciation_not_found", "depreciation_exists"),
    writes=True,
    source="api.md 9",
)
