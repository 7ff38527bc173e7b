# SPDX-License-Identifier: Apache-2.0
"""Whether what was answered is what is written: counted after every single run, for the rivals too."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from benchmarks.options import say
from benchmarks.wrk import Load
from regulars.ledger.verify import verify


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the books stand at a moment."""

    last_id: int
    balance_total: int


@dataclass(frozen=True, slots=True)
class Books:
    """One contestant's tables: rows of ``entries`` have ``id`` from its own sequence; ``balances`` have ``balance``."""

    url: str
    entries: str
    balances: str
    amount: str = "amount"

    def mark(self) -> Mark:
        """Note where the books stand; nothing may be under way."""
        with psycopg.connect(self.url) as connection:
            last = connection.execute(
                f"SELECT last_value - (NOT is_called)::int FROM {self.entries}_id_seq".encode()
            ).fetchone()
            total = connection.execute(f"SELECT coalesce(sum(balance), 0)::bigint FROM {self.balances}".encode()).fetchone()
        assert last is not None
        assert total is not None
        return Mark(int(last[0]), int(total[0]))

    def complaints(self, since: Mark, load: Load, *, is_write: bool, is_points_known: bool) -> list[str]:
        """Return what is wrong with the books after a run: nothing, where every acknowledged call is in them, once."""
        with psycopg.connect(self.url) as connection:
            row = connection.execute(
                f"SELECT count(*), coalesce(sum({self.amount}), 0)::bigint FROM {self.entries} WHERE id > %s".encode(),
                (since.last_id,),
            ).fetchone()
        assert row is not None
        rows, amount = int(row[0]), int(row[1])
        gained = self.mark().balance_total - since.balance_total
        found = []
        wanted = load.calls if is_write else 0
        if rows != wanted:
            found.append(f"{wanted} acknowledged writes, {rows} rows")
        if amount != gained:
            found.append(f"rows add {amount}, balances grew by {gained}")
        if is_points_known and load.points != amount:
            found.append(f"the answers said {load.points} points, the rows say {amount}")
        return found


def unsound(url: str) -> list[str]:
    """Run `regulars verify` on the whole database; return what does not hold."""
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        findings = verify(cursor)
    for finding in findings:
        say(f"{finding.invariant} does not hold: {finding.says}: {finding.offences[:3]}")
    return [f"{finding.invariant}: {finding.says} ({len(finding.offences)} or more offences)" for finding in findings]
