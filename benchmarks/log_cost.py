# SPDX-License-Identifier: Apache-2.0
"""
What the request log costs a call: ``python -m benchmarks.log_cost``.

One server, one worker; the accounts' logs are switched off and on in turns, in one run. CPU per call is that of all processes
of the server and of PostgreSQL, from /proc; the ratio of a round is on / off, and the median of the rounds is the result.
"""

from __future__ import annotations

import argparse
import statistics
import sys

import psycopg

from benchmarks.contestants import Contestant, Field, measure
from benchmarks.options import BenchmarkError, Options, say
from benchmarks.profile import KEYS
from benchmarks.rig import Rig
from benchmarks.wrk import require_wrk

DAYS_ON, DAYS_OFF = 7, 0
RATIO_MAX = 1.05


def main() -> int:
    """Measure both calls and print their ratios. Returns 1 where one is over the bar, 2 where nothing was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.log_cost", description="What the request log costs a call.")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=64)
    given = parser.parse_args()
    options = Options(
        seconds=given.seconds, rounds=given.rounds, customers=given.customers, connections=given.connections, workers=1
    )
    try:
        require_wrk()
        options.directory.mkdir(parents=True, exist_ok=True)
        with Rig(options) as rig:
            field = Field(rig, 1, list(KEYS.values()))
            ratios = [compare(contestant, rig) for contestant in field.contestants]
    except BenchmarkError as error:
        say(str(error))
        return 2
    return 1 if max(ratios) > RATIO_MAX else 0


def compare(contestant: Contestant, rig: Rig) -> float:
    """Run one contestant with the log off and on in turns; return the median ratio of CPU per call."""
    switch(rig, DAYS_ON)
    measure(contestant, rig, 3, seed=0)
    found: list[tuple[float, float]] = []
    for number in range(rig.options.rounds):
        costs: dict[int, float] = {}
        for days in (DAYS_OFF, DAYS_ON) if number % 2 else (DAYS_ON, DAYS_OFF):
            switch(rig, days)
            measured = measure(contestant, rig, rig.options.seconds, seed=1 + number)
            if measured.complaints or measured.server_us is None or measured.database_us is None:
                raise BenchmarkError(f"not measured: {measured.complaints or 'there is no /proc here'}")
            costs[days] = measured.server_us + measured.database_us
            say(
                f"round {number + 1} log {'on ' if days else 'off'} {measured.load.per_second:8,.0f}/s"
                f"  server {measured.server_us:4.0f} us  PostgreSQL {measured.database_us:4.0f} us per call"
            )
        found.append((costs[DAYS_OFF], costs[DAYS_ON]))
    ratio = statistics.median(on / off for off, on in found)
    off, on = (statistics.median(side) for side in zip(*found, strict=True))
    say(f"{contestant.title}: {off:.0f} us off, {on:.0f} us on, ratio {ratio:.3f} (median of {len(found)} rounds)")
    say(f"logged: {logged(rig):,} requests")
    return ratio


def switch(rig: Rig, days: int) -> None:
    """Switch every account's log; the new version of their configuration binds from the next call."""
    with psycopg.connect(rig.url, autocommit=True) as connection:
        connection.execute("UPDATE accounts_accounts SET request_log_days = %s", (days,))


def logged(rig: Rig) -> int:
    """Return how many requests stand in the logs."""
    with psycopg.connect(rig.url) as connection:
        row = connection.execute("SELECT count(*) FROM request_log_entries").fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    sys.exit(main())
