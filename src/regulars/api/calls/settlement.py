# SPDX-License-Identifier: Apache-2.0
"""settlement, our extension: the statement between the stores of a coalition or of a second tier (ADR-0018)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from regulars.api.call import Call, Context
from regulars.api.calls.settlement_element import settlement_element
from regulars.coalition.periods import get_statement
from regulars.coalition.positions import POINT_COST_MAX_PPM
from regulars.errors import InvalidParameter
from regulars.protocol.kinds import decimal_ppm, iso_date, small_id
from regulars.protocol.params import param
from regulars.protocol.tree import Element, success

POINT_COST_NOTE = "what a point costs between stores, in currency units; absent: as in the last closed period"


@dataclass(frozen=True, slots=True)
class Params:
    settlement_id: int | None = param(small_id(), note="a closed period; absent: what is open")
    date_start: date | None = param(
        iso_date(), note="the first day; absent: the whole open period, with what came late for closed days"
    )
    date_end: date | None = param(iso_date(), note="the last day, included; absent: today")
    point_cost: int | None = param(decimal_ppm(0, POINT_COST_MAX_PPM), note=POINT_COST_NOTE)


def handle(ctx: Context, params: Params) -> Element:
    """
    Answer ``settlement``: its days, the cost of a point, ``stores``, ``flows`` and ``debts``.

    ``stores/store{campaign_id, name, unit, issued, contributed, taken_back, redeemed, expired, receives, owes, net}``: what
    each store gave and honoured; ``net`` in money, and all of them add up to zero.
    ``flows/flow{given_by, honoured_by, kind, amount}``: whose value was redeemed where (``kind`` set_off: it paid what another
    store took back after it was spent).
    ``debts/debt{from, to, amount}``: who pays whom. A closed period is answered as it was closed. ``point_cost`` is required
    until a period was closed. What expired and is not booked yet counts once it is booked.

    Queries: 4.
    Raises:  ModuleNotActivated, SettlementNotFound, MissingParameter, InvalidParameter.
    """
    if params.settlement_id is not None:
        for name in ("date_start", "date_end", "point_cost"):
            if getattr(params, name) is not None:
                raise InvalidParameter(name, "a closed period has its own")
    statement = get_statement(
        account=ctx.account,
        at=ctx.at,
        settlement_id=params.settlement_id,
        first_date=params.date_start,
        last_date=params.date_end,
        point_cost_ppm=params.point_cost,
    )
    return success(settlement_element(ctx.account, statement))


CALL = Call(
    type="settlement",
    handle=handle,
    params=Params,
    permission="edit_account_info",
    summary="Settlement Between Stores",
    errors=("module_not_activated", "settlement_not_found"),
    source="ADR-0018",
)
