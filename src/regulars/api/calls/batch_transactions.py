# SPDX-License-Identifier: Apache-2.0
"""batch_transactions: many earnings and redemptions at once, a line each (api.md 8, 13)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.api.calls.batch_element import answer_when_brought, take_in
from regulars.api.calls.batch_params import NO_DATA, allows_undo, delimiter, header, lines, version
from regulars.errors import MissingParameter
from regulars.protocol.kinds import flag, numbered
from regulars.protocol.params import param
from regulars.protocol.tree import Element
from regulars.transactions.batches.activity_lines import COLUMNS
from regulars.transactions.batches.columns import columns_from
from regulars.transactions.batches.options import ActivityImport

HEADERS = "visits_header_"
HEADERS_MIN = 7
"""All seven are required; unused ones are called none."""
REQUIRED = ({"campaign_id"}, {"code", "card_number"}, {"amount"})


@dataclass(frozen=True, slots=True)
class Params:
    delimiter: str = param(delimiter(), required=True, note="what stands between the values of a line")
    apply_ratio: bool = param(flag(), default=False, note="whether amounts are converted as those of a till are")
    send_transaction_email: bool = param(flag(), default=False, note="whether each customer gets his mail")
    create_new_customers: bool = param(flag(), default=False, note="make records for unknown customers")
    headers: dict[int, str] = param(
        numbered(HEADERS, header()), note="the columns from the left, at least seven; numbered from 1; none = not looked at"
    )
    data: str = param(
        lines(),
        required=True,
        wire="Visits_Data",
        aliases=("visits_data",),
        missing_text=NO_DATA,
        note="an earning or a redemption a line, each ended by LF and/or CR; at most 100,000",
    )
    form: tuple[int, int] | None = param(version(), wire="API", aliases=("api",), note="from 1.5 on undo is off unless allowed")
    no_undo: bool = param(
        flag(), default=False, wire="no-undo", aliases=("no_undo",), note="old form: undo is on unless this is yes"
    )
    allow_undo: bool | None = param(
        flag(), wire="allow-undo", aliases=("allow_undo",), note="API 1.5: undo is off unless this is yes"
    )
    atomic: bool = param(flag(), default=False, note="extension: all lines or none; at most 10,000")


def handle(ctx: Context, params: Params) -> Element:
    """
    Record earnings and redemptions, in the order of the lines.

    A line has the effect of its own record_activity or redeem. Its ``amount`` without ratio is the number of points, events
    or units, or the money, both ways; with ratio what a till would enter: the money of a purchase, a reward's id or reward_id
    (points, events), the number of events (earned), of free items (buyx). ``redeemed`` says which way. ``date`` is
    YYYY-MM-DD or MM/DD/YYYY; without one it is now. buyx names its item in ``service_product``.
    Lines that are wrong are refused and named; the others are kept. Up to 10,000 lines are done before the answer; longer
    batches go on after it, and batch_info tells how far they are.
    """
    fields = ctx.account.transaction_fields
    columns = columns_from(params.headers, prefix=HEADERS, known=COLUMNS, custom=fields, delimiter=params.delimiter)
    given = set(columns.names)
    if len(columns.names) < HEADERS_MIN or any(given.isdisjoint(names) for names in REQUIRED):
        raise MissingParameter(f"{HEADERS}{min(len(columns.names) + 1, HEADERS_MIN)}", "Some required fields are missing.")
    return take_in(
        ctx,
        ActivityImport(
            columns=columns,
            applies_ratio=params.apply_ratio,
            creates_customers=params.create_new_customers,
            sends_mail=params.send_transaction_email,
        ),
        params.data,
        "Visits_Data",
        allows_undo=allows_undo(params.form, refused=params.no_undo, allowed=params.allow_undo),
        is_atomic=params.atomic,
    )


CALL = Call(
    type="batch_transactions",
    handle=handle,
    params=Params,
    permission="api_batch_transactions",
    summary="Batch Transactions",
    errors=(
        "customer_not_found",
        "campaign_not_found",
        "item_not_found",
        "reward_not_found",
        "insufficient_balance",
        "trial_limit_reached",
        "card_in_use",
    ),
    writes=True,
    follow_up=answer_when_brought,
    is_long=True,
    source="api.md 8",
)
