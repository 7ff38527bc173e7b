# SPDX-License-Identifier: Apache-2.0
"""
Changes of users. Run inside the account's unit of work; afterwards the AccountConfig in hand is stale.

``by`` is who asks; None is the operator of the installation (CLI, opening an account), who may do everything.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import connection, transaction
from django.db.utils import IntegrityError

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.lengths import checked_length
from regulars.accounts.localisation import parse_language, parse_time_zone
from regulars.accounts.rules import CALLS_PER_MINUTE_MAX
from regulars.errors import (
    CampaignNotFound,
    InvalidParameter,
    PermissionDenied,
    PinInUse,
    RegularsError,
    UserIdTaken,
    UserNotFound,
)
from regulars.kit.ids import RANDOM, random_token
from regulars.kit.secret import encrypt, keyed_digest
from regulars.users.access import assignable_roles, may_manage_user, may_see_user, require
from regulars.users.devices import forget_devices
from regulars.users.models import Device, Login, PasswordLink, RecoveryCode, SecondFactor, SecurityEvent, Session, User
from regulars.users.passwords import hash_password
from regulars.users.queries import secret_owner
from regulars.users.rules import OVERLAP_SECONDS_MAX, check_password, check_pin, check_role, check_user_code
from regulars.users.security_log import note
from regulars.users.sessions import end_sessions
from regulars.users.sign_in import forget_attempts, locked_until

GUARDS = ("off", "flag", "first")
GUARD_SECONDS_MAX = 3600
OF_A_USER = (Session, Device, SecondFactor, RecoveryCode, PasswordLink, SecurityEvent)
"""Tables with what is one user's own, beside his row."""
TEXT_COLUMNS = ("first_name", "last_name", "custom1", "email")
_CONSTRAINTS: dict[str, tuple[type[RegularsError], str]] = {
    "users_logins_pkey": (UserIdTaken, "user_name"),
    "users_users_pin_unique": (PinInUse, "pin"),
}


@dataclass(frozen=True, slots=True)
class CreatedUser:
    """A new user; the token is shown to whoever made it."""

    id: int
    code: str
    token: str


def create_user(
    *,
    account: AccountConfig,
    by: UserConfig | None,
    at: datetime,
    code: str,
    role: str,
    password: str = "",
    campaigns_access: str = "all",
    allowed_campaign_ids: Collection[int] = (),
    pin: str = "",
    language: str | None = None,
    language_custom: bool = False,
    timezone: str | None = None,
    rng: random.Random = RANDOM,
    **texts: str,
) -> CreatedUser:
    """
    Add a user to an account.

    ``password`` "" = cannot sign in to the panel. ``campaigns_access`` all, none, or some with ``allowed_campaign_ids``.
    ``texts``: first_name, last_name, custom1, email.

    Queries: 4, in a savepoint.
    Raises:  MissingParameter, InvalidParameter, UserIdTaken, PinInUse, PermissionDenied, CampaignNotFound.
    Source:  api.md 5 user_new.
    """
    check_user_code(code)
    check_role(role)
    if by is not None:
        require(by, "add_user")
        if role not in assignable_roles(by):
            raise PermissionDenied(fields=("role",))
    access, campaign_ids = _checked_campaigns(account, by, role, campaigns_access, allowed_campaign_ids)
    return insert_user(
        account_id=account.id,
        code=code,
        role=role,
        is_owner=False,
        password=password,
        campaigns_access=access,
        allowed_campaign_ids=campaign_ids,
        pin=pin,
        language=account.language if language is None else language,
        language_custom=language_custom,
        timezone=account.timezone if timezone is None else timezone,
        at=at,
        rng=rng,
        texts=texts,
    )


def insert_user(
    *,
    account_id: int,
    code: str,
    role: str,
    is_owner: bool,
    password: str,
    campaigns_access: str,
    allowed_campaign_ids: Collection[int],
    pin: str,
    language: str,
    timezone: str,
    at: datetime,
    rng: random.Random,
    texts: dict[str, str],
    language_custom: bool = False,
) -> CreatedUser:
    """Write the rows of a new user whose rights were checked. Queries: 3. Raises: InvalidParameter, UserIdTaken, PinInUse."""
    user_id = _next_user_id()
    token = random_token(rng)
    row = User(
        account_id=account_id,
        id=user_id,
        code=code,
        role=role,
        is_owner=is_owner,
        language=parse_language(language),
        language_custom=language_custom,
        timezone=parse_time_zone(timezone),
        campaigns_access=campaigns_access,
        allowed_campaign_ids=sorted(allowed_campaign_ids),
        password_hash=hash_password(check_password(password)) if password else "",
        created_at=at,
        **_checked_texts(texts),
        **_token_columns(account_id, user_id, token),
        **_pin_columns(account_id, user_id, pin),
    )
    with _named_conflicts(), transaction.atomic():
        Login.objects.create(user_code=code.lower(), account_id=account_id)
        User.objects.bulk_create([row])
    return CreatedUser(id=user_id, code=code, token=token)


