# SPDX-License-Identifier: Apache-2.0
"""How much the accounts under an office are used. Reads only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from regulars.accounts.directory import AccountConfig

CUSTOMERS_COUNTED_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Usage:
    """
    ``customers``: up to CUSTOMERS_COUNTED_MAX + 1, which means more; ``last_recorded_at`` None: nothing was recorded yet.
    ``transactions``: earnings and redemptions since the month began on the account's clock. ``space_bytes``: of the database,
    about; None = too little to be known.
    """

    customers: int
    campaigns: int
    last_recorded_at: datetime | None
    transactions: int
    space_bytes: int | None


def get_usage(*, account: AccountConfig, account_ids: Collection[int], at: datetime) -> dict[int, Usage]:
    """
    Return how much some accounts are used, by their id; those that are not under the asking one are left out.

    Queries: 1. Source: sql/usage.sql; ADR-0011.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_usage(%s, %s, %s)", [account.id, list(account_ids), at])
        return {row[0]: Usage(*row[1:]) for row in cursor.fetchall()}
