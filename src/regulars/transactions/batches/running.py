# SPDX-License-Identifier: Apache-2.0
"""
Carries batches out, a few dozen lines a unit of work (ADR-0012).

A unit of work holds the effect of its lines and the note that they are done: whoever goes on with a batch, after whatever
happened, does each line once. Nobody waits long for a customer whose line is being done.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import orjson
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.changes.acting import act_as
from regulars.errors import AccountSuspended, LockTimeout, PermissionDenied, RegularsError, StaleConfiguration
from regulars.kit.secret import decrypt
from regulars.transactions.batches.activities import read_activities, write_activities
from regulars.transactions.batches.customers import postings_each, read_customers, write_customers
from regulars.transactions.batches.intake import seal_owner
from regulars.transactions.batches.options import ActivityImport, CustomerImport, Import, from_json, has_secrets
from regulars.transactions.batches.outcomes import Outcome, refused
from regulars.transactions.batches.queries import PERMISSIONS
from regulars.transactions.batches.undo import undo_step
from regulars.transactions.models import Batch, BatchLine
from regulars.users.access import may
from regulars.users.guests import find_user_who_acts

POSTINGS_MAX = 48
"""In one unit of work: PostgreSQL's cache of subtransactions holds 64, and each posting is one (ledger/writer.py)."""

Staged = Sequence[tuple[int, str]]


def step(*, account: AccountConfig, batch_id: int, at: datetime, is_whole: bool = False) -> bool:
    """
    Do the next lines of a batch that is running or being undone, in the current unit of work; return whether more are left.

    Nobody is waited for: while another process has the batch, nothing is done and nothing is left to this one.
    ``is_whole``: the unit of work holds the whole batch, and its commit must be durable.

    Raises: StaleConfiguration, LockTimeout: then nothing was done.
    """
    batch = (
        Batch.objects.select_for_update(skip_locked=True)
        .filter(account_id=account.id, id=batch_id, state__in=("running", "undoing"))
        .first()
    )
    if batch is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_version(%s)", [account.id])
        if cursor.fetchone() != (account.version,):
            raise StaleConfiguration
    is_undoing = batch.state == "undoing"
    more = undo_step(account=account, batch=batch, at=at) if is_undoing else _do_lines(account, batch, at)
    if more and not is_whole:
        with connection.cursor() as cursor:
            # Lost in a crash, these lines are done again; the last commit makes all before it durable.
            cursor.execute("SET LOCAL synchronous_commit = off")
    return more


def _do_lines(account: AccountConfig, batch: Batch, at: datetime) -> bool:
    importing = from_json(batch.kind, batch.options)
    each = postings_each(importing) if isinstance(importing, CustomerImport) else 1
    limit = max(1, POSTINGS_MAX // max(1, each))
    rows = BatchLine.objects.filter(account_id=account.id, batch_id=batch.id, line__gt=batch.last_line).order_by("line")
    staged = [(line, content or "") for line, content in rows.values_list("line", "content")[:limit]]
    by = find_user_who_acts(account=account, user_id=batch.user_id)
    stop = _stopped(account, by, batch)
    if stop is not None or by is None:
        return _refuse_rest(account, batch, stop or PermissionDenied(), at)
    act_as(by)
    if has_secrets(importing):
        owner = seal_owner(account.id, batch.id)
        staged = [(line, decrypt(bytes.fromhex(content), owner=owner).decode()) for line, content in staged]
    outcomes = _carried_out(account, by, batch, importing, staged, at)
    _note(account, batch, outcomes, at)
    if batch.lines_done < batch.lines_count:
        return True
    _finish(batch, "completed", at)
    return False


def _stopped(account: AccountConfig, by: UserConfig | None, batch: Batch) -> RegularsError | None:
    """Why the batch may not go on: its user or his account may do no more what they could when it came."""
    if by is None or not may(by, PERMISSIONS[batch.kind]):
        return PermissionDenied()
    return AccountSuspended() if account.state == "suspended" else None


def _carried_out(
    account: AccountConfig, by: UserConfig, batch: Batch, importing: Import, staged: Staged, at: datetime
) -> list[Outcome]:
    """Do some lines together, or each by itself where one of them can not be done beside the others."""
    try:
        with transaction.atomic():
            return _together(account, by, batch, importing, staged, at)
    except (StaleConfiguration, LockTimeout):
        raise
    except RegularsError as error:
        if len(staged) == 1:
            return [refused(staged[0][0], error)]
    return [outcome for one in staged for outcome in _carried_out(account, by, batch, importing, [one], at)]


def _together(
    account: AccountConfig, by: UserConfig, batch: Batch, importing: Import, staged: Staged, at: datetime
) -> list[Outcome]:
    if isinstance(importing, ActivityImport):
        activities = read_activities(
            account=account, by=by, at=at, received_at=batch.received_at, importing=importing, staged=staged
        )
        batch.campaign_ids = sorted({*batch.campaign_ids, *activities.campaign_ids})
        return write_activities(account=account, by=by, at=at, importing=importing, read=activities)
    read = read_customers(account=account, by=by, importing=importing, staged=staged)
    if batch.allows_undo and read.matched:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE transactions_batch_lines l SET former = to_jsonb(c) - 'search_text'"
                " FROM unnest(%s::int[], %s::bigint[]) AS m (line, customer_id)"
                " JOIN customers_customers c ON c.account_id = %s AND c.id = m.customer_id"
                " WHERE l.account_id = %s AND l.batch_id = %s AND l.line = m.line",
                [list(read.matched), list(read.matched.values()), account.id, account.id, batch.id],
            )
    return write_customers(account=account, by=by, at=at, importing=importing, read=read)


