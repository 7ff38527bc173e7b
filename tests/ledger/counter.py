# SPDX-License-Identifier: Apache-2.0
"""One customer at the counter: earns, spends, takes back on a day of our choice, and reads the books afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from regulars.campaigns.operations import add_depreciation, add_fee
from regulars.kit.db import unit_of_work
from regulars.ledger import operations
from regulars.ledger.books import Posted, Query, Reversed
from tests.concurrency.workers import NOW, Shop, open_shop

Rows = Callable[..., list[tuple[Any, ...]]]


def day(number: float) -> datetime:
    """Return the instant so many days after the shop opened."""
    return NOW + timedelta(days=number)


@dataclass
class Counter:
    """Units: points. Days count from the shop's opening."""

    shop: Shop
    kind: str
    rows: Rows

    @property
    def customer(self) -> int:
        return self.shop.customer_ids[0]

    @property
    def where(self) -> dict[str, Any]:
        return {"account": self.shop.made.fresh(), "by": self.shop.made.owner, "campaign_id": self.shop.campaign_ids[self.kind]}

    # -- rules -----------------------------------------------------------------------------------------------------
    def ages(self, days: int, percent: int = 100, on: float = 0, *, basis: str = "per_transaction", unit: str = "days") -> int:
        """Let earnings expire from a day on; return the rule's id."""
        with unit_of_work(self.shop.made.id):
            rule_id = add_depreciation(
                **self.where, at=day(on), basis=basis, interval_count=days, interval_unit=unit, percentage_ppm=percent * 10_000
            )
        self.shop.reload()
        return rule_id

    def fee(self, days: int, amount: int, on: float = 0, *, unit: str = "days") -> int:
        """Take a recurring fee from a day on; return the rule's id."""
        with unit_of_work(self.shop.made.id):
            rule_id = add_fee(
                **self.where, at=day(on), interval_count=days, interval_unit=unit, amount=amount, description="Fee"
            )
        self.shop.reload()
        return rule_id

    # -- what a till does ------------------------------------------------------------------------------------------
    def earn(self, points: int, on: float = 0, /, *, happened: float | None = None, **changes: Any) -> Posted:
        occurred_at = day(on if happened is None else happened)
        posting = self.shop.posting(
            self.customer, points, kind=self.kind, at=day(on), **{"occurred_at": occurred_at, **changes}
        )
        with unit_of_work(self.shop.made.id):
            return operations.post(self.shop.account, posting)

    def spend(self, points: int, on: float = 0, /, **changes: Any) -> Posted:
        return self.earn(-points, on, **changes)

    def take_back(self, entry: Posted | int, on: float = 0, amount: int | None = None, **options: Any) -> Reversed:
        with unit_of_work(self.shop.made.id):
            return operations.reverse(
                account=self.shop.account, entry_id=entry if isinstance(entry, int) else entry.entry_id,
                by=self.shop.made.owner.id, at=day(on), amount=amount, **options,
            )  # fmt: skip

    # -- what the books say ----------------------------------------------------------------------------------------
    def balance(self, on: float) -> int:
        """Return what a look-up on that day shows."""
        query = Query(
            account_id=self.shop.account.id, config_version=self.shop.account.version, at=day(on), customer_id=self.customer,
            campaign_id=self.shop.campaign_ids[self.kind],
        )  # fmt: skip
        with unit_of_work(self.shop.made.id):
            (row,) = operations.look_up(self.shop.account, query).memberships
        return row.balance

    def cumulative(self) -> int:
        ((found,),) = self.rows(
            "SELECT cumulative FROM ledger_memberships WHERE account_id = %s AND customer_id = %s AND campaign_id = %s",
            self.shop.account.id, self.customer, self.shop.campaign_ids[self.kind],
        )  # fmt: skip
        return int(found)

    def lots(self) -> list[tuple[int, float | None]]:
        """Return the open lots as (remaining, day of the next loss), soonest first."""
        rows = self.rows(
            "SELECT remaining, expires_at FROM ledger_lots WHERE account_id = %s AND customer_id = %s AND remaining > 0"
            " ORDER BY expires_at NULLS LAST, earned_at, origin_entry_id, id",
            self.shop.account.id, self.customer,
        )  # fmt: skip
        return [(remaining, None if at is None else round((at - NOW) / timedelta(days=1), 3)) for remaining, at in rows]

    def lines(self, *kinds: str) -> list[tuple[str, float, int]]:
        """Return the entries of some kinds as (kind, day, amount) in the order they were booked."""
        rows = self.rows(
            "SELECT kind, occurred_at, amount FROM ledger_entries WHERE account_id = %s AND customer_id = %s"
            " AND kind = ANY(%s) ORDER BY pool_id, version",
            self.shop.account.id, self.customer, list(kinds),
        )  # fmt: skip
        return [(kind, round((at - NOW) / timedelta(days=1), 3), amount) for kind, at, amount in rows]


def open_counter(rows: Rows, kind: str = "points", **options: Any) -> Counter:
    """Open a shop with one customer; ``options`` as open_shop()."""
    return Counter(open_shop(**{"kinds": [kind], "customer_count": 1, **options}), kind, rows)
