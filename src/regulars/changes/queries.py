# SPDX-License-Identifier: Apache-2.0
"""Reads of what was changed, newest first, along the primary key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.users.access import require

LENGTH_MAX = 200
SCANNED_MAX = 20_000
"""Lines that one page looks through for what is asked for; the way to older ones goes on from there."""

# The limit stands inside, before the filters: a page costs the same, however rare what is asked for.
_SQL = """
    WITH looked AS MATERIALIZED (
        SELECT * FROM changes_changes
        WHERE account_id = %(account)s AND (%(before_id)s::bigint IS NULL OR id < %(before_id)s)
          AND (%(at_to)s::timestamptz IS NULL OR id <= (
              SELECT id FROM changes_changes WHERE account_id = %(account)s AND at < %(at_to)s ORDER BY at DESC LIMIT 1))
        ORDER BY id DESC LIMIT %(scanned)s
    )
    SELECT id, at, user_code, face, subject, subject_id, campaign_id, name, action, before, after
    FROM looked
    WHERE (%(subject)s = '' OR subject = %(subject)s) AND (%(face)s = '' OR face = %(face)s)
      AND (%(user_code)s = '' OR lower(user_code) = lower(%(user_code)s))
      AND (%(at_from)s::timestamptz IS NULL OR at >= %(at_from)s) AND (%(at_to)s::timestamptz IS NULL OR at < %(at_to)s)
    UNION ALL
    SELECT min(id), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM looked HAVING count(*) = %(scanned)s
    ORDER BY id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change. ``before`` and ``after`` hold only what differs, by column."""

    id: int
    at: datetime
    user_code: str
    face: str
    subject: str
    subject_id: int
    campaign_id: int | None
    name: str
    action: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChangePage:
    """``older_than``: where the next page begins; None = there are no older ones. ``is_cut``: not all were looked through."""

    lines: tuple[ChangeLine, ...]
    older_than: int | None
    is_cut: bool


def list_changes(
    *,
    account: AccountConfig,
    by: UserConfig,
    subject: str = "",
    face: str = "",
    user_code: str = "",
    at_from: datetime | None = None,
    at_to: datetime | None = None,
    before_id: int | None = None,
    length: int = 50,
) -> ChangePage:
    """
    Return changes of the account, newest first: of one kind of thing, from one face, by one user, from a time to before
    another, older than one of them.

    Queries: 1.
    Raises:  PermissionDenied.
    """
    require(by, "view_request_log")
    length = max(1, min(length, LENGTH_MAX))
    given: dict[str, Any] = {
        "account": account.id, "subject": subject, "face": face, "user_code": user_code, "at_from": at_from, "at_to": at_to,
        "before_id": before_id, "scanned": SCANNED_MAX, "limit": length + 2,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_SQL, given)
        rows = cursor.fetchall()
    found = [_line(row) for row in rows if row[1] is not None]
    last_looked_at = next((row[0] for row in rows if row[1] is None), None)
    lines = tuple(found[:length])
    if len(found) > length:
        return ChangePage(lines, lines[-1].id, is_cut=False)
    return ChangePage(lines, last_looked_at, is_cut=last_looked_at is not None)


def _line(row: tuple[Any, ...]) -> ChangeLine:
    values = [*row[:9], _document(row[9]), _document(row[10])]
    return ChangeLine(*values)


def _document(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(value) if isinstance(value, str) else value
    return found
