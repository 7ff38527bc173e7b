# SPDX-License-Identifier: Apache-2.0
"""Other processes: children that may not outlive us, and those that an earlier, killed start left behind."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

GRACE_SECONDS = 10
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(number: int = signal.SIGTERM) -> Callable[[], None] | None:
    """Return what a child runs before its exec, so that the kernel signals it when we die (Linux; elsewhere None)."""
    return die_with_parent_of(os.getpid(), number)


def die_with_parent_of(parent: int, number: int = signal.SIGTERM) -> Callable[[], None] | None:
    """As ``die_with_parent``, for a child that knows its parent's id."""
    if _libc is None:
        return None
    libc = _libc

    def arm() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # the parent died before we asked to be told
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


def end_with_parent() -> None:
    """
    Make this process end when its parent does: a SIGTERM from the kernel (Linux) or from a watching thread, and an end
    without further ado when that was not heeded for ``GRACE_SECONDS``.
    """
    parent = os.getppid()
    if arm := die_with_parent_of(parent):
        arm()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
