# SPDX-License-Identifier: Apache-2.0
"""settlement_list, our extension: the closed periods of settlement between stores (ADR-0018)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.api.calls.settlement_element import head
from regulars.coalition.periods import LIST_MAX, list_settlements
from regulars.protocol.kinds import integer
from regulars.protocol.params import param
from regulars.protocol.tree import Element, items, leaf, record, success

OFFSET_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Params:
    offset: int = param(integer(0, OFFSET_MAX), default=0, note="how many to leave out, from the latest")
    length: int = param(integer(1, LIST_MAX), default=LIST_MAX, note=f"absent: {LIST_MAX}")


def handle(ctx: Context, params: Params) -> Element:
    """
    Answer ``settlements/settlement``, the latest first, and ``pagination``.

    Each has ``settlement_id, settlement_status, date_start, date_end, closed, point_cost, currency, stores, total``: how many
    stores, and what all of them together pay others. An empty list is no error.

    Queries: 2.
    Raises:  ModuleNotActivated.
    """
    total, found = list_settlements(account=ctx.account, offset=params.offset, limit=params.length)
    rows = (
        record(
            "settlement",
            *head(ctx.account, each),
            leaf("stores", len(each.lines)),
            leaf("total", ctx.account.currency.text(sum(debt.amount_minor for debt in each.debts))),
        )
        for each in found
    )
    pages = record("pagination", leaf("total", total), leaf("offset", params.offset), leaf("length", params.length))
    return success(items("settlements", rows), pages)


CALL = Call(
    type="settlement_list",
    handle=handle,
    params=Params,
    permission="edit_account_info",
    summary="List Closed Settlements",
    errors=("module_not_activated",),
    source="ADR-0018",
)
