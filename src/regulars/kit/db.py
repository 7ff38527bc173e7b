# SPDX-License-Identifier: Apache-2.0
"""The unit of work: one database transaction, scoped to one account, opened at an edge and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Generic, TypeVar

from django.db import connection, connections, transaction

T = TypeVar("T")
R = TypeVar("R")

LOCK_TIMEOUT = "3s"
"""How long a statement waits for a row that another transaction holds: beyond it, LockTimeout."""


@contextmanager
def unit_of_work(account_id: int, *, is_snapshot: bool = False) -> Iterator[None]:
    """
    Run a block in one database transaction whose row-level security shows only ``account_id``'s rows.

    Commits at the end, rolls back on any exception. Inside another unit of work it is a savepoint, after which the outer
    one sees its own account's rows again. ``is_snapshot``: reads only, and all of it from the books of one moment; inside
    another it needs no savepoint, having nothing to take back: an exception ends the outer one too.
    """
    is_inner = connection.in_atomic_block
    with transaction.atomic(savepoint=not is_snapshot), connection.cursor() as cursor:
        if is_snapshot and not is_inner:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(
            "SELECT current_setting('regulars.account_id', true), set_config('regulars.account_id', %s, true),"
            " set_config('lock_timeout', %s, true)",
            [str(account_id), LOCK_TIMEOUT],
        )
        outer = cursor.fetchone()
        yield
        if is_inner and outer is not None:
            cursor.execute("SELECT set_config('regulars.account_id', %s, true)", [outer[0] or ""])


@contextmanager
def unnoted() -> Iterator[None]:
    """
    Run a block of a unit of work whose changes are nobody's doing, and are not noted (ADR-0023): what goes with a deleted
    field, a password's hash that is only made anew.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('regulars.keeps_no_changes', 'on', true)")
        yield
        cursor.execute("SELECT set_config('regulars.keeps_no_changes', '', true)")


class Carried(Generic[T]):
    """
    An iterator that reads from a unit of work, and takes it along from thread to thread.

    Made in the thread that opened the unit, whose connection it takes away; the thread opens another when it needs one. One
    thread at a time may ask for the next. ``close()`` ends the unit and the connection; it must be called.
    """

    def __init__(self, source: Iterator[T], unit: ExitStack) -> None:
        self._source = source
        self._unit = unit
        self._connection = connections["default"]
        self._connection.inc_thread_sharing()
        self._is_closed = False
        del connections["default"]

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        return self._with_connection(lambda: next(self._source))

    def close(self) -> None:
        """Give up what was not read, end the transaction, close the connection."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            self._with_connection(self._end)
        finally:
            self._connection.close()

    def _end(self) -> None:
        with self._unit:
            close = getattr(self._source, "close", None)
            if close is not None:
                close()

    def _with_connection(self, work: Callable[[], R]) -> R:
        # Asked for by its name it would be made where the thread has none.
        own = next((each for each in connections.all(initialized_only=True) if each.alias == "default"), None)
        connections["default"] = self._connection
        try:
            return work()
        finally:
            if own is None:
                del connections["default"]
            else:
                connections["default"] = own
