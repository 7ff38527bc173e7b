# SPDX-License-Identifier: Apache-2.0
"""
A forgotten password or user id: asking for a mail, and setting a new password by the link that it brings (ADR-0025).

Asking looks nobody up. It notes what was typed; a job looks for the user and puts the mail into the outbox of his account
(messages/sign_in_help.py). So nobody can tell from the answer, or from how long it took, who is here.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import connection, transaction
from django.db.models import QuerySet

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.queries import get_account_config
from regulars.errors import AccountNotFound, InvariantViolation, Refused
from regulars.kit.db import unit_of_work
from regulars.kit.ids import RANDOM, random_token
from regulars.users.models import HelpRequest, PasswordLink, User
from regulars.users.operations import update_user
from regulars.users.queries import find_account_id_by_user
from regulars.users.rules import USER_CODE_LENGTH_MAX, check_password
from regulars.users.security_log import note
from regulars.users.sign_in import count_attempt, forget_attempts

LINK_SECONDS = 30 * 60
"""How long a link is good after its mail was sent."""
ASKED_MAX = 3
"""Mails for one user id or address in fifteen minutes, whether there is such a one or not."""
ADDRESS_ASKED_MAX = 20
"""Mails asked for from one network address in fifteen minutes."""
ANSWERED_AT_ONCE_MAX = 100
ABOUT_LENGTH_MAX = 254
_LINK = re.compile(r"([0-9]{1,9})-([0-9a-f]{40})", re.ASCII)


class LinkNotValid(Refused):
    """The link was used, replaced by a later one, is too old, or was never made: nobody is told which."""

    code = "link_not_valid"
    text = "This link is not valid any more."


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for help that waits for its answer. ``kind``: password or user_id."""

    kind: str
    about: str
    host: str


def ask_for_mail(*, kind: str, about: str, host: str, at: datetime, address: str = "") -> None:
    """
    Note that somebody has forgotten the password of a user id, or the user ids of an e-mail address.

    Takes its own short transactions, so it runs outside a unit of work.

    Queries: 5, whoever it is about. Raises: RateLimited.
    """
    if connection.in_atomic_block:
        raise InvariantViolation("ask_for_mail() inside a unit of work would lose its count")
    what = about.strip().lower()[:ABOUT_LENGTH_MAX]
    if address:
        count_attempt(f"asked-from:{address[:50]}", ADDRESS_ASKED_MAX, at, address)
    count_attempt(_subject(kind, what), ASKED_MAX, at, address)
    HelpRequest.objects.create(kind=kind, about=what, host=host[:253], asked_at=at)


def take_requests() -> tuple[Asked, ...]:
    """Return requests that wait, and drop them: each is answered once or, where its process dies, not at all. Queries: 1."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM users_help_requests WHERE id IN (SELECT id FROM users_help_requests ORDER BY id LIMIT %s"
            " FOR UPDATE SKIP LOCKED) RETURNING kind, about, host, id",
            [ANSWERED_AT_ONCE_MAX],
        )
        rows = sorted(cursor.fetchall(), key=lambda row: row[3])
    return tuple(Asked(kind, about, host) for kind, about, host, _ in rows)


def find_users_asked_for(asked: Asked) -> dict[int, tuple[int, ...]]:
    """
    Return account id to the ids of the users a request is about: those who may sign in to the panel. Needs no unit of work.

    Queries: 1.
    """
    if asked.kind == "password":
        account_id = find_account_id_by_user(asked.about) if len(asked.about) <= USER_CODE_LENGTH_MAX else None
        return {} if account_id is None else {account_id: _with_password(account_id, asked.about)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT account_id, user_id FROM users_by_email(%s)", [asked.about])
        found: dict[int, tuple[int, ...]] = {}
        for account_id, user_id in cursor.fetchall():
            found[account_id] = (*found.get(account_id, ()), user_id)
    return found


def issue_password_link(*, account: AccountConfig, user_id: int, at: datetime, rng: random.Random = RANDOM) -> str:
    """
    Return the secret of a new link by which a user may set his password, good for LINK_SECONDS; an earlier link ends.

    Runs in the account's unit of work. Only its hash is kept. Queries: 1.
    """
    secret = random_token(rng)
    PasswordLink.objects.update_or_create(
        account_id=account.id,
        user_id=user_id,
        defaults={"digest": _digest(secret), "expires_at": at + timedelta(seconds=LINK_SECONDS)},
    )
    return f"{account.id}-{secret}"


def is_link_good(*, link: str, at: datetime) -> bool:
    """Whether a link can still be used. Changes nothing: programs look at the links in mails before people do. Queries: 2."""
    match = _LINK.fullmatch(link)
    if match is None:
        return False
    account_id = int(match[1])
    with unit_of_work(account_id):
        return _good(account_id, match[2], at).exists()


def set_password_by_link(*, link: str, password: str, at: datetime, address: str = "") -> tuple[AccountConfig, UserConfig]:
    """
    Set a new login password by a link, use the link up, end all sessions of the user and forget his browsers, and let him try
    again where wrong passwords have locked him out. The second factor stays.

    Opens its unit of work itself: the link says whose.

    Queries: 9. Raises: LinkNotValid; InvalidParameter naming password, after which the link is still good.
    """
    check_password(password)
    match = _LINK.fullmatch(link)
    if match is None:
        raise LinkNotValid
    account_id = int(match[1])
    with unit_of_work(account_id):
        used = list(_good(account_id, match[2], at).select_for_update().values_list("user_id", flat=True))
        if not used:
            raise LinkNotValid
        PasswordLink.objects.filter(account_id=account_id, user_id=used[0]).delete()
        try:
            account = get_account_config(account_id)
        except AccountNotFound:
            raise LinkNotValid from None
        user = account.users_by_id.get(used[0])
        if user is None or account.state == "suspended":
            raise LinkNotValid
        update_user(account=account, by=None, at=at, code=user.code, password=password)
        forget_attempts(user_code=user.code, with_codes=False)
    note("password_reset_by_link", account=account, user=user, address=address)
    return account, user


def _with_password(account_id: int, code: str) -> tuple[int, ...]:
    with unit_of_work(account_id):
        rows = User.objects.filter(account_id=account_id, code__iexact=code, deleted_at__isnull=True).exclude(password_hash="")
        return tuple(rows.values_list("id", flat=True))


def _good(account_id: int, secret: str, at: datetime) -> QuerySet[PasswordLink]:
    return PasswordLink.objects.filter(account_id=account_id, digest=_digest(secret), expires_at__gt=at)


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def _subject(kind: str, about: str) -> str:
    if kind == "password":
        return f"forgot:{about[: USER_CODE_LENGTH_MAX + 1]}"
    return f"asked-for:{sha256(about.encode()).hexdigest()[:50]}"  # an address is nothing to keep for a count
