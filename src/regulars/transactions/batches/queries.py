# SPDX-License-Identifier: Apache-2.0
"""Reads batches: how far each has come, and which lines were refused."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.errors import NotFound
from regulars.transactions.models import Batch, BatchLine
from regulars.users.access import may

PERMISSIONS = {"customers": "import_customers", "transactions": "import_transactions"}
"""What it takes to have a batch carried out, to see it and to undo it, by its kind."""


class BatchNotFound(NotFound):
    """There is no such batch in the account, or it is another user's and has campaigns that are not among one's own."""

    code = "batch_not_found"
    text = "batch_id is not valid: no such batch"

    def __init__(self) -> None:
        super().__init__(fields=("batch_id",))


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How far a batch has come. Counts are of lines, but for customers and transactions. See models.Batch."""

    id: int
    kind: str
    state: str
    user_id: int
    allows_undo: bool
    lines_count: int
    lines_done: int
    refused_lines: int
    ignored_lines: int
    customers: int
    new_customers: int
    transactions: int
    undo_lines_done: int
    undo_refused_lines: int
    customers_undone: int
    transactions_undone: int
    received_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None
    is_handed_over: bool
    """The jobs carry it out, or undo it: it is too long for one answer."""

    @property
    def is_open(self) -> bool:
        """Whether there is more to do."""
        return self.state in ("running", "undoing")


@dataclass(frozen=True, slots=True)
class LineError:
    """Why one line was refused, or could not be undone."""

    line: int
    code: str
    text: str


def get_batch(*, account: AccountConfig, by: UserConfig, batch_id: int) -> BatchProgress:
    """
    Return a batch that the user may see: his own, or one whose campaigns are all among his.

    Queries: 1. Raises: BatchNotFound.
    """
    batch = Batch.objects.filter(account_id=account.id, id=batch_id).first()
    if batch is None or not may(by, PERMISSIONS[batch.kind]):
        raise BatchNotFound
    if batch.user_id != by.id and not (by.campaigns_access == "all" or set(batch.campaign_ids) <= by.allowed_campaign_ids):
        raise BatchNotFound
    return _progress(batch)


def _progress(batch: Batch) -> BatchProgress:
    names: Any = BatchProgress.__dataclass_fields__
    return BatchProgress(**{name: getattr(batch, name) for name in names})


def list_batches(*, account: AccountConfig, by: UserConfig, before: int = 0, limit: int = 50) -> tuple[BatchProgress, ...]:
    """
    Return batches that the user may see, as get_batch(), the newest first; ``before``: those with a smaller id. 0 = from the
    newest on.

    Queries: 1.
    """
    rows = Batch.objects.filter(account_id=account.id, kind__in=[kind for kind in PERMISSIONS if may(by, PERMISSIONS[kind])])
    if before:
        rows = rows.filter(id__lt=before)
    if by.campaigns_access != "all":
        own = sorted(by.allowed_campaign_ids)
        rows = rows.filter(Q(user_id=by.id) | Q(campaign_ids__contained_by=own))
    return tuple(_progress(row) for row in rows.order_by("-id")[:limit])


def list_all_errors(*, account: AccountConfig, batch_id: int) -> list[tuple[int, Any]]:
    """Return (line, errors as they are kept) of every refused line. Queries: 1."""
    rows = BatchLine.objects.filter(account_id=account.id, batch_id=batch_id, errors__isnull=False)
    return list(rows.order_by("line").values_list("line", "errors"))


def list_line_errors(
    *, account: AccountConfig, batch_id: int, of_undo: bool, offset: int = 0, limit: int = 1_000
) -> tuple[LineError, ...]:
    """Return why lines were refused, or could not be undone, in their order. Queries: 1."""
    column = "undo_errors" if of_undo else "errors"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT l.line, l.{column} FROM transactions_batch_lines l"  # noqa: S608 - one of two names
            f" WHERE l.account_id = %s AND l.batch_id = %s AND l.{column} IS NOT NULL ORDER BY l.line OFFSET %s LIMIT %s",
            [account.id, batch_id, offset, limit],
        )
        rows = cursor.fetchall()
    return tuple(
        LineError(line, code, text)
        for line, errors in rows
        for code, text in (json.loads(errors) if isinstance(errors, str) else errors)
    )
