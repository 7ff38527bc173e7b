# SPDX-License-Identifier: Apache-2.0
"""Requests to hosts that accounts name, webhooks' and text gateways': only to public addresses, and no proxy between."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import httpcore2

from regulars.kit.public_hosts import addresses_of


class CheckedNetwork(httpcore2.AsyncNetworkBackend):
    """Connects to the addresses that were looked at, and only if that is allowed. TLS is still held against the name."""

    def __init__(self, *, is_public_only: bool) -> None:
        self._is_public_only = is_public_only
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore2's own; callers limit the whole
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        try:
            found = await asyncio.get_running_loop().run_in_executor(
                None, lambda: addresses_of(host, port, is_public_only=self._is_public_only)
            )
        except OSError as error:
            raise httpcore2.ConnectError(str(error)) from error
        *others, last = found
        for address in others:
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore2.ConnectError:
                continue
        return await self._network.connect_tcp(last, port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)
