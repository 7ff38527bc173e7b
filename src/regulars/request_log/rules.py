# SPDX-License-Identifier: Apache-2.0
"""The numbers of the request log, and how an entry's id tells its time. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

ENTRIES_MAX = 1_000_000
"""So many entries of one account are kept at most, whatever its days."""
FIELDS_LENGTH_MAX = 2_000
ANSWER_LENGTH_MAX = 2_000
"""Characters of JSON; more is cut, and the cut shows."""
ROWS_LOST = "not_logged"
"""The error code of an entry that stands for requests that were not logged."""

_TICKS = 1 << 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def entry_id(microseconds: int, tick: int) -> int:
    """
    Return the id of an entry: its time in microseconds since 1970, and ten bits that tell apart what came in the same one.

    So ids need no sequence, sort by time, and name a period; and an entry sent twice is the same entry.
    """
    return microseconds * _TICKS + tick % _TICKS


def first_id(at: datetime) -> int:
    """Return the smallest id an entry of this time or later can have."""
    return (at - _EPOCH) // _MICROSECOND * _TICKS


def time_of(number: int) -> datetime:
    """Return the time (UTC) of an entry."""
    return _EPOCH + timedelta(microseconds=number // _TICKS)


def expires_before(at: datetime, days: int) -> datetime:
    """Return the time before which entries are no longer kept."""
    return at - timedelta(days=days)
