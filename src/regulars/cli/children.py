# SPDX-License-Identifier: Apache-2.0
"""The processes that ``regulars serve`` starts, starts again when they die, and stops in order."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence

from regulars.kit.metrics import Metric
from regulars.kit.processes import die_with_parent

STOP_SECONDS_MAX = 40
"""A little more than the children give their own workers."""
PAUSE_SECONDS_MAX = 10.0
STEADY_SECONDS = 60
"""After so long without trouble an earlier death is forgotten."""
STARTS = Metric("regulars_child_starts_total", "counter", "Starts of what `regulars serve` runs.", labels=("child",))


class Child:
    """
    One process of ours. ``before_start`` clears away what a killed predecessor left (a socket file). ``python``: the
    interpreter of the release that it is of. ``sockets``: those that it inherits, under the numbers they have here.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        say: Callable[[str], None],
        before_start: Callable[[], None] | None = None,
        *,
        python: str = sys.executable,
        sockets: Sequence[socket.socket] = (),
    ) -> None:
        self.name = name
        self.command = [python, "-m", *command]
        self.environment = dict(environment)
        self.process: subprocess.Popen[bytes] | None = None
        self._say = say
        self._before_start = before_start
        self._sockets = sockets
        self._started_at = 0.0
        self._pause_seconds = 0.0
        self._start_again_at = 0.0
        self._stops_until = 0.0

    def start(self) -> None:
        """Start the process, in a session of its own: a terminal's Ctrl-C reaches the supervisor alone."""
        if self._before_start is not None:
            self._before_start()
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,  # standard output is the supervisor's own: addresses and users
            start_new_session=True,
            pass_fds=[each.fileno() for each in self._sockets],
            preexec_fn=die_with_parent(),  # noqa: PLW1509 (it calls the C library only)
        )
        self._started_at = time.monotonic()
        STARTS.add(1, self.name.removeprefix("The "))

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def keep_alive(self) -> None:
        """Start the process again if it died, after a pause that grows with repeated deaths. Called a few times a second."""
        if self.is_alive:
            return
        now = time.monotonic()
        if self.process is not None:
            lived_seconds = now - self._started_at
            self._pause_seconds = (
                0.2 if lived_seconds > STEADY_SECONDS else min(self._pause_seconds * 2 + 0.2, PAUSE_SECONDS_MAX)
            )
            self._say(f"{self.name} ended ({_reason(self.process.returncode)}): starting it again.")
            self._kill_group()
            self.process = None
            self._start_again_at = now + self._pause_seconds
        if now >= self._start_again_at:
            self.start()

    def ask_to_stop(self) -> None:
        """Send SIGTERM: accept nothing new, finish what runs."""
        if self.process is not None and self.is_alive:
            self._stops_until = time.monotonic() + STOP_SECONDS_MAX
            self.process.send_signal(signal.SIGTERM)

    @property
    def may_still_stop(self) -> bool:
        """Whether it was asked to stop, still runs, and has time for it."""
        return self.is_alive and time.monotonic() < self._stops_until

    def wait(self) -> None:
        """Wait for the end; what does not heed is killed, with its workers."""
        if self.process is None:
            return
        try:
            self.process.wait(max(self._stops_until - time.monotonic(), 0.0))
        except subprocess.TimeoutExpired:
            self._say(f"{self.name} did not stop within {STOP_SECONDS_MAX} s: killing it.")
        self._kill_group()
        self.process.wait()

    def _kill_group(self) -> None:
        assert self.process is not None
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return  # nobody of it is left (macOS says it by PermissionError)


def _reason(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