def _note(account: AccountConfig, batch: Batch, outcomes: Sequence[Outcome], at: datetime) -> None:
    """Write down what became of lines. What could be undone is kept where undoing was allowed; refusals always are."""
    good = [outcome for outcome in outcomes if not outcome.errors]
    kept = outcomes if batch.allows_undo else [outcome for outcome in outcomes if outcome.errors]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE transactions_batch_lines l SET content = NULL, customer_id = o.customer_id, is_new = o.is_new,"
            " entry_ids = o.entry_ids, errors = o.errors, former = CASE WHEN o.errors IS NULL THEN l.former END,"
            " changed_at = %s FROM jsonb_to_recordset(%s::jsonb)"
            " AS o (line int, customer_id bigint, is_new boolean, entry_ids jsonb, errors jsonb)"
            " WHERE l.account_id = %s AND l.batch_id = %s AND l.line = o.line",
            [at, orjson.dumps([_as_json(outcome) for outcome in kept]).decode(), account.id, batch.id],
        )
        if not batch.allows_undo:
            cursor.execute(
                "DELETE FROM transactions_batch_lines WHERE account_id = %s AND batch_id = %s AND line = ANY(%s)",
                [account.id, batch.id, [outcome.line for outcome in good]],
            )
    batch.last_line = max(outcome.line for outcome in outcomes)
    batch.lines_done += len(outcomes)
    batch.refused_lines += len(outcomes) - len(good)
    batch.new_customers += sum(outcome.is_new for outcome in good)
    if batch.kind == "customers":
        batch.ignored_lines += sum(outcome.customer_id is None for outcome in good)
        batch.customers += sum(outcome.customer_id is not None for outcome in good)
    else:
        batch.customers = batch.new_customers
        batch.transactions += len(good)
    Batch.objects.filter(account_id=account.id, id=batch.id).update(
        last_line=batch.last_line,
        lines_done=batch.lines_done,
        refused_lines=batch.refused_lines,
        ignored_lines=batch.ignored_lines,
        customers=batch.customers,
        new_customers=batch.new_customers,
        transactions=batch.transactions,
        campaign_ids=batch.campaign_ids,
        touched_at=Now(),
    )


def _as_json(outcome: Outcome) -> dict[str, object]:
    return {
        "line": outcome.line,
        "customer_id": outcome.customer_id,
        "is_new": outcome.is_new,
        "entry_ids": outcome.entry_ids,
        **({"errors": outcome.errors} if outcome.errors else {}),
    }


def _refuse_rest(account: AccountConfig, batch: Batch, error: RegularsError, at: datetime) -> bool:
    """Refuse every line that is not done yet, for one reason."""
    errors = orjson.dumps([[error.code, error.message]]).decode()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE transactions_batch_lines SET content = NULL, errors = %s::jsonb"
            " WHERE account_id = %s AND batch_id = %s AND line > %s",
            [errors, account.id, batch.id, batch.last_line],
        )
        count = cursor.rowcount
    Batch.objects.filter(account_id=account.id, id=batch.id).update(
        refused_lines=F("refused_lines") + count, lines_done=batch.lines_count
    )
    _finish(batch, "completed", at)
    return False


def _finish(batch: Batch, state: str, at: datetime) -> None:
    Batch.objects.filter(account_id=batch.account_id, id=batch.id).update(
        state=state, finished_at=at, is_handed_over=False, touched_at=Now()
    )


def refuse_whole(*, account: AccountConfig, batch_id: int, errors: Sequence[tuple[int, object]], at: datetime) -> None:
    """Note that an atomic batch was refused, and for which lines; what it did was rolled back by the caller."""
    lines = BatchLine.objects.filter(account_id=account.id, batch_id=batch_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE transactions_batch_lines l SET errors = o.errors, content = NULL"
            " FROM jsonb_to_recordset(%s::jsonb) AS o (line int, errors jsonb)"
            " WHERE l.account_id = %s AND l.batch_id = %s AND l.line = o.line",
            [orjson.dumps([{"line": line, "errors": several} for line, several in errors]).decode(), account.id, batch_id],
        )
    lines.filter(errors__isnull=True).delete()
    Batch.objects.filter(account_id=account.id, id=batch_id).update(
        state="refused",
        finished_at=at,
        is_handed_over=False,
        refused_lines=len(errors),
        lines_done=F("lines_count"),
        touched_at=Now(),
    )
