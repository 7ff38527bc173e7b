# SPDX-License-Identifier: Apache-2.0
"""reports, the marketing ones: which customers, with their data (api.md 10, 13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from regulars.accounts.directory import AccountConfig, CampaignConfig
from regulars.api.call import Context
from regulars.api.calls import campaign_kinds as kinds
from regulars.api.calls.customer_element import NO_DATE
from regulars.api.calls.report_params import (
    CAMPAIGNS_NOTE,
    NoCustomersInReport,
    RangeParams,
    chosen_campaigns,
    limit_param,
    microseconds,
    offset_param,
    read_ahead,
    report_rows,
    span_of,
    today,
)
from regulars.api.calls.standing_element import stamp_text
from regulars.customers.rules import words_of
from regulars.protocol.kinds import comma_list, flag, integer, iso_date, text
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, record, success
from regulars.reports import customers
from regulars.reports.customers import Condition, CustomerLine
from regulars.reports.rules import Span

LAST_MAX = 10**17
OVERLAP = timedelta(minutes=1)
"""How far ``last`` stays behind the clock: a change that is being written while the report is read comes with the next."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_RENAMED = (
    ("first_name", "first_name"), ("last_name", "last_name"), ("phone", "phone"), ("email", "email"),
    ("address1", "street1"), ("address2", "street2"), ("city", "city"), ("state", "state"), ("zip", "postal_code"),
    ("country", "country"),
)  # fmt: skip


def customer_line(account: AccountConfig, line: CustomerLine) -> Element:
    """Return ``<customer>`` as reports show it: address1, address2 and zip, and custom fields as plain values."""
    return record(
        "customer",
        *(leaf(name, getattr(line, attribute)) for name, attribute in _RENAMED),
        leaf("custom_date", line.custom_date or NO_DATE),
        leaf("customer_code", line.code),
        leaf("card_number", line.card_number),
        leaf("custom_field", line.fields.get("1", "")),
        *(
            leaf(f"custom_field_{number}", line.fields.get(str(number), ""))
            for number in sorted(account.customer_fields)
            if number > 1
        ),
        leaf("record_timestamp", stamp_text(account, line.created_at)),
    )


def _answer(ctx: Context, condition: Condition, part: RangeParams) -> Element:
    lines = read_ahead(
        customers.iterate_customers(account=ctx.account, condition=condition, offset=part.offset, limit=part.limit)
    )
    return success(report_rows("customer", lines, lambda line: customer_line(ctx.account, line), NoCustomersInReport))


@dataclass(frozen=True, slots=True)
class AllParams:
    date_start: date | None = param(iso_date(), note="needs selected_campaigns; alone it is not looked at")
    date_end: date | None = param(iso_date(), note="the last day, included; absent: today")
    selected_campaigns: tuple[str, ...] = param(
        comma_list(kinds.campaign_id()), default=(), note=f"{CAMPAIGNS_NOTE}; absent: every customer"
    )
    last: int | None = param(integer(0, LAST_MAX), note="<last> of an earlier answer: only who is new or changed since")
    offset: int = offset_param()
    limit: int | None = limit_param()


def customers_all(ctx: Context, params: AllParams) -> Element:
    """
    Answer with every customer; with campaigns, those who have a transaction in one of them (in the range, if there is one).

    The answer ends with ``<last>``, to be sent as ``last`` the next time. Who was changed in the minute before the report
    may come again.
    """
    condition = customers.everyone()
    if params.selected_campaigns:
        campaigns = chosen_campaigns(ctx, params.selected_campaigns)
        has_dates = params.date_start is not None or params.date_end is not None
        span = span_of(ctx, params.date_start, params.date_end) if has_dates else None
        condition = customers.seen(campaigns, span)
    if params.last is not None:
        since = _EPOCH + timedelta(microseconds=params.last)
        condition = customers.both(condition, customers.changed_after(since))
    part: dict[str, Any] = {
        "account": ctx.account, "condition": condition, "offset": params.offset, "limit": params.limit
    }  # fmt: skip
    lines = read_ahead(customers.iterate_customers(**part))
    seen = (line.updated_at for line in lines.first)
    newest = max(seen, default=_EPOCH) if lines.is_all else customers.newest_change(**part)
    shown = report_rows("customer", lines, lambda line: customer_line(ctx.account, line), NoCustomersInReport)
    return success(shown, leaf("last", microseconds(min(newest, ctx.at - OVERLAP))))


