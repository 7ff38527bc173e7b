# SPDX-License-Identifier: Apache-2.0
"""The real service: ``regulars serve --demo`` with its own embedded PostgreSQL, and a way to its processes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

START_SECONDS_MAX = 120
STOP_SECONDS_MAX = 90


@dataclass(frozen=True)
class Process:
    """One line of ps. Units: rss_kb in 1,024 bytes."""

    pid: int
    parent: int
    rss_kb: int
    command: str


def processes() -> list[Process]:
    """Return every process of the machine."""
    shown = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,rss=,command="], capture_output=True, text=True, check=True
    ).stdout
    found = []
    for line in shown.splitlines():
        pid, parent, rss, command = line.split(None, 3)
        found.append(Process(int(pid), int(parent), int(rss), command))
    return found


class Service:
    """One ``regulars serve`` on loopback, behind a proxy as far as it knows, so that the load is not TLS."""

    def __init__(self, directory: Path, worker_count: int) -> None:
        self._directory = directory
        self._worker_count = worker_count
        self._ready_file = directory / "ready.json"
        self._log_file = directory / "serve.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.ready: dict[str, Any] = {}

    # -- starting and stopping -------------------------------------------------------------------------------------
    def start(self) -> None:
        """Start it and wait until it says that it answers; a second start listens where the first did."""
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("REGULARS_", "DATABASE_", "DJANGO_"))
        }
        self._ready_file.unlink(missing_ok=True)
        with self._log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    str(Path(sys.executable).with_name("regulars")), "serve", "--demo", "--data", str(self._directory / "data"),
                    "--port", str(self.port), "--behind-proxy", "127.0.0.1/32", "--workers", str(self._worker_count),
                    "--ready-file", str(self._ready_file),
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**environment, "REGULARS_ACCESS_LOG": "0"},
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self._ready_file.exists():
            assert self._process.poll() is None, f"the service did not start:\n{self.log_tail()}"
            assert time.monotonic() < deadline, f"the service was not ready in time:\n{self.log_tail()}"
            time.sleep(0.1)
        self.ready = json.loads(self._ready_file.read_text())
        self.port = urlsplit(self.ready["url"]).port or 0

    def stop(self) -> int:
        """Stop it in order; return its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(STOP_SECONDS_MAX)

    def destroy(self) -> None:
        """End what is left, whatever happened: only processes that descend from ours."""
        if self._process is not None and self._process.poll() is None:
            for process in [*self.descendants(), Process(self._process.pid, 0, 0, "")]:
                _kill(process.pid)
            self._process.wait()

    def kill_everything(self) -> list[Process]:
        """Kill the supervisor without warning; return the processes it had."""
        assert self._process is not None
        had = self.descendants()
        _kill(self._process.pid)
        self._process.wait()
        return had

    def log_tail(self) -> str:
        return "\n".join(self._log_file.read_text(errors="replace").splitlines()[-25:])

    # -- its processes ---------------------------------------------------------------------------------------------
    def descendants(self) -> list[Process]:
        assert self._process is not None
        every, found, parents = processes(), [], {self._process.pid}
        while parents:
            children = [process for process in every if process.parent in parents]
            found += children
            parents = {process.pid for process in children}
        return found

    def workers(self) -> list[Process]:
        """The processes that answer API calls."""
        every = self.descendants()
        listening = {each.pid for each in every if "regulars.api.rsgi:app" in each.command}
        workers = [each for each in every if each.parent in listening]
        return [each for each in workers if "resource_tracker" not in each.command]

    def postmaster(self) -> Process:
        (found,) = [each for each in self.descendants() if each.parent == self.ready["pid"] and "bin/postgres" in each.command]
        return found

    def backends(self) -> list[Process]:
        """PostgreSQL's processes that serve a connection."""
        postmaster = self.postmaster().pid
        return [each for each in self.descendants() if each.parent == postmaster and "[local]" in each.command]

    def kill(self, process: Process) -> None:
        _kill(process.pid)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # it ended by itself between looking and killing


async def eventually_gone(gone: list[Process], seconds_max: float = 15) -> list[Process]:
    """Wait until none of these processes runs any more; return those that still do."""
    deadline = time.monotonic() + seconds_max
    names = {process.pid: process.command for process in gone}
    while True:
        left = [each for each in processes() if names.get(each.pid) == each.command]
        if not left or time.monotonic() > deadline:
            return left
        await asyncio.sleep(0.1)
