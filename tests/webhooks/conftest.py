# SPDX-License-Identifier: Apache-2.0
"""A receiver, and the API client as the tests of calls use it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.api.conftest import api
from tests.webhooks.receiver import Receiver, receiving

__all__ = ["api"]


@pytest.fixture(autouse=True)
def _nobody_else_is_told(owner_connection: psycopg.Connection[Any]) -> None:
    """A run of the job tells every account's endpoints: those of earlier tests are gone."""
    for table in ("webhooks_deliveries", "webhooks_lanes", "webhooks_endpoints"):
        owner_connection.execute(f"DELETE FROM {table}".encode())


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one
