# SPDX-License-Identifier: Apache-2.0
"""The unit of work: one database transaction, scoped to one account, opened at an edge and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

LOCK_TIMEOUT = "3s"
"""How long a statement waits for a row that another transaction holds: beyond it, LockTimeout."""


@contextmanager
def unit_of_work(account_id: int) -> Iterator[None]:
    """
    Run a block in one database transaction whose row-level security shows only ``account_id``'s rows.

    Commits at the end, rolls back on any exception. Inside another unit of work it is a savepoint, after which the outer
    one sees its own account's rows again.
    """
    is_inner = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('regulars.account_id', true), set_config('regulars.account_id', %s, true),"
            " set_config('lock_timeout', %s, true)",
            [str(account_id), LOCK_TIMEOUT],
        )
        outer = cursor.fetchone()
        yield
        if is_inner and outer is not None:
            cursor.execute("SELECT set_config('regulars.account_id', %s, true)", [outer[0] or ""])
