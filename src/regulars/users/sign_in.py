# SPDX-License-Identifier: Apache-2.0
"""
Signing in with the login password, for the panel and user_login.

Failures are counted before the password is looked at and in a transaction of their own, so neither many tries at once nor
the answer's roll-back escapes the count. They are counted for user ids that do not exist too: locks, texts and times are
the same, so that nobody learns which there are.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.hosts import admits
from regulars.accounts.queries import find_account_config_by_user, find_host
from regulars.errors import BadCredentials, InvariantViolation, RateLimited
from regulars.kit.db import unit_of_work, unnoted
from regulars.users.models import Login, SignInAttempts, User
from regulars.users.passwords import hash_password, needs_rehash, verify_password
from regulars.users.rules import USER_CODE_LENGTH_MAX
from regulars.users.security_log import note, note_failure

USER_FAILURES_MAX = 5
"""Wrong passwords for one user id before it is locked."""
ADDRESS_FAILURES_MAX = 100
"""Wrong passwords from one network address, for any user ids: a shop's tills share one."""
LOCK_SECONDS = 15 * 60
"""How long a lock lasts; failures older than this are forgotten."""
KEPT_SECONDS = 24 * 3600
NAMES_A_USER = ("user", "factor", "forgot")
LOCKED_BY = {"user": "passwords", "factor": "codes", "forgot": "mails asked for"}
"""Kinds of subjects whose name was typed as a user id."""
PASSWORD_LENGTH_MAX = 200
"""Longer ones are wrong without being hashed."""

log = logging.getLogger("regulars.users")

COUNT_SQL = """
INSERT INTO users_sign_in_attempts AS known (subject, count, last_at) VALUES (%(subject)s, 1, %(at)s)
ON CONFLICT (subject) DO UPDATE SET (count, last_at, locked_until) = (
    SELECT CASE WHEN known.locked_until > %(at)s THEN known.count ELSE next.count END,
           CASE WHEN known.locked_until > %(at)s THEN known.last_at ELSE %(at)s END,
           CASE WHEN known.locked_until > %(at)s THEN known.locked_until
                WHEN next.count > %(maximum)s THEN %(until)s END
    FROM (SELECT CASE WHEN known.locked_until IS NOT NULL OR known.last_at <= %(old)s THEN 1
                      ELSE known.count + 1 END AS count) AS next)
RETURNING locked_until
"""
"""Locks the one row of the subject (primary key). A lock that is over, or a long pause, starts the count anew."""

DROP_OLD_SQL = """
DELETE FROM users_sign_in_attempts WHERE subject IN (
    SELECT subject FROM users_sign_in_attempts WHERE last_at < %s ORDER BY last_at LIMIT 10 FOR UPDATE SKIP LOCKED)
"""
"""Keeps the table small whatever user ids are asked for: a few old rows go with every try (index on last_at)."""


def sign_in(
    *, user_code: str, password: str, at: datetime, address: str = "", host: str = ""
) -> tuple[AccountConfig, UserConfig]:
    """
    Check a user id and login password, and return the account and the user.

    Takes its own short transactions, so it runs outside a unit of work. ``at`` is the installation's clock, ``address`` the
    network address of whoever asks, ``host`` the one that was asked: at somebody's own host others' passwords are wrong.

    Queries: 6 to 11, and 1 for a host.
    Raises:  BadCredentials (unknown, deleted, without password, wrong, at a stranger's host: one answer), RateLimited.
    Source:  api.md 13 user_login; design.md 6; ADR-0014.
    """
    if connection.in_atomic_block:
        raise InvariantViolation("sign_in() inside a unit of work would lose its count of failures")
    subjects = [(_user_subject(user_code), USER_FAILURES_MAX)]
    if address:
        subjects.append((_address_subject(address), ADDRESS_FAILURES_MAX))
    for subject, maximum in subjects:
        count_attempt(subject, maximum, at, address)
    found = _check(user_code, password, host, address)
    _forget(subjects)
    return found


def locked_until(*, user_code: str, at: datetime) -> datetime | None:
    """Return until when a user id is locked, by passwords or codes, or None. Queries: 1."""
    subjects = [_user_subject(user_code), factor_subject(user_code)]
    rows = SignInAttempts.objects.filter(subject__in=subjects, locked_until__gt=at)
    return rows.order_by("-locked_until").values_list("locked_until", flat=True).first()


def list_locked(*, user_codes: Iterable[str], at: datetime) -> set[str]:
    """Return those of the user ids that are locked, by passwords or codes, in lower case. Queries: 1."""
    subjects = [subject for code in user_codes for subject in (_user_subject(code), factor_subject(code))]
    rows = SignInAttempts.objects.filter(subject__in=subjects, locked_until__gt=at).values_list("subject", flat=True)
    return {subject.partition(":")[2] for subject in rows}


