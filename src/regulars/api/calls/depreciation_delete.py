# SPDX-License-Identifier: Apache-2.0
"""depreciation_delete: ends a depreciation (api.md 9)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.campaigns import limits, operations, queries
from regulars.protocol.kinds import small_id
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, record, success


@dataclass(frozen=True, slots=True)
class Params:
    depreciation_id: int = param(
        small_id(error_text=limits.DEPRECIATION_TEXT), required=True, note="the id of campaign_depreciations"
    )


def handle(ctx: Context, params: Params) -> Element:
    """End a depreciation now. What it took before stays taken, and stays in the history."""
    _, rule = queries.get_depreciation(account=ctx.account, by=ctx.user, rule_id=params.depreciation_id)
    operations.delete_depreciation(account=ctx.account, by=ctx.user, at=ctx.at, rule_id=rule.rule_id)
    return success(record("depreciation", leaf("id", rule.rule_id), status="deleted"))


CALL = Call(
    type="depreciation_delete",
    handle=handle,
    params=Params,
    permission="delete_depreciation",
    summary="Delete a Depreciation",
    errors=("depreciation_not_found",),
    writes=True,
    source="api.md 9",
)
