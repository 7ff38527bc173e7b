# SPDX-License-Identifier: Apache-2.0
"""
Who is signed in where. A session is alive while its row is there and the user's password is the one it began with.

Run inside the account's unit of work. ``at`` is the installation's clock: a test clock ends nobody's session.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.errors import NotFound
from regulars.users.models import Session
from regulars.users.queries import session_mark

SESSION_SECONDS = 12 * 3600
"""A working day: a session that nobody used for so long is over."""
SEEN_SECONDS = 60
"""How exact seen_at is: one write a minute, not one a page."""


class SessionNotFound(NotFound):
    """The user has no such session, or it has ended meanwhile."""

    code = "session_not_found"
    text = "session is not valid: it has ended"


@dataclass(frozen=True, slots=True)
class Browser:
    """Where somebody sits, as far as he is shown it: network address, families of browser and system."""

    address: str = ""
    name: str = ""
    system: str = ""


NOWHERE = Browser()


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session as its user sees it."""

    id: int
    started_at: datetime
    seen_at: datetime
    browser: Browser


@dataclass(frozen=True, slots=True)
class LiveSession:
    """What every page asks. ``mark``: changes with the password; what the browser's session keeps must equal it."""

    mark: str
    has_second_factor: bool


def begin_session(*, account: AccountConfig, user: UserConfig, at: datetime, browser: Browser = NOWHERE) -> int:
    """
    Note that a user signed in, and return the session's id; what is over of his is dropped.

    Queries: 2.
    """
    over = at - timedelta(seconds=SESSION_SECONDS)
    Session.objects.filter(account_id=account.id, user_id=user.id, seen_at__lt=over).delete()
    row = Session.objects.create(
        account_id=account.id, user_id=user.id, started_at=at, seen_at=at, address=browser.address[:50],
        browser=browser.name[:30], system=browser.system[:30],
    )  # fmt: skip
    return int(row.id)


LIVE_SQL = """
SELECT u.password_hash, s.seen_at, f.confirmed_at IS NOT NULL
FROM users_users u
JOIN users_sessions s ON s.account_id = u.account_id AND s.user_id = u.id AND s.id = %(session)s
LEFT JOIN users_second_factors f ON f.account_id = u.account_id AND f.user_id = u.id
WHERE u.account_id = %(account)s AND u.id = %(user)s AND u.deleted_at IS NULL AND s.seen_at > %(over)s
"""
"""Served by the primary keys; locks nothing."""


def find_session(*, account: AccountConfig, user_id: int, session_id: int, at: datetime) -> LiveSession | None:
    """
    Return a session that has not ended, or None. Once a minute it is noted that it is used.

    Queries: 1, once a minute 2.
    """
    over = at - timedelta(seconds=SESSION_SECONDS)
    with connection.cursor() as cursor:
        cursor.execute(LIVE_SQL, {"account": account.id, "user": user_id, "session": session_id, "over": over})
        row = cursor.fetchone()
    if row is None:
        return None
    password_hash, seen_at, has_second_factor = row
    if at - seen_at >= timedelta(seconds=SEEN_SECONDS):
        Session.objects.filter(account_id=account.id, id=session_id).update(seen_at=at)
    return LiveSession(session_mark(account.id, user_id, password_hash), has_second_factor)


def list_sessions(*, account: AccountConfig, user: UserConfig, at: datetime) -> tuple[SessionRow, ...]:
    """Return a user's sessions, the one used last first. Queries: 1."""
    rows = Session.objects.filter(
        account_id=account.id, user_id=user.id, seen_at__gt=at - timedelta(seconds=SESSION_SECONDS)
    ).order_by("-seen_at", "-id")[:100]
    return tuple(SessionRow(each.id, each.started_at, each.seen_at, _browser(each)) for each in rows)


def end_session(*, account: AccountConfig, user: UserConfig, session_id: int) -> None:
    """End one of a user's sessions. Queries: 1. Raises: SessionNotFound, also for another user's."""
    if not Session.objects.filter(account_id=account.id, user_id=user.id, id=session_id).delete()[0]:
        raise SessionNotFound(fields=("session",))


def drop_session(*, account_id: int, user_id: int, session_id: int) -> None:
    """End a session by its ids, whether it is there or not: its user signs out. Queries: 1."""
    Session.objects.filter(account_id=account_id, user_id=user_id, id=session_id).delete()


def end_sessions(*, account: AccountConfig, user_id: int, except_id: int | None = None) -> int:
    """End a user's sessions, all or all but one; return how many. Queries: 1."""
    rows = Session.objects.filter(account_id=account.id, user_id=user_id)
    if except_id is not None:
        rows = rows.exclude(id=except_id)
    return rows.delete()[0]


def drop_old_sessions(*, account: AccountConfig, at: datetime) -> int:
    """Drop the sessions of an account that are over; return how many. Queries: 1."""
    return Session.objects.filter(account_id=account.id, seen_at__lt=at - timedelta(seconds=SESSION_SECONDS)).delete()[0]


def _browser(row: Session) -> Browser:
    return Browser(row.address, row.browser, row.system)
