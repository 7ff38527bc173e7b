# SPDX-License-Identifier: Apache-2.0
"""
``python -m tests.simulation``: thousands of lives of the simulated world, each from its seed (world.py).

``--seeds N`` lives N of them from ``--from`` on; ``--seed S`` one alone, and tells its story. A seed that fails is printed as
the line that repeats it. Exit codes: 0 all is well, 1 a seed failed.
"""

from __future__ import annotations

import argparse
import sys
import time

import psycopg

from tests.conftest import TestServer, configure_django


def main() -> int:
    """Make a database of its own, live, and verify the books."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=2000)
    parser.add_argument("--from", type=int, default=1, dest="first")
    parser.add_argument("--seed", type=int)
    told = parser.parse_args()
    server = TestServer()
    server.start()
    try:
        server.create(own := f"{server.run}_simulation", server.template)
        configure_django(server.of(own))
        seeds = [told.seed] if told.seed is not None else range(told.first, told.first + told.seeds)
        return live_all(seeds, server.of(own), tells=told.seed is not None)
    finally:
        if "django" in sys.modules:
            from django.db import connections

            connections.close_all()
        server.stop()


def live_all(seeds: list[int] | range, url: str, *, tells: bool) -> int:
    """Live every seed; say how many went wrong, by the first of them in words."""
    from regulars.ledger.verify import verify
    from tests.simulation.world import digest, live

    started, wrong, tasks = time.monotonic(), 0, 0
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        for number, seed in enumerate(seeds, 1):
            try:
                world = live(seed)
                assert verify(cursor, [world.made.id]) == [], f"python -m tests.simulation --seed {seed}"
            except Exception as error:  # noqa: BLE001 - each seed is tried, whatever became of the one before
                wrong += 1
                print(f"{type(error).__name__}: {error}" if wrong < 4 else f"python -m tests.simulation --seed {seed}")
                continue
            tasks += len(world.tasks)
            if tells:
                print("\n".join(world.story), digest(world), sep="\n")
            if number % 100 == 0:
                print(f"{number} seeds, {tasks} tasks, {wrong} wrong ({time.monotonic() - started:.0f} s)", flush=True)
    print(f"{len(seeds)} seeds, {tasks} tasks, {wrong} wrong ({time.monotonic() - started:.0f} s)")
    return 1 if wrong else 0


sys.exit(main())
