# SPDX-License-Identifier: Apache-2.0
"""
The pass-through to the Control Panel, which is a process of its own behind a Unix socket (design.md 1).

Bodies stream both ways. Headers that belong to one connection are dropped, X-Forwarded-* are written by us alone.
"""

from __future__ import annotations

import httpx2

from regulars.api.exchange import Incoming, Origin, Response, Streamed, request_id_of

_HOP_BY_HOP = frozenset(
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade",
    }
)  # fmt: skip
_OURS = frozenset(
    {
        "forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "x-real-ip",
        "x-request-id",
    }
)  # fmt: skip
_TIMEOUT = httpx2.Timeout(60.0, connect=5.0)
_LIMITS = httpx2.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=30.0)


class Panel:
    """One worker's way to the panel."""

    def __init__(self, socket_path: str) -> None:
        transport = httpx2.AsyncHTTPTransport(uds=socket_path, limits=_LIMITS)
        self._client = httpx2.AsyncClient(
            transport=transport, base_url="http://panel", timeout=_TIMEOUT, trust_env=False, follow_redirects=False
        )

    async def close(self) -> None:
        """Close the connections to the panel."""
        await self._client.aclose()

    async def forward(self, incoming: Incoming, origin: Origin) -> Response | Streamed:
        """Hand a request to the panel and return its response; 502 where the panel does not answer."""
        given = incoming.header_pairs
        request_id = request_id_of(incoming.headers)
        has_body = any(name in ("content-length", "transfer-encoding") for name, _ in given)
        url = self._client.base_url.copy_with(
            raw_path=incoming.path.encode("utf-8", "surrogateescape") + (b"?" + incoming.query if incoming.query else b"")
        )
        request = self._client.build_request(
            incoming.method,
            url,
            headers=[*_end_to_end(given, _OURS), *_forwarded(origin), ("x-request-id", request_id)],
            content=incoming.chunks() if has_body else None,
        )
        try:
            response = await self._client.send(request, stream=True)
        except httpx2.TimeoutException:
            return _plain(504, b"The Control Panel did not answer in time.\n", request_id)
        except httpx2.HTTPError:
            return _plain(502, b"The Control Panel is not running.\n", request_id)
        return Streamed(
            response.status_code,
            _end_to_end(response.headers.multi_items(), frozenset()),
            response.aiter_raw(),
            response.aclose,
        )


def _end_to_end(pairs: list[tuple[str, str]], dropped: frozenset[str]) -> list[tuple[str, str]]:
    """Return the headers that go on to the other side."""
    named = {
        name.strip().lower() for key, value in pairs if key.lower() == "connection" for name in value.split(",") if name.strip()
    }
    return [
        (name.lower(), value)
        for name, value in pairs
        if name.lower() not in _HOP_BY_HOP and name.lower() not in named and name.lower() not in dropped
    ]


def _forwarded(origin: Origin) -> list[tuple[str, str]]:
    headers = [("x-forwarded-proto", "https" if origin.is_secure else "http")]
    if origin.client:
        headers.append(("x-forwarded-for", origin.client))
    if origin.host:
        headers.append(("x-forwarded-host", origin.host))
    return headers


def _plain(status: int, text: bytes, request_id: str) -> Response:
    headers = [("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store"), ("x-request-id", request_id)]
    return Response(status, headers, text)
