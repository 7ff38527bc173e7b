# SPDX-License-Identifier: Apache-2.0
"""Takes back what a batch did, from its last line to its first: value by reversals, customers by their former records."""

from __future__ import annotations

from datetime import datetime

import orjson
from django.db import connection, transaction
from django.db.models.functions import Now

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.customers.models import Customer
from regulars.customers.operations import restore
from regulars.errors import Conflict, CustomerNotFound, Refused, RegularsError
from regulars.ledger.many import reverse_many
from regulars.ledger.models import Entry
from regulars.transactions.batches.intake import ANSWERED_LINES_MAX
from regulars.transactions.batches.queries import BatchNotFound, get_batch
from regulars.transactions.erase import delete_customer
from regulars.transactions.models import Batch, BatchLine
from regulars.users.guests import find_user_who_acts

LINES_MAX = 48
"""In one unit of work."""


class BatchUnderWay(Conflict):
    """The batch is still being carried out. Ask batch_info how far it is, and undo it when it is completed."""

    code = "batch_under_way"
    text = "batch_id is not valid: the batch is still being carried out"
    retry = "later"


class UndoNotAllowed(Refused):
    """The batch was brought without undo, or so long ago that what its lines did is forgotten."""

    code = "undo_not_allowed"
    text = "batch_id is not valid: undo was not allowed for this batch"


class UsedSince(Conflict):
    """A line's customer was used or changed after the batch: what it earned or spent was taken back, the customer stays."""

    code = "used_since"
    text = "The customer has been used or changed since, and stays as he is."


def begin_undo(*, account: AccountConfig, by: UserConfig, at: datetime, batch_id: int, is_left_to_jobs: bool = False) -> None:
    """
    Mark a batch to be undone; ``running.step`` does it. Of one that is undone, or being undone, nothing changes.

    ``is_left_to_jobs``: nobody but the jobs will do it.

    Raises: BatchNotFound, BatchUnderWay, UndoNotAllowed.
    """
    get_batch(account=account, by=by, batch_id=batch_id)
    batch = Batch.objects.select_for_update().filter(account_id=account.id, id=batch_id).first()
    if batch is None:
        raise BatchNotFound
    if batch.state in ("undoing", "undone"):
        return
    if batch.state == "running":
        raise BatchUnderWay(fields=("batch_id",))
    if not batch.allows_undo or batch.state == "refused":
        raise UndoNotAllowed(fields=("batch_id",))
    Batch.objects.filter(account_id=account.id, id=batch_id).update(
        state="undoing",
        undone_by=by.id,
        undo_line=None,
        is_handed_over=is_left_to_jobs or batch.lines_count > ANSWERED_LINES_MAX,
        touched_at=Now(),
    )


def forget_lines(*, account: AccountConfig, before: datetime) -> int:
    """Forget the lines of batches received before a time: they can be undone no more. Returns how many batches."""
    old = Batch.objects.filter(account_id=account.id, received_at__lt=before).exclude(state__in=("running", "undoing"))
    gone = list(old.filter(has_lines=True).values_list("id", flat=True))
    BatchLine.objects.filter(account_id=account.id, batch_id__in=gone).delete()
    old.filter(id__in=gone).update(has_lines=False, allows_undo=False)
    return len(gone)


def undo_step(*, account: AccountConfig, batch: Batch, at: datetime) -> bool:
    """
    Take back the next lines of a locked batch; return whether more are left.

    Raises: StaleConfiguration, LockTimeout.
    """
    by = find_user_who_acts(account=account, user_id=batch.undone_by or 0)
    if by is None:
        by = next(user for user in account.users.values() if user.is_owner)
    rows = BatchLine.objects.filter(
        account_id=account.id, batch_id=batch.id, errors__isnull=True, customer_id__isnull=False, content__isnull=True
    )
    if batch.undo_line is not None:
        rows = rows.filter(line__lt=batch.undo_line)
    lines = list(rows.order_by("-line")[:LINES_MAX])
    errors = {line.line: list[RegularsError]() for line in lines}
    taken_back = _take_back(account, by, at, lines, errors)
    customers = sum(_put_back(account, by, at, batch, line, errors[line.line]) for line in lines)
    _note(account, batch, {number: several for number, several in errors.items() if several})
    batch.undo_lines_done += len(lines)
    is_last = len(lines) < LINES_MAX
    Batch.objects.filter(account_id=account.id, id=batch.id).update(
        undo_line=lines[-1].line if lines else batch.undo_line,
        undo_lines_done=batch.undo_lines_done,
        undo_refused_lines=batch.undo_refused_lines + sum(bool(several) for several in errors.values()),
        customers_undone=batch.customers_undone + customers,
        transactions_undone=batch.transactions_undone + taken_back,
        touched_at=Now(),
        **({"state": "undone", "undone_at": at, "is_handed_over": False} if is_last else {}),
    )
    return not is_last


