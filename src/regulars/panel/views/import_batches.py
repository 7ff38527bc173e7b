# SPDX-License-Identifier: Apache-2.0
"""One import that was begun: how far it is, what was refused, and undoing it."""

from __future__ import annotations

import csv
import io
import itertools
import tempfile
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from regulars.errors import LockTimeout, RegularsError, StaleConfiguration
from regulars.panel.viewer import Viewer, signed_in
from regulars.transactions.batches.carrying import preview_undo, undo_now
from regulars.transactions.batches.queries import BatchProgress, get_batch, list_line_errors
from regulars.transactions.imports.queries import RefusedLine, find_import_of_batch, iter_refused_of_batch, list_files_of

NEEDS = "import_transactions"
SHOWN_LINES = 100
PREVIEW_LINES_MAX = 100
"""So many lines are undone and put back while somebody waits to see what exactly undoing them takes back."""


def state_text(state: str) -> str:
    """Return a batch's state in words."""
    return {
        "running": _("Under way"), "completed": _("Imported"), "refused": _("Refused as a whole"), "failed": _("Stopped"),
        "undoing": _("Being undone"), "undone": _("Undone"),
    }[state]  # fmt: skip


def batch_row(viewer: Viewer, batch: BatchProgress, file: tuple[str, int] | None) -> dict[str, Any]:
    """Return what a list shows of a batch; ``file``: its name and its unreadable lines, None where a call brought it."""
    user = viewer.account.users_by_id.get(batch.user_id)
    number = viewer.shown.number
    unreadable = file[1] if file is not None else 0
    return {
        "id": batch.id,
        "kind": _("Customers") if batch.kind == "customers" else _("Transactions"),
        "name": _("By API") if file is None else file[0] or _("Pasted lines"),
        "at": viewer.shown.moment(batch.received_at),
        "user": user.code if user else "–",
        "state": state_text(batch.state),
        "is_good": batch.state == "completed",
        "lines": number(batch.lines_count + unreadable),
        "refused": number(batch.refused_lines + unreadable),
        "done": number(batch.customers if batch.kind == "customers" else batch.transactions),
    }


@require_safe
@signed_in(needs=NEEDS)
def import_batch(request: HttpRequest, viewer: Viewer, batch_id: int) -> HttpResponse:
    """Show what became of an import."""
    batch = get_batch(account=viewer.account, by=viewer.user, batch_id=batch_id)
    file = list_files_of(account=viewer.account, batch_ids=[batch_id]).get(batch_id)
    of_undo = batch.state in ("undoing", "undone")
    refused = list(itertools.islice(iter_refused_of_batch(account=viewer.account, progress=batch), SHOWN_LINES))
    number = viewer.shown.number
    unreadable = file[1] if file is not None else 0
    figures = [(_("Refused lines"), number(batch.refused_lines + unreadable))]
    if batch.kind == "customers":
        figures = [
            (_("New customers"), number(batch.new_customers)),
            (_("Changed customers"), number(batch.customers - batch.new_customers)),
            (_("Left as they are"), number(batch.ignored_lines)),
            *figures,
        ]
    else:
        figures = [(_("Transactions"), number(batch.transactions)), (_("New customers"), number(batch.new_customers)), *figures]
    context: dict[str, Any] = {
        "batch": batch_row(viewer, batch, file),
        "is_open": batch.is_open,
        "of_undo": of_undo,
        "done": batch.undo_lines_done if of_undo else batch.lines_done,
        "total": batch.lines_count,
        "done_text": number(batch.undo_lines_done if of_undo else batch.lines_done),
        "total_text": number(batch.lines_count),
        "figures": figures,
        "undone": _undone(viewer, batch) if of_undo else [],
        "kept_back": list_line_errors(account=viewer.account, batch_id=batch_id, of_undo=True, limit=SHOWN_LINES)
        if of_undo
        else (),
        "refused": refused,
        "has_cells": any(line.cells for line in refused),
        "has_more": batch.refused_lines + unreadable > len(refused),
        "may_undo": batch.allows_undo and batch.state in ("completed", "failed"),
    }
    return render(request, "panel/import_batch.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs=NEEDS)
def undo_batch(request: HttpRequest, viewer: Viewer, batch_id: int) -> HttpResponse:
    """Say what undoing an import takes back, exactly when asked to; undo it."""
    batch = get_batch(account=viewer.account, by=viewer.user, batch_id=batch_id)
    place = HttpResponseRedirect(reverse("import_batch", args=[batch_id]))
    try:
        if request.method == "POST" and "preview" not in request.POST:
            with transaction.atomic():
                undo_now(account=viewer.account, by=viewer.user, at=viewer.at, batch_id=batch_id)
            return place
        may_try = batch.lines_count <= PREVIEW_LINES_MAX and batch.state in ("completed", "failed")
        tried = None
        if request.method == "POST" and may_try:
            tried = preview_undo(account=viewer.account, by=viewer.user, batch_id=batch_id, at=viewer.at)
    except (StaleConfiguration, LockTimeout):
        messages.error(request, _("Some of these customers are being served just now. Try again in a moment."))
        return place
    except RegularsError as error:
        if error.fields != ("batch_id",):
            raise
        messages.error(request, _("This import can not be undone."))
        return place
    context: dict[str, Any] = {
        "batch": batch_row(viewer, batch, list_files_of(account=viewer.account, batch_ids=[batch_id]).get(batch_id)),
        "is_tried": tried is not None,
        "may_try": may_try,
        "figures": _at_most(viewer, batch) if tried is None else _undone(viewer, tried),
    }
    return render(request, "panel/import_undo.html", context)


@require_safe
@signed_in(needs=NEEDS)
def refused_of_batch(request: HttpRequest, viewer: Viewer, batch_id: int) -> HttpResponseBase:
    """Give the refused lines of an import, with their reasons, as CSV."""
    batch = get_batch(account=viewer.account, by=viewer.user, batch_id=batch_id)
    found = find_import_of_batch(account=viewer.account, batch_id=batch_id)
    targets = found.plan.targets if found is not None and found.plan is not None else ()
    lines = iter_refused_of_batch(account=viewer.account, progress=batch)
    return as_csv(lines, targets, f"refused-{batch_id}.csv")


def _undone(viewer: Viewer, batch: BatchProgress) -> list[tuple[str, str]]:
    number = viewer.shown.number
    return [
        (_("Transactions taken back"), number(batch.transactions_undone)),
        (_("Customers removed or put back"), number(batch.customers_undone)),
        (_("Lines that stay"), number(batch.undo_refused_lines)),
    ]


def _at_most(viewer: Viewer, batch: BatchProgress) -> list[tuple[str, str]]:
    number = viewer.shown.number
    return [
        (_("Transactions"), number(batch.transactions)),
        (_("New customers"), number(batch.new_customers)),
        (_("Changed customers"), number(max(0, batch.customers - batch.new_customers))),
    ]


def as_csv(lines: Iterable[RefusedLine], targets: Sequence[str], name: str) -> HttpResponseBase:
    """Return refused lines as a file: number, reasons, and the columns as they were. It is written to the disk, not held."""
    file = tempfile.SpooledTemporaryFile(4 * 1_048_576)  # noqa: SIM115 - the response closes it
    text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([_("Line"), _("Reason"), *targets])
    for line in lines:
        writer.writerow([line.line, " ".join(line.reasons), *line.cells])
    text.detach()
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")
