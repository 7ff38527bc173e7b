# SPDX-License-Identifier: Apache-2.0
"""How a text leaves: by the HTTP gateway that the account has set up, which is a stranger's and may be anything."""

from __future__ import annotations

import asyncio
import base64
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpcore2

from regulars import __version__
from regulars.kit.outgoing import CheckedNetwork
from regulars.messages.carriers import CarrierUnavailable, Undeliverable
from regulars.messages.text_rules import Gateway, HttpRequest, Text, request_of, without_secrets

TIMEOUT_SECONDS = 15.0
"""For all of one request: the name, the connection, TLS, sending, the beginning of the answer."""
ANSWER_BYTES_MAX = 4_096
SHOWN_LENGTH_MAX = 300
TRIED_AGAIN = (401, 403, 404, 407, 408, 425, 429)
"""Refusals that are not about the text: its owner can mend them, and the text can wait for it."""


@dataclass(frozen=True, slots=True)
class TextOptions:
    """``allows_private``: REGULARS_TEXTS_PRIVATE=yes: gateways may be in private networks, and speak http."""

    allows_private: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> TextOptions:
        """Read it. Raises ValueError naming the variable."""
        private = (os.environ if environment is None else environment).get("REGULARS_TEXTS_PRIVATE", "") or "no"
        if private not in ("yes", "no"):
            raise ValueError("REGULARS_TEXTS_PRIVATE must be yes or no")
        return cls(private == "yes")


@dataclass(frozen=True, slots=True)
class TextCarrier:
    """One account's gateway with its credentials. Used outside of every unit of work, in a thread without an event loop."""

    gateway: Gateway
    username: str
    password: str = field(repr=False)
    allows_private: bool
    timeout_seconds: float = TIMEOUT_SECONDS

    def deliver(self, text: Text, *, number: int) -> None:
        """Hand one text over. Raises: Undeliverable, CarrierUnavailable; neither repeats the password."""
        try:
            request = request_of(self.gateway, text, number=number, username=self.username, password=self.password)
            status, answer = asyncio.run(self._ask(request))
        except TimeoutError as error:
            raise CarrierUnavailable(f"no answer within {self.timeout_seconds:g} s") from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException, OSError, ValueError) as error:
            raise CarrierUnavailable(self._shown(f"{type(error).__name__}: {error}")) from error
        said = self._shown(f"{status}: {answer}")
        if 200 <= status < 300:
            if self.gateway.expects in answer:
                return
            raise Undeliverable(said)
        if 400 <= status < 500 and status not in TRIED_AGAIN:
            raise Undeliverable(said)
        raise CarrierUnavailable(said)

    async def _ask(self, request: HttpRequest) -> tuple[int, str]:
        headers = [("User-Agent", f"Regulars/{__version__}"), *request.headers]
        network = CheckedNetwork(is_public_only=not self.allows_private)
        async with asyncio.timeout(self.timeout_seconds):
            async with (
                httpcore2.AsyncConnectionPool(ssl_context=ssl.create_default_context(), network_backend=network) as pool,
                pool.stream(request.method, request.url, headers=headers, content=request.content) as response,
            ):
                body = b""
                async for part in response.aiter_stream():
                    body += part
                    if len(body) >= ANSWER_BYTES_MAX:
                        break
                return response.status, body[:ANSWER_BYTES_MAX].decode("utf-8", "replace")

    def _shown(self, said: str) -> str:
        basic = base64.b64encode(f"{self.username}:{self.password}".encode()).decode() if self.password else ""
        plain = "".join(letter if letter.isprintable() else " " for letter in without_secrets(said, self.password, basic))
        return " ".join(plain.split())[:SHOWN_LENGTH_MAX]
