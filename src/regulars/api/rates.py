# SPDX-License-Identifier: Apache-2.0
"""How often something may happen, counted in the memory of one worker (ADR-0010): a bucket per key, refilled all the time."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable

MINUTE_NS = 60_000_000_000
KEYS_MAX = 50_000
"""So many buckets are remembered; full ones are forgotten first, as they say nothing."""


class Buckets:
    """
    Buckets that hold ``at_once`` and are refilled by ``per_minute``. All in whole nanoseconds, so that the count is exact: of
    one event loop nothing runs between the look and the taking.
    """

    def __init__(self, clock_ns: Callable[[], int] = time.monotonic_ns, keys_max: int = KEYS_MAX) -> None:
        self.clock_ns = clock_ns
        self._keys_max = keys_max
        self._full_at: dict[Hashable, int] = {}
        """When each bucket will be full again; one that is not here is full."""

    def take(self, key: Hashable, per_minute: int, at_once: int) -> int | None:
        """Take one out of a bucket and return None; or leave it and return how long until there is one. Units: nanoseconds."""
        now = self.clock_ns()
        each = MINUTE_NS // per_minute
        full_at = self._full_at.get(key, now)
        if full_at < now:
            full_at = now
        full_at += each
        wait = full_at - now - each * at_once
        if wait > 0:
            return wait
        self._full_at[key] = full_at
        if len(self._full_at) > self._keys_max:
            self._forget(now)
        return None

    def wait(self, key: Hashable, per_minute: int, at_once: int) -> int | None:
        """Return what ``take`` would, and take nothing."""
        now = self.clock_ns()
        each = MINUTE_NS // per_minute
        wait = max(self._full_at.get(key, now), now) + each - now - each * at_once
        return wait if wait > 0 else None

    def _forget(self, now: int) -> None:
        """Forget full buckets; where most are not, the half that is full soonest, so that this is not done at every call."""
        left = {key: full_at for key, full_at in self._full_at.items() if full_at > now}
        if len(left) > self._keys_max // 2:
            left = dict(sorted(left.items(), key=lambda item: item[1])[len(left) // 2 :])
        self._full_at = left
