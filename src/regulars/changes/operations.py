# SPDX-License-Identifier: Apache-2.0
"""Dropping changes whose time is over. They are written by a trigger (sql/note.sql)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from regulars.accounts.directory import AccountConfig

BATCH = 5_000


def drop_old_changes(*, account: AccountConfig, at: datetime, days: int) -> int:
    """
    Drop some of the changes that are older than so many days (0 = none ever is), and return how many.

    At most BATCH, so that a unit of work stays short: call it again until it returns 0. Queries: 1.
    """
    if not days:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT changes_drop_old(%s, %s, %s)", [account.id, at - timedelta(days=days), BATCH])
        row = cursor.fetchone()
    return int(row[0]) if row else 0
