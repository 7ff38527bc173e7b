# SPDX-License-Identifier: Apache-2.0
"""What an API worker counts for its operator (kit/metrics.py), and the gauges that it looks at now and then."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from regulars.kit.metrics import LATENCY_US, SECONDS, Metric

if TYPE_CHECKING:
    from regulars.api.services import Services

CALLS = Metric(
    "regulars_calls_total",
    "counter",
    "Calls that were answered, by type and by what came of them: ok, or the code of the first error.",
    labels=("type", "outcome"),
)
CALL_TIME = Metric(
    "regulars_call_seconds", "histogram", "How long answers took, from the whole request to the whole answer.",
    labels=("type",), per_unit=SECONDS, bounds=LATENCY_US,
)  # fmt: skip
POOL = Metric("regulars_pool_connections", "gauge", "Connections of the event loops to the database.", labels=("state",))
WAITING = Metric("regulars_waiting_calls", "gauge", "Calls that wait: for a batch, or for a thread.", labels=("queue",))
UNLOGGED = Metric("regulars_requests_unlogged_total", "counter", "Requests that the accounts' request logs do not have.")
LAG = Metric(
    "regulars_loop_lag_seconds", "histogram", "How late an event loop comes to what is due.",
    per_unit=SECONDS, bounds=LATENCY_US,
)  # fmt: skip
LOOK_SECONDS = 2.0


async def look_now_and_then(services: Services) -> None:
    """Say every LOOK_SECONDS how the worker is, until cancelled."""
    unlogged = 0
    while True:
        due = time.monotonic() + LOOK_SECONDS
        await asyncio.sleep(LOOK_SECONDS)
        LAG.observe(int(max(time.monotonic() - due, 0) * SECONDS))
        size, idle = services.pool.get_size(), services.pool.get_idle_size()
        POOL.set(size - idle, "busy")
        POOL.set(idle, "idle")
        POOL.set(services.pool.get_max_size() - size, "unopened")
        WAITING.set(services.ledger.waiting_count, "batch")
        WAITING.set(services.threads.waiting_count, "thread")
        WAITING.set(services.long_threads.waiting_count, "long_thread")
        UNLOGGED.add(services.request_log.lost_count - unlogged)
        unlogged = services.request_log.lost_count
