# SPDX-License-Identifier: Apache-2.0
"""
The books at their full size: `make scale`.

Loads SCALE x 1,000,000 customers and 20,500,000 entries where they are not there yet (crowd.py), says how large the tables are,
and has `regulars verify` look at every row: how long each check takes is written to results/. Fails where the books are not in
order.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime

import psycopg

from benchmarks.crowd import Crowd, crowd, customers_from
from benchmarks.options import say
from benchmarks.results import keep

_SIZES = """
SELECT coalesce(p.inhparent, c.oid)::regclass::text, sum(pg_total_relation_size(c.oid))::bigint,
       sum(greatest(c.reltuples, 0))::bigint
FROM pg_class c LEFT JOIN pg_inherits p ON p.inhrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' GROUP BY 1 ORDER BY 2 DESC LIMIT 10
"""


def verified(crowded: Crowd) -> tuple[dict[str, float], int]:
    """Look at every row as `regulars verify` does; return the seconds of each check, and how many found something."""
    from regulars.ledger.verify import CHECKS, verify
    from regulars.reports.lines import CHECKS as ROLL_UP_CHECKS

    seconds: dict[str, float] = {}
    broken = 0
    with psycopg.connect(crowded.url) as connection, connection.cursor() as cursor:
        for check in (*CHECKS, *ROLL_UP_CHECKS):
            started = time.monotonic()
            found = verify(cursor, checks=(check,))
            seconds[f"{check.invariant} {check.says}"] = round(time.monotonic() - started, 2)
            broken += len(found)
            for each in found:
                say(f"NOT IN ORDER: {each.invariant} {each.says}: {each.offences[:3]}")
    return seconds, broken


def sizes(crowded: Crowd) -> dict[str, dict[str, int]]:
    """Return the bytes (indexes too) and the rows, about, of the ten largest tables."""
    with psycopg.connect(crowded.url) as connection:
        return {name: {"bytes": size, "rows": rows} for name, size, rows in connection.execute(_SIZES).fetchall()}


def main() -> int:
    """Load and verify; the exit code says whether the books are in order."""
    customers = customers_from(os.environ)
    with crowd(customers) as crowded:
        large = sizes(crowded)
        for name, table in large.items():
            say(f"{name}: {table['rows']:,} rows, {table['bytes'] / 2**30:.2f} GiB")
        seconds, broken = verified(crowded)
    for name, took in sorted(seconds.items(), key=lambda each: -each[1])[:10]:
        say(f"{took:8.1f} s  {name}")
    say(f"{sum(seconds.values()):8.1f} s  all checks, one after the other")
    file = keep("scale", datetime.now(UTC).date(), customers=customers, tables=large, verify_seconds=seconds)
    say(f"written: benchmarks/results/{file.name}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