def update_user(
    *,
    account: AccountConfig,
    by: UserConfig | None,
    at: datetime,
    code: str,
    role: str | None = None,
    password: str | None = None,
    campaigns_access: str | None = None,
    allowed_campaign_ids: Collection[int] = (),
    language: str | None = None,
    language_custom: bool | None = None,
    timezone: str | None = None,
    pin: str | None = None,
    duplicate_guard: str | None = None,
    duplicate_guard_seconds: int | None = None,
    calls_per_minute: int | None = None,
    **texts: str,
) -> None:
    """
    Change a user; None (or a text left out) = unchanged. The code never changes, nor does the owner's role.

    ``texts``: first_name, last_name, custom1, email. ``pin`` "" takes the PIN away, ``calls_per_minute`` 0 his limit,
    which only who may edit_account_info sets. A new password ends his sessions and forgets his browsers.

    Units:   duplicate_guard_seconds 1 to 3600.
    Queries: 1, in a savepoint; 3 more for a password, 1 for an e-mail address.
    Raises:  UserNotFound, PermissionDenied, InvalidParameter, PinInUse, CampaignNotFound.
    Source:  api.md 5 user_update.
    """
    user = _managed(account, by, code)
    changes: dict[str, Any] = _checked_texts(texts)
    if role is not None and role != user.role:
        check_role(role)
        if user.is_owner or (by is not None and (by.id == user.id or role not in assignable_roles(by))):
            raise PermissionDenied(fields=("role",))
        changes["role"] = role
    if campaigns_access is not None:
        if by is not None and by.id == user.id and not user.is_owner and user.role != "A":
            raise PermissionDenied(fields=("allowed_campaigns",))
        changes["campaigns_access"], changes["allowed_campaign_ids"] = _checked_campaigns(
            account, by, "A" if user.is_owner else role or user.role, campaigns_access, allowed_campaign_ids
        )
    if calls_per_minute is not None:
        if by is not None:
            require(by, "edit_account_info")
        changes["calls_per_minute"] = _checked_limit(calls_per_minute)
    settings = {
        "password_hash": password, "language": language, "language_custom": language_custom, "timezone": timezone,
        "duplicate_guard": duplicate_guard, "duplicate_guard_seconds": duplicate_guard_seconds,
    }  # fmt: skip
    changes |= {column: _SETTINGS[column](value) for column, value in settings.items() if value is not None}
    if pin is not None:
        changes |= _pin_columns(account.id, user.id, pin)
    if changes:
        with _named_conflicts(), transaction.atomic():
            _write(account, user, changes)
            _end_access(account, user, changes)


def set_pin(*, account: AccountConfig, by: UserConfig | None, at: datetime, code: str, pin: str) -> None:
    """
    Give a user a terminal PIN (4 or 5 digits, unique in the account); "" takes it away.

    Queries: 1, in a savepoint.
    Raises:  UserNotFound, PermissionDenied, InvalidParameter, PinInUse.
    """
    update_user(account=account, by=by, at=at, code=code, pin=pin)


def rotate_token(
    *,
    account: AccountConfig,
    by: UserConfig | None,
    at: datetime,
    code: str,
    overlap_seconds: int = 0,
    rng: random.Random = RANDOM,
) -> str:
    """
    Give a user a new Security Token and return it. The old one works for ``overlap_seconds`` more, so that tills can be
    changed one by one; one older than that stops at once. ``at`` is the installation's clock, by which tokens are checked,
    never an account's test clock.

    Units:   overlap_seconds 0 to 604800 (a week).
    Queries: 2; locks the user's row.
    Raises:  UserNotFound, PermissionDenied, InvalidParameter.
    Source:  design.md 6.
    """
    if not 0 <= overlap_seconds <= OVERLAP_SECONDS_MAX:
        raise InvalidParameter("overlap_seconds", f"between 0 and {OVERLAP_SECONDS_MAX}")
    user = _managed(account, by, code)
    stored = User.objects.select_for_update().filter(account_id=account.id, id=user.id, deleted_at__isnull=True)
    current_hash = stored.values_list("token_hash", flat=True).first()
    if current_hash is None:
        raise UserNotFound(fields=("user_name",))
    token = random_token(rng)
    changes = _token_columns(account.id, user.id, token)
    changes["previous_token_hash"] = bytes(current_hash) if overlap_seconds else None
    changes["previous_token_until"] = at + timedelta(seconds=overlap_seconds) if overlap_seconds else None
    _write(account, user, changes)
    return token


