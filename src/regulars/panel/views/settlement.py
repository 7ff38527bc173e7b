# SPDX-License-Identifier: Apache-2.0
"""Settlement between stores: the statement as a page, as CSV and as PDF; closing a period."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from regulars.coalition.frozen import Statement
from regulars.coalition.operations import close_settlement
from regulars.coalition.periods import get_statement, list_settlements
from regulars.errors import RegularsError
from regulars.panel.forms.settlement import CloseForm, StatementForm
from regulars.panel.viewer import Viewer, signed_in
from regulars.reports import statement as texts
from regulars.reports.pdf import statement_pdf

LISTED = 60


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs="edit_account_info")
def settlement_page(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show a statement, or give it as a file (``format``); close a period."""
    if request.method == "POST":
        form = CloseForm(request.POST)
        if form.is_valid():
            try:
                with transaction.atomic():
                    made = close_settlement(account=viewer.account, by=viewer.user, at=viewer.at, **form.asked())
            except RegularsError as error:
                form.refuse(error)
            else:
                messages.success(request, _("The period %(period)s was closed.") % {"period": texts.period_text(made)})
                return HttpResponseRedirect(f"{reverse('settlement')}?{urlencode({'settlement_id': made.id or ''})}")
        return _page(request, viewer, StatementForm({}), form, None, 400)
    asked = StatementForm(request.GET)
    statement = None
    if asked.is_valid():
        try:
            statement = get_statement(account=viewer.account, at=viewer.at, **asked.asked())
        except RegularsError as error:
            if request.GET:
                asked.refuse(error)
    if statement is not None and request.GET.get("format") in ("csv", "pdf"):
        return _file(viewer, statement, request.GET["format"])
    return _page(request, viewer, asked, CloseForm(), statement, 400 if asked.errors else 200)


def _file(viewer: Viewer, statement: Statement, kind: str) -> HttpResponse:
    written = (statement_pdf if kind == "pdf" else texts.statement_csv)(viewer.account, statement)
    answer = HttpResponse(written, content_type="application/pdf" if kind == "pdf" else "text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="settlement-{statement.last_date.isoformat()}.{kind}"'
    return answer


def _page(
    request: HttpRequest, viewer: Viewer, asked: StatementForm, closing: CloseForm, statement: Statement | None, status: int
) -> HttpResponse:
    account = viewer.account
    context: dict[str, Any] = {"asked": asked, "closing": closing, "statement": None, "closed": []}
    if account.modules:
        closed = list_settlements(account=account, limit=LISTED)[1]
        context["closed"] = [(each.id, texts.period_text(each), texts.cost_text(each.point_cost_ppm)) for each in closed]
    if statement is not None:
        kept = {name: value for name, value in request.GET.items() if name in asked.fields and value}
        context["statement"] = {
            "period": texts.period_text(statement),
            "id": statement.id,
            "cost": f"{texts.cost_text(statement.point_cost_ppm)} {account.currency.code}",
            "tables": [
                (_("Stores"), _spoken(texts.STORES), texts.store_rows(account, statement)),
                (_("Whose value was honoured where"), _spoken(texts.FLOWS), texts.flow_rows(account, statement)),
                (_("Who pays whom"), _spoken(texts.DEBTS), texts.debt_rows(account, statement)),
            ],
            "csv": "?" + urlencode(kept | {"format": "csv"}),
            "pdf": "?" + urlencode(kept | {"format": "pdf"}),
        }
    return render(request, "panel/settlement.html", context, status=status)


def _spoken(head: tuple[str, ...]) -> list[str]:
    """The heads of a table in the viewer's language; the files keep theirs."""
    return [_(cell) for cell in head]
