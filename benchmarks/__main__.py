# SPDX-License-Identifier: Apache-2.0
"""
One run: ``python -m benchmarks``, or `make bench`.

Exit codes: 0 measured, and every acknowledged write is in the books · 1 a row is missing, a sum is off, an answer was wrong,
or an invariant of the ledger does not hold · 2 the run could not be made.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from datetime import UTC, datetime

from benchmarks import machine
from benchmarks.books import unsound
from benchmarks.contestants import Field, measure, sales_of
from benchmarks.options import BenchmarkError, Options, say
from benchmarks.processes import memory_of, worker_processes
from benchmarks.results import Run
from benchmarks.rig import API_TARGET, PEER_TARGET, PEER_THREADS, Rig
from benchmarks.wrk import require_wrk, run_wrk, write_plan

WARM_UP_SECONDS = 2
TRIAL_SECONDS = 5
TRIAL_ROUNDS = 2
WORKERS_TRIED = (1, 2)


def main() -> int:
    """Make the rig, run the rounds, look into the books, write the results."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        options = Options.from_environment()
        require_wrk()
        options.directory.mkdir(parents=True, exist_ok=True)
        machine.refuse_memory_disk(options.directory)
        with Rig(options) as rig:
            run = bench(rig)
    except BenchmarkError as error:
        say(str(error))
        return 2
    files = run.write(datetime.now(UTC).date(), machine.short_name())
    print("\n".join(["", *run.lines(), ""]))
    say(f"written: {', '.join(f'benchmarks/results/{file.name}' for file in files)}")
    for complaint in run.complaints:
        say(f"WRONG: {complaint}")
    return 1 if run.complaints else 0


def bench(rig: Rig) -> Run:
    """Run all rounds on a rig that is filled."""
    options = rig.options
    started = time.monotonic()
    say("checking the books before the first measurement")
    broken = unsound(rig.url)
    if broken:
        raise BenchmarkError(f"the generated data is not sound: {broken}")
    trial = {} if options.workers else try_workers(rig)
    workers = options.workers or max(trial, key=lambda number: sorted(trial[number])[len(trial[number]) // 2])
    field = Field(rig, workers, options.contestants)
    run = Run(_about(rig, field), field.contestants, worker_trial=trial)
    run.rounds = {each.key: [] for each in field.contestants}
    for number in range(options.rounds + 1):
        # Every second round backwards: what drifts during a run favours nobody.
        for contestant in field.contestants if number % 2 else reversed(field.contestants):
            seconds = options.seconds if number else WARM_UP_SECONDS
            measured = measure(contestant, rig, seconds, seed=1 + number)
            name = f"round {number}" if number else "warm-up"
            run.complaints += [f"{contestant.key}, {name}: {complaint}" for complaint in measured.complaints]
            say(f"{name} {contestant.key:9}{measured.load.per_second:9,.0f}/s  {contestant.title}")
            if number:
                run.rounds[contestant.key].append(measured)
    _note_memory(run, field)
    checked = sum(each.load.calls for key in run.rounds for each in run.rounds[key])
    run.proof["calls measured, each write of them found in its tables"] = f"{checked:,}"
    say("regulars verify")
    verify_started = time.monotonic()
    run.complaints += unsound(rig.url)
    run.proof["regulars verify over everything written"] = f"{time.monotonic() - verify_started:.1f} s"
    run.about["Run"]["duration"] = f"{time.monotonic() - started:.0f} s"
    return run


def try_workers(rig: Rig) -> dict[int, list[float]]:
    """Return sales per second with each number of workers, tried in turns on servers of their own."""
    tried = {number: rig.regulars(workers=number, secure=False) for number in WORKERS_TRIED}
    plan = write_plan(rig.folder / "plan-trial", sales_of(rig))
    speeds: dict[int, list[float]] = {number: [] for number in tried}
    for attempt in range(TRIAL_ROUNDS):
        for number, (_, address) in tried.items():
            load = run_wrk(
                url=address,
                plan=plan,
                seconds=TRIAL_SECONDS,
                connections=rig.options.connections,
                seed=attempt,
                amount="random",
            )
            if load.failed:
                raise BenchmarkError(f"{load.failed} sales failed with {number} workers: {load.example}")
            speeds[number].append(round(load.per_second, 1))
            say(f"{number} API worker{'s' if number > 1 else ''}: {load.per_second:,.0f} sales/s")
    for server, _ in tried.values():
        server.stop()
    return speeds


def _note_memory(run: Run, field: Field) -> None:
    for name, (server, _) in field.servers.items():
        target = PEER_TARGET if name == "peer" else API_TARGET
        found = [memory_of(pid) for pid in worker_processes(server.pid, target)]
        run.memory[name] = [
            {"rss_mib": each.resident_mib, "pss_mib": each.proportional_mib} for each in found if each is not None
        ]


def _about(rig: Rig, field: Field) -> dict[str, dict[str, str]]:
    options = rig.options
    return {
        "Machine": {
            **machine.describe_machine(),
            "one durable 8 KiB write": f"{machine.sync_milliseconds(options.directory):.2f} ms",
            "load at the start": f"{os.getloadavg()[0]:.1f} processes over the last minute, the making of the data among them",
        },
        "Versions": {"Regulars": machine.describe_commit(), **machine.describe_versions()},
        "PostgreSQL": rig.settings(),
        "Run": {
            "rounds": f"{options.rounds} of {options.seconds} s each, every second one backwards",
            "connections": str(options.connections),
            "data": f"{options.customers:,} customers in {options.accounts} accounts",
            "API workers": f"{field.workers}{'' if options.workers else ' (the better of those tried)'}",
            "ORM peer": f"granian WSGI, workers: {field.peer_workers}, threads of each: {PEER_THREADS}, persistent connections",
            "load generators": "wrk with 2 threads, every answer checked; pgbench with 2 threads, prepared; on the same cores",
        },
    }


if __name__ == "__main__":
    sys.exit(main())
