# SPDX-License-Identifier: Apache-2.0
"""
The accounts' configurations that this process holds (ADR-0004).

Nothing here expires by time. Every answer made from a snapshot is checked against the database's version before it is
given: by the ledger inside its own statement, or by ``is_current``. A stale one is loaded anew and the call runs again.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from regulars.accounts.directory import AccountConfig, account_config

ACCOUNTS_MAX = 2_000
BY_USER = "SELECT accounts_snapshot_by_user($1)"
BY_ACCOUNT = "SELECT accounts_snapshot($1)"
VERSION = "SELECT accounts_version($1)"

FetchValue = Callable[[str, Any], Awaitable[Any]]


class Snapshots:
    """One per event loop. Loads of the same account at the same time become one."""

    def __init__(self, fetch_value: FetchValue, accounts_max: int = ACCOUNTS_MAX) -> None:
        self._fetch_value = fetch_value
        self._accounts_max = accounts_max
        self._accounts: dict[int, tuple[int, AccountConfig]] = {}
        """By account id: when its load began (in ticks), and what came."""
        self._account_ids: dict[str, int] = {}
        """By lower-case user code."""
        self._locks: dict[int, asyncio.Lock] = {}
        self._ticks = itertools.count(1)

    async def for_user(self, user_code: str) -> AccountConfig | None:
        """
        Return the configuration of the account a user belongs to, from memory where it is there; None = no such user.

        Queries: 0, or 1 the first time.
        """
        account_id = self._account_ids.get(user_code.lower())
        if account_id is not None:
            held = self._accounts.get(account_id)
            if held is not None and user_code.lower() in held[1].users:
                return held[1]
        return await self.load_for_user(user_code)

    async def load_for_user(self, user_code: str) -> AccountConfig | None:
        """Return the configuration from the database. Queries: 1."""
        tick = next(self._ticks)
        return self._keep(tick, await self._fetch_value(BY_USER, user_code), user_code)

    async def is_current(self, account: AccountConfig) -> bool:
        """Whether the database has no newer configuration. Queries: 1, by primary key."""
        version: int | None = await self._fetch_value(VERSION, account.id)
        return version == account.version

    async def reload(self, account: AccountConfig) -> AccountConfig | None:
        """
        Return a configuration whose load began after this was called; None = the account is gone.

        Queries: 1, shared by all who wait.
        """
        asked_at = next(self._ticks)
        lock = self._locks.setdefault(account.id, asyncio.Lock())
        async with lock:
            held = self._accounts.get(account.id)
            if held is not None and held[0] > asked_at:
                return held[1]
            tick = next(self._ticks)
            return self._keep(tick, await self._fetch_value(BY_ACCOUNT, account.id), None)

    def _keep(self, tick: int, document: Any, user_code: str | None) -> AccountConfig | None:
        if document is None:
            if user_code is not None:
                self._account_ids.pop(user_code.lower(), None)
            return None
        loaded = account_config(orjson.loads(document))
        held = self._accounts.get(loaded.id)
        if held is not None and held[0] > tick:
            return held[1]  # a load that began later ended earlier
        self._accounts.pop(loaded.id, None)
        self._accounts[loaded.id] = (tick, loaded)
        for code in loaded.users:
            self._account_ids[code] = loaded.id
        if len(self._accounts) > self._accounts_max:
            self._forget(next(iter(self._accounts)))
        return loaded

    def _forget(self, account_id: int) -> None:
        """Drop the account that was loaded longest ago; its next call loads it again."""
        _, account = self._accounts.pop(account_id)
        self._locks.pop(account_id, None)
        for code in account.users:
            if self._account_ids.get(code) == account_id:
                del self._account_ids[code]
