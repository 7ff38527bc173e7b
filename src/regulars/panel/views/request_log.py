# SPDX-License-Identifier: Apache-2.0
"""The requests lately made for the account."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from regulars.panel.forms.request_log import RequestLogForm
from regulars.panel.paging import Pages, address_with
from regulars.panel.viewer import Viewer, signed_in
from regulars.request_log.queries import COUNTED_MAX, Logged, get_request, list_requests

LENGTH = 50


@require_safe
@signed_in(needs="view_request_log")
def request_log(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the newest requests that match, and the way to older ones."""
    form = RequestLogForm(request.GET)
    context: dict[str, Any] = {"form": form, "days": viewer.account.request_log_days, "requests": []}
    if not form.is_valid():
        return render(request, "panel/request_log.html", context, status=400)
    page = request.GET.get("page", "")
    number = min(int(page), COUNTED_MAX // LENGTH) if page.isascii() and page.isdecimal() and len(page) < 6 else 0
    found = list_requests(
        account=viewer.account, by=viewer.user, **form.filters(viewer.account), offset=number * LENGTH, length=LENGTH
    )
    context["requests"] = [_row(viewer, logged) for logged in found.rows]
    total = viewer.shown.number(found.total)
    many = found.total >= COUNTED_MAX
    context["pages"] = Pages(
        previous=address_with(request, page=number - 1) if number else "",
        next=address_with(request, page=number + 1) if (number + 1) * LENGTH < found.total else "",
        previous_label=_("Newer"),
        next_label=_("Older"),
        shown=_("%(total)s or more requests") % {"total": total}
        if many
        else ngettext("%(total)s request", "%(total)s requests", found.total) % {"total": total},
    )
    return render(request, "panel/request_log.html", context)


@require_safe
@signed_in(needs="view_request_log")
def logged_request(request: HttpRequest, viewer: Viewer, entry_id: int) -> HttpResponse:
    """Show one request with its fields and its answer."""
    logged = get_request(account=viewer.account, by=viewer.user, entry_id=entry_id)
    user = viewer.account.users.get(logged.user_code.lower())
    context = {
        "logged": _row(viewer, logged),
        "user_name": f"{user.first_name} {user.last_name}".strip() if user else "",
        "pretty": _pretty(logged.answer),
    }
    return render(request, "panel/logged_request.html", context)


def _pretty(answer: str) -> str:
    """Return JSON in lines; what was cut off stays as it is."""
    try:
        return orjson.dumps(orjson.loads(answer), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return answer


def _row(viewer: Viewer, logged: Logged) -> dict[str, Any]:
    return {
        "id": logged.id,
        "at": viewer.shown.second(logged.at),
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
