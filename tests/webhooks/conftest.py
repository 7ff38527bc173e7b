# SPDX-License-Identifier: Apache-2.0
"""A receiver, and the API client as the tests of calls use it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.conftest import api
from tests.webhooks.receiver import Receiver, receiving

__all__ = ["api"]


@pytest.fixture(autouse=True)
def _nobody_else_is_told(nobody_else_is_told: None) -> None:
    """In each test."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one
