# SPDX-License-Identifier: Apache-2.0
"""Pages for what went wrong. They say nothing about what exists."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "panel/message.html", {"title": title, "text": text}, status=status)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """404: the same page whether a thing never was, is another account's, or may not be seen."""
    return _page(request, 404, _("Page not found"), _("There is nothing at this address."))


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """403."""
    text = _("Your role does not include this. Ask an administrator of your account.")
    return _page(request, 403, _("Not permitted"), text)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form did not come from a page of ours, or from one that was open for too long."""
    text = _("Nothing was changed. Go back, load the page again, and try once more.")
    return _page(request, 403, _("Form expired"), text)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """400."""
    return _page(request, 400, _("Request not understood"), _("The request could not be read."))


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our bug, or the database is away. Written without a template's context, which may be what broke."""
    return HttpResponse(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Something went wrong</title>"
        "<h1>Something went wrong</h1><p>It was noted. Nothing was changed. Please try again in a moment.</p></html>",
        status=500,
    )