def _take_back(
    account: AccountConfig, by: UserConfig, at: datetime, lines: list[BatchLine], errors: dict[int, list[RegularsError]]
) -> int:
    """Reverse what lines earned or spent, the last first; return how many transactions."""
    line_of = {entry_id: line.line for line in lines for entry_id in reversed(line.entry_ids)}
    worth = set(
        Entry.objects.filter(account_id=account.id, id__in=list(line_of), kind__in=("earn", "redeem")).values_list(
            "id", flat=True
        )
    )
    wanted = [entry_id for entry_id in line_of if entry_id in worth]
    outcomes = reverse_many(account=account, entry_ids=wanted, by=by.id, at=at, is_delete=True) if wanted else []
    taken_back = 0
    for entry_id, outcome in zip(wanted, outcomes, strict=True):
        if isinstance(outcome, RegularsError):
            errors[line_of[entry_id]].append(outcome)
        else:
            taken_back += 1
    return taken_back


def _put_back(
    account: AccountConfig, by: UserConfig, at: datetime, batch: Batch, line: BatchLine, errors: list[RegularsError]
) -> bool:
    """Remove the customer that a line made, or write back what he was; whether there was anything to do, and it was done."""
    if not line.is_new and line.former is None:
        return False
    assert line.customer_id is not None
    assert line.changed_at is not None
    try:
        with transaction.atomic():
            if line.former is not None:
                done = restore(
                    account=account, customer_id=line.customer_id, former=line.former, unless_changed_since=line.changed_at
                )
            else:
                done = _remove(account, by, at, batch, line)
    except RegularsError as error:
        errors.append(error)
        return False
    if not done:
        errors.append(UsedSince())
    return done


def _remove(account: AccountConfig, by: UserConfig, at: datetime, batch: Batch, line: BatchLine) -> bool:
    assert line.customer_id is not None
    customer = (
        Customer.objects.select_for_update(no_key=True)
        .filter(account_id=account.id, id=line.customer_id, deleted_at__isnull=True)
        .first()
    )
    if customer is None:
        raise CustomerNotFound
    if customer.updated_at != line.changed_at:
        return False
    with connection.cursor() as cursor:
        # Value may have expired meanwhile; whatever else stands in his books somebody did.
        cursor.execute(
            "SELECT EXISTS (SELECT FROM ledger_entries e WHERE e.account_id = %s AND e.customer_id = %s"
            " AND e.kind IN ('activation', 'earn', 'redeem', 'move')"
            " AND NOT EXISTS (SELECT FROM ledger_entries o WHERE e.kind = 'move' AND o.account_id = e.account_id"
            " AND o.id = e.cause_id AND o.customer_id = e.customer_id) AND NOT EXISTS (SELECT FROM transactions_batch_lines l"
            " WHERE l.account_id = e.account_id AND l.batch_id = %s AND l.customer_id = e.customer_id"
            " AND l.entry_ids @> to_jsonb(e.id)))",
            [account.id, customer.id, batch.id],
        )
        if cursor.fetchone() != (False,):
            return False
    delete_customer(account=account, by=by, at=at, code=customer.code)
    return True


def _note(account: AccountConfig, batch: Batch, errors: dict[int, list[RegularsError]]) -> None:
    if not errors:
        return
    document = [
        {"line": number, "errors": [(part.code, part.message) for error in several for part in error.parts]}
        for number, several in errors.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE transactions_batch_lines l SET undo_errors = o.errors"
            " FROM jsonb_to_recordset(%s::jsonb) AS o (line int, errors jsonb)"
            " WHERE l.account_id = %s AND l.batch_id = %s AND l.line = o.line",
            [orjson.dumps(document).decode(), account.id, batch.id],
        )