def forget_attempts(*, user_code: str = "", address: str = "", with_codes: bool = True) -> bool:
    """
    Let a user id or a network address try again at once; return whether anything was counted of it. Who asks was checked.
    ``with_codes``: codes of his second factor, too.

    Queries: 1.
    """
    subjects = [_user_subject(user_code)] if user_code else [_address_subject(address)]
    if user_code and with_codes:
        subjects.append(factor_subject(user_code))
    return bool(SignInAttempts.objects.filter(subject__in=subjects).delete()[0])


def confirm_password(*, account: AccountConfig, user: UserConfig, password: str, at: datetime, address: str = "") -> None:
    """
    Ask a signed-in user for his password again, before what a borrowed browser must not do. Counted as a sign-in.

    Inside the account's unit of work, which the face must let commit: the count is in it.

    Queries: 4 to 8. Raises: BadCredentials, RateLimited.
    """
    subjects = [(_user_subject(user.code), USER_FAILURES_MAX)]
    if address:
        subjects.append((_address_subject(address), ADDRESS_FAILURES_MAX))
    for subject, maximum in subjects:
        count_attempt(subject, maximum, at, address)
    stored = _password_hash(account, user)
    if len(password) > PASSWORD_LENGTH_MAX or not verify_password(stored, password):
        note_failure(account=account, user=user, address=address, how="password")
        raise BadCredentials(fields=("password",))
    _forget(subjects)


def factor_subject(user_code: str) -> str:
    """Return under which subject wrong codes of a user's second factor are counted."""
    return f"factor:{user_code.lower()[: USER_CODE_LENGTH_MAX + 1]}"


def _user_subject(user_code: str) -> str:
    return f"user:{user_code.lower()[: USER_CODE_LENGTH_MAX + 1]}"


def _address_subject(address: str) -> str:
    return f"address:{address[:50]}"


def _check(user_code: str, password: str, host: str, address: str) -> tuple[AccountConfig, UserConfig]:
    place = find_host(host) if host else None
    account = find_account_config_by_user(user_code) if len(user_code) <= USER_CODE_LENGTH_MAX else None
    user = None if account is None else account.users.get(user_code.lower())
    stored = "" if account is None or user is None else _password_hash(account, user)
    matches = len(password) <= PASSWORD_LENGTH_MAX and verify_password(stored, password)
    if account is None or user is None or not matches or not admits(place, account):
        note_failure(account=account, user=user, address=address, how="password" if not matches else "another's address")
        raise BadCredentials
    if needs_rehash(stored):
        with unit_of_work(account.id), unnoted():
            User.objects.filter(account_id=account.id, id=user.id, password_hash=stored).update(
                password_hash=hash_password(password)
            )
    return account, user


def _password_hash(account: AccountConfig, user: UserConfig) -> str:
    with unit_of_work(account.id):
        return User.objects.filter(account_id=account.id, id=user.id).values_list("password_hash", flat=True).first() or ""


def count_attempt(subject: str, maximum: int, at: datetime, address: str) -> None:
    """
    Count one more try of a subject (``factor:bob``). Queries: 2, in a transaction of their own or a savepoint.

    Raises: RateLimited while the subject is locked, or when this try is one too many.
    """
    lock, age = timedelta(seconds=LOCK_SECONDS), at - timedelta(seconds=LOCK_SECONDS)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(COUNT_SQL, {"subject": subject, "at": at, "old": age, "until": at + lock, "maximum": maximum})
        (locked_until,) = cursor.fetchone()
        cursor.execute(DROP_OLD_SQL, [at - timedelta(seconds=KEPT_SECONDS)])
    if locked_until is not None:
        if locked_until == at + lock:
            _report_lock(subject, locked_until, address)
        raise RateLimited(retry_after_seconds=max(1, int((locked_until - at).total_seconds())))


def _report_lock(subject: str, until: datetime, address: str) -> None:
    """Write that a lock begins. A user id that does not exist is not named: it may be a password in the wrong field."""
    kind, _, name = subject.partition(":")
    is_known = kind not in NAMES_A_USER or Login.objects.filter(user_code=name).exists()
    who = f"{kind} {name}" if is_known else f"{kind}, a user id that does not exist"
    log.warning("sign-in: too many tries, %s is locked until %s (last from %s)", who, until, address or "nowhere")
    account = find_account_config_by_user(name) if kind in NAMES_A_USER and is_known else None
    if account is not None and name in account.users:
        note("locked_out", account=account, user=account.users[name], address=address, how=LOCKED_BY[kind])


def _forget(subjects: list[tuple[str, int]]) -> None:
    """After a good sign-in: the user starts anew, the address gets back the one try it was charged."""
    with transaction.atomic():
        for subject, _ in subjects:
            if subject.startswith("user:"):
                SignInAttempts.objects.filter(subject=subject).delete()
            else:
                with connection.cursor() as cursor:
                    cursor.execute(
                        "UPDATE users_sign_in_attempts SET count = greatest(count - 1, 0) WHERE subject = %s", [subject]
                    )
