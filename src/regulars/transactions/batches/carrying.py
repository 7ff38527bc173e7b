# SPDX-License-Identifier: Apache-2.0
"""
Goes on with a batch until it is done. Called by faces, outside of any unit of work: it opens one after the other itself.

The API does so before it answers, the jobs with what is too long for an answer and with what a process that died left behind.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.queries import get_account_config
from regulars.errors import LockTimeout, StaleConfiguration, TooLarge
from regulars.kit.db import unit_of_work
from regulars.transactions.batches.intake import ANSWERED_LINES_MAX
from regulars.transactions.batches.queries import BatchProgress, get_batch, list_all_errors
from regulars.transactions.batches.running import refuse_whole, step
from regulars.transactions.batches.undo import begin_undo
from regulars.transactions.models import Batch

TRIES_MAX = 5
"""How often in a row a customer who is held by others, or a configuration that changes, may make lines begin again."""

STEPS_BETWEEN_LOOKS = 8
UNDONE_AT_ONCE_LINES = 100
"""So many lines are undone while a person waits for the page: about ten statements each."""


def carry_on(
    *, account_id: int, batch_id: int, clock: Callable[[], datetime], should_stop: Callable[[], bool] = lambda: False
) -> None:
    """
    Do lines until none is left, or ``should_stop``, or another process has the batch, or somebody is held for too long.

    Whatever ends it early, the rest is done later by the jobs.
    """
    account = get_account_config(account_id)
    failures = steps = 0
    while not should_stop():
        try:
            with unit_of_work(account_id):
                if not step(account=account, batch_id=batch_id, at=clock()):
                    return
            failures = 0
            steps += 1
            if steps % STEPS_BETWEEN_LOOKS == 0:
                _refresh_statistics(account_id)
        except (StaleConfiguration, LockTimeout) as error:
            failures += 1
            if failures >= TRIES_MAX:
                return
            if isinstance(error, StaleConfiguration):
                account = get_account_config(account_id)


def _refresh_statistics(account_id: int) -> None:
    """Let the database look at tables that have grown a lot, so that it goes on choosing the right indexes."""
    with unit_of_work(account_id), connection.cursor() as cursor:
        cursor.execute("SELECT transactions_refresh_statistics()")


def carry_out_whole(*, account: AccountConfig, by: UserConfig, batch_id: int, at: datetime, is_atomic: bool) -> BatchProgress:
    """
    Do a whole batch in the current unit of work; where it is atomic and a line is refused, nothing of it stays.

    Raises: StaleConfiguration, LockTimeout: then nothing of it stays either.
    """
    with transaction.atomic():
        while step(account=account, batch_id=batch_id, at=at, is_whole=True):
            pass
        progress = get_batch(account=account, by=by, batch_id=batch_id)
        errors = list_all_errors(account=account, batch_id=batch_id) if is_atomic and progress.refused_lines else []
        if errors:
            transaction.set_rollback(True)
    if errors:
        refuse_whole(account=account, batch_id=batch_id, errors=errors, at=at)
    return get_batch(account=account, by=by, batch_id=batch_id)


def undo_whole(*, account: AccountConfig, by: UserConfig, batch_id: int, at: datetime) -> BatchProgress:
    """
    Undo a whole batch in the current unit of work, to see what would become of it.

    Raises: TooLarge beyond 10,000 lines; StaleConfiguration, LockTimeout.
    """
    progress = get_batch(account=account, by=by, batch_id=batch_id)
    if progress.lines_count > ANSWERED_LINES_MAX:
        raise TooLarge(f"The batch is too large for that: at most {ANSWERED_LINES_MAX} lines.", fields=("batch_id",))
    while step(account=account, batch_id=batch_id, at=at, is_whole=True):
        pass
    return get_batch(account=account, by=by, batch_id=batch_id)


def preview_undo(*, account: AccountConfig, by: UserConfig, batch_id: int, at: datetime) -> BatchProgress:
    """
    Return what undoing a batch would take back, by doing so in the current unit of work and rolling it back.

    Raises: BatchNotFound, BatchUnderWay, UndoNotAllowed; TooLarge beyond 10,000 lines; StaleConfiguration, LockTimeout.
    """
    with transaction.atomic():
        begin_undo(account=account, by=by, at=at, batch_id=batch_id)
        progress = undo_whole(account=account, by=by, batch_id=batch_id, at=at)
        transaction.set_rollback(True)
    return progress


def undo_now(*, account: AccountConfig, by: UserConfig, batch_id: int, at: datetime) -> None:
    """
    Undo a batch: in the current unit of work where it has few lines, else it is left to the jobs.

    Raises: BatchNotFound, BatchUnderWay, UndoNotAllowed; StaleConfiguration, LockTimeout: then nothing was done.
    """
    is_small = get_batch(account=account, by=by, batch_id=batch_id).lines_count <= UNDONE_AT_ONCE_LINES
    begin_undo(account=account, by=by, at=at, batch_id=batch_id, is_left_to_jobs=not is_small)
    if is_small:
        undo_whole(account=account, by=by, batch_id=batch_id, at=at)


def give_up(*, account_id: int, batch_id: int, at: datetime) -> None:
    """Note that a batch can not go on because of a fault of ours, so that it is not tried for ever. What it did stays."""
    with unit_of_work(account_id):
        Batch.objects.filter(account_id=account_id, id=batch_id, state__in=("running", "undoing")).update(
            state="failed", finished_at=at, is_handed_over=False
        )


def list_open_batches(*, account_id: int, idle_seconds: int) -> tuple[int, ...]:
    """Return the batches of an account that were handed over, or that nobody has touched for a while. Queries: 1."""
    with unit_of_work(account_id):
        rows = Batch.objects.filter(account_id=account_id, state__in=("running", "undoing")).extra(
            where=["is_handed_over OR touched_at < now() - make_interval(secs => %s)"], params=[idle_seconds]
        )
        return tuple(rows.order_by("id").values_list("id", flat=True))
