# SPDX-License-Identifier: Apache-2.0
"""
Where the time of a call goes: ``python -m benchmarks.profile --py-spy PATH``.

One API worker under load, sampled from outside by py-spy (nothing is traced, so nothing is distorted but by the sampling);
PostgreSQL's statements, functions, rows and log by its own statistics, nested statements too. Samples are taken where the
interpreter's lock is held; their shares are turned into microseconds per call by the CPU time of the main thread.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.contestants import Contestant, Field
from benchmarks.options import BenchmarkError, Options, say
from benchmarks.processes import thread_cpu_seconds, worker_processes
from benchmarks.rig import API_TARGET, Rig
from benchmarks.wrk import Load

KEYS = {"record_activity": "a", "customer_info": "b"}
POSTGRES_SETTINGS = {
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track": "all",
    "track_functions": "all",
}
SAMPLES_PER_SECOND = 250
LINES_MAX = 30
LEAST_US = 0.5
"""What takes less per call is not shown."""
ALWAYS_SHARE = 0.98
"""A function in more samples than that is the server's main loop, which says nothing."""
RESET = "SELECT pg_stat_statements_reset(), pg_stat_reset(), pg_stat_reset_shared('wal')"
FUNCTIONS = """
    SELECT funcname, calls, self_time * 1000, total_time * 1000 FROM pg_stat_user_functions ORDER BY self_time DESC LIMIT 30"""
STATEMENTS = r"""
    SELECT calls, total_exec_time * 1000, CASE WHEN toplevel THEN 'sent' ELSE 'nested' END,
           left(regexp_replace(query, '\s+', ' ', 'g'), 120)
    FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    ORDER BY total_exec_time DESC LIMIT 30"""
ROWS = """
    SELECT relname, n_tup_ins, n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables
    WHERE n_tup_ins + n_tup_upd > 0 ORDER BY n_tup_ins + n_tup_upd DESC LIMIT 10"""
LOG = "SELECT wal_records, wal_fpi, wal_bytes FROM pg_stat_wal"


