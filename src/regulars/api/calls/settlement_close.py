# SPDX-License-Identifier: Apache-2.0
"""settlement_close, our extension: closes the open period of settlement between stores (ADR-0018)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from regulars.api.call import Call, Context
from regulars.api.calls.settlement import POINT_COST_NOTE
from regulars.api.calls.settlement_element import settlement_element
from regulars.coalition.operations import close_settlement
from regulars.coalition.positions import POINT_COST_MAX_PPM
from regulars.protocol.kinds import decimal_ppm, iso_date
from regulars.protocol.params import param
from regulars.protocol.tree import Element, success


@dataclass(frozen=True, slots=True)
class Params:
    date_end: date = param(
        iso_date(), required=True, note="the last day of the period, in the account's time zone; it must be over"
    )
    point_cost: int | None = param(decimal_ppm(0, POINT_COST_MAX_PPM), note=POINT_COST_NOTE)


def handle(ctx: Context, params: Params) -> Element:
    """
    Close the open period up to the end of a day and answer its ``settlement``, as settlement does.

    Its figures never change again: a later reversal, and a transaction brought in later with a date in it, count in the period
    that is open then. It cannot be undone; a dry run shows what would be kept.

    Writes:  1 settlement; no entry.
    Raises:  ModuleNotActivated, MissingParameter, InvalidParameter, LockTimeout.
    """
    statement = close_settlement(
        account=ctx.account, by=ctx.user, at=ctx.at, last_date=params.date_end, point_cost_ppm=params.point_cost
    )
    return success(settlement_element(ctx.account, statement))


CALL = Call(
    type="settlement_close",
    handle=handle,
    params=Params,
    permission="edit_account_info",
    summary="Close a Period of Settlement",
    errors=("module_not_activated",),
    writes=True,
    source="ADR-0018",
)
