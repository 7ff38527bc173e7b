# SPDX-License-Identifier: Apache-2.0
"""What the installation as a whole is at: figures of the database, workers, and when each task was last done. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateWorker

from regulars.upkeep.models import LastRun


@dataclass(frozen=True, slots=True)
class Figures:
    """``version``: PostgreSQL's; ``jobs``: jobs of the queue by their state (todo, doing, failed)."""

    version: str
    database_bytes: int
    connections: int
    connections_max: int
    mails_waiting: int
    oldest_mail_seconds: int
    jobs: dict[str, int]


@dataclass(frozen=True, slots=True)
class TaskRow:
    """When a task was last done, and last failed."""

    name: str
    succeeded_at: datetime | None
    failed_at: datetime | None
    took_ms: int
    says: str

    @property
    def has_failed(self) -> bool:
        """Whether its last run failed."""
        return self.failed_at is not None and (self.succeeded_at is None or self.failed_at > self.succeeded_at)


def get_figures() -> Figures:
    """Return what monitoring is told too (sql/upkeep.sql). Queries: 2."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = str(cursor.fetchone()[0])
        cursor.execute("SELECT metric, label, figure FROM upkeep_figures()")
        found = {(metric, label): int(figure) for metric, label, figure in cursor.fetchall()}

    def one(name: str) -> int:
        return found.get((f"regulars_{name}", ""), 0)

    return Figures(
        version.split(maxsplit=1)[0], one("database_bytes"), one("database_connections"), one("database_connections_max"),
        one("outbox_waiting"), one("outbox_oldest_seconds"),
        {state: found.get(("regulars_jobs_queue", state), 0) for state in ("todo", "doing", "failed")},
    )  # fmt: skip


def list_heartbeats() -> tuple[datetime, ...]:
    """Return when each process of the jobs was last seen, the latest first. Queries: 1."""
    return tuple(ProcrastinateWorker.objects.order_by("-last_heartbeat").values_list("last_heartbeat", flat=True))


def list_tasks() -> tuple[TaskRow, ...]:
    """Return the periodic tasks and the commands that were noted, by name. Queries: 1."""
    rows = LastRun.objects.order_by("name").values_list("name", "succeeded_at", "failed_at", "took_ms", "says")
    return tuple(TaskRow(*row) for row in rows)
