# SPDX-License-Identifier: Apache-2.0
"""The requests lately made for the account."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from regulars.panel.forms.request_log import RequestLogForm
from regulars.panel.viewer import Viewer, signed_in
from regulars.request_log.queries import COUNTED_MAX, Logged, list_requests
from regulars.users.access import require

LENGTH = 50


@require_safe
@signed_in
def request_log(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the newest requests that match, and the way to older ones."""
    require(viewer.user, "view_request_log")
    form = RequestLogForm(request.GET)
    context: dict[str, Any] = {"form": form, "days": viewer.account.request_log_days, "requests": [], "total": ""}
    if not form.is_valid():
        return render(request, "panel/request_log.html", context, status=400)
    page = request.GET.get("page", "")
    number = min(int(page), COUNTED_MAX // LENGTH) if page.isascii() and page.isdecimal() and len(page) < 6 else 0
    found = list_requests(
        account=viewer.account, by=viewer.user, **form.filters(viewer.account), offset=number * LENGTH, length=LENGTH
    )
    context["requests"] = [_row(viewer, logged) for logged in found.rows]
    context["total"] = f"{found.total:,} or more" if found.total >= COUNTED_MAX else f"{found.total:,}"
    context["newer"] = _place(request, number - 1) if number else ""
    context["older"] = _place(request, number + 1) if (number + 1) * LENGTH < found.total else ""
    return render(request, "panel/request_log.html", context)


def _place(request: HttpRequest, number: int) -> str:
    asked = {name: value for name, value in request.GET.items() if name != "page" and value}
    return "?" + urlencode(asked | {"page": str(number)})


def _row(viewer: Viewer, logged: Logged) -> dict[str, Any]:
    return {
        "at": logged.at.astimezone(viewer.account.zone).strftime("%Y-%m-%d %H:%M:%S"),
        "request_id": logged.request_id,
        "call": logged.call or "–",
        "user_code": logged.user_code,
        "client": logged.client,
        "code": logged.code,
        "is_good": logged.code == "ok",
        "milliseconds": f"{logged.duration_us / 1000:.1f}",
        "http_status": logged.http_status,
        "answer_bytes": logged.answer_bytes,
        "fields": logged.fields,
        "answer": logged.answer,
    }
