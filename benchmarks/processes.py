# SPDX-License-Identifier: Apache-2.0
"""Servers under test as processes: started, measured from /proc, stopped in order."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from benchmarks.options import ROOT, BenchmarkError
from regulars.kit.processes import die_with_parent

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 60
HAS_PROC = Path("/proc/self/stat").exists()
"""Where there is none (macOS), CPU and memory are left out of the results."""
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_RESOURCE_TRACKER = "resource_tracker"


class Server:
    """One server with its children. ``log`` receives what it writes."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.command = list(command)
        self.environment = dict(environment)
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start it; use ``wait_for_port`` to wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=die_with_parent(),  # noqa: PLW1509 (it calls the C library only)
            )  # fmt: skip
        return self

    def wait_for_port(self, port: int) -> None:
        """Wait until something listens on a loopback port. Raises BenchmarkError when the server ended or takes too long."""
        until = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < until:
            self.refuse_dead()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.1)
        raise BenchmarkError(f"{self.name} did not listen within {START_SECONDS_MAX} s (its log: {self.log})")

    def refuse_dead(self) -> None:
        """Raise BenchmarkError where the server is not running any more, with its last words."""
        if self.process is None or self.process.poll() is not None:
            raise BenchmarkError(f"{self.name} ended by itself: {self.log.read_text(errors='replace')[-2000:]}")

    def stop(self) -> None:
        """Ask it to stop and wait; kill what does not heed."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self.process = None

    @property
    def pid(self) -> int:
        assert self.process is not None, "started"
        return self.process.pid

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def free_port() -> int:
    """Return a loopback port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Memory:
    """Of one process. Units: MiB. PSS counts a page shared by n processes as 1/n."""

    resident_mib: float
    proportional_mib: float


def cpu_seconds(root: int) -> float | None:
    """Return the CPU time a process, its descendants and those of them that ended have used so far; None = not known here."""
    if not HAS_PROC:
        return None
    ticks = 0
    for pid in (root, *descendants(root)):
        fields = _stat(pid)
        # utime, stime, and the two of children that ended and were waited for
        ticks += sum(int(value) for value in fields[11:15]) if fields else 0
    return ticks / _TICKS_PER_SECOND


def descendants(root: int) -> list[int]:
    """Return the ids of all processes below one."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found: list[int] = []
    waiting = [root]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def worker_processes(root: int, target: str) -> list[int]:
    """Return the worker processes of the listening process below (or at) ``root`` whose command line names ``target``."""
    if not HAS_PROC:
        return []
    found = set()
    for pid in (root, *descendants(root)):
        if target in _command_line(pid):
            found |= {child for child in descendants(pid) if _RESOURCE_TRACKER not in _command_line(child)}
    return sorted(found)


def memory_of(pid: int) -> Memory | None:
    """Return the memory of one process; None = not known here, or it ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return None
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith("kB")}
    return Memory(sizes.get("Rss", 0) / 1024, sizes.get("Pss", 0) / 1024)


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat from the state on; empty where the process is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""


def thread_cpu_seconds(pid: int) -> dict[int, float]:
    """Return the CPU time of each thread of a process by its id, which is ``pid`` for the main one; empty where not known."""
    found = {}
    for entry in Path(f"/proc/{pid}/task").iterdir() if HAS_PROC else ():
        fields = (entry / "stat").read_text().rpartition(")")[2].split()
        found[int(entry.name)] = (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND
    return found
