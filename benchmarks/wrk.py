# SPDX-License-Identifier: Apache-2.0
"""HTTP load by wrk: every request another customer, every answer checked (load.lua)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.options import BenchmarkError, say

SCRIPT = Path(__file__).with_name("load.lua")
TAIL_SECONDS = 3
"""How much longer than it sends wrk runs, for the last answers to come."""
THREADS = 2


@dataclass(frozen=True, slots=True)
class Target:
    """One account as a load generator sees it: which codes its customers have, and the fields in front of the code."""

    first_code: int
    last_code: int
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of a load generator came to. Units: microseconds, calls. Times None = not measured."""

    calls: int
    """Acknowledged as successes, those of the warm-up too."""
    failed: int
    timed_calls: int
    """Of the calls those in the time that counts, ``seconds``."""
    seconds: float
    p50_us: int | None
    p99_us: int | None
    points: int = 0
    """The sum of the points that the answers said were recorded."""
    example: str = ""
    """The first failure, as it came."""

    @property
    def per_second(self) -> float:
        return self.timed_calls / self.seconds if self.seconds > 0 else 0.0


def require_wrk() -> None:
    """See that wrk is there; as root on Debian it is installed. Raises BenchmarkError saying how to get it."""
    if shutil.which("wrk"):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("Installing wrk, the load generator (apt-get install wrk).")
        subprocess.run(["apt-get", "update", "--quiet"], check=False)
        subprocess.run(["apt-get", "install", "--yes", "--no-install-recommends", "wrk"], check=False)
        if shutil.which("wrk"):
            return
    raise BenchmarkError("wrk, the load generator, is missing: `apt-get install wrk` (Debian) or `brew install wrk` (macOS).")


def write_plan(path: Path, targets: Sequence[Target]) -> Path:
    """Write what load.lua reads."""
    lines = [f"{target.first_code}\t{target.last_code}\t{urlencode(target.fields)}\n" for target in targets]
    path.write_text("".join(lines))
    path.chmod(0o600)  # it holds the accounts' tokens
    return path


def run_wrk(
    *, url: str, plan: Path, seconds: int, connections: int, seed: int, amount: str, begin: Callable[[], None] = lambda: None
) -> Load:
    """Send for ``seconds``, wait for the last answers, and return what came. Raises BenchmarkError where wrk itself failed."""
    begin()
    command = ["wrk", f"-t{THREADS}", f"-c{connections}", f"-d{seconds + TAIL_SECONDS}s", "--timeout", "30s", "-s", str(SCRIPT)]
    command += [url, "--", str(plan), str(seconds), str(seed), amount]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            return _load(json.loads(line.removeprefix("RESULT ")))
    raise BenchmarkError(f"wrk failed ({done.returncode}): {done.stdout[-500:]} {done.stderr[-500:]}")


def _load(found: dict[str, int | float | str]) -> Load:
    failed = int(found["failed"]) + int(found["socket_errors"])
    unanswered = int(found["sent"]) - int(found["succeeded"]) - int(found["failed"])
    if unanswered:
        raise BenchmarkError(
            f"{unanswered} requests had no answer {TAIL_SECONDS} s after the last was sent: what became of them is not known"
        )
    return Load(
        calls=int(found["succeeded"]),
        failed=failed,
        timed_calls=int(found["succeeded"]),
        seconds=float(found["seconds"]),
        p50_us=int(found["p50_us"]),
        p99_us=int(found["p99_us"]),
        points=int(found["points"]),
        example=str(found["example"]),
    )
