# SPDX-License-Identifier: Apache-2.0
"""Importing a file in three pages: the file, its columns, what its lines would do. And the imports of the past."""

from __future__ import annotations

import itertools
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.accounts.fields import list_fields
from regulars.errors import RegularsError
from regulars.panel.forms.imports import SEPARATOR_NAMES, FileForm, PlanForm, start_of
from regulars.panel.paging import Pages, address_with
from regulars.panel.sentences import sentence
from regulars.panel.uploads import takes_files
from regulars.panel.viewer import Viewer, signed_in
from regulars.panel.views.import_batches import as_csv, batch_row
from regulars.transactions.batches.queries import list_batches
from regulars.transactions.imports.carrying import TOGETHER_MAX
from regulars.transactions.imports.headings import guess_targets, looks_like_headings, own_labels
from regulars.transactions.imports.operations import FILE_BYTES_MAX, begin_import, bring_file, drop_import, plan_import
from regulars.transactions.imports.plans import Plan, Sheet, settled_mark, settled_order
from regulars.transactions.imports.queries import (
    ImportProgress,
    RefusedLine,
    get_import,
    get_sheet,
    iter_refused,
    list_files_of,
    list_unfinished,
)
from regulars.transactions.imports.shapes import EITHER

LENGTH = 50
SHOWN_LINES = 100
NEEDS = "import_transactions"
"""Whoever may import customers may import transactions; the form offers what the viewer may."""


