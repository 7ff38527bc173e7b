# SPDX-License-Identifier: Apache-2.0
"""campaign_fee_delete: ends a recurring fee (api.md 9)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.campaigns import operations, queries
from regulars.protocol.kinds import small_id
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, record, success


@dataclass(frozen=True, slots=True)
class Params:
    fee_id: int = param(small_id(), required=True, note="the id of campaign_fees")


def handle(ctx: Context, params: Params) -> Element:
    """End a fee now. What it took before stays taken, and stays in the history."""
    _, rule = queries.get_fee(account=ctx.account, by=ctx.user, rule_id=params.fee_id)
    operations.delete_fee(account=ctx.account, by=ctx.user, at=ctx.at, rule_id=rule.rule_id)
    return success(record("fee", leaf("id", rule.rule_id), status="deleted"))


CALL = Call(
    type="campaign_fee_delete",
    handle=handle,
    params=Params,
    permission="delete_recurring_fee",
    summary="Delete a Fee",
    errors=("fee_not_found",),
    writes=True,
    source="api.md 9",
)