def main() -> int:
    """Profile the calls asked for and print where their time goes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description="Where the time of a call goes.")
    parser.add_argument("--py-spy", default=shutil.which("py-spy"), help="py-spy's program (pip install py-spy, in any venv)")
    parser.add_argument("--call", choices=[*KEYS, "all"], default="all")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--customers", type=int, default=20_000)
    given = parser.parse_args()
    if given.py_spy is None:
        say("py-spy is missing: `pip install py-spy` in any venv, and name it by --py-spy.")
        return 2
    options = Options(seconds=given.seconds, customers=given.customers, workers=1)
    options.directory.mkdir(parents=True, exist_ok=True)
    calls = list(KEYS) if given.call == "all" else [given.call]
    try:
        with Rig(options, postgres_settings=POSTGRES_SETTINGS) as rig:
            field = Field(rig, 1, [KEYS[call] for call in calls])
            with psycopg.connect(rig.url, autocommit=True) as connection:
                connection.execute("CREATE EXTENSION pg_stat_statements")
            for contestant in field.contestants:
                profile(contestant, rig, Path(given.py_spy))
    except BenchmarkError as error:
        say(str(error))
        return 2
    return 0


def profile(contestant: Contestant, rig: Rig, py_spy: Path) -> None:
    """Load one contestant and print its costs per call."""
    assert contestant.server is not None, "profiled are calls over HTTP"
    (worker,) = worker_processes(contestant.server.pid, API_TARGET)
    contestant.run(2, 0, lambda: None)
    with psycopg.connect(rig.url, autocommit=True) as connection:
        connection.execute(RESET)
    samples = rig.folder / f"samples-{contestant.key}"
    before = thread_cpu_seconds(worker)
    load = _sampled(lambda: contestant.run(rig.options.seconds, 1, lambda: None), py_spy, worker, samples, rig.options.seconds)
    after = thread_cpu_seconds(worker)
    spent = {number: (used - before.get(number, 0.0)) * 1e6 / load.timed_calls for number, used in after.items()}
    if worker not in spent:
        raise BenchmarkError("there is no /proc here to read CPU times from")
    print(f"\n## {contestant.title}: {load.per_second:,.0f}/s, {sum(spent.values()):.0f} us CPU of the worker per call")
    threads = sorted(spent.items(), key=lambda item: -item[1])
    shown = (
        ("main, Python" if number == worker else "of the HTTP server", each) for number, each in threads if each >= LEAST_US
    )
    _print_table(("thread", "us/call"), shown)
    _print_samples(samples, spent[worker])
    _print_database(rig.url, load.calls)


def _sampled(run: Callable[[], Load], py_spy: Path, pid: int, samples: Path, seconds: int) -> Load:
    """Run while py-spy samples."""
    command = [str(py_spy), "record", "--pid", str(pid), "--duration", str(seconds), "--rate", str(SAMPLES_PER_SECOND)]
    # Only what holds the interpreter's lock: some threads that sleep look as if they ran.
    command += ["--gil", "--format", "raw", "--output", str(samples)]
    told: list[subprocess.CompletedProcess[str]] = []
    watcher = threading.Thread(target=lambda: told.append(subprocess.run(command, capture_output=True, text=True, check=False)))
    watcher.start()
    load = run()
    watcher.join()
    if not samples.exists():
        raise BenchmarkError(f"py-spy failed: {told[0].stderr[-500:]}")
    return load


def _print_samples(samples: Path, per_call: float) -> None:
    """Print the functions by their own time and by the time they and what they call take, and the lines."""
    own: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    total = 0
    for line in samples.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        frames = stack.split(";")
        total += int(count)
        own[_function(frames[-1])] += int(count)
        lines[frames[-1]] += int(count)
        for function in {_function(frame) for frame in frames}:
            whole[function] += int(count)
    for title, counted in (("with all it calls", whole), ("own time", own), ("own time by line", lines)):
        shares = [(name, number / total) for name, number in counted.most_common() if number < total * ALWAYS_SHARE]
        rows = ((name, per_call * share, f"{share:.1%}") for name, share in shares[:LINES_MAX])
        _print_table((f"Python function, {title}", "us/call", "share"), rows)


def _print_database(url: str, calls: int) -> None:
    with psycopg.connect(url) as connection:
        functions = connection.execute(FUNCTIONS).fetchall()
        statements = connection.execute(STATEMENTS).fetchall()
        tables = connection.execute(ROWS).fetchall()
        log = connection.execute(LOG).fetchone()
    _print_table(
        ("PostgreSQL function", "executions per call", "us/call, own", "us/call, with all it calls"),
        ((name, done / calls, own / calls, us / calls) for name, done, own, us in functions if us / calls >= LEAST_US),
    )
    _print_table(
        ("executions per call", "us/call", "", "statement"),
        ((done / calls, us / calls, how, f"`{text}`") for done, us, how, text in statements if us / calls >= LEAST_US),
    )
    _print_table(
        ("table", "rows inserted per call", "rows updated per call", "of them in place (HOT)"),
        (
            (name, added / calls, updated / calls, f"{hot / updated:.0%}" if updated else "-")
            for name, added, updated, hot in tables
        ),
    )
    if log is not None:
        records, images, size = (float(value) / calls for value in log)
        print(f"\nWrite-ahead log per call: {records:.1f} records, {images:.3f} whole pages, {size:,.0f} bytes")


def _print_table(head: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    print(f"\n| {' | '.join(head)} |\n|{' --- |' * len(head)}")
    for row in rows:
        print(
            "| "
            + " | ".join(f"{cell:.2f}" if isinstance(cell, float) else str(cell).replace("|", "\\|") for cell in row)
            + " |"
        )


def _function(frame: str) -> str:
    name, _, place = frame.rpartition(" (")
    file = place.rstrip(")").rpartition(":")[0]
    return f"{name} ({'/'.join(Path(file).parts[-2:])})"


if __name__ == "__main__":
    sys.exit(main())
