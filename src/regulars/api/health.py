# SPDX-License-Identifier: Apache-2.0
"""
``/healthz`` and ``/readyz``: whether a worker lives, and whether it can do its work. For balancers, orchestrators and people.

Both are answered on every listener, over plain http too, and tell nothing but that.
"""

from __future__ import annotations

import asyncio
import importlib.util
import pkgutil
import time
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from regulars.api.exchange import Response
from regulars.errors import OperationalError
from regulars.ledger.writer import LOST

LIVE, READY = "/healthz", "/readyz"
PATHS = frozenset({LIVE, READY})
APPLIED = "SELECT array_agg(app || '.' || name) FROM django_migrations WHERE app <> $1"
HELD_SECONDS = 1.0
"""So long an answer is given again: however often it is asked, the database is asked so often."""
WAIT_SECONDS_MAX = 3.0


class Health:
    """One per event loop. ``fetch_value`` runs APPLIED."""

    def __init__(self, fetch_value: Callable[[str, Any], Awaitable[Any]]) -> None:
        self._fetch_value = fetch_value
        self._lock = asyncio.Lock()
        self._wanted: frozenset[str] | None = None
        self._trouble = ""
        self._looked_at = -HELD_SECONDS

    async def response(self, path: str, *, is_head: bool) -> Response:
        """Return the answer: 200, or 503 with what is missing."""
        trouble = await self.trouble() if path == READY else ""
        headers = [("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store")]
        body = f"{trouble or 'ok'}\n".encode()
        return Response(503 if trouble else 200, headers, b"" if is_head else body)

    async def trouble(self) -> str:
        """Return why no work can be done now, or "". Queries: 1 at most every HELD_SECONDS."""
        async with self._lock:
            if time.monotonic() - self._looked_at >= HELD_SECONDS:
                self._trouble = await self._look()
                self._looked_at = time.monotonic()
            return self._trouble

    async def _look(self) -> str:
        if self._wanted is None:
            self._wanted = await asyncio.to_thread(migrations_of_this_release)
        try:
            async with asyncio.timeout(WAIT_SECONDS_MAX):
                applied = await self._fetch_value(APPLIED, "")
        except (*LOST, asyncpg.PostgresError, OperationalError, TimeoutError):
            return "the database does not answer"
        return "migrations are missing" if self._wanted - set(applied or ()) else ""


def migrations_of_this_release() -> frozenset[str]:
    """Return the migrations that this release comes with, as "app.name". Reads directories; imports none of them."""
    from django.apps import apps  # asked for once, in a thread

    found = set()
    for app in apps.get_app_configs():
        spec = importlib.util.find_spec(f"{app.name}.migrations")
        for module in pkgutil.iter_modules(spec.submodule_search_locations) if spec is not None else ():
            if not module.ispkg and module.name[0] not in "_~":
                found.add(f"{app.label}.{module.name}")
    return frozenset(found)
