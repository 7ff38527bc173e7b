# SPDX-License-Identifier: Apache-2.0
"""The reports of the API on the screen, and as files that are written while they are read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from regulars.errors import RegularsError
from regulars.kit.db import unit_of_work
from regulars.panel import exports
from regulars.panel.forms.reports import ReportForm, start_of
from regulars.panel.paging import Pages, address_with
from regulars.panel.report_words import COLUMNS, GROUPS, REPORTS, TRANSACTION_KINDS
from regulars.panel.viewer import Viewer, signed_in
from regulars.reports.dashboard import visible_campaigns
from regulars.reports.files import CONTENT_TYPES, file_chunks
from regulars.reports.listing import COLUMNS as COLUMNS_OF
from regulars.reports.listing import TRANSACTIONS, Asked, Cell, Row, check, count, iterate
from regulars.users.access import may, require

LENGTH = 50
PAGE_MAX = 100
"""Further pages of the screen would read all that is before them; a file has everything."""
MAY = {"csv": "export_csv", "xlsx": "export_excel", "pdf": "access_reports"}
NUMBERS = ("amount", "purchase", "earned", "redeemed", "liability", "worth", "balance", "cumulative")
_KIND_COLUMN = COLUMNS_OF["transactions_all"].index("kind")


@require_safe
@signed_in(needs="access_reports")
def report_list(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show which reports there are."""
    shares = viewer.account.is_coalition or viewer.account.is_two_tier
    groups = [
        (label, [(name, *REPORTS[name]) for name in names])
        for label, names in GROUPS
        if shares or not names[0].startswith("coalition")
    ]
    return render(request, "panel/report_list.html", {"groups": groups})


@require_safe
@signed_in(needs="access_reports")
def report_page(request: HttpRequest, viewer: Viewer, name: str) -> HttpResponseBase:
    """Show a report's form, and what it finds: some rows, or all of them as a file (``format``)."""
    if name not in REPORTS:
        raise Http404
    today = viewer.at.astimezone(viewer.account.zone).date()
    is_asked = any(field in request.GET for field in ("first", "campaign"))
    start = QueryDict(mutable=True)
    start.update(start_of(name, today))
    seen = tuple(sorted(visible_campaigns(viewer.account, viewer.user), key=lambda each: each.name.lower()))
    form = ReportForm(request.GET if is_asked else start, name=name, account=viewer.account, by=viewer.user, seen=seen)
    context: dict[str, Any] = {"form": form, "name": name, "title": REPORTS[name][0], "about": REPORTS[name][1]}
    if not seen or not form.is_valid():
        context["has_campaigns"] = bool(seen)
        return render(request, "panel/report.html", context, status=400 if is_asked and seen else 200)
    context["has_campaigns"] = True
    asked, kind = form.asked(today), request.GET.get("format", "")
    if is_asked:
        try:
            check(account=viewer.account, asked=asked)
        except RegularsError as error:
            form.refuse(error)
            return render(request, "panel/report.html", context, status=400)
        if kind in MAY:
            require(viewer.user, MAY[kind])
            return _file(request, viewer, asked, kind)
        context |= _rows(request, viewer, asked)
        kinds = [each for each in MAY if may(viewer.user, MAY[each])]
        context["files"] = [(each, address_with(request, format=each, page=None)) for each in kinds]
    return render(request, "panel/report.html", context)


