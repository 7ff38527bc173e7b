# SPDX-License-Identifier: Apache-2.0
"""
Verifications and backups, one at a time of each: asked for, under way, over. They are of the whole installation, so no unit of
work is needed. Whoever asks was checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from procrastinate.contrib.django import app

from regulars.errors import Conflict
from regulars.upkeep.models import Run

VERIFY, BACKUP = "verify", "backup"
JOBS = {VERIFY: "verify_now", BACKUP: "back_up_now"}
"""The task of the jobs (jobs/asked.py) that does it."""
STALE = timedelta(hours=1)
"""A run that said nothing for so long died with its process: no single check takes that long."""
UNDER_WAY = ("waiting", "running")
DIED = "It was not finished: the server stopped meanwhile."


class RunUnderWay(Conflict):
    """The same is being done, or waits to be: it need not be asked for twice."""

    code = "run_under_way"
    text = "This is under way already"


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run. ``details``: as the column says."""

    id: int
    name: str
    state: str
    asked_by: str
    asked_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    done: int
    total: int
    says: str
    details: Mapping[str, Any]

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY


def ask_run(*, name: str, at: datetime, by: str) -> int:
    """
    Let the jobs verify, or back up; return the run's id. ``by``: the user id of who asks.

    Writes: 1 run, 1 job. Queries: 4. Raises: RunUnderWay.
    """
    run_id = _new(name, "waiting", at, by)
    app.configure_task(JOBS[name]).defer(run_id=run_id)
    return run_id


def begin_run(*, name: str, at: datetime, run_id: int | None = None) -> int:
    """
    Begin a run that was asked for, or (without ``run_id``) one that nobody asked for; return its id.

    Queries: 1 or 3. Raises: RunUnderWay, also where somebody else has begun it.
    """
    if run_id is None:
        return _new(name, "running", at, "", began_at=at)
    waiting = Run.objects.filter(id=run_id, name=name, state="waiting")
    if not waiting.update(state="running", began_at=at, touched_at=at):
        raise RunUnderWay
    return run_id


def note_progress(*, run_id: int, at: datetime, done: int, total: int) -> None:
    """Say how far a run is. Queries: 1."""
    Run.objects.filter(id=run_id, state="running").update(done=done, total=total, touched_at=at)


def end_run(*, run_id: int, at: datetime, says: str, is_failure: bool, details: Mapping[str, Any] | None = None) -> None:
    """Say what a run came to. Queries: 1."""
    Run.objects.filter(id=run_id, state="running").update(
        state="failed" if is_failure else "done", ended_at=at, touched_at=at, says=says[:400], details=dict(details or {})
    )


def list_runs(*, name: str, at: datetime, length: int = 10) -> tuple[RunRow, ...]:
    """Return runs, the latest first; one that died as failed. Queries: 1."""
    return tuple(_row(run, at) for run in Run.objects.filter(name=name).order_by("-id")[:length])


def _new(name: str, state: str, at: datetime, by: str, **more: Any) -> int:
    Run.objects.filter(name=name, state__in=UNDER_WAY, touched_at__lt=at - STALE).update(state="failed", ended_at=at, says=DIED)
    try:
        with transaction.atomic():
            return int(Run.objects.create(name=name, state=state, asked_by=by, asked_at=at, touched_at=at, **more).id)
    except IntegrityError as error:
        if "upkeep_runs_one_at_a_time" in str(error):
            raise RunUnderWay from None
        raise


def _row(run: Run, at: datetime) -> RunRow:
    has_died = run.state in UNDER_WAY and run.touched_at < at - STALE
    return RunRow(
        run.id, run.name, "failed" if has_died else run.state, run.asked_by, run.asked_at, run.began_at, run.ended_at, run.done,
        run.total, DIED if has_died else run.says, run.details,
    )  # fmt: skip
