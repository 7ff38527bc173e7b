# SPDX-License-Identifier: Apache-2.0
"""
How far the books are settled: up to which numbers nobody can commit any more (ADR-0026).

A number is drawn before its row is committed, so a later one may be there first. A mark holds the last numbers drawn and a
transaction number taken after them; once no older transaction is running, all rows up to the mark are there that ever will be.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from regulars.errors import InvariantViolation

MARKS_MAX = 64


@dataclass(frozen=True, slots=True)
class Mark:
    """The last numbers drawn in each of the three tables."""

    entry_id: int
    change_id: int
    deletion_id: int


class Horizon:
    """
    Where cursors may go, as one process knows it. Nothing of it is kept: who begins takes new marks.

    Used by one thread, outside of any transaction: each statement must see what was committed before it.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[int, Mark]] = []
        self._passed: Mark | None = None

    @property
    def is_behind(self) -> bool:
        """Whether the last mark that was taken is not settled yet: somebody writes."""
        return bool(self._waiting)

    def look(self) -> Mark | None:
        """
        Take a mark and return the newest one that is settled; None where none is yet.

        Queries: 2; the first takes a transaction number.
        """
        if connection.in_atomic_block:
            raise InvariantViolation("the horizon is looked at outside of transactions")
        with connection.cursor() as cursor:
            cursor.execute("SELECT entry_id, change_id, deletion_id, xid FROM webhooks_mark()")
            row = cursor.fetchone()
            assert row is not None
            self._waiting.append((row[3], Mark(*row[:3])))
            cursor.execute("SELECT webhooks_settled()")
            settled = cursor.fetchone()
        assert settled is not None
        for xid, mark in self._waiting:
            if xid <= settled[0]:
                self._passed = mark
        self._waiting = [each for each in self._waiting if each[0] > settled[0]]
        if len(self._waiting) > MARKS_MAX:
            # Somebody writes for long. The first may pass soonest, the last leads farthest; of those between, half will do.
            self._waiting = [self._waiting[0], *self._waiting[1:-1:2], self._waiting[-1]]
        return self._passed
