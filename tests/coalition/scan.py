# SPDX-License-Identifier: Apache-2.0
"""The statement between stores found the slow way: every row of the books, one by one, in Python (I16)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

Rows = dict[int, Any]


@dataclass
class Books:
    """All rows of one account."""

    entries: Rows
    lots: dict[tuple[int, int], Any]
    uses: list[Any]
    kinds: dict[int, str]
    balances: dict[int, int]
    """By pool."""

    @classmethod
    def read(cls, url: str, account_id: int) -> Books:
        with psycopg.connect(url, row_factory=namedtuple_row) as connection:

            def rows(text: str) -> list[Any]:
                return connection.execute(text.encode(), [account_id]).fetchall()

            return cls(
                {row.id: row for row in rows("SELECT * FROM ledger_entries WHERE account_id = %s")},
                {(row.origin_entry_id, row.id): row for row in rows("SELECT * FROM ledger_lots WHERE account_id = %s")},
                rows("SELECT * FROM ledger_lot_uses WHERE account_id = %s"),
                {row.id: row.kind for row in rows("SELECT id, kind FROM campaigns_campaigns WHERE account_id = %s")},
                {
                    row.pool_id: int(row.total)
                    for row in rows(
                        "SELECT pool_id, sum(balance) AS total FROM ledger_balances WHERE account_id = %s GROUP BY 1"
                    )
                },
            )

    def store(self, entry: Any) -> int:
        """Whose sale it was."""
        about = self.entries[entry.reverses_id] if entry.kind == "reverse" else entry
        return self.entries[about.cause_id].campaign_id if about.kind == "contribute" else entry.campaign_id

    def store_of_lot(self, lot: Any) -> int:
        origin = self.entries[lot.origin_entry_id]
        return self.store(origin) if origin.campaign_id == lot.campaign_id else lot.campaign_id

    def counted(self, starts_at: datetime | None, ends_at: datetime, closed_id: int | None) -> list[Any]:
        found = []
        for entry in self.entries.values():
            is_late = closed_id is not None and entry.id > closed_id
            if entry.kind == "move" or self.kinds[entry.campaign_id] in ("events", "buyx") or entry.occurred_at >= ends_at:
                continue
            if starts_at is None or entry.occurred_at >= starts_at or is_late:
                found.append(entry)
        return found

    def lines(self, entries: list[Any]) -> dict[int, dict[str, int]]:
        sums: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for entry in entries:
            about = self.entries[entry.reverses_id].kind if entry.kind == "reverse" else entry.kind
            if about == "redeem":
                sums[entry.campaign_id]["redeemed"] -= entry.amount
            elif about in ("expire", "fee"):
                sums[entry.campaign_id]["expired"] -= entry.amount
            elif entry.kind == "reverse" or entry.amount < 0:
                sums[self.store(entry)]["taken_back"] -= entry.amount
            else:
                sums[self.store(entry)]["issued"] += entry.amount
                sums[self.store(entry)]["contributed"] += entry.amount if about == "contribute" else 0
        return {each: {name: n for name, n in parts.items() if n} for each, parts in sums.items() if any(parts.values())}

    def flows(self, entries: list[Any]) -> dict[tuple[int, int, str], int]:
        used: dict[tuple[int, int], int] = defaultdict(int)
        for use in self.uses:
            used[use.origin_entry_id, use.lot_id] += use.amount
        sums: dict[tuple[int, int, str], int] = defaultdict(int)
        chosen = {entry.id: entry for entry in entries}
        for use in self.uses:
            entry = chosen.get(use.entry_id)
            if entry is None or entry.kind in ("expire", "fee"):
                continue
            giver = self.store_of_lot(self.lots[use.origin_entry_id, use.lot_id])
            if entry.kind == "redeem":
                sums[giver, entry.campaign_id, "redeemed"] += use.amount
            else:
                sums[giver, self.store(entry), "set_off"] += use.amount
        for key, lot in self.lots.items():
            entry = chosen.get(lot.id)
            if entry is None:
                continue
            giver = self.store_of_lot(lot)
            if entry.kind == "reverse" and self.entries[entry.reverses_id].kind == "redeem":
                sums[giver, entry.campaign_id, "redeemed"] -= lot.issued
            elif entry.kind == "reverse":
                sums[giver, self.store(entry), "set_off"] -= lot.issued
            paid = lot.issued - lot.remaining - used[key]
            if paid:
                debtor = self.debtor(entry)
                if debtor is not None:
                    sums[giver, debtor, "set_off"] += paid
        return {key: amount for key, amount in sums.items() if amount}

    def debtor(self, entry: Any) -> int | None:
        place = (entry.customer_id, entry.pool_id, entry.item_id)
        before = [
            each
            for each in self.entries.values()
            if (each.customer_id, each.pool_id, each.item_id) == place
            and each.version < entry.version
            and each.kind == "reverse"
            and each.amount < 0
        ]
        return self.store(max(before, key=lambda each: each.version)) if before else None


def shown_lines(statement: Any) -> dict[int, dict[str, int]]:
    """Return a statement's lines in the form of Books.lines()."""
    names = ("issued", "contributed", "taken_back", "redeemed", "expired")
    lines = {line.campaign_id: {name: getattr(line, name) for name in names if getattr(line, name)} for line in statement.lines}
    return {each: parts for each, parts in lines.items() if parts}


def shown_flows(statement: Any) -> dict[tuple[int, int, str], int]:
    """Return a statement's flows in the form of Books.flows()."""
    return {(flow.giver_id, flow.taker_id, flow.kind): flow.amount for flow in statement.flows}