def customers_new(ctx: Context, params: RangeParams) -> Element:
    """Answer with the customers whose first transaction in any of the campaigns is in the range; joining is one."""
    campaigns, span = _asked(ctx, params)
    return _answer(ctx, customers.new(campaigns, span), params)


@dataclass(frozen=True, slots=True)
class FrequentParams(RangeParams):
    frequency: int = param(integer(1, 1_000_000), required=True, note="at least so many transactions in the range")
    include_redeemed: bool = param(flag(), default=False, note="Y: redemptions count too")


def customers_frequent(ctx: Context, params: FrequentParams) -> Element:
    """Answer with the customers who have at least ``frequency`` transactions in the range; joining is none of them."""
    campaigns, span = _asked(ctx, params)
    condition = customers.frequent(campaigns, span, at_least=params.frequency, with_redemptions=params.include_redeemed)
    return _answer(ctx, condition, params)


@dataclass(frozen=True, slots=True)
class MissingParams(RangeParams):
    missing_for: int = param(integer(0, 36_500), required=True, note="days; 0: all who bought in the range")
    include_redeemed: bool = param(flag(), default=False, note="Y: who redeemed was seen too")


def customers_missing(ctx: Context, params: MissingParams) -> Element:
    """
    Answer with the customers who bought in the range and were not seen for ``missing_for`` days up to today.

    Who was last seen on the 13th is missing for 10 days from the 23rd on.
    """
    campaigns, span = _asked(ctx, params)
    now = today(ctx)
    condition = customers.missing(
        campaigns, span, days=params.missing_for, today=Span(now, now, ctx.account.zone),
        with_redemptions=params.include_redeemed,
    )  # fmt: skip
    return _answer(ctx, condition, params)


def customers_birthday(ctx: Context, params: RangeParams) -> Element:
    """
    Answer with the customers of the campaigns whose birthday (custom_date without its year) is in the range.

    29 February counts as 28 February in other years. A date without month or day is never in the range.
    """
    campaigns, span = _asked(ctx, params)
    return _answer(ctx, customers.with_birthday(campaigns, span), params)


def customers_custom_date(ctx: Context, params: RangeParams) -> Element:
    """Answer with the customers of the campaigns whose whole custom_date, with its year, is in the range."""
    campaigns, span = _asked(ctx, params)
    return _answer(ctx, customers.with_custom_date(campaigns, span), params)


@dataclass(frozen=True, slots=True)
class SearchTextParams(RangeParams):
    search_text: str = param(text(255), required=True, note="a blank is AND, a comma is OR, and AND binds first")
    include_transactions_search: bool = param(flag(), default=False, note="Y: looks through their transactions too")


def customers_search(ctx: Context, params: SearchTextParams) -> Element:
    """
    Answer with the customers who have a transaction in the range and the words somewhere in their data, also as parts.

    With ``include_transactions_search`` the words may also all stand in one such transaction: in its text, its reference or
    its custom fields.
    """
    campaigns, span = _asked(ctx, params)
    groups = words_of(params.search_text, "search_text")
    condition = customers.searched(campaigns, span, groups=groups, with_transactions=params.include_transactions_search)
    return _answer(ctx, condition, params)


def _asked(ctx: Context, params: RangeParams) -> tuple[tuple[CampaignConfig, ...], Span]:
    return chosen_campaigns(ctx, params.selected_campaigns), span_of(ctx, params.date_start, params.date_end)
