# SPDX-License-Identifier: Apache-2.0
"""A server with its own certificate, as a shop's is, and clients that trust it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from regulars.cli.certificate import own_certificate
from regulars.client import AsyncClient, Client
from tests.api.conftest import api
from tests.clients.server import Server, granian

__all__ = ["api"]


@pytest.fixture(scope="session")
def ca_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_certificate(tmp_path_factory.mktemp("client"), ("127.0.0.1",), datetime.now(UTC)).ca_file


@pytest.fixture(scope="session")
def server(ca_file: Path) -> Iterator[Server]:
    files = own_certificate(ca_file.parents[1], ("127.0.0.1",), datetime.now(UTC))
    with granian(files.certificate_file, files.key_file) as running:
        yield running


@pytest.fixture
def connect(server: Server, ca_file: Path) -> Iterator[Callable[..., Client]]:
    """``connect(**made.credentials)`` gives a client that is closed when the test ends."""
    opened: list[Client] = []

    def make(**options: Any) -> Client:
        opened.append(Client(**{"url": server.url, "ca_file": ca_file, "trust_env": False, **options}))
        return opened[-1]

    yield make
    for client in opened:
        client.close()


@pytest.fixture
def connect_async(server: Server, ca_file: Path) -> Callable[..., AsyncClient]:
    """The same for asyncio; the test closes it."""
    return lambda **options: AsyncClient(**{"url": server.url, "ca_file": ca_file, "trust_env": False, **options})
