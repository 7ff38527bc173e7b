# SPDX-License-Identifier: Apache-2.0
"""
Where the time of a call goes: ``python -m benchmarks.profile --py-spy PATH``.

One API worker under load, sampled from outside by py-spy (nothing is traced, so nothing is distorted but by the sampling);
PostgreSQL's statements and functions by its own statistics, nested ones too. Shares are turned into microseconds per call
by the CPU time the process really used.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psycopg

from benchmarks.contestants import Contestant, Field
from benchmarks.options import BenchmarkError, Options, say
from benchmarks.processes import cpu_seconds, thread_cpu_seconds, worker_processes
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
STATEMENTS = """
    SELECT calls, total_exec_time * 1000, toplevel, regexp_replace(query, '\\s+', ' ', 'g') FROM pg_stat_statements
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY total_exec_time DESC LIMIT %s"""
FUNCTIONS = (
    "SELECT calls, total_time * 1000, self_time * 1000, funcname FROM pg_stat_user_functions ORDER BY self_time DESC LIMIT %s"
)


def main() -> int:
    """Profile the calls asked for and print where their time goes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=__doc__.split("\n\n")[0])
    parser.add_argument("--py-spy", default=shutil.which("py-spy"), help="py-spy's program (pip install py-spy, in any venv)")
    parser.add_argument("--call", choices=[*KEYS, "all"], default="all")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--customers", type=int, default=20_000)
    given = parser.parse_args()
    if given.py_spy is None:
        say("py-spy is missing: `pip install py-spy` in any venv, and name it by --py-spy.")
        return 2
    options = Options(seconds=given.seconds, customers=given.customers, workers=1)
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
        connection.execute("SELECT pg_stat_statements_reset(), pg_stat_reset()")
    samples = rig.folder / f"samples-{contestant.key}"
    before, threads_before = cpu_seconds(worker), thread_cpu_seconds(worker)
    load = _sampled(lambda: contestant.run(rig.options.seconds, 1, lambda: None), py_spy, worker, samples, rig.options.seconds)
    after, threads_after = cpu_seconds(worker), thread_cpu_seconds(worker)
    if before is None or after is None:
        raise BenchmarkError("there is no /proc here to read CPU times from")
    per_call = (after - before) * 1e6 / load.timed_calls
    print(f"\n## {contestant.title}: {load.per_second:,.0f}/s, {per_call:.0f} us CPU of the worker per call\n")
    print("| thread | us/call |\n| --- | --- |")
    for (name, number), used in sorted(threads_after.items(), key=lambda item: -item[1]):
        spent = (used - threads_before.get((name, number), 0.0)) * 1e6 / load.timed_calls
        if spent >= 0.5:
            print(f"| {name} {number} | {spent:.1f} |")
    _print_samples(samples, per_call)
    _print_database(rig.url, load)


def _sampled(run: Callable[[], Load], py_spy: Path, pid: int, samples: Path, seconds: int) -> Load:
    """Run while py-spy samples."""
    command = [str(py_spy), "record", "--pid", str(pid), "--duration", str(seconds), "--rate", str(SAMPLES_PER_SECOND)]
    # Only what holds the interpreter's lock: py-spy takes some sleeping threads for running ones.
    command += ["--gil", "--threads", "--format", "raw", "--output", str(samples)]
    told: list[subprocess.CompletedProcess[str]] = []
    watcher = threading.Thread(target=lambda: told.append(subprocess.run(command, capture_output=True, text=True, check=False)))
    watcher.start()
    load = run()
    watcher.join()
    if not samples.exists():
        raise BenchmarkError(f"py-spy failed: {told[0].stderr[-500:]}")
    return load


def _print_samples(samples: Path, per_call: float) -> None:
    """Print the functions by their own time and by the time they and what they call take."""
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
    for title, counted in (("own time", own), ("with all it calls", whole), ("own time by line", lines)):
        print(f"\n| Python function, {title} | us/call | share |\n| --- | --- | --- |")
        for name, count in counted.most_common(LINES_MAX):
            print(f"| {name} | {per_call * count / total:.1f} | {count / total:.1%} |")


def _print_database(url: str, load: Load) -> None:
    with psycopg.connect(url) as connection:
        statements = connection.execute(STATEMENTS, (LINES_MAX,)).fetchall()
        functions = connection.execute(FUNCTIONS, (LINES_MAX,)).fetchall()
    print(
        "\n| PostgreSQL function | calls per API call | us/call, own | us/call, with all it calls |\n| --- | --- | --- | --- |"
    )
    for calls, total_us, self_us, name in functions:
        print(f"| {name} | {calls / load.calls:.2f} | {self_us / load.calls:.1f} | {total_us / load.calls:.1f} |")
    print("\n| statement | executions per API call | us/call | |\n| --- | --- | --- | --- |")
    for calls, total_us, is_top, query in statements:
        text = str(query).strip().replace("|", "\\|")[:110]
        print(
            f"| `{text}` | {calls / load.calls:.3f} | {total_us / load.calls:.1f} | {'from the API' if is_top else 'nested'} |"
        )


def _function(frame: str) -> str:
    name, _, place = frame.rpartition(" (")
    file = place.rstrip(")").rpartition(":")[0]
    return f"{name} ({'/'.join(Path(file).parts[-2:])})"


if __name__ == "__main__":
    sys.exit(main())
