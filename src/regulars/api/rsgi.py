# SPDX-License-Identifier: Apache-2.0
"""The API under granian's RSGI: ``granian --interface rsgi regulars.api.rsgi:app``. Configured by api/options.py."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator
from typing import Any

import django
from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]  # it is made in Rust

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.kit.settings")
os.environ.setdefault("REGULARS_FACE", "api")
django.setup()  # before anything that imports a model

from regulars.api.access_log import TROUBLE, configure_logging, flush_access_log  # noqa: E402
from regulars.api.exchange import BodyUnread, Headers, Response, Streamed, peer_address  # noqa: E402
from regulars.api.figures import look_now_and_then  # noqa: E402
from regulars.api.gate import respond  # noqa: E402
from regulars.api.leaving import Leaving  # noqa: E402
from regulars.api.options import Options  # noqa: E402
from regulars.api.panel_proxy import Panel  # noqa: E402
from regulars.api.pipe import send_through_pipe  # noqa: E402
from regulars.api.services import Services, open_services  # noqa: E402
from regulars.api.streams import StreamCut  # noqa: E402
from regulars.kit.metrics import open_store  # noqa: E402

STOP_SECONDS_MAX = 30.0
COLLECT_AFTER = 20_000
"""Objects made before Python looks for cycles among the youngest; a call makes hundreds and leaves none."""


class RsgiIncoming:
    """One request of granian."""

    __slots__ = ("_protocol", "_scope", "headers", "method", "path", "query")

    def __init__(self, scope: Any, protocol: Any) -> None:
        self._scope = scope
        self._protocol = protocol
        self.method: str = scope.method
        self.path: str = scope.path
        self.query: bytes = scope.query_string.encode("utf-8", "surrogateescape")
        self.headers: Headers = scope.headers

    @property
    def header_pairs(self) -> list[tuple[str, str]]:
        return list(self._scope.headers.items())

    def values_of(self, name: str) -> list[str]:
        values: list[str] = self._scope.headers.get_all(name)
        return values

    @property
    def peer(self) -> str:
        return peer_address(self._scope.client)

    @property
    def scheme(self) -> str:
        scheme: str = self._scope.scheme
        return scheme

    @property
    def host(self) -> str:
        return self._scope.authority or self.headers.get("host", "")

    async def whole(self) -> bytes:
        try:
            body: bytes = await self._protocol()
        except ProtocolClosed as error:
            raise BodyUnread from error
        return body

    async def chunks(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._protocol:
                yield chunk
        except ProtocolClosed as error:
            raise BodyUnread from error


class Application:
    """What granian calls: once per worker to start and to stop, then once per request."""

    def __init__(self) -> None:
        self._services: Services | None = None
        self._panel: Panel | None = None
        self._under_way = 0
        self._all_answered: asyncio.Event | None = None
        """Set when the worker stops and nothing is under way any more."""
        self._looking: asyncio.Task[None] | None = None
        self._leaving: Leaving | None = None

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.run_until_complete(self._open(Options.from_environment()))

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.run_until_complete(self._close())

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        if scope.proto != "http":
            protocol.close(403)
            return
        services = self._services
        assert services is not None, "granian starts a worker before it serves"
        self._under_way += 1
        try:
            response = await respond(RsgiIncoming(scope, protocol), services, self._panel)
            if self._leaving is not None and self._leaving.has_begun and scope.http_version[0] == "1":
                response.headers.append(("connection", "close"))  # the next request goes to who takes over
            if isinstance(response, Response):
                protocol.response_bytes(response.status, response.headers, response.body)
            elif response.is_long:
                await send_through_pipe(protocol, response, scope.client)
            else:
                await _stream(protocol, response)
        except (StreamCut, TimeoutError):
            pass  # it was cut, and the log says why
        except (BodyUnread, ProtocolClosed):
            pass  # nobody waits for an answer any more
        finally:
            self._under_way -= 1
            if self._all_answered is not None and not self._under_way:
                self._all_answered.set()

    async def _open(self, options: Options) -> None:
        configure_logging()
        open_store(options.metrics_folder, "plain" if options.is_plain_listener and not options.trusted_proxies else "api")
        self._services = await open_services(options)
        await self._services.ledger.warm_up()
        # What was loaded stays: looking through it again and again for garbage stops every call for tens of milliseconds.
        gc.collect()
        gc.freeze()
        gc.set_threshold(COLLECT_AFTER, 20, 100)
        self._panel = Panel(options.panel_socket) if options.panel_socket else None
        if options.workers_folder:
            self._leaving = Leaving(options, lambda: self._under_way)
            self._leaving.be_ready()
        if options.metrics_folder:
            self._looking = asyncio.create_task(look_now_and_then(self._services))

    async def _close(self) -> None:
        """Let every call under way have its answer, then close."""
        if self._under_way:
            self._all_answered = asyncio.Event()
            try:
                await asyncio.wait_for(self._all_answered.wait(), STOP_SECONDS_MAX)
            except TimeoutError:
                TROUBLE.error("stopped while %d calls were under way", self._under_way)
        if self._looking is not None:
            self._looking.cancel()
        if self._leaving is not None:
            self._leaving.close()
        if self._panel is not None:
            await self._panel.close()
        if self._services is not None:
            await self._services.close()
        flush_access_log()


async def _stream(protocol: Any, response: Streamed) -> None:
    transport = protocol.response_stream(response.status, response.headers)
    try:
        async for chunk in response.chunks:
            await transport.send_bytes(chunk)
    finally:
        await response.aclose()


app = Application()
