# SPDX-License-Identifier: Apache-2.0
"""Days, birthdays and campaign letters as reports understand them. Pure."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

CAMPAIGN_LETTERS = {"points": "T", "giftcard": "G", "events": "E", "earned": "M", "buyx": "B"}
"""campaign_type of Campaign Totals (api.md 13)."""


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return when a day begins in a time zone, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days in a time zone: from the first instant of ``first`` to just before the day after ``last``."""

    first: date
    last: date
    zone: tzinfo

    @property
    def starts_at(self) -> datetime:
        """The first instant that counts."""
        return midnight(self.first, self.zone)

    @property
    def ends_at(self) -> datetime:
        """The first instant that does not count any more."""
        return midnight(self.last + timedelta(days=1), self.zone)

    def holds(self, at: datetime) -> bool:
        """Whether an instant is inside."""
        return self.starts_at <= at < self.ends_at


def birthdays_in(first: date, last: date) -> tuple[tuple[str, str], ...]:
    """
    Return the ranges of MM-DD that have a day between two days, both included; the years do not matter.

    Who was born on 29 February has his day on 28 February of the other years.
    """
    if (last - first).days >= 366:
        return (("01-01", "12-31"),)
    begin, end = first.strftime("%m-%d"), last.strftime("%m-%d")
    if end == "02-28" and not calendar.isleap(last.year):
        end = "02-29"
    if first.year == last.year:
        return ((begin, end),)
    ranges = (begin, "12-31"), ("01-01", end)
    return (("01-01", "12-31"),) if end >= begin else ranges
