# SPDX-License-Identifier: Apache-2.0
"""The API client of this worker's database, one for the whole run: as in production, its snapshots outlive each test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.client import Api


@pytest.fixture(scope="session")
def api() -> Iterator[Api]:
    from tests.client import Api  # models may be imported only once pytest_configure has prepared Django

    client = Api()
    yield client
    client.close()
