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


def report(what: str, lines: int, run: tuple[float, float, int]) -> None:
    """Print one measurement: wall seconds, CPU seconds, KiB of growth of the peak memory."""
    wall, cpu, grown = run
    print(
        f"{what:<44} {lines:>7} lines  {wall:7.2f} s wall  {cpu:6.2f} s CPU  {lines / wall:7.0f} lines/s  +{grown // 1024} MiB",
        flush=True,
    )


def used() -> tuple[float, float, int]:
    """Return wall seconds, CPU seconds of this process, and its peak memory in KiB."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), usage.ru_utime + usage.ru_stime, usage.ru_maxrss


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(int(sys.argv[2]))
        sys.exit(0)
    sys.exit(main())
