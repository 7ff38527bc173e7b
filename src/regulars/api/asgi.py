# SPDX-License-Identifier: Apache-2.0
"""The API under any ASGI server: ``uvicorn regulars.api.asgi:app``. Configured by api/options.py."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.kit.settings")
os.environ.setdefault("REGULARS_FACE", "api")
django.setup()  # before anything that imports a model

from regulars.api.access_log import configure_logging, flush_access_log  # noqa: E402
from regulars.api.exchange import SEND_SECONDS_MAX, BodyUnread, Headers, Response, Streamed  # noqa: E402
from regulars.api.gate import respond  # noqa: E402
from regulars.api.options import Options  # noqa: E402
from regulars.api.panel_proxy import Panel  # noqa: E402
from regulars.api.services import Services, open_services, system_clock  # noqa: E402

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class AsgiIncoming:
    """One request of an ASGI server."""

    __slots__ = ("_receive", "_scope", "header_pairs", "headers", "host", "method", "path", "peer", "query", "scheme")

    def __init__(self, scope: dict[str, Any], receive: Receive) -> None:
        self._scope = scope
        self._receive = receive
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query: bytes = scope["query_string"]
        self.header_pairs: list[tuple[str, str]] = [
            (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]
        ]
        self.headers: Headers = dict(self.header_pairs)
        client = scope.get("client")
        self.peer: str = client[0] if client else ""
        self.scheme: str = scope.get("scheme", "http")
        self.host: str = self.headers.get("host", "")

    def values_of(self, name: str) -> list[str]:
        return [value for given, value in self.header_pairs if given == name]

    async def whole(self) -> bytes:
        return b"".join([chunk async for chunk in self.chunks()])

    async def chunks(self) -> AsyncIterator[bytes]:
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise BodyUnread
            body: bytes = message.get("body", b"")
            if body:
                yield body
            if not message.get("more_body", False):
                return


class Application:
    """The ASGI application; its services belong to the event loop that sent it the lifespan's start."""

    def __init__(self, options: Options | None = None, clock: Callable[[], datetime] = system_clock) -> None:
        self._options = options
        self._clock = clock
        self._services: Services | None = None
        self._panel: Panel | None = None

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                options = self._options or Options.from_environment()
                configure_logging()
                self._services = await open_services(options, self._clock)
                self._panel = Panel(options.panel_socket) if options.panel_socket else None
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if self._panel is not None:
                    await self._panel.close()
                if self._services is not None:
                    await self._services.close()
                flush_access_log()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _http(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        services = self._services
        assert services is not None, "the server must run the lifespan protocol"
        try:
            response = await respond(AsgiIncoming(scope, receive), services, self._panel)
        except BodyUnread:
            return
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
        if isinstance(response, Response):
            headers.append((b"content-length", str(len(response.body)).encode()))
            await send({"type": "http.response.start", "status": response.status, "headers": headers})
            await send({"type": "http.response.body", "body": response.body})
            return
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await _stream(send, response)


async def _stream(send: Send, response: Streamed) -> None:
    try:
        async for chunk in response.chunks:
            async with asyncio.timeout(SEND_SECONDS_MAX):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        await response.aclose()


app = Application()
