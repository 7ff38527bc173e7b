# SPDX-License-Identifier: Apache-2.0
"""
Batches: lines per second and the memory of the process that carries them out.

    .venv/bin/python -m benchmarks.batches 5000 100000

On an embedded PostgreSQL of its own, durable. Each call in both forms; a size beyond what one answer takes is carried out by
``carry_on`` as the jobs do. Prints wall seconds, CPU seconds of this process, lines per second, growth of its peak memory.
"""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from regulars.kit.embedded import EmbeddedPostgres


def main() -> int:
    """Start a database, make it ready, and measure each size. Returns the exit code."""
    sizes = [int(text) for text in sys.argv[1:]] or [5_000]
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as directory:
        server = EmbeddedPostgres(Path(directory) / "data", say=lambda _: None)
        os.environ["DATABASE_URL"] = server.start()
        os.environ["REGULARS_BENCH_SERVER"] = (Path(directory) / "data" / "postgres" / "postmaster.pid").read_text().split()[0]
        os.environ["DJANGO_SETTINGS_MODULE"] = "regulars.kit.settings"
        try:
            subprocess.run([sys.executable, "-m", "django", "migrate", "--verbosity", "0"], check=True)
            os.environ["REGULARS_DATABASE_ROLE"] = "regulars_app"
            for size in sizes:
                subprocess.run([sys.executable, "-m", "benchmarks.batches", "--measure", str(size)], check=True)
        finally:
            server.stop()
    return 0


def measure(size: int) -> None:
    """Bring and undo batches of ``size`` lines, each new customers, the same again, and sales; print a line for each."""
    import django

    django.setup()
    from benchmarks.batch_calls import Shop

    asyncio.run(Shop.open_and_run(size, report))


Reading = tuple[float, float, float, int]
"""Wall seconds, CPU seconds of this process and of the database's server, peak memory of this process in KiB."""


def report(what: str, lines: int, run: Reading) -> None:
    """Print one measurement."""
    wall, cpu, server, grown = run
    rate, growth = lines / wall, grown // 1024
    times = f"{wall:7.2f} s wall  {cpu:6.2f} s CPU + {server:6.2f} s PostgreSQL"
    print(f"{what:<40} {lines:>7} lines  {times}  {rate:6.0f} lines/s  +{growth} MiB", flush=True)


def used() -> Reading:
    """Return what was used so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), usage.ru_utime + usage.ru_stime, server_seconds(), usage.ru_maxrss


def between(before: Reading, after: Reading) -> Reading:
    """Return what was used between two readings."""
    return after[0] - before[0], after[1] - before[1], after[2] - before[2], after[3] - before[3]


def server_seconds() -> float:
    """Return the CPU seconds of the database's server and of all its processes, those that have ended too (Linux)."""
    server = os.environ["REGULARS_BENCH_SERVER"]
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if stat.parent.name == server:
            ticks += sum(int(word) for word in words[11:15])
        elif words[1] == server:
            ticks += int(words[11]) + int(words[12])
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(int(sys.argv[2]))
        sys.exit(0)
    sys.exit(main())
