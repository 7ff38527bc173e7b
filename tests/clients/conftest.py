# SPDX-License-Identifier: Apache-2.0
"""One server over TLS for all the clients of a worker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.clients.server import Server


@pytest.fixture(scope="session")
def tls_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server with its own certificate, on this worker's database."""
    from regulars.cli.certificate import own_certificate
    from tests.clients.server import granian

    files = own_certificate(tmp_path_factory.mktemp("data"), (), datetime.now(UTC))
    with granian(files.certificate_file, files.key_file) as running:
        yield running