def delete_user(*, account: AccountConfig, by: UserConfig | None, at: datetime, code: str) -> None:
    """
    Mark a user deleted: he can do nothing more, and his user id stays taken. The owner cannot be deleted.

    Queries: 4.
    Raises:  UserNotFound, PermissionDenied.
    Source:  api.md 5 user_delete.
    """
    if by is not None:
        require(by, "delete_user")
    user = _managed(account, by, code)
    if user.is_owner or (by is not None and by.id == user.id):
        raise PermissionDenied(fields=("user_name",))
    _write(account, user, {"deleted_at": at, "pin_digest": None, "pin_encrypted": None, "previous_token_hash": None})
    _end_access(account, user, {"password_hash": ""})


def erase_user(*, account: AccountConfig, by: UserConfig | None, at: datetime, code: str) -> None:
    """
    Delete a user for good, also one marked deleted before. His user id is free again; what he recorded stays in the books,
    under a number that nobody gets again. The owner cannot be deleted.

    Queries: 13, in a savepoint.
    Raises:  UserNotFound, PermissionDenied.
    Source:  api.md 5 user_delete.
    """
    if account.users.get(code.lower()) is not None:
        delete_user(account=account, by=by, at=at, code=code)
    elif by is not None:
        require(by, "delete_user")
    with transaction.atomic():
        rows = User.objects.filter(account_id=account.id, code__iexact=code, deleted_at__isnull=False)
        ids = list(rows.values_list("id", flat=True))
        if not ids:
            raise UserNotFound(fields=("user_name",))
        rows.delete()
        for table in OF_A_USER:
            table.objects.filter(account_id=account.id, user_id__in=ids).delete()
        Login.objects.filter(user_code=code.lower(), account_id=account.id).delete()


def unlock_user(*, account: AccountConfig, by: UserConfig | None, at: datetime, code: str) -> bool:
    """
    Let a user sign in again whom too many wrong passwords have locked out; return whether he was. The owner too: whoever
    unlocks him learns nothing and lends no right.

    Queries: 2.
    Raises:  UserNotFound, PermissionDenied.
    """
    if by is not None:
        require(by, "unlock_user")
    user = account.users.get(code.lower())
    if user is None or (by is not None and not may_see_user(by, user)):
        raise UserNotFound(fields=("user_name",))
    was_locked = locked_until(user_code=user.code, at=at) is not None
    forget_attempts(user_code=user.code)
    if was_locked:
        note("unlocked", account=account, user=user, by=by)
    return was_locked


def change_campaign_access(
    *,
    account: AccountConfig,
    by: UserConfig | None,
    at: datetime,
    campaign_id: int,
    codes: Collection[str],
    is_allowed: bool,
) -> tuple[str, ...]:
    """
    Let users into a campaign or shut them out of it, and return the codes of those who were changed, in the given order.

    Skipped: who does not exist, who is so already, the owner and Administrators, whom ``by`` may not manage, and ``by``
    himself. Who had all campaigns and loses one keeps the others of today.

    Queries: 1, and 1 for each user changed; locks the users' rows.
    Raises:  CampaignNotFound.
    Source:  api.md 5 campaign_users.
    """
    campaign = account.campaigns_by_id.get(campaign_id)
    if campaign is None or (by is not None and not by.may_see(campaign)):
        raise CampaignNotFound(fields=("campaign_id",))
    users = {user.id: user for code in codes if (user := account.users.get(code.lower())) is not None}
    for user in list(users.values()):
        is_open = by is None or (by.id != user.id and may_manage_user(by, user))
        if user.is_owner or user.role == "A" or not is_open:
            del users[user.id]
    rows = User.objects.select_for_update().filter(account_id=account.id, id__in=users, deleted_at__isnull=True).order_by("id")
    changed = set()
    for user_id, access, allowed_ids in rows.values_list("id", "campaigns_access", "allowed_campaign_ids"):
        now = set(account.campaigns_by_id) if access == "all" else set(allowed_ids) if access == "some" else set()
        if (access == "all" and is_allowed) or (campaign_id in now) == is_allowed:
            continue
        then = now ^ {campaign_id}
        _write(
            account, users[user_id],
            {"campaigns_access": "some" if then else "none", "allowed_campaign_ids": sorted(then)},
        )  # fmt: skip
        changed.add(user_id)
    return tuple(user.code for user in users.values() if user.id in changed)


