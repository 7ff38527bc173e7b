# SPDX-License-Identifier: Apache-2.0
"""
Answers too long to be held: written piece by piece while they are sent (ADR-0016).

Each piece is made in the call threads, when the one before was taken: a slow reader slows the reading of the database down,
and no thread waits for him. He may not do so for ever: REGULARS_STREAM_SECONDS, and SEND_SECONDS_MAX for any one piece.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeVar

from regulars.api.access_log import TROUBLE, log_bug
from regulars.api.blocking import CallThreads
from regulars.api.exchange import Streamed
from regulars.errors import Overloaded, RegularsError
from regulars.protocol.chunks import write_chunks
from regulars.protocol.render import Envelope
from regulars.protocol.tree import Element, rows_in

T = TypeVar("T")

THREAD_TRIES_SECONDS = 0.05
"""How long to wait before asking again for a thread, where all are busy."""


class StreamCut(Exception):
    """The rest of an answer can not be sent; the log says why. The connection must not end as if it were whole."""


class Streams:
    """The long answers under way in one worker."""

    def __init__(self, threads: CallThreads, count_max: int, seconds_max: float) -> None:
        self._threads = threads
        self._count_max = count_max
        self._seconds_max = seconds_max
        self.count = 0

    async def begin(self, root: Element, envelope: Envelope, headers: list[tuple[str, str]], request_id: str) -> Streamed:
        """
        Return the response of an answer that holds rows, with its first piece already made.

        Raises: Overloaded where so many are under way already; whatever making the first piece raises.
        """
        rows = rows_in(root)
        assert rows is not None, "only for an answer with rows"
        close: Callable[[], None] = getattr(rows.source, "close", _nothing)
        if self.count >= self._count_max:
            await self._in_thread(close)
            raise Overloaded
        self.count += 1
        stream = _Stream(write_chunks(root, envelope), close, self, request_id)
        try:
            first = await stream.piece()
        except BaseException:
            await stream.aclose()
            raise
        return Streamed(200, headers, stream.pieces(first, time.monotonic() + self._seconds_max), stream.aclose, is_long=True)

    async def give_up(self, root: Element) -> None:
        """Close the rows of an answer that nobody will read."""
        rows = rows_in(root)
        if rows is not None:
            await self._in_thread(getattr(rows.source, "close", _nothing))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Run in a call thread, however long it takes to get one."""
        while True:
            try:
                return await self._threads.run(work)
            except Overloaded:
                await asyncio.sleep(THREAD_TRIES_SECONDS)


def _nothing() -> None:
    """What has nothing to close."""


class _Stream:
    """One long answer. Its pieces are asked for one after the other; it is closed once, after the last was made."""

    def __init__(self, written: Iterator[bytes], close: Callable[[], None], streams: Streams, request_id: str) -> None:
        self._written = written
        self._close = close
        self._streams = streams
        self._request_id = request_id
        self._under_way: asyncio.Future[Any] | None = None
        self._is_closed = False

    async def piece(self) -> bytes:
        """Return the next piece, b"" after the last. Raises what making it raises."""
        work = functools.partial(next, self._written, b"")
        self._under_way = asyncio.ensure_future(self._streams._in_thread(work))
        return await asyncio.shield(self._under_way)

    async def pieces(self, first: bytes, until: float) -> AsyncIterator[bytes]:
        """Yield all pieces. Raises StreamCut where the rest can not be had, or not in time."""
        piece = first
        while piece:
            yield piece
            if time.monotonic() > until:
                TROUBLE.warning("request %s: its answer was read too slowly, and was cut", self._request_id)
                raise StreamCut
            try:
                piece = await self.piece()
            except RegularsError as error:
                TROUBLE.warning("request %s: its answer was cut: %s", self._request_id, error.code)
                raise StreamCut from error
            except Exception as error:
                log_bug(self._request_id, error)
                raise StreamCut from error

    async def aclose(self) -> None:
        """Give back what it holds. A caller that goes away does not stop it."""
        if self._is_closed:
            return
        self._is_closed = True
        await asyncio.shield(asyncio.ensure_future(self._end()))

    async def _end(self) -> None:
        try:
            if self._under_way is not None:
                await asyncio.wait([self._under_way])
            await self._streams._in_thread(self._close)
        except Exception as error:  # noqa: BLE001 - there is nobody to tell but the log
            log_bug(self._request_id, error)
        finally:
            self._streams.count -= 1