@takes_files(FILE_BYTES_MAX)
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs=NEEDS)
def imports_page(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show what was imported, and take a new file."""
    is_too_large: bool = request.is_too_large  # type: ignore[attr-defined]
    if request.method != "POST":
        kind = request.GET.get("kind", "customers")
        form = FileForm(initial={"kind": kind}, by=viewer.user) if not is_too_large else FileForm({}, by=viewer.user)
        if is_too_large:
            form.errors.clear()
            form.add_error("text", _("That is too much to be pasted. Save it as a file and choose that."))
        return _imports(request, viewer, form, 400 if is_too_large else 200)
    form = FileForm(request.POST, request.FILES, by=viewer.user)
    if is_too_large:
        form.errors.pop("file", None)
        form.add_error("file", _("The file is too large: at most %(size)d MB.") % {"size": FILE_BYTES_MAX // 1_048_576})
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            with transaction.atomic():
                import_id = bring_file(
                    account=viewer.account, by=viewer.user, at=viewer.at, kind=form.cleaned_data["kind"], chunks=form.chunks(),
                    file_name=file.name if file is not None else "", separator=form.cleaned_data["separator"],
                )  # fmt: skip
        except RegularsError as error:
            form.refuse(error)
        else:
            return HttpResponseRedirect(reverse("import_file", args=[import_id]))
    return _imports(request, viewer, form, 400)


def _imports(request: HttpRequest, viewer: Viewer, form: FileForm, status: int) -> HttpResponse:
    before = request.GET.get("before", "")
    first = int(before) if before.isascii() and before.isdecimal() and len(before) < 16 else 0
    found = list_batches(account=viewer.account, by=viewer.user, before=first, limit=LENGTH + 1)
    shown = found[:LENGTH]
    files = list_files_of(account=viewer.account, batch_ids=[batch.id for batch in shown])
    older = address_with(request, before=shown[-1].id) if len(found) > LENGTH else ""
    context: dict[str, Any] = {
        "form": form,
        "unfinished": [_unfinished_row(viewer, one) for one in list_unfinished(account=viewer.account, by=viewer.user)],
        "batches": [batch_row(viewer, batch, files.get(batch.id)) for batch in shown],
        "pages": Pages(
            previous=reverse("imports") if first else "", next=older, previous_label=_("Newest"), next_label=_("Older")
        ),
    }
    return render(request, "panel/imports.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs=NEEDS)
def import_file(request: HttpRequest, viewer: Viewer, import_id: int) -> HttpResponse:
    """Ask what the columns of a file are, show how far it is, and what its lines would do."""
    found = get_import(account=viewer.account, by=viewer.user, import_id=import_id)
    if found.batch_id is not None:
        return HttpResponseRedirect(reverse("import_batch", args=[found.batch_id]))
    if request.method == "POST":
        return _plan(request, viewer, found)
    if found.state == "read" or (found.state == "checked" and "columns" in request.GET):
        return _columns_page(request, viewer, found, None, 200)
    return _state_page(request, viewer, found, 200)


def _plan(request: HttpRequest, viewer: Viewer, found: ImportProgress) -> HttpResponse:
    if found.state not in ("read", "checked"):
        return HttpResponseRedirect(reverse("import_file", args=[found.id]))
    sheet = get_sheet(account=viewer.account, by=viewer.user, import_id=found.id)
    form = PlanForm(
        request.POST, account=viewer.account, by=viewer.user, kind=found.kind, sheet=sheet, labels=_labels(viewer, found.kind)
    )
    if form.is_valid():
        try:
            with transaction.atomic():
                plan_import(account=viewer.account, by=viewer.user, at=viewer.at, import_id=found.id, plan=form.plan())
        except RegularsError as error:
            form.refuse(error)
        else:
            return HttpResponseRedirect(reverse("import_file", args=[found.id]))
    return _columns_page(request, viewer, found, form, 400)


def _columns_page(
    request: HttpRequest, viewer: Viewer, found: ImportProgress, form: PlanForm | None, status: int
) -> HttpResponse:
    sheet = get_sheet(account=viewer.account, by=viewer.user, import_id=found.id)
    if form is None:
        labels = _labels(viewer, found.kind)
        plan = found.plan or _proposal(viewer, found.kind, sheet, labels)
        form = PlanForm(
            initial=start_of(plan), account=viewer.account, by=viewer.user, kind=found.kind, sheet=sheet, labels=labels
        )
    columns = [
        {
            "field": field,
            "heading": sheet.first[number] if number < len(sheet.first) else "",
            "samples": column.samples,
            "rounded": column.rounded,
        }
        for number, (field, column) in enumerate(zip(form.columns, sheet.columns, strict=True))
    ]
    context: dict[str, Any] = {
        "found": _unfinished_row(viewer, found),
        "form": form,
        "columns": columns,
        "preview": sheet.preview,
        "rows": viewer.shown.number(sheet.rows),
        "separator": SEPARATOR_NAMES[sheet.separator],
        "is_old_encoding": sheet.encoding == "cp1252",
    }
    return render(request, "panel/import_columns.html", context, status=status)


def _proposal(viewer: Viewer, kind: str, sheet: Sheet, labels: dict[str, str]) -> Plan:
    """What is filled in before anybody has said anything; what can be read in two ways is left open."""
    has_headings = looks_like_headings(sheet.first) and sheet.rows > 1
    headings = [*sheet.first, *[""] * (len(sheet.columns) - len(sheet.first))]
    targets = guess_targets(viewer.account, kind, headings, labels) if has_headings else ("",) * len(headings)
    seen = [campaign for campaign in viewer.account.campaigns.values() if viewer.user.may_see(campaign)]
    only = seen[0].number if len(seen) == 1 and seen[0].state == "active" else ""
    mark = settled_mark(viewer.account, kind, sheet, targets, has_headings=has_headings)
    order = settled_order(viewer.account, kind, sheet, targets, has_headings=has_headings)
    return Plan(
        targets=targets,
        has_headings=has_headings,
        decimal_mark="" if mark == EITHER else mark,
        date_order="" if order == EITHER else order,
        campaigns=(only,) if only and kind == "customers" else (),
        campaign=only if "campaign_id" not in targets else "",
    )


def _labels(viewer: Viewer, kind: str) -> dict[str, str]:
    """What the account calls its fields, where it has said so itself."""
    predefined = []
    if kind == "customers":
        rows = list_fields(account=viewer.account, owner="customer")
        predefined = [(row.name, row.label) for row in rows]
    return own_labels(viewer.account, kind, predefined)


def _state_page(request: HttpRequest, viewer: Viewer, found: ImportProgress, status: int) -> HttpResponse:
    refused: list[RefusedLine] = []
    if found.state == "checked" and found.refused_lines:
        refused = list(itertools.islice(iter_refused(account=viewer.account, found=found), SHOWN_LINES))
    shown = viewer.shown
    context: dict[str, Any] = {
        "found": _unfinished_row(viewer, found),
        "state": found.state,
        "is_open": found.is_open,
        "problem": found.problem,
        "done": found.lines_done,
        "total": found.lines_count,
        "done_text": shown.number(found.lines_done),
        "total_text": shown.number(found.lines_count),
        "good": found.lines_count - found.refused_lines - found.ignored_lines,
        "good_text": shown.number(found.lines_count - found.refused_lines - found.ignored_lines),
        "figures": _figures(viewer, found),
        "refused": refused,
        "refused_count": shown.number(found.refused_lines),
        "has_more": found.refused_lines > len(refused),
        "is_in_pieces": found.lines_count > TOGETHER_MAX,
    }
    return render(request, "panel/import_state.html", context, status=status)


def _figures(viewer: Viewer, found: ImportProgress) -> list[tuple[str, str]]:
    number = viewer.shown.number
    if found.kind == "customers":
        figures = [
            (_("New customers"), number(found.new_customers)),
            (_("Changed customers"), number(found.customers - found.new_customers)),
            (_("Left as they are"), number(found.ignored_lines)),
        ]
    else:
        figures = [(_("Transactions"), number(found.transactions)), (_("New customers"), number(found.new_customers))]
    return [*figures, (_("Refused lines"), number(found.refused_lines))]


def _unfinished_row(viewer: Viewer, found: ImportProgress) -> dict[str, Any]:
    user = viewer.account.users_by_id.get(found.user_id)
    return {
        "id": found.id,
        "name": found.file_name or _("Pasted lines"),
        "kind": _("Customers") if found.kind == "customers" else _("Transactions"),
        "is_customers": found.kind == "customers",
        "at": viewer.shown.moment(found.received_at),
        "user": user.code if user else "–",
        "state": {
            "reading": _("Being read"), "read": _("Columns to be named"), "checking": _("Being tried"),
            "checked": _("Ready to be imported"), "starting": _("About to be imported"), "failed": _("Not readable"),
        }.get(found.state, ""),
    }  # fmt: skip


@require_POST
@signed_in(needs=NEEDS)
def begin(request: HttpRequest, viewer: Viewer, import_id: int) -> HttpResponse:
    """Import the lines of a file."""
    try:
        with transaction.atomic():
            begin_import(account=viewer.account, by=viewer.user, at=viewer.at, import_id=import_id)
    except RegularsError as error:
        if error.fields != ("file",):
            raise
        messages.error(request, sentence(error))
    return HttpResponseRedirect(reverse("import_file", args=[import_id]))


@require_POST
@signed_in(needs=NEEDS)
def drop(request: HttpRequest, viewer: Viewer, import_id: int) -> HttpResponse:
    """Forget a file."""
    try:
        with transaction.atomic():
            drop_import(account=viewer.account, by=viewer.user, at=viewer.at, import_id=import_id)
    except RegularsError as error:
        if error.fields != ("file",):
            raise
        messages.error(request, sentence(error))
        return HttpResponseRedirect(reverse("import_file", args=[import_id]))
    messages.success(request, _("The file was forgotten. Nothing of it was imported."))
    return HttpResponseRedirect(reverse("imports"))


@require_safe
@signed_in(needs=NEEDS)
def refused_of_file(request: HttpRequest, viewer: Viewer, import_id: int) -> HttpResponseBase:
    """Give the lines that would be refused, with their reasons, as CSV."""
    found = get_import(account=viewer.account, by=viewer.user, import_id=import_id)
    lines = iter_refused(account=viewer.account, found=found)
    return as_csv(lines, found.plan.targets if found.plan else (), f"refused-{found.id}.csv")