def _checked_guard(guard: str) -> str:
    if guard not in GUARDS:
        raise InvalidParameter("duplicate_guard", "one of " + ", ".join(GUARDS))
    return guard


def _checked_guard_seconds(seconds: int) -> int:
    if not 1 <= seconds <= GUARD_SECONDS_MAX:
        raise InvalidParameter("duplicate_guard_seconds", f"between 1 and {GUARD_SECONDS_MAX}")
    return seconds


def _checked_limit(calls_per_minute: int) -> int | None:
    if not 0 <= calls_per_minute <= CALLS_PER_MINUTE_MAX:
        raise InvalidParameter("calls_per_minute", f"a whole number from 1 to {CALLS_PER_MINUTE_MAX}")
    return calls_per_minute or None


_SETTINGS: dict[str, Callable[[Any], Any]] = {
    "password_hash": lambda password: hash_password(check_password(password)),
    "language": parse_language,
    "language_custom": bool,
    "timezone": parse_time_zone,
    "duplicate_guard": _checked_guard,
    "duplicate_guard_seconds": _checked_guard_seconds,
}
"""Column to what its new value goes through."""


# -- parts ---------------------------------------------------------------------------------------------------------
def _managed(account: AccountConfig, by: UserConfig | None, code: str) -> UserConfig:
    user = account.users.get(code.lower())
    if user is None:
        raise UserNotFound(fields=("user_name",))
    if by is not None and not may_manage_user(by, user):
        raise PermissionDenied(fields=("user_name",))
    return user


def _write(account: AccountConfig, user: UserConfig, changes: dict[str, Any]) -> None:
    changed = User.objects.filter(account_id=account.id, id=user.id, deleted_at__isnull=True).update(**changes)
    if not changed:
        raise UserNotFound(fields=("user_name",))


def _end_access(account: AccountConfig, user: UserConfig, changes: dict[str, Any]) -> None:
    """A new password ends what the old one opened; links for one end with it, and with the address they were sent to."""
    if "password_hash" in changes:
        end_sessions(account=account, user_id=user.id)
        forget_devices(account=account, user_id=user.id)
    if {"password_hash", "email"} & changes.keys():
        PasswordLink.objects.filter(account_id=account.id, user_id=user.id).delete()


def _checked_texts(texts: dict[str, str]) -> dict[str, str]:
    unknown = set(texts) - set(TEXT_COLUMNS)
    if unknown:
        raise TypeError(f"unexpected arguments: {sorted(unknown)}")
    return {column: checked_length(User, column, value) for column, value in texts.items()}


def _checked_campaigns(
    account: AccountConfig, by: UserConfig | None, role: str, access: str, campaign_ids: Collection[int]
) -> tuple[str, list[int]]:
    """Administrators always have all campaigns; nobody gives away a campaign that he may not enter himself."""
    if access not in ("all", "none", "some"):
        raise InvalidParameter("allowed_campaigns", "all, none, or campaign ids joined by commas")
    if role == "A":
        return "all", []
    if access != "some":
        if access == "all" and by is not None and by.campaigns_access != "all":
            raise PermissionDenied(fields=("allowed_campaigns",))
        return access, []
    for campaign_id in campaign_ids:
        campaign = account.campaigns_by_id.get(campaign_id)
        if campaign is None or (by is not None and not by.may_see(campaign)):
            raise CampaignNotFound(fields=("allowed_campaigns",))
    return ("some", sorted(set(campaign_ids))) if campaign_ids else ("none", [])


def _token_columns(account_id: int, user_id: int, token: str) -> dict[str, Any]:
    return {
        "token_hash": sha256(token.encode()).digest(),
        "token_encrypted": encrypt(token.encode(), owner=secret_owner(account_id, user_id, "token")),
    }


def _pin_columns(account_id: int, user_id: int, pin: str) -> dict[str, Any]:
    if not pin:
        return {"pin_digest": None, "pin_encrypted": None}
    check_pin(pin)
    return {
        "pin_digest": keyed_digest(f"{account_id}:{pin}".encode(), purpose="pin"),
        "pin_encrypted": encrypt(pin.encode(), owner=secret_owner(account_id, user_id, "pin")),
    }


def _next_user_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('users_users_id_seq')")
        return int(cursor.fetchone()[0])


class _named_conflicts:  # noqa: N801 - used as a statement
    """Turns a broken unique constraint into its error; the savepoint inside it has rolled back by then."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, IntegrityError):
            for constraint, (conflict, name) in _CONSTRAINTS.items():
                if constraint in str(error):
                    raise conflict(fields=(name,)) from None
