# SPDX-License-Identifier: Apache-2.0
"""Reads of users that the account's snapshot does not hold: their secrets, and which account a user id belongs to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.errors import UserNotFound
from regulars.kit.secret import decrypt, keyed_digest
from regulars.users.access import may_see_user
from regulars.users.models import Login, User


@dataclass(frozen=True, slots=True)
class UserSecrets:
    """What only the user himself and those who manage him may see. ``pin`` is "" where there is none."""

    token: str
    pin: str
    email: str


HIDDEN = UserSecrets(token="", pin="", email="")
"""What everybody else sees of them."""


def secret_owner(account_id: int, user_id: int, what: str) -> str:
    """Return the name under which a user's secret is sealed (kit/secret.py)."""
    return f"user:{account_id}:{user_id}:{what}"


def find_account_id_by_user(user_code: str) -> int | None:
    """
    Return the id of the account a user id belongs to (any case), or None. Needs no unit of work.

    Queries: 1.
    """
    return Login.objects.filter(user_code=user_code.lower()).values_list("account_id", flat=True).first()


def get_user(*, account: AccountConfig, by: UserConfig, code: str) -> UserConfig:
    """
    Return a user of the account by user id (any case), as ``by`` may see it. Reads the snapshot only.

    Raises: UserNotFound, also for whom ``by`` may not see.
    """
    user = account.users.get(code.lower())
    if user is None or not may_see_user(by, user):
        raise UserNotFound(fields=("user_name",))
    return user


def list_users(*, account: AccountConfig, by: UserConfig) -> tuple[UserConfig, ...]:
    """Return the users that ``by`` may see, the owner first, then by user id. Reads the snapshot only."""
    seen = [user for user in account.users.values() if may_see_user(by, user)]
    return tuple(sorted(seen, key=lambda user: (not user.is_owner, user.code.lower())))


def get_secrets(*, account: AccountConfig, user_id: int) -> UserSecrets:
    """
    Return a user's Security Token, PIN and e-mail address.

    The caller has asked access.may_manage_user() first.

    Queries: 1.
    Raises:  UserNotFound; SecretUnreadable where the installation's key is another than when they were written.
    """
    secrets = list_secrets(account=account, user_ids=(user_id,))
    if user_id not in secrets:
        raise UserNotFound
    return secrets[user_id]


def list_secrets(*, account: AccountConfig, user_ids: Collection[int]) -> dict[int, UserSecrets]:
    """
    Return the secrets of several users by their id; deleted ones are left out. As get_secrets(), the caller has asked.

    Queries: 1.
    Raises:  SecretUnreadable.
    """
    rows = User.objects.filter(account_id=account.id, id__in=user_ids, deleted_at__isnull=True)

    def opened(sealed: bytes | memoryview[int] | None, user_id: int, what: str) -> str:
        return "" if sealed is None else decrypt(bytes(sealed), owner=secret_owner(account.id, user_id, what)).decode()

    return {
        user_id: UserSecrets(token=opened(token, user_id, "token"), pin=opened(pin, user_id, "pin"), email=email)
        for user_id, token, pin, email in rows.values_list("id", "token_encrypted", "pin_encrypted", "email")
    }


def find_user_session_mark(*, account: AccountConfig, user_id: int) -> str | None:
    """
    Return what a signed-in session must still match: it changes with the password. None for a deleted user.

    Queries: 1.
    """
    stored = (
        User.objects.filter(account_id=account.id, id=user_id, deleted_at__isnull=True)
        .values_list("password_hash", flat=True)
        .first()
    )
    return None if stored is None else session_mark(account.id, user_id, stored)


def session_mark(account_id: int, user_id: int, password_hash: str) -> str:
    """Return what stands for a password in a session: nobody can tell the password, or its hash, from it."""
    return keyed_digest(f"{account_id}:{user_id}:{password_hash}".encode(), purpose="session").hex()
