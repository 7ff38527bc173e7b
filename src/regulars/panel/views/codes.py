# SPDX-License-Identifier: Apache-2.0
"""The Activation Codes that the platform owner gives out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from regulars.accounts.codes import CodeUsed, IssuedRow
from regulars.errors import RegularsError
from regulars.panel.forms.codes import MODULES, IssueForm
from regulars.panel.paging import Pages, address_with
from regulars.panel.sentences import sentence
from regulars.panel.viewer import Viewer, signed_in
from regulars.transactions.activation_codes import issue_activation_code, list_activation_codes, revoke_activation_code

LENGTH = 25
STATES = {
    "open": gettext_lazy("Not used yet"),
    "used": gettext_lazy("Used"),
    "expired": gettext_lazy("Expired"),
    "revoked": gettext_lazy("Revoked"),
}
COLOURS = {"open": "badge-good", "used": "badge-note", "expired": "badge-bad", "revoked": "badge-bad"}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs="manage_accounts", offices=("platform",))
def platform_codes(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the codes, the latest first; make one."""
    if request.method != "POST":
        return _page(request, viewer, IssueForm(), 200)
    form = IssueForm(request.POST)
    if form.is_valid():
        try:
            with transaction.atomic():
                code = issue_activation_code(account=viewer.account, by=viewer.user, at=viewer.at, **form.asked())
        except RegularsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The Activation Code is %(code)s.") % {"code": code})
            return HttpResponseRedirect(reverse("platform_codes"))
    return _page(request, viewer, form, 400)


@require_POST
@signed_in(needs="manage_accounts", offices=("platform",))
def revoke_platform_code(request: HttpRequest, viewer: Viewer, number: str) -> HttpResponse:
    """Let a code open nothing any more."""
    try:
        revoke_activation_code(account=viewer.account, by=viewer.user, at=viewer.at, number=number)
    except CodeUsed as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, _("The Activation Code was revoked."))
    return HttpResponseRedirect(reverse("platform_codes"))


def _page(request: HttpRequest, viewer: Viewer, form: IssueForm, status: int) -> HttpResponse:
    page = request.GET.get("page", "")
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 0
    who: dict[str, Any] = {"account": viewer.account, "by": viewer.user, "at": viewer.at}
    found = list_activation_codes(**who, first=number * LENGTH, length=LENGTH + 1)
    context = {
        "form": form,
        "codes": [_row(viewer, row, user) for row, user in found[:LENGTH]],
        "pages": Pages(
            previous=address_with(request, page=number - 1 or None) if number else "",
            next=address_with(request, page=number + 1) if len(found) > LENGTH else "",
        ),
    }
    return render(request, "panel/codes.html", context, status=status)


def _row(viewer: Viewer, row: IssuedRow, used_by: str) -> dict[str, Any]:
    return {
        "number": row.number,
        "text": row.text if row.state == "open" else "",
        "module": dict(MODULES)[row.module],
        "account": row.account_code or used_by,
        "last_day": viewer.shown.day(row.last_day) if row.last_day else "",
        "issued": viewer.shown.moment(row.issued_at),
        "issued_by": row.issued_by,
        "state": STATES[row.state],
        "colour": COLOURS[row.state],
        "used": viewer.shown.moment(row.used_at) if row.used_at else "",
        "is_open": row.state == "open",
    }
