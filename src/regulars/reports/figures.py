# SPDX-License-Identifier: Apache-2.0
"""
What a business came to over some days, against the days before: from the roll-ups, and from the entries that are newer than
they are (ADR-0020). Reads only.

Units: money in currency minor units; points, events and units whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db import connection

from regulars.accounts.directory import AccountConfig, CampaignConfig, UserConfig
from regulars.campaigns.rules import currency_value
from regulars.kit.units import PPM
from regulars.reports.lines import COHORTS, LINES, MEASURES
from regulars.reports.models import Progress
from regulars.reports.rules import Span

_LAST = 2**62
"""Beyond every entry."""


@dataclass(frozen=True, slots=True)
class Sums:
    """As the columns of reports/models.py Day."""

    joined: int = 0
    sales: int = 0
    redemptions: int = 0
    sales_minor: int = 0
    issued: int = 0
    redeemed: int = 0
    lost: int = 0
    changed: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


@dataclass(frozen=True, slots=True)
class Line:
    """One campaign, or one place, with its sums of the days and of the days before."""

    now: Sums
    before: Sums


@dataclass(frozen=True, slots=True)
class Figures:
    """
    ``by_day``: each day of the span. ``owed``: by campaign, what customers have. Places are users' locations, "" = none.

    Points and money are never added up: ``points`` is over the points campaigns, ``money`` over gift cards and the like.
    """

    total: Line
    points: Line
    money: Line
    by_day: dict[date, Sums]
    points_by_day: dict[date, Sums]
    by_campaign: dict[int, Line]
    by_place: dict[str, Line]
    owed: dict[int, int]


@dataclass(frozen=True, slots=True)
class Activity:
    """``cohorts``: first month -> month -> customers. ``at``: when they were made, None = as it is now."""

    cohorts: dict[date, dict[date, int]]
    at: datetime | None

    def active(self, month: date) -> int:
        """How many customers were seen in a month."""
        return sum(months.get(month, 0) for months in self.cohorts.values())

    def returning(self, month: date) -> int:
        """How many of them had been seen in an earlier one."""
        return sum(months.get(month, 0) for first, months in self.cohorts.items() if first < month)


_SUMS = ", ".join(f"coalesce(sum({name}), 0)::bigint" for name in MEASURES)
_KEPT = "FROM reports_days WHERE account_id = %(account)s AND campaign_id = ANY(%(campaigns)s)"
_BY_WHO = (
    f"SELECT day >= %(since)s, campaign_id, user_id, {_SUMS} {_KEPT} AND day BETWEEN %(first)s AND %(last)s GROUP BY 1, 2, 3"
)
_BY_DAY = f"SELECT day, campaign_id, {_SUMS} {_KEPT} AND day BETWEEN %(since)s AND %(last)s GROUP BY 1, 2"
_OWED = f"SELECT campaign_id, sum(changed)::bigint {_KEPT} GROUP BY 1"
_NEWER = f"SELECT day, campaign_id, user_id, {', '.join(MEASURES)} FROM ({LINES}) l WHERE campaign_id = ANY(%(campaigns)s)"  # noqa: S608
_COHORTS_KEPT = "SELECT account_id, first_month, month, customers FROM reports_cohorts WHERE account_id = %(account)s"


def days_before(span: Span) -> Span:
    """Return as many days right before a span."""
    length = span.last - span.first
    last = date.fromordinal(span.first.toordinal() - 1)
    return Span(last - length, last, span.zone)


def get_figures(*, account: AccountConfig, by: UserConfig, campaigns: Sequence[CampaignConfig], span: Span) -> Figures:
    """
    Return what the campaigns came to over the days, and over as many days before.

    What was taken back counts as if it had never been, on the day it was recorded for.
    Queries: 5, by primary keys: days x campaigns x users of the roll-ups, and the entries of the last hours.
    """
    seen = {each.id: each for each in campaigns if by.may_see(each)}
    progress = Progress.objects.filter(account_id=account.id, zone=account.timezone).first()
    given: dict[str, Any] = {
        "account": account.id, "zone": account.timezone, "after": progress.entry_id if progress else 0, "upto": _LAST,
        "campaigns": list(seen), "first": days_before(span).first, "since": span.first, "last": span.last,
    }  # fmt: skip
    places = {user.id: user.custom1 for user in account.users.values()}
    by_campaign: dict[int, list[Sums]] = {each: [Sums(), Sums()] for each in seen}
    by_place: dict[str, list[Sums]] = {}
    by_day: dict[tuple[date, int], Sums] = {}
    owed: dict[int, int] = {}

    def add(is_now: bool, campaign_id: int, user_id: int, sums: Sums) -> None:
        by_campaign[campaign_id][not is_now] += sums
        place = by_place.setdefault(places.get(user_id, ""), [Sums(), Sums()])
        place[not is_now] += sums

    with connection.cursor() as cursor:
        if progress is not None:  # else the rows are of another time zone, and will be made again
            cursor.execute(_BY_WHO, given)
            for is_now, campaign_id, user_id, *sums in cursor.fetchall():
                add(is_now, campaign_id, user_id, Sums(*sums))
            cursor.execute(_BY_DAY, given)
            by_day = {(day, campaign_id): Sums(*sums) for day, campaign_id, *sums in cursor.fetchall()}
            cursor.execute(_OWED, given)
            owed = dict(cursor.fetchall())
        cursor.execute(_NEWER, given)
        for day, campaign_id, user_id, *measures in cursor.fetchall():
            sums = Sums(*measures)
            owed[campaign_id] = owed.get(campaign_id, 0) + sums.changed
            if given["first"] <= day <= span.last:
                add(day >= span.first, campaign_id, user_id, sums)
            if span.first <= day <= span.last:
                by_day[day, campaign_id] = by_day.get((day, campaign_id), Sums()) + sums
    every = [date.fromordinal(number) for number in range(span.first.toordinal(), span.last.toordinal() + 1)]
    return Figures(
        total=_line(by_campaign.values()),
        points=_line(pair for each, pair in by_campaign.items() if seen[each].kind == "points"),
        money=_line(pair for each, pair in by_campaign.items() if seen[each].is_money),
        by_day=_by_day(every, by_day, seen),
        points_by_day=_by_day(every, by_day, [each for each in seen if seen[each].kind == "points"]),
        by_campaign={each: Line(*pair) for each, pair in by_campaign.items()},
        by_place={place: Line(*pair) for place, pair in by_place.items()},
        owed={each: owed.get(each, 0) for each in seen},
    )


def _by_day(days: list[date], known: dict[tuple[date, int], Sums], campaign_ids: Iterable[int]) -> dict[date, Sums]:
    found = dict.fromkeys(days, Sums())
    for campaign_id in campaign_ids:
        for day in days:
            sums = known.get((day, campaign_id))
            if sums is not None:
                found[day] += sums
    return found


def _line(pairs: Any) -> Line:
    now = before = Sums()
    for one, other in pairs:
        now, before = now + one, before + other
    return Line(now, before)


def value_minor(*, account: AccountConfig, campaign: CampaignConfig, owed: int, point_cost_ppm: int | None) -> int | None:
    """
    Return what is owed in money: of points by ``point_cost_ppm`` (millionths of a currency unit a point), or where there is
    none by the campaign's own Spend-to-Reward Ratio; None where it can not be said.
    """
    if campaign.is_money:
        return owed
    if campaign.kind != "points":
        return None
    if point_cost_ppm is None:
        return currency_value(campaign, account.currency, owed)
    scale: int = 10**account.currency.decimals
    return owed * point_cost_ppm * scale // PPM


def get_activity(*, account: AccountConfig) -> Activity:
    """
    Return the monthly cohorts of the whole account, to be shown only to who may see all of it.

    Queries: 2. An account that nothing was rolled up of yet, because it is new, is counted from its entries.
    """
    progress = Progress.objects.filter(account_id=account.id, zone=account.timezone).first()
    given: dict[str, Any] = {"account": account.id, "zone": account.timezone, "upto": _LAST}
    with connection.cursor() as cursor:
        if progress is not None and progress.cohorts_at is not None:
            cursor.execute(_COHORTS_KEPT, given)
        else:
            cursor.execute(COHORTS, given)
        cohorts: dict[date, dict[date, int]] = {}
        for _, first, month, customers in cursor.fetchall():
            cohorts.setdefault(first, {})[month] = customers
    return Activity(cohorts, progress.cohorts_at if progress else None)
