# SPDX-License-Identifier: Apache-2.0
"""
The answer about a batch, and how it is come by (api.md 13 "Batches", ADR-0012).

A call that brings or undoes a batch notes that in its unit of work; what it returns there, and what is kept with its
idempotency key, is the batch's id alone. Then it goes on with the batch, and the answer is made of what is noted of it.
"""

from __future__ import annotations

from django.db import InterfaceError, OperationalError, connection

from regulars.api.access_log import TROUBLE
from regulars.api.call import Context
from regulars.errors import InvariantViolation
from regulars.kit.db import unit_of_work
from regulars.protocol.tree import Element, items, leaf, record, success
from regulars.transactions.batches.carrying import carry_on, carry_out_whole
from regulars.transactions.batches.columns import lines_of
from regulars.transactions.batches.intake import receive
from regulars.transactions.batches.options import Import
from regulars.transactions.batches.queries import BatchProgress, LineError, get_batch, list_line_errors

ERRORS_MAX = 1_000
"""In one answer; batch_info has all of them."""


def take_in(ctx: Context, importing: Import, lines: str, parameter: str, *, allows_undo: bool, is_atomic: bool) -> Element:
    """Stage a batch and return its pointer for ``follow_up``; atomic and dry ones are carried out in this unit of work."""
    batch_id = receive(
        account=ctx.account,
        by=ctx.user,
        at=ctx.at,
        importing=importing,
        lines=lines_of(lines),
        parameter=parameter,
        allows_undo=allows_undo,
        is_whole=is_atomic or ctx.dry_run,
    )
    if is_atomic or ctx.dry_run:
        progress = carry_out_whole(account=ctx.account, by=ctx.user, batch_id=batch_id, at=ctx.at, is_atomic=is_atomic)
        if ctx.dry_run:
            errors = list_line_errors(account=ctx.account, batch_id=batch_id, of_undo=False, limit=ERRORS_MAX)
            return success(brought_element(progress, errors, is_dry_run=True))
    return pointer(batch_id)


def pointer(batch_id: int) -> Element:
    """Return what is kept of a call about a batch."""
    return Element("batch", text=str(batch_id))


def answer_when_brought(ctx: Context, kept: Element) -> Element:
    """Go on with a batch that was brought, and answer with what became of it."""
    return _answer(ctx, kept, of_undo=False)


def answer_when_undone(ctx: Context, kept: Element) -> Element:
    """Go on undoing a batch, and answer with what became of it."""
    return _answer(ctx, kept, of_undo=True)


def _answer(ctx: Context, kept: Element, *, of_undo: bool) -> Element:
    batch_id, account = int(kept.text), ctx.account
    try:
        with unit_of_work(account.id):
            progress = get_batch(account=account, by=ctx.user, batch_id=batch_id)
        if progress.is_open and not progress.is_handed_over:
            carry_on(account_id=account.id, batch_id=batch_id, clock=lambda: ctx.at)
        with unit_of_work(account.id):
            progress = get_batch(account=account, by=ctx.user, batch_id=batch_id)
            errors = list_line_errors(account=account, batch_id=batch_id, of_undo=of_undo, limit=ERRORS_MAX)
    except (OperationalError, InterfaceError, InvariantViolation) as error:
        # What was brought is kept; the jobs go on with it.
        TROUBLE.error("batch %s of account %s goes on later: %s", batch_id, account.id, type(error).__name__)
        connection.close()
        return success(record("batch", leaf("batch_id", batch_id), status="undoing" if of_undo else "running"))
    return success(undone_element(progress, errors) if of_undo else brought_element(progress, errors))


def brought_element(progress: BatchProgress, errors: tuple[LineError, ...], *, is_dry_run: bool = False) -> Element:
    """Return what became of a batch that was brought; a later undo changes nothing of it."""
    is_customers = progress.kind == "customers"
    return record(
        "batch",
        None if is_dry_run else leaf("batch_id", progress.id),
        leaf("new_customers", progress.new_customers) if is_customers or progress.new_customers else None,
        leaf("customers", progress.customers) if is_customers else leaf("transactions", progress.transactions),
        leaf("lines", progress.lines_count),
        leaf("lines_done", progress.lines_done),
        leaf("lines_ignored", progress.ignored_lines) if progress.ignored_lines else None,
        leaf("lines_refused", progress.refused_lines),
        errors_element(errors),
        status="completed" if progress.state in ("undoing", "undone") else progress.state,
    )


def undone_element(progress: BatchProgress, errors: tuple[LineError, ...]) -> Element:
    """Return what was taken back of a batch."""
    return record(
        "batch",
        leaf("batch_id", progress.id),
        leaf("customers", progress.customers_undone),
        leaf("transactions", progress.transactions_undone),
        leaf("lines", progress.lines_count),
        leaf("lines_refused", progress.undo_refused_lines),
        errors_element(errors),
        status=progress.state,
    )


def errors_element(errors: tuple[LineError, ...]) -> Element | None:
    """Return the errors of lines; None where there are none."""
    if not errors:
        return None
    return items(
        "errors",
        [Element("error", text=error.text, attributes={"line": str(error.line), "code": error.code}) for error in errors],
    )
