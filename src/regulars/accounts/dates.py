# SPDX-License-Identifier: Apache-2.0
"""Dates as clients write them: exact, in the account's time zone, unknown parts as 00 where that means something."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from regulars.errors import InvalidParameter

YEAR_FROM, YEAR_TO = 1800, 2999
DATE_SAYS = "a date as YYYY-MM-DD"
DATE_TIME_SAYS = "a date and time as YYYY-MM-DD HH:MM:SS"

_DATE = re.compile(r"([0-9]{4})([-./])([0-9]{1,2})\2([0-9]{1,2})", re.ASCII)
_DATE_TIME = re.compile(
    r"([0-9]{4}[-./][0-9]{1,2}[-./][0-9]{1,2})[ T]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))? ?(Z|[+-][0-9]{2}:?[0-9]{2})?",
    re.ASCII,
)


def _parts(name: str, raw: str, says: str) -> tuple[int, int, int]:
    match = _DATE.fullmatch(raw)
    if match is None:
        raise InvalidParameter(name, f"{says} is expected")
    return int(match[1]), int(match[3]), int(match[4])


def read_date(name: str, raw: str, says: str = DATE_SAYS) -> date:
    """Return a whole calendar date. Raises InvalidParameter, also for 2026-02-30 and unknown (00) parts."""
    year, month, day = _parts(name, raw, says)
    try:
        value = date(year, month, day)
    except ValueError:
        raise InvalidParameter(name, "there is no such date") from None
    if not YEAR_FROM <= year <= YEAR_TO:
        raise InvalidParameter(name, f"the year must be between {YEAR_FROM} and {YEAR_TO}")
    return value


def read_partial_date(name: str, raw: str) -> str:
    """
    Return YYYY-MM-DD where unknown parts are 0000 or 00; "" where all are.

    Raises: InvalidParameter, also for a day that its month never has (2026-02-30; 0000-02-29 is one).
    """
    year, month, day = _parts(name, raw, DATE_SAYS)
    if not (year or month or day):
        return ""
    if year and not YEAR_FROM <= year <= YEAR_TO:
        raise InvalidParameter(name, f"the year must be between {YEAR_FROM} and {YEAR_TO}, or 0000")
    try:
        date(year or 2000, month or 1, day or 1)
    except ValueError:
        raise InvalidParameter(name, "there is no such date") from None
    return f"{year:04d}-{month:02d}-{day:02d}"


def read_date_time(name: str, raw: str, zone: tzinfo, *, is_end: bool = False) -> datetime:
    """
    Return an instant in UTC; without an offset of its own the text is the account's local time.

    ``is_end``: a date without a time means its last second, else its first. Raises: InvalidParameter.
    """
    match = _DATE_TIME.fullmatch(raw)
    if match is None:
        day = read_date(name, raw, DATE_TIME_SAYS)
        hour, minute, second = (23, 59, 59) if is_end else (0, 0, 0)
        offset: tzinfo = zone
    else:
        day = read_date(name, match[1], DATE_TIME_SAYS)
        hour, minute, second = int(match[2]), int(match[3]), int(match[4] or 0)
        offset = _offset(name, match[5]) if match[5] else zone
    try:
        local = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=offset)
    except ValueError:
        raise InvalidParameter(name, "there is no such time of day") from None
    return local.astimezone(UTC)


def _offset(name: str, text: str) -> tzinfo:
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 14 or minutes > 59:
        raise InvalidParameter(name, "there is no such offset from UTC")
    delta = timedelta(hours=hours, minutes=minutes)
    return timezone(-delta if text[0] == "-" else delta)
