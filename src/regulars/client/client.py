# SPDX-License-Identifier: Apache-2.0
"""The two clients, one for threads and one for asyncio: how a body goes out and a reply comes in. The rest is shared."""

from __future__ import annotations

import asyncio
import copy
import ssl
import time
from abc import abstractmethod
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import httpx2

from regulars import __version__
from regulars.client.answer import Answer
from regulars.client.calls import Calls
from regulars.client.session import TIMEOUT_SECONDS_MIN, Call, Credentials, Lost, Reply, Retry, Send, Wait, steps

R = TypeVar("R")
H = TypeVar("H", httpx2.Client, httpx2.AsyncClient)
KEEP_ALIVE_SECONDS = 60.0
CONNECTIONS_MAX = 100
DEFAULT_RETRY = Retry()
_NOT_SENT = (
    httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol, httpx2.ProxyError,
)  # fmt: skip
"""Troubles before the first byte of the request; whatever else happens, the server may have got all of it."""


@dataclass(frozen=True, slots=True)
class _Line:
    """Where to, and how."""

    url: str
    timeout_seconds: float
    retry: Retry


class _Connected(Calls[R], Generic[R, H]):
    """What both clients are made of."""

    _http: H

    def __init__(
        self,
        url: str,
        *,
        account_id: str = "",
        user_id: str = "",
        user_api_key: str = "",
        ca_file: str | Path | None = None,
        timeout_seconds: float = 15.0,
        retry: Retry = DEFAULT_RETRY,
        sends_keys: bool = True,
        headers: Mapping[str, str] | None = None,
        trust_env: bool = True,
        allow_plain_http: bool = False,
    ) -> None:
        """
        ``url``: where the server is, such as https://loyalty.example; without a path, /api.php is asked.
        ``account_id``, ``user_id``, ``user_api_key``: sent with every call that needs them.
        ``ca_file``: the certificates to trust in place of the system's, such as the server's own data/tls/ca.pem.
        ``timeout_seconds``: how long one attempt may take, from connecting to the last byte.
        ``retry``: how long and how eagerly a call is sent again; Retry(seconds_max=0): never.
        ``sends_keys``: whether writes get an idempotency key by themselves; False for servers that do not know them.
        ``headers``: sent with every request. ``trust_env``: whether HTTPS_PROXY and the like count.
        ``allow_plain_http``: for tests and for a server on this machine behind its own proxy; keys are sent in the clear.
        """
        super().__init__(Credentials(account_id, user_id, user_api_key), sends_keys=sends_keys)
        given = httpx2.URL(url)
        if given.scheme != "https" and not (allow_plain_http and given.scheme == "http"):
            raise ValueError(f"the address must begin with https://, not {url!r}")
        if not given.host:
            raise ValueError(f"{url!r} names no host")
        verify = ssl.create_default_context(cafile=str(ca_file)) if ca_file is not None else True
        limits = httpx2.Limits(
            max_connections=CONNECTIONS_MAX, max_keepalive_connections=CONNECTIONS_MAX, keepalive_expiry=KEEP_ALIVE_SECONDS
        )
        agent = {"user-agent": f"regulars-client/{__version__}", "content-type": "application/x-www-form-urlencoded"}
        http = {"verify": verify, "limits": limits, "trust_env": trust_env, "headers": {**agent, **(headers or {})}}
        address = str(given.copy_with(path="/api.php") if given.path in ("", "/") else given)
        self._line = _Line(address, timeout_seconds, retry)
        self._http = self._open(**http)

    @abstractmethod
    def _open(self, **options: Any) -> H: ...

    def as_user(self, *, user_id: str, user_api_key: str, account_id: str | None = None) -> Self:
        """Return a client for another user over the same connections; closing one closes both."""
        other = copy.copy(self)
        other._credentials = Credentials(
            self._credentials.account_id if account_id is None else account_id, user_id, user_api_key
        )
        return other

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._line.url!r}, {self._credentials!r})"


class Client(_Connected[Answer, httpx2.Client]):
    """
    The API over HTTP for ordinary code; threads may share one.

        with Client("https://loyalty.example", account_id="beanleaf", user_id="till7", user_api_key=TOKEN) as shop:
            shop.record_activity(campaign_id=CAMPAIGN, code="1001", amount=Decimal("9.95"))
    """

    def _open(self, **options: Any) -> httpx2.Client:
        return httpx2.Client(**options)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _ask(self, call: Call) -> Answer:
        work = steps(call, self._line.retry, self._line.timeout_seconds)
        outcome: Reply | Lost | None = None
        while True:
            try:
                step = work.send(outcome)
            except StopIteration as done:
                answer: Answer = done.value
                return answer
            if isinstance(step, Wait):
                time.sleep(step.seconds)
                outcome = None
            else:
                outcome = self._send(step)

    def _send(self, step: Send) -> Reply | Lost:
        deadline = time.monotonic() + step.timeout_seconds
        pieces = []
        try:
            with self._http.stream("POST", self._line.url, content=step.body, timeout=step.timeout_seconds) as response:
                for piece in response.iter_bytes():
                    pieces.append(piece)
                    if time.monotonic() > deadline:
                        return Lost("the answer did not come in time", was_sent=True)
        except httpx2.HTTPError as error:
            return _lost(error)
        return _reply(response, b"".join(pieces))


class AsyncClient(_Connected[Coroutine[Any, Any, Answer], httpx2.AsyncClient]):
    """
    The same calls, to be awaited under asyncio.

        async with AsyncClient("https://loyalty.example", account_id=..., user_id=..., user_api_key=...) as shop:
            await shop.record_activity(campaign_id=CAMPAIGN, code="1001", amount=Decimal("9.95"))
    """

    def _open(self, **options: Any) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(**options)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _ask(self, call: Call) -> Answer:
        work = steps(call, self._line.retry, self._line.timeout_seconds)
        outcome: Reply | Lost | None = None
        while True:
            try:
                step = work.send(outcome)
            except StopIteration as done:
                answer: Answer = done.value
                return answer
            if isinstance(step, Wait):
                await asyncio.sleep(step.seconds)
                outcome = None
            else:
                outcome = await self._send(step)

    async def _send(self, step: Send) -> Reply | Lost:
        try:
            async with asyncio.timeout(step.timeout_seconds + TIMEOUT_SECONDS_MIN):  # httpx2's own says more, so it comes first
                response = await self._http.post(self._line.url, content=step.body, timeout=step.timeout_seconds)
        except TimeoutError:
            return Lost("the answer did not come in time", was_sent=True)
        except httpx2.HTTPError as error:
            return _lost(error)
        return _reply(response, response.content)


def _reply(response: httpx2.Response, body: bytes) -> Reply:
    headers = response.headers
    return Reply(response.status_code, body, headers.get("x-request-id", ""), headers.get("retry-after", ""))


def _lost(error: httpx2.HTTPError) -> Lost:
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and len(causes) < 10:
        causes.append(cause)
    is_hopeless = any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes)
    return Lost(str(error) or type(error).__name__, was_sent=not isinstance(error, _NOT_SENT), is_hopeless=is_hopeless)
