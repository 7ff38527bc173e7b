# SPDX-License-Identifier: Apache-2.0
"""
Goes on with a file: reads it, tries its lines, makes them a batch, and keeps what was refused of it (ADR-0027).

Each step is one unit of work. Whatever a trial run writes is rolled back: what the lines would do is found out by doing it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

import orjson
from django.db import transaction

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.queries import get_account_config
from regulars.errors import InvalidParameter, LockTimeout, RegularsError, StaleConfiguration
from regulars.kit.db import unit_of_work
from regulars.transactions.batches.carrying import TRIES_MAX, carry_out_whole
from regulars.transactions.batches.intake import ANSWERED_LINES_MAX, receive
from regulars.transactions.batches.queries import PERMISSIONS, BatchProgress, list_all_errors
from regulars.transactions.imports.parts import iter_parts, keep_refused, keep_rows, note_problems, raw_file, seal
from regulars.transactions.imports.plans import PREVIEW_ROWS, ColumnSeen, Plan, Sheet, importing_of, line_of, plan_from
from regulars.transactions.imports.tables import Cell, Row, find_format, rows_of
from regulars.transactions.models import Batch, BatchLine, FileImport, ImportPart
from regulars.users.access import may
from regulars.users.guests import find_user_who_acts

OPEN_STATES = ("reading", "checking", "starting", "importing")
TOGETHER_MAX = ANSWERED_LINES_MAX
"""Up to so many lines are tried as one: a later line sees what an earlier one does. Of longer files, part by part."""
NOTHING = "There are no lines in it."
STOPPED = "Whoever brought the file may not import any more."
FAULT = "Something went wrong with this file. It was noted."

Tried = list[tuple[ImportPart, dict[str, list[list[str]]]]]


def step(*, account: AccountConfig, import_id: int, at: datetime, is_whole: bool = False) -> bool:
    """
    Do the next step of a file in the current unit of work; return whether more are left.

    ``is_whole``: its lines are few enough to be imported here and now. Nobody is waited for: while another process has the
    file, nothing is done.

    Raises: StaleConfiguration, LockTimeout: then nothing was done.
    """
    row = (
        FileImport.objects.select_for_update(skip_locked=True)
        .filter(account_id=account.id, id=import_id, state__in=OPEN_STATES)
        .first()
    )
    if row is None:
        return False
    by = find_user_who_acts(account=account, user_id=row.user_id)
    if by is None or not may(by, PERMISSIONS[row.kind]) or account.state == "suspended":
        _change(row, state="failed", problem=STOPPED)
        return False
    if row.state == "reading":
        _read(row)
        return False
    if row.state == "checking":
        return _check(account, by, row, at)
    if row.state == "starting":
        return _start(account, by, row, at, is_whole=is_whole)
    _tidy(row, at)
    return False


def carry_on(
    *, account_id: int, import_id: int, clock: Callable[[], datetime], should_stop: Callable[[], bool] = lambda: False
) -> None:
    """Do steps until none is left, or ``should_stop``, or others hold what is needed for too long; the jobs come again."""
    account = get_account_config(account_id)
    failures = 0
    while not should_stop():
        try:
            with unit_of_work(account_id):
                if not step(account=account, import_id=import_id, at=clock()):
                    return
            failures = 0
        except (StaleConfiguration, LockTimeout) as error:
            failures += 1
            if failures >= TRIES_MAX:
                return
            if isinstance(error, StaleConfiguration):
                account = get_account_config(account_id)


def list_open_imports(*, account_id: int) -> tuple[int, ...]:
    """Return the files of an account that wait for the jobs. Queries: 1."""
    with unit_of_work(account_id):
        running = Batch.objects.filter(account_id=account_id, state="running").values("id")
        rows = FileImport.objects.filter(account_id=account_id, state__in=OPEN_STATES).exclude(
            state="importing", batch_id__in=running
        )
        return tuple(rows.order_by("id").values_list("id", flat=True))


def give_up(*, account_id: int, import_id: int) -> None:
    """Note that a file can not go on because of a fault of ours."""
    with unit_of_work(account_id):
        FileImport.objects.filter(account_id=account_id, id=import_id, state__in=OPEN_STATES).update(
            state="failed", problem=FAULT
        )


# -- reading -------------------------------------------------------------------------------------------------------
def _read(row: FileImport) -> None:
    where = {"account_id": row.account_id, "import_id": row.id}
    sheet = Sheet([], [], [])

    def seen() -> Iterator[Row]:
        for number, cells in rows_of(file, form):
            _look(sheet, number, cells)
            yield number, cells

    try:
        with transaction.atomic(), raw_file(**where) as file:
            form = find_format(file, separator=row.separator)
            sheet.separator, sheet.encoding = form.separator, form.encoding
            keep_rows(**where, rows=seen())
            if not sheet.rows:
                raise InvalidParameter("file", text=NOTHING)
    except RegularsError as error:
        _change(row, state="failed", problem=error.message)
        ImportPart.objects.filter(**where).delete()
        return
    kept = seal(row.account_id, row.id, orjson.dumps(asdict(sheet)))
    _change(row, state="read", sheet_encrypted=kept, lines_count=sheet.rows)


def _look(sheet: Sheet, number: int, cells: Sequence[Cell]) -> None:
    texts = [cell if isinstance(cell, str) else cell[0] for cell in cells]
    if len(sheet.preview) < PREVIEW_ROWS:
        sheet.preview.append([text[:80] for text in texts])
    while len(sheet.columns) < len(cells):
        sheet.columns.append(ColumnSeen())
    if not sheet.rows:
        sheet.first, sheet.first_line = texts, number
    else:
        for column, cell in zip(sheet.columns, cells, strict=False):
            column.look(cell)
    sheet.rows += 1


# -- trying --------------------------------------------------------------------------------------------------------
def _check(account: AccountConfig, by: UserConfig, row: FileImport, at: datetime) -> bool:
    plan = plan_from(row.plan or {})
    lines: list[tuple[int, str]] = []
    tried: Tried = []
    count = 0
    for part, rows in iter_parts(account_id=account.id, import_id=row.id, after=row.part_done):
        kept = _body(row, plan, part, rows)
        count += len(kept)
        tried.append((part, _as_lines(account, row, plan, kept, lines)))
        if row.lines_count > TOGETHER_MAX:
            break
    if not tried:
        _change(row, state="checked")
        return False
    progress, errors = _try(account, by, row, plan, lines, at) if lines else (None, [])
    _spread(tried, errors)
    for part, problems in tried:
        note_problems(part, problems)
    _change(
        row,
        part_done=tried[-1][0].number,
        lines_done=row.lines_done + count,
        refused_lines=row.refused_lines + sum(len(problems) for _, problems in tried),
        ignored_lines=row.ignored_lines + (progress.ignored_lines if progress else 0),
        customers=row.customers + (progress.customers if progress else 0),
        new_customers=row.new_customers + (progress.new_customers if progress else 0),
        transactions=row.transactions + (progress.transactions if progress else 0),
    )
    return True


def _try(
    account: AccountConfig, by: UserConfig, row: FileImport, plan: Plan, lines: list[tuple[int, str]], at: datetime
) -> tuple[BatchProgress | None, list[tuple[int, list[list[str]]]]]:
    """Carry lines out and roll them back; return what they did, and why some were refused."""
    try:
        with transaction.atomic():
            batch_id = receive(
                account=account, by=by, at=at, importing=importing_of(row.kind, plan), lines=lines, parameter="file",
                allows_undo=False, is_whole=True,
            )  # fmt: skip
            progress = carry_out_whole(account=account, by=by, batch_id=batch_id, at=at, is_atomic=False)
            errors = list_all_errors(account=account, batch_id=batch_id)
            transaction.set_rollback(True)
    except (StaleConfiguration, LockTimeout):
        raise
    except RegularsError as error:  # nothing of it could be received: a campaign that is gone, say
        return None, [(line, [[error.code, error.message]]) for line, _ in lines]
    return progress, errors


def _body(row: FileImport, plan: Plan, part: ImportPart, rows: list[Row]) -> list[Row]:
    """The lines of a part, but for the headings."""
    return rows[1:] if part.number == 1 and plan.has_headings else rows


def _as_lines(
    account: AccountConfig, row: FileImport, plan: Plan, rows: list[Row], lines: list[tuple[int, str]]
) -> dict[str, list[list[str]]]:
    """Add rows to a batch's ``lines``; return why some can not be."""
    problems: dict[str, list[list[str]]] = {}
    for number, cells in rows:
        try:
            lines.append((number, line_of(account, row.kind, plan, cells)))
        except RegularsError as error:
            problems[str(number)] = [[part.code, part.message] for part in error.parts]
    return problems


