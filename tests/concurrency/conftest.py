# SPDX-License-Identifier: Apache-2.0
"""Every test here opens its shops by ``open_shop``; after it, their books are verified, whatever happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

if TYPE_CHECKING:  # models can not be imported before tests/conftest.py has configured Django
    from tests.concurrency.workers import Shop


@pytest.fixture
def open_shop(owner_url: str) -> Iterator[Callable[..., Shop]]:
    """``open_shop(kinds=..., customer_count=...)`` makes an account whose books are verified when the test ends."""
    from regulars.ledger.verify import verify
    from tests.concurrency.workers import open_shop as open_one

    shops: list[Shop] = []

    def make(**options: Any) -> Shop:
        shops.append(open_one(**options))
        return shops[-1]

    yield make
    with psycopg.connect(owner_url) as connection, connection.cursor() as cursor:
        assert verify(cursor, [shop.made.id for shop in shops]) == []


@pytest.fixture
def table_checksums(owner_connection: psycopg.Connection[Any]) -> Callable[[], dict[str, str]]:
    """``table_checksums()`` returns a checksum of all rows of each table of the database."""
    from tests.concurrency.workers import checksums

    def take() -> dict[str, str]:
        with owner_connection.cursor() as cursor:
            return checksums(cursor)

    return take
