# SPDX-License-Identifier: Apache-2.0
"""Reads batches: how far each has come, and which lines were refused."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

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
    names: Any = BatchProgress.__dataclass_fields__
    return BatchProgress(**{name: getattr(batch, name) for name in names})


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
