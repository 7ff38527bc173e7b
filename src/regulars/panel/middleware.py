# SPDX-License-Identifier: Apache-2.0
"""What belongs to every request of the panel: the host that was asked, and the headers of every answer."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from django.core.exceptions import DisallowedHost
from django.db import connection
from django.http import HttpRequest, HttpResponseBase

from regulars.accounts.queries import find_host
from regulars.panel.views import errors

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Only files of ours: no script or style inside a page, nothing from elsewhere. data: is for the pictures in Tabler's CSS."""


class SafeAnswers:
    """Adds the Content-Security-Policy to everything, and keeps pages (they hold tokens) out of every cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")  # counter: the camera
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class Measured:
    """Says in ``Server-Timing`` how many statements a page took, and how long they and all of it took (milliseconds)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        count, seconds, began = 0, 0.0, perf_counter()

        def counted(execute: Callable[..., Any], *arguments: Any) -> Any:
            nonlocal count, seconds
            start = perf_counter()
            try:
                return execute(*arguments)
            finally:
                count, seconds = count + 1, seconds + perf_counter() - start

        with connection.execute_wrapper(counted):
            response = self._get_response(request)
        whole = perf_counter() - began
        if count and hasattr(request, "viewer"):  # of one who signs in in vain it would say whether he is known
            told = f'db;desc="{count} statements";dur={seconds * 1000:.1f}, app;dur={whole * 1000:.1f}'
            response.headers["Server-Timing"] = told
        return response


class KnownHost:
    """
    Says in ``request.own_host`` whose own address was asked (HostConfig), or None. A host that can be none is answered 400.

    Behind the files of WhiteNoise, which are the same everywhere. Queries: 1.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            host = request.get_host()
        except DisallowedHost:
            return errors.bad_request(request)
        request.own_host = find_host(host)  # type: ignore[attr-defined]
        return self._get_response(request)
