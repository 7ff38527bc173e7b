# SPDX-License-Identifier: Apache-2.0
"""customers_batch: many customers at once, a line each (api.md 7, 13)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from regulars.accounts.directory import AccountConfig
from regulars.api.call import Call, Context
from regulars.api.calls.batch_element import answer_when_brought, take_in
from regulars.api.calls.batch_params import NO_DATA, allows_undo, delimiter, header, lines, version
from regulars.customers.rules import CARD_DIGITS_MAX
from regulars.errors import InvalidParameter
from regulars.protocol.kinds import campaign_number, choice, flag, integer, numbered
from regulars.protocol.naming import wire_names
from regulars.protocol.params import Kind, param
from regulars.protocol.tree import Element
from regulars.transactions.batches.columns import columns_from
from regulars.transactions.batches.customer_lines import COLUMNS
from regulars.transactions.batches.options import CustomerImport

CAMPAIGNS_MAX = 24
"""Each line makes a posting or two for each of them."""
HEADERS = "profiles_header_"
_APART = re.compile(r"[|,\s]+")
_NUMBER = campaign_number()


def _campaigns() -> Kind[tuple[str, ...]]:
    def parse(name: str, raw: str, account: AccountConfig) -> tuple[str, ...]:
        parts = [part for part in _APART.split(raw) if part]
        if not parts or len(parts) > CAMPAIGNS_MAX:
            raise InvalidParameter(name, f"1 to {CAMPAIGNS_MAX} campaign ids are expected")
        return tuple(_NUMBER.parse(name, part, account) for part in parts)

    says = f"campaign ids joined by commas (in the old form by |,|), at most {CAMPAIGNS_MAX}"
    return Kind(parse, says, shape="list", each=_NUMBER)


@dataclass(frozen=True, slots=True)
class Params:
    delimiter: str = param(delimiter(), required=True, note="what stands between the values of a line")
    overwrite_duplicates: Literal["yes", "update", "ignore"] = param(
        choice("yes", "update", "ignore"),
        default="ignore",
        note="who is there already: yes empties his record and writes the line, update writes what it has, ignore skips it",
    )
    card_number_generate: int | None = param(
        integer(1, CARD_DIGITS_MAX), note="make a card number of so many digits for a new customer whose line has none"
    )
    campaigns_to_include: tuple[str, ...] = param(
        _campaigns(), required=True, note="the campaigns that each customer joins, at least one"
    )
    headers: dict[int, str] = param(
        numbered(HEADERS, header()), note="the columns from the left; numbered from 1 without skipping; none = not looked at"
    )
    data: str = param(
        lines(),
        required=True,
        wire="profiles_data",
        aliases=("Profiles_Data",),
        missing_text=NO_DATA,
        note="a customer a line, each ended by LF and/or CR; at most 100,000",
    )
    form: tuple[int, int] | None = param(version(), wire="API", aliases=("api",), note="from 1.5 on undo is off unless allowed")
    no_undo: bool = param(flag(), default=False, aliases=("no-undo",), note="old form: undo is on unless this is yes")
    allow_undo: bool | None = param(flag(), aliases=("allow-undo",), note="API 1.5: undo is off unless this is yes")
    atomic: bool = param(flag(), default=False, note="extension: all lines or none; at most 10,000")


def handle(ctx: Context, params: Params) -> Element:
    """
    Enrol customers, and change those who are there already; each joins the campaigns and gets his ``auto_add``.

    A line has the effect of its own record_customer, without a mail. It is found by its code, without one by its card.
    Lines that are wrong are refused and named; the others are kept. Up to 10,000 lines are done before the answer; longer
    batches go on after it, and batch_info tells how far they are.
    """
    fields = ctx.account.customer_fields
    columns = columns_from(params.headers, prefix=HEADERS, known=COLUMNS, custom=fields, delimiter=params.delimiter)
    if not {"code", "card_number"} & set(columns.names):
        raise InvalidParameter(f"{HEADERS}1", "one of the columns must be code or card_number")
    importing = CustomerImport(
        columns=columns,
        overwrite=params.overwrite_duplicates,
        card_digits=params.card_number_generate,
        campaigns=tuple(dict.fromkeys(params.campaigns_to_include)),
    )
    with wire_names({"campaign_id": "campaigns_to_include"}):
        return take_in(
            ctx,
            importing,
            params.data,
            "profiles_data",
            allows_undo=allows_undo(params.form, refused=params.no_undo, allowed=params.allow_undo),
            is_atomic=params.atomic,
        )


CALL = Call(
    type="customers_batch",
    handle=handle,
    params=Params,
    permission="api_batch_customers",
    summary="Batch Import Customers",
    errors=(
        "customer_erased",
        "campaigns_not_valid",
        "card_in_use",
        "customer_exists",
        "username_taken",
        "not_unique",
        "trial_limit_reached",
        "number_not_generated",
    ),
    writes=True,
    follow_up=answer_when_brought,
    is_long=True,
    source="api.md 7",
)
