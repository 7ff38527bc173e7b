# SPDX-License-Identifier: Apache-2.0
"""Stands between a client and the server and breaks connections by chance: before a call, within it, within its answer."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from typing import Self

WAYS = ("passes", "is refused", "request is cut", "answer is lost", "answer is cut")


class CuttingProxy:
    """``with CuttingProxy(port, seed) as proxy``: listens on ``proxy.port``; ``proxy.fates`` counts what became of calls."""

    def __init__(self, port: int, seed: int, weights: tuple[int, ...] = (5, 1, 1, 2, 2)) -> None:
        self._target = port
        self._rng = random.Random(seed)
        self._weights = weights
        self.fates: Counter[str] = Counter()
        self.port = 0

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop).result(
            10
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _stop(self) -> None:
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Exchange by exchange, until the client goes or the connection is broken."""
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            while await self._exchange(reader, writer, server_reader, server_writer):
                pass
        except (OSError, EOFError):
            pass
        finally:
            for each in (writer, server_writer):
                each.transport.abort()

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server_reader: asyncio.StreamReader,
        server_writer: asyncio.StreamWriter,
    ) -> bool:  # fmt: skip
        request = await _message(reader)
        (fate,) = self._rng.choices(WAYS, self._weights)
        self.fates[fate] += 1
        if fate == "is refused":
            return False
        if fate == "request is cut":
            server_writer.write(request[: self._rng.randrange(len(request))])
            await server_writer.drain()
            return False
        server_writer.write(request)
        answer = await _message(server_reader)  # it was carried out, whatever the client hears of it
        if fate == "answer is lost":
            return False
        if fate == "answer is cut":
            writer.write(answer[: self._rng.randrange(1, len(answer))])
            await writer.drain()
            return False
        writer.write(answer)
        await writer.drain()
        return True


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"\r\ncontent-length:", 1)[1].split(b"\r\n", 1)[0])
    return head + await reader.readexactly(length)
