# SPDX-License-Identifier: Apache-2.0
"""Other processes: children that may not outlive us, and those that an earlier, killed start left behind."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(number: int = signal.SIGTERM) -> Callable[[], None] | None:
    """Return what a child runs before its exec, so that the kernel signals it when its parent dies (Linux; else None)."""
    if _libc is None:
        return None
    libc, parent = _libc, os.getpid()

    def arm() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # the parent died between fork and prctl
            os.kill(os.getpid(), number)

    return arm


def processes_in(directory: Path) -> list[int]:
    """Return the ids of the processes whose working directory is ``directory`` (Linux): those of its PostgreSQL."""
    wanted = os.stat(directory)
    found = []
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            where = os.stat(f"/proc/{entry.name}/cwd")
            program = os.readlink(f"/proc/{entry.name}/exe")
        except OSError:  # it ended meanwhile, or is another user's
            continue
        if (where.st_dev, where.st_ino) == (wanted.st_dev, wanted.st_ino) and "postgres" in Path(program).name:
            found.append(int(entry.name))
    return found


def send_signal(process: int, number: signal.Signals) -> None:
    """Signal a process; one that has ended meanwhile is what was wanted."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, number)
