# SPDX-License-Identifier: Apache-2.0
"""
How a worker leaves when another generation takes over (cli/generation.py): told by SIGUSR1, it accepts nothing new, closes each
connection with its next answer, and says when nobody is served by it any more. Only then it is stopped.

granian by itself closes what lies idle at the moment it is stopped; a request that is on its way there is lost.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

from regulars.api.options import Options

LEFT = ".left"
LOOK_SECONDS = 0.1


class Leaving:
    """One per worker. ``under_way``: how many requests have no answer yet."""

    def __init__(self, options: Options, under_way: Callable[[], int]) -> None:
        self._mark = Path(options.workers_folder) / str(os.getpid())
        self._listening = options.listening_socket
        self._drain_seconds = options.drain_seconds
        self._under_way = under_way
        self._task: asyncio.Task[None] | None = None

    @property
    def has_begun(self) -> bool:
        """Whether the worker is leaving."""
        return self._task is not None

    def be_ready(self) -> None:
        """Say that the worker takes requests, and listen for word that another does."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self._begin)
        self._mark.touch(mode=0o600)

    def close(self) -> None:
        """Say nothing more: the worker is being stopped."""
        if self._task is not None:
            self._task.cancel()

    def _begin(self) -> None:
        if self._task is None:
            self._stop_accepting()
            self._task = asyncio.create_task(self._leave())

    def _stop_accepting(self) -> None:
        """
        Put a socket that nobody connects to in place of the one we accept from, which is the supervisor's and stays open: who
        waits there is accepted by the next worker. (To close it would be to close it under the server.)
        """
        if self._listening < 0:
            return
        path = self._mark.with_suffix(".nobody")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as nobody:
            nobody.bind(str(path))
            path.unlink()
            nobody.listen(1)
            nobody.setblocking(False)
            os.dup2(nobody.fileno(), self._listening, inheritable=False)

    async def _leave(self) -> None:
        await asyncio.sleep(self._drain_seconds)
        while self._under_way():  # noqa: ASYNC110 - requests are counted, they do not signal
            await asyncio.sleep(LOOK_SECONDS)
        self._mark.rename(self._mark.with_suffix(LEFT))
