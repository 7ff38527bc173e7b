# SPDX-License-Identifier: Apache-2.0
"""Reads files that were brought: how far each is, what was seen of it, which of its lines are refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.errors import NotFound
from regulars.transactions.batches.queries import PERMISSIONS, BatchProgress
from regulars.transactions.imports.carrying import batch_problems
from regulars.transactions.imports.parts import iter_parts, unseal
from regulars.transactions.imports.plans import Plan, Sheet, plan_from, sheet_from
from regulars.transactions.models import BatchLine, FileImport
from regulars.users.access import may

LINES_EACH = 1_000
UNFINISHED_MAX = 50


class ImportNotFound(NotFound):
    """There is no such file in the account, or it is another user's who has campaigns that are not among one's own."""

    code = "import_not_found"
    text = "There is no such import."


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far a file is. See models.FileImport."""

    id: int
    kind: str
    state: str
    user_id: int
    file_name: str
    size_bytes: int
    lines_count: int
    lines_done: int
    unreadable_lines: int
    refused_lines: int
    ignored_lines: int
    customers: int
    new_customers: int
    transactions: int
    batch_id: int | None
    problem: str
    received_at: datetime
    plan: Plan | None

    @property
    def is_open(self) -> bool:
        """Whether the jobs have something to do before a person has."""
        return self.state in ("reading", "checking", "starting", "importing")


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """``line``: its number in the file. ``cells``: what stands in it, () where that is no longer known."""

    line: int
    cells: tuple[str, ...]
    reasons: tuple[str, ...]


def get_import(*, account: AccountConfig, by: UserConfig, import_id: int) -> ImportProgress:
    """
    Return a file that the user may see: his own; whoever has all campaigns sees everybody's.

    Queries: 1. Raises: ImportNotFound.
    """
    row = FileImport.objects.filter(account_id=account.id, id=import_id).first()
    if row is None or not may(by, PERMISSIONS[row.kind]) or not _sees(by, row):
        raise ImportNotFound
    return _progress(row)


def find_import_of_batch(*, account: AccountConfig, batch_id: int) -> ImportProgress | None:
    """Return the file that a batch's lines came from; None where a call brought them. Queries: 1."""
    row = FileImport.objects.filter(account_id=account.id, batch_id=batch_id).first()
    return _progress(row) if row is not None else None


def list_files_of(*, account: AccountConfig, batch_ids: list[int]) -> dict[int, tuple[str, int]]:
    """Return by batch the name of its file and how many of its lines were unreadable; () for those of calls. Queries: 1."""
    rows = FileImport.objects.filter(account_id=account.id, batch_id__in=batch_ids)
    return {batch or 0: (name, count) for batch, name, count in rows.values_list("batch_id", "file_name", "unreadable_lines")}


def list_unfinished(*, account: AccountConfig, by: UserConfig) -> tuple[ImportProgress, ...]:
    """Return the files that are not imported yet, the newest first, at most 50. Queries: 1."""
    kinds = [kind for kind, permission in PERMISSIONS.items() if may(by, permission)]
    rows = FileImport.objects.filter(account_id=account.id, batch_id__isnull=True, kind__in=kinds)
    if by.campaigns_access != "all":
        rows = rows.filter(user_id=by.id)
    return tuple(_progress(row) for row in rows.order_by("-id")[:UNFINISHED_MAX])


def get_sheet(*, account: AccountConfig, by: UserConfig, import_id: int) -> Sheet:
    """Return what was seen of a file that was read. Queries: 2. Raises: ImportNotFound."""
    get_import(account=account, by=by, import_id=import_id)
    rows = FileImport.objects.filter(account_id=account.id, id=import_id)
    stored = rows.values_list("sheet_encrypted", flat=True).get()
    if stored is None:
        raise ImportNotFound
    return sheet_from(orjson.loads(unseal(account.id, import_id, stored)))


def iter_refused(*, account: AccountConfig, found: ImportProgress) -> Iterator[RefusedLine]:
    """Yield the lines of a file that are refused, in their order, part by part. Queries: 2 a part."""
    first = 0
    for part, rows in iter_parts(account_id=account.id, import_id=found.id):
        problems: dict[str, Any] = dict(part.problems)
        if found.batch_id is not None and found.state == "importing":
            problems |= batch_problems(account.id, found.batch_id, first, part.last_line)
        first = part.last_line
        for line, cells in rows:
            if str(line) in problems:
                texts = tuple(cell if isinstance(cell, str) else cell[0] for cell in cells)
                yield RefusedLine(line, texts, tuple(text for _, text in problems[str(line)]))


def iter_refused_of_batch(*, account: AccountConfig, progress: BatchProgress) -> Iterator[RefusedLine]:
    """
    Yield the refused lines of a batch, in their order. What stood in them is known of files only, and not for ever.

    Queries: 1, and 2 a part or 1 for each 1,000 lines.
    """
    found = find_import_of_batch(account=account, batch_id=progress.id)
    texts_are_kept = False
    if found is not None:
        for refused in iter_refused(account=account, found=found):
            texts_are_kept = True
            yield refused
    if texts_are_kept:
        return
    last = 0
    while True:
        rows = BatchLine.objects.filter(
            account_id=account.id, batch_id=progress.id, errors__isnull=False, line__gt=last
        ).order_by("line")
        some = list(rows.values_list("line", "errors")[:LINES_EACH])
        for line, errors in some:
            yield RefusedLine(line, (), tuple(text for _, text in errors or ()))
        if len(some) < LINES_EACH:
            return
        last = some[-1][0]


def _sees(by: UserConfig, row: FileImport) -> bool:
    return row.user_id == by.id or by.campaigns_access == "all"


def _progress(row: FileImport) -> ImportProgress:
    names: Any = ImportProgress.__dataclass_fields__
    values = {name: getattr(row, name) for name in names}
    values["plan"] = plan_from(row.plan) if row.plan else None
    return ImportProgress(**values)
