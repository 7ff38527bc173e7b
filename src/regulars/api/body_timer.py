# SPDX-License-Identifier: Apache-2.0
"""How long bodies may take: one timer of the event loop for all of them, since a timer for each costs more than reading it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")

LOOKS = 8
"""How often within the time allowed the timer looks; a body may be late by so large a part of it."""


class BodyTimer:
    """Belongs to one event loop. ``seconds_max``: how long a body may take to arrive."""

    def __init__(self, seconds_max: float) -> None:
        self._seconds_max = seconds_max
        self._until: dict[asyncio.Task[object], float] = {}
        """By the task that reads; 0 = its time is over and it was woken."""
        self._timer: asyncio.TimerHandle | None = None

    async def bounded(self, reading: Awaitable[T]) -> T:
        """Return what ``reading`` returns. Raises TimeoutError."""
        task = asyncio.current_task()
        assert task is not None, "requests are handled in tasks"
        loop = asyncio.get_running_loop()
        self._until[task] = loop.time() + self._seconds_max
        if self._timer is None:
            self._timer = loop.call_later(self._seconds_max / LOOKS, self._look, loop)
        try:
            return await reading
        except asyncio.CancelledError:
            if self._until[task]:
                raise
            task.uncancel()
            raise TimeoutError from None
        finally:
            del self._until[task]

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wake those whose time is over; look again while anybody reads."""
        now = loop.time()
        for task, until in self._until.items():
            if 0 < until <= now:
                self._until[task] = 0
                task.cancel()
        self._timer = loop.call_later(self._seconds_max / LOOKS, self._look, loop) if self._until else None
