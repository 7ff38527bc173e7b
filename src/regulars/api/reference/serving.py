# SPDX-License-Identifier: Apache-2.0
"""The reference on the API's own port: /docs/api and what is below it. Made in a thread, so that no call waits for a page."""

from __future__ import annotations

import functools
from html import escape
from typing import TYPE_CHECKING

from regulars.api.exchange import Incoming, Origin, Response
from regulars.api.services import Services
from regulars.errors import RegularsError

if TYPE_CHECKING:
    from regulars.api.reference.trial import Demo

PATH = "/docs/api"
"""The index; its files are below."""
DEMO_ACCOUNT = "beanandleaf"
"""The first of cli/demo_cast.py; its owner has the same name."""

HEADERS = [
    ("cache-control", "no-cache"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-src 'self'; base-uri 'self'; frame-ancestors 'none'",
    ),
]
"""No script at all, nothing from another address."""


async def reference(incoming: Incoming, origin: Origin, services: Services) -> Response:
    """Answer a request for a page or file of the reference."""
    if incoming.method not in ("GET", "HEAD"):
        return _plain(405, "GET is expected.\n")
    try:
        demo = await _demo(services)
        name = incoming.path.removeprefix(PATH).strip("/") or "index.html"
        made = await services.threads.run(functools.partial(_make, name, origin.host, demo))
    except RegularsError as error:
        return _plain(error.status, f"{error.message}\n")
    if made is None:
        return _plain(404, "There is no such page.\n")
    kind, body = made
    return Response(200, [("content-type", kind), *HEADERS], b"" if incoming.method == "HEAD" else body)


async def _demo(services: Services) -> Demo | None:
    """Return what to try calls with, where the demo accounts are served."""
    from regulars.api.reference.trial import find_demo  # as in _make

    try:
        account = await services.snapshots.for_user(DEMO_ACCOUNT)
        if account is None or not account.is_demo:
            return None
        return await services.threads.run(functools.partial(find_demo, account))
    except (RegularsError, OSError):
        return None  # the pages are there to be read while the database is away


def _make(name: str, host: str, demo: Demo | None) -> tuple[str, bytes] | None:
    # Imported here: a worker that nobody asks for the reference does not load it.
    from regulars.api.reference.catalogue import entries
    from regulars.api.reference.markup import BASE_MARK
    from regulars.api.reference.pages import TRY_MARK
    from regulars.api.reference.site import content_type, file
    from regulars.api.reference.trial import trial_form
    from regulars.kit.snippets import ORIGIN

    text = file(name)
    if text is None:
        return None
    if TRY_MARK in text:
        key = name.removesuffix(".html")
        entry = next(one for one in entries() if one.key == key)
        text = text.replace(TRY_MARK, trial_form(entry, demo) if demo is not None else "")
    text = text.replace(BASE_MARK, f'<base href="{PATH}/">\n').replace(ORIGIN, f"https://{escape(host)}" if host else ORIGIN)
    return content_type(name), text.encode()


def _plain(status: int, text: str) -> Response:
    return Response(status, [("content-type", "text/plain; charset=utf-8"), *HEADERS], text.encode())