def _spread(tried: Tried, errors: list[tuple[int, list[list[str]]]]) -> None:
    """Put a batch's errors to the parts in which their lines are."""
    position = 0
    for line, several in errors:
        while line > tried[position][0].last_line:
            position += 1
        tried[position][1][str(line)] = several


# -- importing -----------------------------------------------------------------------------------------------------
def _start(account: AccountConfig, by: UserConfig, row: FileImport, at: datetime, *, is_whole: bool) -> bool:
    plan = plan_from(row.plan or {})
    lines: list[tuple[int, str]] = []
    unreadable = 0
    for part, rows in iter_parts(account_id=account.id, import_id=row.id):
        problems = _as_lines(account, row, plan, _body(row, plan, part, rows), lines)
        unreadable += len(problems)
        note_problems(part, problems)
    try:
        with transaction.atomic():
            batch_id = receive(
                account=account, by=by, at=at, importing=importing_of(row.kind, plan), lines=lines, parameter="file",
                allows_undo=True, is_whole=is_whole, is_left_to_jobs=not is_whole,
            )  # fmt: skip
    except RegularsError as error:
        _change(row, state="failed", problem=NOTHING if not lines else error.message)
        return False
    _change(row, state="importing", batch_id=batch_id, unreadable_lines=unreadable)
    if is_whole:
        carry_out_whole(account=account, by=by, batch_id=batch_id, at=at, is_atomic=False)
    return is_whole


def _tidy(row: FileImport, at: datetime) -> None:
    """The batch is done: of the file only what was refused is kept."""
    batch_id = row.batch_id or 0
    if Batch.objects.filter(account_id=row.account_id, id=batch_id, state="running").exists():
        return
    first = 0
    for part, rows in iter_parts(account_id=row.account_id, import_id=row.id):
        keep_refused(part, rows, dict(part.problems) | batch_problems(row.account_id, batch_id, first, part.last_line))
        first = part.last_line
    _change(row, state="imported", finished_at=at, sheet_encrypted=None)


def batch_problems(account_id: int, batch_id: int, after: int, last: int) -> dict[str, list[list[str]]]:
    """Return why lines of a batch between two numbers were refused. Queries: 1."""
    rows = BatchLine.objects.filter(
        account_id=account_id, batch_id=batch_id, line__gt=after, line__lte=last, errors__isnull=False
    )
    return {str(line): errors or [] for line, errors in rows.values_list("line", "errors")}


def _change(row: FileImport, **values: object) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    FileImport.objects.filter(account_id=row.account_id, id=row.id).update(**values)
