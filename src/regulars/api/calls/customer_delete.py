# SPDX-License-Identifier: Apache-2.0
"""customer_delete: a customer and all that is known of him go, for good (api.md 7)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.protocol.kinds import customer_code
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, record, success
from regulars.transactions.erase import delete_customer


@dataclass(frozen=True, slots=True)
class Params:
    code: str = param(customer_code(), required=True, note="the customer's code, not his card")


def handle(ctx: Context, params: Params) -> Element:
    """Close the customer's balances, erase his data, and answer with the code he had; code and card are free again."""
    code = delete_customer(account=ctx.account, by=ctx.user, at=ctx.at, code=params.code)
    return success(record("customer", leaf("code", code), status="deleted"))


CALL = Call(
    type="customer_delete",
    handle=handle,
    params=Params,
    permission="delete_customer",
    summary="Delete a Customer",
    errors=("customer_not_found",),
    writes=True,
    source="api.md 7",
)
