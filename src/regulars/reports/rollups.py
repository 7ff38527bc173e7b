# SPDX-License-Identifier: Apache-2.0
"""Makes the roll-ups from the books, some entries at a time (ADR-0020)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from regulars.accounts.directory import AccountConfig
from regulars.kit.db import unit_of_work
from regulars.reports.lines import COHORTS, LINES, MEASURES
from regulars.reports.models import Cohort, Day, Progress

STEP_ENTRIES = 100_000
"""Entries that one unit of work rolls up at most."""
BEHIND = timedelta(hours=6)
"""How far the days stay behind the clock: no sale is still being written that long after it was recorded."""
COHORTS_EVERY = timedelta(hours=20)

_COLUMNS = ", ".join(("account_id", "day", "campaign_id", "user_id", *MEASURES))
_ADD = ", ".join(f"{name} = reports_days.{name} + excluded.{name}" for name in MEASURES)
_ROLL_UP = f"""
INSERT INTO reports_days ({_COLUMNS}) SELECT {_COLUMNS} FROM ({LINES}) l
ON CONFLICT (account_id, day, campaign_id, user_id) DO UPDATE SET {_ADD}
"""  # noqa: S608 - our own texts
_MAKE_COHORTS = f"INSERT INTO reports_cohorts (account_id, first_month, month, customers) {COHORTS}"
_LAST_OF_STEP = """
SELECT max(id), min(id) FILTER (WHERE recorded_at > %(before)s) FROM (
    SELECT id, recorded_at FROM ledger_entries WHERE account_id = %(account)s AND id > %(after)s ORDER BY id LIMIT %(step)s
) e
"""


def roll_up(*, account: AccountConfig, at: datetime, should_stop: Callable[[], bool] = lambda: False) -> int:
    """
    Bring the days of an account up to some hours before ``at``; return how many steps it took.

    Begins anew where the account's time zone is another one. Each step is one unit of work that locks the account's progress:
    two workers do not count an entry twice.
    """
    steps = 0
    while not should_stop():
        with unit_of_work(account.id):
            if not _step(account, at - BEHIND):
                return steps
        steps += 1
    return steps


def _step(account: AccountConfig, before: datetime) -> bool:
    Progress.objects.bulk_create([Progress(account_id=account.id, zone=account.timezone, entry_id=0)], ignore_conflicts=True)
    progress = Progress.objects.select_for_update().get(account_id=account.id)
    if progress.zone != account.timezone:
        Day.objects.filter(account_id=account.id).delete()
        Cohort.objects.filter(account_id=account.id).delete()
        progress.zone, progress.entry_id, progress.cohorts_entry_id, progress.cohorts_at = account.timezone, 0, 0, None
        progress.save()
    given: dict[str, Any] = {
        "account": account.id, "zone": account.timezone, "after": progress.entry_id, "before": before, "step": STEP_ENTRIES,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_LAST_OF_STEP, given)
        last, too_new = cursor.fetchone() or (None, None)
        upto = last if too_new is None else too_new - 1
        if upto is None or upto <= progress.entry_id:
            return False
        cursor.execute(_ROLL_UP, given | {"upto": upto})
    progress.entry_id = upto
    progress.save(update_fields=["entry_id"])
    return too_new is None


def renew_cohorts(*, account: AccountConfig, at: datetime) -> bool:
    """
    Make the cohorts again from all entries that the days hold, where something came since and they are a day old.

    A whole scan of the account's entries, in its own unit of work.
    """
    with unit_of_work(account.id):
        progress = Progress.objects.select_for_update().filter(account_id=account.id).first()
        if progress is None or progress.entry_id == progress.cohorts_entry_id:
            return False
        if progress.cohorts_at is not None and progress.cohorts_at > at - COHORTS_EVERY:
            return False
        Cohort.objects.filter(account_id=account.id).delete()
        with connection.cursor() as cursor:
            given: dict[str, Any] = {"account": account.id, "zone": progress.zone, "upto": progress.entry_id}
            cursor.execute(_MAKE_COHORTS, given)
        progress.cohorts_entry_id, progress.cohorts_at = progress.entry_id, at
        progress.save(update_fields=["cohorts_entry_id", "cohorts_at"])
    return True
