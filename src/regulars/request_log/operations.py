# SPDX-License-Identifier: Apache-2.0
"""Emptying the request log. The API's workers fill it by request_log_append() (api/request_log.py)."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from regulars.accounts.directory import AccountConfig
from regulars.request_log.models import LoggedRequest
from regulars.request_log.rules import ENTRIES_MAX, expires_before, first_id

BATCH = 5_000


def drop_old_requests(*, account: AccountConfig, at: datetime, entries_max: int = ENTRIES_MAX) -> int:
    """
    Delete some of the entries that are past the account's days, or beyond so many; return how many (0 = all are gone).

    At most BATCH, so that a unit of work stays short: call it again until it returns 0.

    Queries: 2.
    """
    oldest_kept = first_id(expires_before(at, account.request_log_days))
    newest_first = LoggedRequest.objects.filter(account_id=account.id).order_by("-id")
    surplus = newest_first.values_list("id", flat=True)[entries_max : entries_max + 1].first()
    if surplus is not None:
        oldest_kept = max(oldest_kept, surplus + 1)
    with connection.cursor() as cursor:
        cursor.execute(DROP_SQL, [account.id, account.id, oldest_kept, BATCH])
        return int(cursor.rowcount)


DROP_SQL = """
DELETE FROM request_log_entries WHERE account_id = %s AND id = ANY (ARRAY(
    SELECT id FROM request_log_entries WHERE account_id = %s AND id < %s ORDER BY id LIMIT %s))
"""
"""Along the primary key, oldest first; locks the rows it deletes."""
