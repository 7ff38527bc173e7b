# SPDX-License-Identifier: Apache-2.0
"""What all reports are asked by: days in the account's time zone, and campaigns (api.md 10)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from regulars.accounts.directory import CampaignConfig
from regulars.api.call import Context
from regulars.api.calls import campaign_kinds as kinds
from regulars.errors import CampaignNotFound, InvalidParameter, NotFound, Refused, RegularsError
from regulars.kit.listing import Peeked
from regulars.protocol.chunks import ROWS_HELD_MAX
from regulars.protocol.kinds import comma_list, integer, iso_date
from regulars.protocol.params import param
from regulars.protocol.tree import Element, rows
from regulars.reports.rules import Span

ROWS_MAX = 10**9
"""The greatest limit; a report without one has all rows there are, however many: they are made while it is sent."""
OFFSET_MAX = 10**9
CAMPAIGNS_NOTE = "campaign ids, joined by commas"
FIRST_DAY = date(1900, 1, 1)

T = TypeVar("T")


class NoCustomersInReport(NotFound):
    """A report about customers finds none."""

    code = "no_customers_in_report"
    text = "No Customers Match Criteria"


class NoTransactionsInReport(NotFound):
    """A report of transactions finds none."""

    code = "no_transactions_in_report"
    text = "No Transactions Found"


class NoCoalition(Refused):
    """A report that only coalition and two-tier accounts have."""

    code = "no_coalition"
    text = "report is not valid: it is for coalition and two-tier accounts"


@dataclass(frozen=True, slots=True)
class SpanParams:
    """To be inherited: the days and campaigns that most reports require."""

    date_start: date = param(iso_date(), required=True, note="the first day, in the account's time zone")
    selected_campaigns: tuple[str, ...] = param(comma_list(kinds.campaign_id()), required=True, note=CAMPAIGNS_NOTE)
    date_end: date | None = param(iso_date(), note="the last day, included; absent: today")


def offset_param() -> Any:
    """Declare how many rows are skipped."""
    return param(integer(0, OFFSET_MAX), default=0, note="extension: how many rows to skip")


def limit_param() -> Any:
    """Declare how many rows are shown."""
    return param(integer(1, ROWS_MAX), note="extension: how many rows to show; absent: all")


@dataclass(frozen=True, slots=True)
class RangeParams(SpanParams):
    """To be inherited: days, campaigns, and which part of the rows."""

    offset: int = offset_param()
    limit: int | None = limit_param()


def today(ctx: Context) -> date:
    """Return the day it is in the account's time zone."""
    return ctx.at.astimezone(ctx.account.zone).date()


def span_of(ctx: Context, first: date | None, last: date | None) -> Span:
    """Return the days asked for; without an end, to today. Raises InvalidParameter where the end is before the start."""
    begin = first or FIRST_DAY
    if last is not None and last < begin:
        raise InvalidParameter("date_end", "it is before date_start")
    return Span(begin, last or max(today(ctx), begin), ctx.account.zone)


def chosen_campaigns(ctx: Context, numbers: tuple[str, ...]) -> tuple[CampaignConfig, ...]:
    """
    Return the campaigns asked for, each once.

    Raises: CampaignNotFound, the same for unknown, on hold and not allowed.
    """
    chosen: dict[str, CampaignConfig] = {}
    for number in numbers:
        campaign = ctx.account.campaigns.get(number)
        if campaign is None or campaign.state != "active" or not ctx.user.may_see(campaign):
            raise CampaignNotFound(fields=("selected_campaigns",))
        chosen[number] = campaign
    return tuple(chosen.values())


def read_ahead(lines: Generator[T, None, None]) -> Peeked[T]:
    """Return the rows of a report, with as many read as an answer may have to be written at once."""
    return Peeked(lines, ROWS_HELD_MAX)


def report_rows(name: str, lines: Peeked[T], show: Callable[[T], Element], nothing: type[RegularsError]) -> Element:
    """
    Return rows as reports show them: directly under the response in XML; in JSON always the array ``<name>s``.

    The rest of them is read and made while the answer is written, and closed with it. Raises ``nothing`` where there are none.
    """
    if not lines.first:
        raise nothing()
    return rows(f"{name}s", _shown(lines, show), is_bare=True)


def _shown(lines: Peeked[T], show: Callable[[T], Element]) -> Iterator[Element]:
    with closing(lines):  # and with them the cursor on the server, also where the report is given up
        for line in lines:
            yield show(line)


def microseconds(at: datetime) -> int:
    """Return an instant as a number. Units: microseconds since 1970, UTC."""
    since = at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
