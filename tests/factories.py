# SPDX-License-Identifier: Apache-2.0
"""
Test data, made by the real operations, so that it is always legal. Plain functions with defaults; every test makes its own.

Each ``make_`` opens the unit of work itself and returns what is needed to go on. The standing cast (``make_cast``): Alice
owns Bean & Leaf, Bob is her cashier with one campaign, Carol is in another account and must see nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.operations import define_field
from regulars.accounts.queries import get_account_config
from regulars.kit.db import unit_of_work
from regulars.users.opening import create_account
from regulars.users.operations import create_user

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
"""When test data is made, unless a test says otherwise."""


def unique_name(prefix: str = "t") -> str:
    """Return a user id that no other test has, of at most 20 characters."""
    return f"{prefix[:9]}_{secrets.token_hex(5)}"


@dataclass(frozen=True)
class MadeUser:
    """A user with what he signs in with."""

    account: AccountConfig
    user: UserConfig
    token: str
    password: str

    @property
    def code(self) -> str:
        return self.user.code

    @property
    def credentials(self) -> dict[str, str]:
        """The fields of an API request that say who asks."""
        return {"user_id": self.user.code, "user_api_key": self.token, "account_id": self.account.code}


@dataclass(frozen=True)
class MadeAccount:
    """An account with its owner. ``account`` is a snapshot: ``fresh()`` reads it again."""

    account: AccountConfig
    owner: UserConfig
    token: str
    password: str

    @property
    def id(self) -> int:
        return self.account.id

    @property
    def code(self) -> str:
        return self.account.code

    @property
    def credentials(self) -> dict[str, str]:
        """The fields of an API request that say who asks (the owner)."""
        return {"user_id": self.owner.code, "user_api_key": self.token, "account_id": self.account.code}

    def fresh(self) -> AccountConfig:
        """Return the configuration as it is now."""
        return get_account_config(self.account.id)


def make_account(
    *,
    code: str | None = None,
    biz_name: str = "Bean & Leaf",
    state: str = "active",
    currency: str = "USD",
    timezone: str = "America/New_York",
    password: str = "latte_12",
    at: datetime = NOW,
    **options: Any,
) -> MadeAccount:
    """Open an account; ``options`` as create_account()."""
    made = create_account(
        code=code or unique_name("acct"), biz_name=biz_name, state=state, currency=currency, timezone=timezone,
        password=password, at=at, **options,
    )  # fmt: skip
    return MadeAccount(account=made.account, owner=made.owner, token=made.token, password=password)


def make_user(
    account: MadeAccount | AccountConfig,
    *,
    role: str = "K",
    code: str | None = None,
    password: str = "espresso_7",
    at: datetime = NOW,
    **options: Any,
) -> MadeUser:
    """Add a user; ``options`` as create_user()."""
    account_id = account.id
    code = code or unique_name(f"user{role.lower()}")
    with unit_of_work(account_id):
        made = create_user(
            account=get_account_config(account_id), by=None, at=at, code=code, role=role, password=password, **options
        )
        fresh = get_account_config(account_id)
    return MadeUser(account=fresh, user=fresh.users[code.lower()], token=made.token, password=password)


def make_field(account: MadeAccount | AccountConfig, *, owner: str = "customer", number: int = 2, **options: Any) -> None:
    """Define a custom field; ``options`` as define_field()."""
    with unit_of_work(account.id):
        define_field(
            account=get_account_config(account.id), owner=owner, number=number, **{"label": f"Field {number}", **options}
        )
