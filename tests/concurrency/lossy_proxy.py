# SPDX-License-Identifier: Apache-2.0
"""Stands between a worker and PostgreSQL and, when told to, loses an answer after it was committed."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

READY_FOR_QUERY_IDLE = b"Z\x00\x00\x00\x05I"
"""PostgreSQL's last message of an answer outside a transaction: what was asked is committed."""

CRASH_FIELDS = b"SFATAL\0VFATAL\0C57P02\0Mterminating connection because of crash of another server process\0\0"
CRASH = b"E" + (len(CRASH_FIELDS) + 4).to_bytes(4, "big") + CRASH_FIELDS
"""What a backend says before it goes because another one was killed."""


class LossyProxy:
    """``url`` leads through the proxy. After ``lose_next_answer()`` the next answer is lost and its connection broken."""

    def __init__(self, database_url: str) -> None:
        self._target = conninfo_to_dict(database_url)
        self._directory = tempfile.TemporaryDirectory(prefix="lossy-", dir="/tmp")
        self._loses_next = False
        self._connections: set[asyncio.Task[None]] = set()
        self._clients: set[asyncio.StreamWriter] = set()
        self.lost_count = 0

    @property
    def url(self) -> str:
        user, password = quote(str(self._target["user"])), quote(str(self._target.get("password", "")))
        host = quote(self._directory.name, safe="")
        return f"postgresql://{user}:{password}@/{self._target['dbname']}?host={host}"

    def lose_next_answer(self) -> None:
        self._loses_next = True

    def announce_crash(self) -> None:
        """Tell all clients that the server crashed, as backends do, without hanging up yet."""
        for client in self._clients:
            client.write(CRASH)

    async def __aenter__(self) -> Self:
        path = Path(self._directory.name) / ".s.PGSQL.5432"
        self._server = await asyncio.start_unix_server(self._serve, path)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        self._directory.cleanup()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        self._clients.add(writer)
        host, port = str(self._target.get("host", "")), str(self._target.get("port", "5432"))
        if host.startswith("/"):
            server_reader, server_writer = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        else:
            server_reader, server_writer = await asyncio.open_connection(host, int(port))
        try:
            await asyncio.wait(
                [
                    asyncio.ensure_future(self._ask(reader, server_writer)),
                    asyncio.ensure_future(self._answer(server_reader, writer)),
                ],
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            for each in (writer, server_writer):
                with contextlib.suppress(OSError):
                    each.close()
            self._connections.discard(task)
            self._clients.discard(writer)

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        has_begun = False  # what comes before the first of them is the greeting
        while chunk := await reader.read(65536):
            is_end = chunk.endswith(READY_FOR_QUERY_IDLE)
            if is_end and has_begun and self._loses_next:
                self._loses_next = False
                self.lost_count += 1
                return
            has_begun = has_begun or is_end
            writer.write(chunk)
            await writer.drain()
