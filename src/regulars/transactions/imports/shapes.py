# SPDX-License-Identifier: Apache-2.0
"""
In which ways numbers and dates of a file can be read, and how they are written for the books. Pure.

What can be read in two ways is told apart from what can not, so that people are asked instead of guessed at.
"""

from __future__ import annotations

import re

POINT, COMMA = ".", ","
DAY_FIRST, MONTH_FIRST = "day", "month"
PLAIN, EITHER, OTHER = "plain", "either", "other"
"""A shape that is read in one way whatever the mark or order is; in two ways; in none."""

_DRESS = str.maketrans("", "", " \u00a0\u202f'’$€£¥")
_BOTH = re.compile(r"[+-]?[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*(?!\1)[.,][0-9]+", re.ASCII)
_GROUPS = re.compile(r"[+-]?[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})+", re.ASCII)
_ONE = re.compile(r"[+-]?([0-9]*)([.,])([0-9]+)", re.ASCII)
_WHOLE = re.compile(r"[+-]?[0-9]+", re.ASCII)
_MARKED = {
    POINT: re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]*)(?:\.[0-9]+)?", re.ASCII),
    COMMA: re.compile(r"[+-]?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]*)(?:,[0-9]+)?", re.ASCII),
}
_TIME = r"(?:[ T]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?: ?([AaPp])\.?[Mm]\.?)?)?"
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-./])([0-9]{1,2})\2([0-9]{4})" + _TIME, re.ASCII)
_YEAR_FIRST = re.compile(r"([0-9]{4})([-./])([0-9]{1,2})\2([0-9]{1,2})" + _TIME, re.ASCII)


def number_shape(text: str) -> str:
    """Return POINT or COMMA where the number shows its decimal mark, PLAIN, EITHER (1,234), or OTHER (no number)."""
    bare = text.translate(_DRESS)
    if _WHOLE.fullmatch(bare):
        return PLAIN
    one = _ONE.fullmatch(bare)
    if one is not None:
        whole, mark, part = one.groups()
        is_group = len(part) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")
        return EITHER if is_group else mark
    if _BOTH.fullmatch(bare):
        return POINT if bare.rfind(POINT) > bare.rfind(COMMA) else COMMA
    groups = _GROUPS.fullmatch(bare)
    if groups is not None:
        return COMMA if groups[1] == POINT else POINT
    return OTHER


def plain_number(text: str, mark: str) -> str | None:
    """Return a number as "1234.50"; None where it is none that is written with this decimal mark."""
    bare = text.translate(_DRESS)
    if not any(sign.isdigit() for sign in bare) or not _MARKED[mark].fullmatch(bare):
        return None
    bare = bare.replace(COMMA if mark == POINT else POINT, "").replace(mark, POINT)
    return re.sub(r"^([+-]?)\.", r"\g<1>0.", bare)


def date_shape(text: str) -> str:
    """Return DAY_FIRST or MONTH_FIRST where the date shows its order, PLAIN, EITHER (03/04/2026), or OTHER (no date)."""
    bare = text.strip()
    if _YEAR_FIRST.fullmatch(bare):
        return PLAIN
    match = _YEAR_LAST.fullmatch(bare)
    if match is None:
        return OTHER
    one, two = int(match[1]), int(match[3])
    if one > 31 or two > 31 or (one > 12 and two > 12):
        return OTHER
    if one > 12:
        return DAY_FIRST
    if two > 12:
        return MONTH_FIRST
    return PLAIN if one == two else EITHER


def iso_date(text: str, order: str) -> str | None:
    """Return a date, with its time of day if it has one, as "2026-11-23 14:05:00"; None where it has not this order."""
    bare = text.strip()
    match = _YEAR_FIRST.fullmatch(bare)
    if match is not None:
        year, month, day = match[1], match[3], match[4]
    else:
        match = _YEAR_LAST.fullmatch(bare)
        if match is None:
            return None
        year = match[4]
        day, month = (match[1], match[3]) if order == DAY_FIRST else (match[3], match[1])
        if int(month) > 12 or int(day) > 31:
            return None
    written = f"{year}-{int(month):02d}-{int(day):02d}"
    return written if match[5] is None else f"{written} {_clock(match[5], match[6], match[7], match[8])}"


def _clock(hour: str, minute: str, second: str | None, half: str | None) -> str:
    hours = int(hour)
    if half is not None and 1 <= hours <= 12:
        hours = hours % 12 + (12 if half in "pP" else 0)
    return f"{hours:02d}:{minute}:{second or '00'}"


def settled(counts: dict[str, int], one: str, other: str) -> str:
    """
    Return which of two readings the shapes of a column settle; "" where nothing depends on it; EITHER where a person must say.

    ``counts``: how many cells have each shape.
    """
    if counts.get(one) and counts.get(other):
        return EITHER
    if counts.get(one):
        return one
    if counts.get(other):
        return other
    return EITHER if counts.get(EITHER) else ""
