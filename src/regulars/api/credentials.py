# SPDX-License-Identifier: Apache-2.0
"""Who asks: user_id and Security Token, in the body, the URL or the header ``api_access_key`` (api.md 1)."""

from __future__ import annotations

import hmac
import re
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.api.exchange import Headers
from regulars.errors import (
    AccountNotPermitted,
    AccountSuspended,
    AgencyTokenMissing,
    BadCredentials,
    MissingParameter,
    PermissionDenied,
)
from regulars.protocol.params import Fields

NAMES = frozenset({"user_id", "user_api_key", "user_password"})
HEADERS = ("api_access_key", "api-access-key")
"""Some proxies drop names with an underscore, so the other spelling is read too."""
ANSWER_SECONDS_MIN = 0.05
"""An answer "not valid" is never given sooner, so that its time tells nothing."""

_USER_CODE = re.compile(r"[A-Za-z0-9_]{1,20}", re.ASCII)
_NOBODY = sha256(b"nobody").digest()


class Credentials(NamedTuple):
    """What the caller says it is."""

    user_code: str
    secret: str


def header_key(headers: Headers) -> str:
    """Return the key sent as a header, or ""."""
    for name in HEADERS:
        key = headers.get(name, "")
        if key:
            return key.strip()
    return ""


def carries_credentials(fields: Fields, headers: Headers) -> bool:
    """Whether anything secret came with the request."""
    return bool(header_key(headers)) or any(name in NAMES or "password" in name for name in fields)


def read_credentials(fields: Fields, headers: Headers) -> Credentials:
    """
    Return user and Security Token; the header wins, then user_api_key, then user_password.

    Raises: MissingParameter, BadCredentials for a user_id that can not exist.
    """
    user_code = _named_user(fields)
    secret = header_key(headers) or fields.get("user_api_key", "") or fields.get("user_password", "").strip()
    if not secret:
        raise MissingParameter("user_api_key")
    if not _USER_CODE.fullmatch(user_code):
        raise BadCredentials
    return Credentials(user_code, secret)


def read_password(fields: Fields) -> Credentials:
    """Return user and login password, as typed in. Raises MissingParameter."""
    user_code = _named_user(fields)
    password = fields.get("user_password", "")
    if not password:
        raise MissingParameter("user_password")
    return Credentials(user_code, password)


def _named_user(fields: Fields) -> str:
    user_code = fields.get("user_id", "")
    if not user_code:
        raise MissingParameter("user_id")
    return user_code


def authenticate(account: AccountConfig, credentials: Credentials, now: datetime) -> UserConfig:
    """
    Return the user whose Security Token was given; the one before it works until its time.

    Raises: BadCredentials, the same for an unknown user and a wrong key.
    """
    user = account.users.get(credentials.user_code.lower())
    given = sha256(credentials.secret.encode()).digest()
    current = user.token_hash if user is not None else _NOBODY
    previous = user.previous_token_hash if user is not None else None
    is_current = hmac.compare_digest(given, current)
    is_previous = hmac.compare_digest(given, previous or _NOBODY)
    if user is None:
        raise BadCredentials
    if is_current:
        return user
    until = user.previous_token_until
    if is_previous and previous is not None and until is not None and now < until:
        return user
    raise BadCredentials


def user_named(account: AccountConfig, credentials: Credentials, _now: datetime) -> UserConfig:
    """Return the user who signed in with a password a moment ago. Raises BadCredentials where it is gone since."""
    user = account.users.get(credentials.user_code.lower())
    if user is None:
        raise BadCredentials
    return user


def other_account_named(account: AccountConfig, fields: Fields, reached_by: tuple[str, ...]) -> str:
    """
    Return the account_id where it is another account's and the call reaches there, else "".

    Raises: AccountNotPermitted where another account is named, whether it exists or not.
    """
    wanted = fields.get("account_id", "")
    if not wanted or wanted.lower() == account.code.lower():
        return ""
    if account.kind not in reached_by:
        raise AccountNotPermitted
    return wanted


def refuse_other_offices(account: AccountConfig, offices: tuple[str, ...]) -> None:
    """Raise AgencyTokenMissing for a business's user, PermissionDenied for one of an office that may not."""
    if account.kind == "business":
        raise AgencyTokenMissing
    if account.kind not in offices:
        raise PermissionDenied


def refuse_suspended(account: AccountConfig) -> None:
    """Raise AccountSuspended."""
    if account.state == "suspended":
        raise AccountSuspended
