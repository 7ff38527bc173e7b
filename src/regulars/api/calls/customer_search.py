# SPDX-License-Identifier: Apache-2.0
"""customer_search: customers by what stands in their fields (api.md 7, 13)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.accounts.rules import sought_date, sought_values
from regulars.api.call import Call, Context
from regulars.api.calls.customers_found import LENGTH_NOTE, found_answer, whole_answer
from regulars.customers.search import (
    OFFSET_MAX,
    PAGE_LENGTH_MAX,
    Filters,
    Match,
    list_customers,
    list_customers_by_secret,
    wanted_fields,
)
from regulars.errors import DuplicateParameter
from regulars.protocol.kinds import choice, flag, integer, numbered, password, text
from regulars.protocol.params import param
from regulars.protocol.tree import Element

_MATCHES: dict[str | None, Match] = {None: "partial", "sensitive": "exact", "insensitive": "exact_any_case"}


@dataclass(frozen=True, slots=True)
class Params:
    """Every field that is sent must match; without one, all customers are listed."""

    exact_match: str | None = param(
        choice("sensitive", "insensitive"), note="whole values, minding upper and lower case or not; absent: parts of values"
    )
    card_number: str = param(text(64), default="", note="a part of it is enough, unless exact_match is given")
    first_name: str = param(text(100), default="", note="as card_number")
    last_name: str = param(text(100), default="", note="as card_number")
    phone: str = param(text(40), default="", note="as card_number; also in the form the number is dialled")
    email: str = param(text(254), default="", note="as card_number")
    city: str = param(text(80), default="", note="as card_number")
    state: str = param(text(80), default="", note="as card_number")
    postal_code: str = param(text(20), default="", note="as card_number")
    custom_date: str = param(text(10), default="", note="YYYY-MM-DD, or a part of it")
    custom_field: str | None = param(text(255), aliases=("custom1",), note="the same as custom_field_1")
    customer_username: str = param(text(64), default="", note="as card_number")
    customer_password: str = param(password(), default="", note="compared whole, with at most 20 customers")
    customer_pin: str = param(
        text(20), wire="customer_PIN", default="", note="compared whole, with at most 20 customers; wrong ones count"
    )
    custom_fields: dict[int, str] = param(numbered("custom_field_", text(255)), note="as card_number")
    include_balances: bool = param(flag(), default=False, note="Y: the campaigns of each customer too")
    offset: int | None = param(integer(0, OFFSET_MAX), note="extension: how many to skip")
    length: int | None = param(integer(1, PAGE_LENGTH_MAX), note=LENGTH_NOTE)


def handle(ctx: Context, params: Params) -> Element:
    """
    Answer with the customers that match every field sent, in the order they were enrolled: all of them, or a page.

    A password or PIN is compared whole, and only with the customers (at most 20) that the other fields leave.
    """
    account, is_whole = ctx.account, params.exact_match is not None
    fields = sought_values(account.customer_fields, params.custom_fields, currency=account.currency, is_whole=is_whole)
    if params.custom_field is not None:
        if fields.get(1, params.custom_field) != params.custom_field:
            raise DuplicateParameter("custom_field")
        fields[1] = params.custom_field
    filters = Filters(
        card_number=params.card_number,
        first_name=params.first_name,
        last_name=params.last_name,
        phone=params.phone,
        email=params.email,
        city=params.city,
        state=params.state,
        postal_code=params.postal_code,
        custom_date=sought_date(params.custom_date),
        username=params.customer_username,
        password=params.customer_password,
        pin=params.customer_pin,
        fields=fields,
    )
    match = _MATCHES[params.exact_match]
    is_page = params.offset is not None or params.length is not None
    offset, length = params.offset or 0, params.length or PAGE_LENGTH_MAX
    if filters.has_secret:
        page = list_customers_by_secret(
            account=ctx.account, filters=filters, match=match, at=ctx.at, offset=offset, length=length
        )
        return found_answer(ctx, page, with_balances=params.include_balances, was_paged=is_page)
    wanted = wanted_fields(ctx.account, filters, match)
    if not is_page:
        return whole_answer(ctx, wanted, with_balances=params.include_balances)
    page = list_customers(account=ctx.account, wanted=wanted, offset=offset, length=length)
    return found_answer(ctx, page, with_balances=params.include_balances, was_paged=True)


CALL = Call(
    type="customer_search",
    handle=handle,
    params=Params,
    permission="view_customer_search",
    rows="steps",
    summary="Customer - Search",
    errors=("no_customer_matches", "too_many_candidates", "pin_locked"),
    source="api.md 7",
)
