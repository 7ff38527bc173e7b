# SPDX-License-Identifier: Apache-2.0
"""A request and a response as plain values, and what the connection says about who asks (design.md 1)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import NamedTuple, Protocol

from regulars.kit.logs import plain_request_id

API_PATHS = frozenset({"/", "/api.php", "/index.php"})
"""Everything else belongs to the Control Panel."""

_HOST = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?", re.ASCII)


class Headers(Protocol):
    """What the servers give: names in lower case."""

    def get(self, key: str, default: str, /) -> str: ...


class Incoming(Protocol):
    """One request as a server hands it over; the body is not read yet."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def query(self) -> bytes: ...
    @property
    def headers(self) -> Headers: ...
    @property
    def header_pairs(self) -> list[tuple[str, str]]: ...
    def values_of(self, name: str) -> list[str]:
        """Every value of a header that may come several times; the name in lower case."""
        ...

    @property
    def peer(self) -> str:
        """The address at the other end of the connection; "" for a Unix socket."""
        ...

    @property
    def scheme(self) -> str: ...
    @property
    def host(self) -> str: ...
    async def whole(self) -> bytes:
        """The body at once. Only where its declared length is small enough to be held."""
        ...

    def chunks(self) -> AsyncIterator[bytes]:
        """The body, piece by piece."""
        ...


class BodyUnread(Exception):
    """The caller went away before its body had come; there is nobody to answer."""


class Request(NamedTuple):
    """One request, wholly read. ``is_secure``: it came over TLS, here or at a proxy we trust."""

    method: str
    path: str
    query: bytes
    headers: Headers
    body: bytes = b""
    client: str = ""
    """The caller's address."""
    is_secure: bool = True
    host: str = ""
    """The host that was asked, with its port; "" where none that could be one was named."""


@dataclass(frozen=True, slots=True)
class Response:
    """What goes out; the adapters add nothing."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True, slots=True)
class Streamed:
    """A response whose body is still coming."""

    status: int
    headers: list[tuple[str, str]]
    chunks: AsyncIterator[bytes]
    aclose: Callable[[], Awaitable[None]]
    """To be called in any case, also where the chunks were not read to their end."""
    is_long: bool = False
    """Longer than a server may hold for a reader who takes his time: the next chunk is asked for when the last was taken."""


SEND_SECONDS_MAX = 60.0
"""How long one chunk may take to be taken by whoever reads; then the connection is cut."""


class Origin(NamedTuple):
    """Where a request really came from."""

    client: str
    is_secure: bool
    host: str


class Networks:
    """Networks whose addresses are trusted; remembers what it was asked, for callers come back."""

    REMEMBERED_MAX = 4096

    def __init__(self, *networks: IPv4Network | IPv6Network) -> None:
        self._networks = networks
        self._known: dict[str, bool] = {}

    def __iter__(self) -> Iterator[IPv4Network | IPv6Network]:
        return iter(self._networks)

    def __bool__(self) -> bool:
        return bool(self._networks)

    def __contains__(self, address: str) -> bool:
        """Whether an address is in one of the networks; a Unix socket's empty one never is."""
        known = self._known.get(address)
        if known is None:
            if len(self._known) >= self.REMEMBERED_MAX:
                self._known.clear()
            known = self._known[address] = self._has(address)
        return known

    def _has(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        mapped = getattr(parsed, "ipv4_mapped", None)
        return any((mapped or parsed) in network for network in self._networks)


NOBODY = Networks()
FORWARDED = ("x-forwarded-proto", "x-forwarded-host", "x-forwarded-for")


def origin_of(
    *,
    peer: str,
    scheme: str,
    host: str,
    values_of: Callable[[str], list[str]],
    trusted: Networks,
    is_plain_listener: bool,
) -> Origin:
    """
    Return who asks and whether over TLS. X-Forwarded-* headers count only when a trusted proxy sent them.

    Behind a proxy the client is the last address of X-Forwarded-For that is not itself a trusted proxy; what stands
    before it was written by who knows whom. A header that came several times counts as one list.
    """
    host = host if _HOST.fullmatch(host) else ""
    is_secure = scheme == "https" and not is_plain_listener
    if not trusted or peer not in trusted:
        return Origin(peer, is_secure, host)
    return _forwarded_origin(peer, is_secure, host, tuple(",".join(values_of(name)) for name in FORWARDED), trusted)


@lru_cache(maxsize=4096)  # tills come back through the same proxies
def _forwarded_origin(peer: str, is_secure: bool, host: str, told: tuple[str, ...], trusted: Networks) -> Origin:
    """What a trusted proxy says of the caller: ``told`` are the lists of ``FORWARDED``."""
    forwarded = {
        name: [part.strip() for part in value.split(",")] if value else [] for name, value in zip(FORWARDED, told, strict=True)
    }
    if forwarded["x-forwarded-proto"]:
        is_secure = forwarded["x-forwarded-proto"][-1].lower() == "https"
    if forwarded["x-forwarded-host"] and _HOST.fullmatch(forwarded["x-forwarded-host"][-1]):
        host = forwarded["x-forwarded-host"][-1]
    client = peer
    for address in reversed(forwarded["x-forwarded-for"]):
        if not _is_address(address):
            break
        client = address
        if address not in trusted:
            break
    return Origin(client, is_secure, host)


def peer_address(peer: str) -> str:
    """Return the address of "address:port" ("" for a Unix socket)."""
    if peer.startswith("["):
        return peer[1:].partition("]")[0]
    return peer.rpartition(":")[0] if peer.count(":") != 0 else peer


@lru_cache(maxsize=4096)
def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def request_id_of(headers: Headers) -> str:
    """Return the caller's X-Request-Id where it is a plain one, else a new one."""
    return plain_request_id(headers.get("x-request-id", ""))


def plain_headers(pairs: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return headers with names in lower case, for callers that build a Request by hand."""
    return {name.lower(): value for name, value in (pairs or {}).items()}
