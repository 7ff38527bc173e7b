# SPDX-License-Identifier: Apache-2.0
"""What belongs to every request of the panel: the host that was asked, and the headers of every answer."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from time import perf_counter
from typing import Any

from django.core.exceptions import DisallowedHost
from django.db import connection
from django.http import HttpRequest, HttpResponseBase

from regulars.accounts.queries import find_host
from regulars.kit.logs import plain_request_id, working_for
from regulars.kit.metrics import LATENCY_US, SECONDS, Metric
from regulars.panel.views import errors

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Only files of ours: no script or style inside a page, nothing from elsewhere. data: is for the pictures in Tabler's CSS."""


ACCESS = logging.getLogger("regulars.panel.access")
HAS_ACCESS_LOG = os.environ.get("REGULARS_ACCESS_LOG", "1") not in ("0", "off", "no")
REQUESTS = Metric("regulars_panel_requests_total", "counter", "Answers of the Control Panel by status.", labels=("status",))
REQUEST_TIME = Metric(
    "regulars_panel_request_seconds", "histogram", "How long the Control Panel took to begin its answers, files included.",
    per_unit=SECONDS, bounds=LATENCY_US,
)  # fmt: skip
STATEMENTS = Metric(
    "regulars_panel_statements",
    "histogram",
    "Statements that an answer took.",
    bounds=(0, 2, 5, 10, 15, 30),
)


class Traced:
    """
    Gives every request its id, in the log and in the answer, and counts it. One line each in the log of who opened which page,
    by the page's name: an address may hold a secret or a customer's name.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = perf_counter()
        request_id = plain_request_id(request.headers.get("X-Request-Id", ""))
        with working_for(request_id):
            response = self._get_response(request)
            took_us = int((perf_counter() - began) * SECONDS)
            REQUESTS.add(1, f"{response.status_code // 100}xx")
            REQUEST_TIME.observe(took_us)
            page = request.resolver_match
            if HAS_ACCESS_LOG and page is not None:
                self._note(request, request_id, page.view_name, response.status_code, took_us)
        response.headers["X-Request-Id"] = request_id
        return response

    def _note(self, request: HttpRequest, request_id: str, page: str, status: int, took_us: int) -> None:
        viewer = getattr(request, "viewer", None)
        account, user = (viewer.account.code, viewer.user.code) if viewer is not None else ("", "")
        line = {
            "request_id": request_id, "page": page, "method": request.method, "account": account, "user": user, "us": took_us,
            "status": status,
        }  # fmt: skip
        words = "request %(request_id)s: %(method)s %(page)s %(status)s %(us)s us %(account)s/%(user)s"
        ACCESS.info(words, line, extra={"fields": line})


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
        STATEMENTS.observe(count)
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
