# SPDX-License-Identifier: Apache-2.0
"""
The requests of webhooks: on one event loop in a thread of its own, so that a receiver who takes his time holds up nobody else.
No database here.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from types import TracebackType
from typing import Self

import httpcore2

from regulars import __version__
from regulars.kit.outgoing import CheckedNetwork
from regulars.webhooks.deliveries import Claim, Outgoing
from regulars.webhooks.rules import ANSWER_LENGTH_MAX, Outcome, headers, read_retry_after, shown_answer

TIMEOUT_SECONDS = 15.0
"""For all of one request: the name, the connection, TLS, sending, the beginning of the answer."""
SERIES_SECONDS = 10.0
"""After so long no further delivery is begun for an endpoint: what is left waits for its next turn."""
ANSWER_BYTES_MAX = 2_048
"""So much of an answer is read; then the connection is closed."""
IN_FLIGHT_MAX = 200
"""Endpoints at once."""
LOOK_UP_THREADS = 64
"""Names are looked up in threads, where a slow name service may hold some."""
AGENT = f"Regulars/{__version__}"


class Poster:
    """
    Sends claims. A context: the loop ends with it, and what is under way then is broken off.

    ``clock``: the time that deliveries are signed with. ``should_stop`` is asked between two deliveries.
    """

    def __init__(
        self,
        *,
        allows_private: bool,
        clock: Callable[[], datetime],
        should_stop: Callable[[], bool] = lambda: False,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._allows_private = allows_private
        self._clock = clock
        self._should_stop = should_stop
        self._timeout_seconds = timeout_seconds
        self._loop = asyncio.new_event_loop()
        self._threads = ThreadPoolExecutor(LOOK_UP_THREADS, thread_name_prefix="webhooks-names")
        self._loop.set_default_executor(self._threads)
        self._thread = threading.Thread(target=self._loop.run_forever, name="webhooks", daemon=True)
        self._pool: httpcore2.AsyncConnectionPool | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def send(self, claim: Claim) -> Future[tuple[Outcome, ...]]:
        """Begin to send a claim's deliveries, one after the other, up to the first that fails."""
        return asyncio.run_coroutine_threadsafe(self._send(claim), self._loop)

    async def _end(self) -> None:
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        if self._pool is not None:
            await self._pool.aclose()

    async def _send(self, claim: Claim) -> tuple[Outcome, ...]:
        outcomes: list[Outcome] = []
        began_at = time.monotonic()
        for outgoing in claim.deliveries:
            if outcomes and (self._should_stop() or time.monotonic() - began_at > SERIES_SECONDS):
                break
            outcomes.append(await self._attempt(claim, outgoing))
            if not outcomes[-1].is_success:
                break
        return tuple(outcomes)

    async def _attempt(self, claim: Claim, outgoing: Outgoing) -> Outcome:
        began_at = time.monotonic()

        def outcome(status: int | None, answer: str, wait: int | None = None) -> Outcome:
            milliseconds = round((time.monotonic() - began_at) * 1000)
            return Outcome(outgoing.id, status, answer[:ANSWER_LENGTH_MAX], milliseconds, wait)

        if not claim.secrets:
            return outcome(None, "the secret can not be read: it was sealed under another installation key; rotate it")
        try:
            async with asyncio.timeout(self._timeout_seconds):
                status, body, wait = await self._post(claim, outgoing)
        except (TimeoutError, httpcore2.TimeoutException):
            return outcome(None, f"no answer within {self._timeout_seconds:g} s")
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol, OSError) as error:
            return outcome(None, shown_answer(f"{type(error).__name__}: {error}".encode()))
        return outcome(status, shown_answer(body), wait)

    async def _post(self, claim: Claim, outgoing: Outgoing) -> tuple[int, bytes, int | None]:
        signed = headers(
            event_id=outgoing.event_id, timestamp=int(self._clock().timestamp()), payload=outgoing.payload,
            secrets=claim.secrets, agent=AGENT,
        )  # fmt: skip
        body = b""
        async with self._connections().stream(
            "POST", claim.url, headers=list(signed.items()), content=outgoing.payload
        ) as response:
            async for part in response.aiter_stream():
                body += part
                if len(body) >= ANSWER_BYTES_MAX:
                    break
        waits = [value for name, value in response.headers if name.lower() == b"retry-after"]
        return response.status, body[:ANSWER_BYTES_MAX], read_retry_after(waits[0].decode("latin-1").strip()) if waits else None

    def _connections(self) -> httpcore2.AsyncConnectionPool:
        """Without the environment's proxies: they could reach what we may not."""
        if self._pool is None:
            self._pool = httpcore2.AsyncConnectionPool(
                ssl_context=ssl.create_default_context(),
                max_connections=2 * IN_FLIGHT_MAX,
                keepalive_expiry=SERIES_SECONDS,
                network_backend=CheckedNetwork(is_public_only=not self._allows_private),
            )
        return self._pool
