# SPDX-License-Identifier: Apache-2.0
"""
The hosts that are somebody's own, as a worker of the API holds them (ADR-0014).

Read anew every few seconds beside the calls, so that none of them waits for it. Signing in with a password asks the database.
"""

from __future__ import annotations

import asyncio
import contextlib

import asyncpg
import orjson

from regulars.accounts.directory import AccountConfig
from regulars.accounts.hosts import HostConfig, admits, plain_host
from regulars.api.access_log import TROUBLE
from regulars.api.snapshots import FetchValue
from regulars.errors import RegularsError

ALL = "SELECT accounts_hosts_all() WHERE $1"
READ_SECONDS = 5.0


class Hosts:
    """One per event loop."""

    def __init__(self, fetch_value: FetchValue, read_seconds: float = READ_SECONDS) -> None:
        self._fetch_value = fetch_value
        self._read_seconds = read_seconds
        self._by_name: dict[str, HostConfig] | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def are_known(self) -> bool:
        """Whether they were read; until then no call with credentials is carried out."""
        return self._by_name is not None

    def admits(self, host: str, account: AccountConfig) -> bool:
        """Whether the account's users may call at a host."""
        if not self._by_name or not host:
            return True
        return admits(self._by_name.get(plain_host(host)), account)

    async def begin(self) -> None:
        """Read all hosts, and again every few seconds from now on. Queries: 1. Raises: DatabaseUnavailable."""
        await self.read()
        self._reading = self._reading or asyncio.create_task(self._keep_reading())

    async def read(self) -> None:
        """Read all hosts. Queries: 1."""
        document = orjson.loads(await self._fetch_value(ALL, True))
        self._by_name = {row["host"]: HostConfig(**row) for row in document}

    async def close(self) -> None:
        """Stop reading."""
        if self._reading is not None:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading

    async def _keep_reading(self) -> None:
        while True:
            await asyncio.sleep(self._read_seconds)
            try:
                await self.read()
            except (RegularsError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                TROUBLE.warning("the hosts could not be read: %s", error)