def _rows(request: HttpRequest, viewer: Viewer, asked: Asked) -> dict[str, Any]:
    page = request.GET.get("page", "")
    number = min(int(page), PAGE_MAX) if page.isascii() and page.isdecimal() and len(page) < 6 else 0
    found = list(iterate(account=viewer.account, at=viewer.at, asked=asked, offset=number * LENGTH, limit=LENGTH + 1))
    columns = [(COLUMNS[each], each in NUMBERS) for each in COLUMNS_OF[asked.name]]
    rows = [
        [(label, is_number, _shown(viewer, cell)) for (label, is_number), cell in zip(columns, row, strict=True)]
        for row in _worded(asked, iter(found[:LENGTH]))
    ]
    pages = Pages(
        previous=address_with(request, page=number - 1) if number else "",
        next=address_with(request, page=number + 1) if len(found) > LENGTH and number < PAGE_MAX else "",
        shown=_("Lines %(first)s to %(last)s")
        % {"first": viewer.shown.number(number * LENGTH + 1), "last": viewer.shown.number(number * LENGTH + len(rows))}
        if rows
        else "",
    )
    return {"columns": columns, "rows": rows, "pages": pages, "is_asked": True}


def _worded(asked: Asked, rows: Iterator[Row]) -> Iterator[Row]:
    """Kinds of transactions by their names."""
    for row in rows:
        if asked.name in TRANSACTIONS:
            kind = str(TRANSACTION_KINDS[str(row[_KIND_COLUMN])])
            yield (*row[:_KIND_COLUMN], kind, *row[_KIND_COLUMN + 1 :])
        else:
            yield row


def _shown(viewer: Viewer, cell: Cell) -> str:
    if cell is None or cell == "":
        return "–"
    if isinstance(cell, datetime):
        return viewer.shown.moment(cell)
    if isinstance(cell, Decimal):
        return viewer.shown.money(int(cell.scaleb(viewer.account.currency.decimals)))
    return viewer.shown.number(cell) if isinstance(cell, int) else cell


def _file(request: HttpRequest, viewer: Viewer, asked: Asked, kind: str) -> HttpResponseBase:
    if not exports.places.acquire(blocking=False):
        title, text = _("Please wait"), _("Two exports are being made already. Try again in a minute.")
        busy = render(request, "panel/message.html", {"title": title, "text": text}, status=503)
        busy["Retry-After"] = "60"
        return busy
    progress = exports.begin(viewer.account.id, request.GET.get("mark", "")[:64])
    response = StreamingHttpResponse(_Export(viewer, asked, kind, progress), content_type=CONTENT_TYPES[kind])
    day = viewer.at.astimezone(viewer.account.zone).date().isoformat()
    response["Content-Disposition"] = f'attachment; filename="{asked.name}-{day}.{kind}"'
    return response


class _Export:
    """The chunks of a file. It reads in a unit of work of its own, on one moment of the books, and gives its place back."""

    def __init__(self, viewer: Viewer, asked: Asked, kind: str, progress: exports.Progress) -> None:
        self._progress = progress
        self._language = translation.get_language() or "en"
        self._chunks = self._made(viewer, asked, kind)
        self._is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._chunks)

    def close(self) -> None:
        """Give up what was not sent."""
        if not self._is_closed:
            self._is_closed = True
            try:
                self._chunks.close()  # type: ignore[attr-defined]
            finally:
                self._progress.is_over = True
                exports.places.release()

    def _made(self, viewer: Viewer, asked: Asked, kind: str) -> Iterator[bytes]:
        with translation.override(self._language), unit_of_work(viewer.account.id, is_snapshot=True):
            given: dict[str, Any] = {"account": viewer.account, "at": viewer.at, "asked": asked}
            self._progress.total = count(**given)
            head = [str(COLUMNS[each]) for each in COLUMNS_OF[asked.name]]
            rows = exports.counted(_worded(asked, iterate(**given)), self._progress)
            yield from file_chunks(kind, str(REPORTS[asked.name][0]), head, rows)
        self._progress.is_over = True


@require_safe
@signed_in(needs="access_reports")
def export_progress(request: HttpRequest, viewer: Viewer, mark: str) -> HttpResponse:
    """Say how far an export of the account is. 404 where nothing is known of it."""
    progress = exports.find(viewer.account.id, mark)
    if progress is None:
        raise Http404
    return JsonResponse({"done": progress.done, "total": progress.total, "over": progress.is_over})
