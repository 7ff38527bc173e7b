# SPDX-License-Identifier: Apache-2.0
"""Reads of what happened to people's access, newest first, along the primary key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.users.access import require

LENGTH_MAX = 200
SCANNED_MAX = 20_000
"""Lines that one page looks through for what is asked for; the way to older ones goes on from there."""

_SQL = """
    WITH looked AS MATERIALIZED (
        SELECT * FROM users_security_events
        WHERE account_id = %(account)s AND (%(before_id)s::bigint IS NULL OR id < %(before_id)s)
        ORDER BY id DESC LIMIT %(scanned)s
    )
    SELECT id, at, event, user_code, by_code, address, how FROM looked
    WHERE (%(event)s = '' OR event = %(event)s) AND (%(user_code)s = '' OR lower(user_code) = lower(%(user_code)s))
      AND (%(at_from)s::timestamptz IS NULL OR at >= %(at_from)s) AND (%(at_to)s::timestamptz IS NULL OR at < %(at_to)s)
    UNION ALL
    SELECT min(id), NULL, NULL, NULL, NULL, NULL, NULL FROM looked HAVING count(*) = %(scanned)s
    ORDER BY id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event. ``by_code``: who did it, where that was another."""

    id: int
    at: datetime
    event: str
    user_code: str
    by_code: str
    address: str
    how: str


@dataclass(frozen=True, slots=True)
class EventPage:
    """``older_than``: where the next page begins; None = there are no older ones. ``is_cut``: not all were looked through."""

    lines: tuple[EventLine, ...]
    older_than: int | None
    is_cut: bool


def list_security_events(
    *,
    account: AccountConfig,
    by: UserConfig,
    event: str = "",
    user_code: str = "",
    at_from: datetime | None = None,
    at_to: datetime | None = None,
    before_id: int | None = None,
    length: int = 50,
) -> EventPage:
    """
    Return what happened to the access of an account's users, newest first: of one kind, to one user, from a time to before
    another, older than one of them. Whoever may see the request log may see it.

    Queries: 1.
    Raises:  PermissionDenied.
    """
    require(by, "view_request_log")
    length = max(1, min(length, LENGTH_MAX))
    given: dict[str, Any] = {
        "account": account.id, "event": event, "user_code": user_code, "at_from": at_from, "at_to": at_to,
        "before_id": before_id, "scanned": SCANNED_MAX, "limit": length + 2,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_SQL, given)
        rows = cursor.fetchall()
    found = [EventLine(*row) for row in rows if row[1] is not None]
    last_looked_at = next((row[0] for row in rows if row[1] is None), None)
    lines = tuple(found[:length])
    if len(found) > length:
        return EventPage(lines, lines[-1].id, is_cut=False)
    return EventPage(lines, last_looked_at, is_cut=last_looked_at is not None)
