# SPDX-License-Identifier: Apache-2.0
"""The coalescing writer (ADR-0004): concurrent calls of a worker leave together, one statement and one commit."""

from __future__ import annotations

from typing import Protocol

from regulars.ledger.books import Found, Posted, Posting, Query


class Ledger(Protocol):
    """What async calls are given."""

    async def post(self, posting: Posting) -> Posted:
        """
        Record one posting durably; the answer comes after its commit.

        Raises: StaleConfiguration, CustomerNotFound, InsufficientBalance, UnexpectedBalance, KeyReused, LockTimeout,
        Overloaded, OutcomeUnknown, DatabaseUnavailable.
        """
        ...

    async def look_up(self, query: Query) -> Found:
        """
        Find one customer with balances as of ``query.at``.

        Raises: StaleConfiguration, CustomerNotFound, DatabaseUnavailable.
        """
        ...
