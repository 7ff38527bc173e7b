# SPDX-License-Identifier: Apache-2.0
"""
Between a server and the API: who asks, how much may come, how long it may take, which paths are the reference's, the panel's
and those of health.

The two adapters (rsgi.py, asgi.py) turn their server's objects into an ``Incoming`` and send what ``respond`` returns.
"""

from __future__ import annotations

from contextlib import ExitStack
from urllib.parse import quote

from regulars.api.credentials import carries_credentials
from regulars.api.entry import handle, refuse
from regulars.api.exchange import (
    API_PATHS,
    BodyUnread,
    Headers,
    Incoming,
    Origin,
    Request,
    Response,
    Streamed,
    origin_of,
    request_id_of,
)
from regulars.api.health import PATHS as HEALTH_PATHS
from regulars.api.large import announces_batch
from regulars.api.panel_proxy import Panel
from regulars.api.reference.serving import PATH, reference
from regulars.api.services import Services
from regulars.errors import MalformedRequest, Overloaded, PlainHttpRefused, RegularsError, TooLarge
from regulars.protocol.form import read_form

DRAIN_FACTOR = 32
"""A body over the limit is read and thrown away up to so many limits, so that the caller gets to read the refusal."""


async def respond(incoming: Incoming, services: Services, panel: Panel | None) -> Response | Streamed:
    """Return what to send for a request. Raises BodyUnread where nobody waits for it."""
    options = services.options
    origin = origin_of(
        peer=incoming.peer,
        scheme=incoming.scheme,
        host=incoming.host,
        values_of=incoming.values_of,
        trusted=options.trusted_proxies,
        is_plain_listener=options.is_plain_listener,
    )
    if incoming.path in API_PATHS:
        return await _api(incoming, origin, services)
    response = await _beside_the_api(incoming, origin, services, panel)
    if not any(name == "x-request-id" for name, _ in response.headers):
        response.headers.append(("x-request-id", request_id_of(incoming.headers)))
    return response


async def _beside_the_api(incoming: Incoming, origin: Origin, services: Services, panel: Panel | None) -> Response | Streamed:
    if incoming.path in HEALTH_PATHS and incoming.method in ("GET", "HEAD"):
        return await services.health.response(incoming.path, is_head=incoming.method == "HEAD")
    if not origin.is_secure:
        return _send_to_https(incoming, origin, services.options.https_port)
    if incoming.path == PATH or incoming.path.startswith(f"{PATH}/"):
        return await reference(incoming, origin, services)
    if panel is None:
        return Response(404, [("content-type", "text/plain; charset=utf-8")], b"Not found\n")
    return await panel.forward(incoming, origin)


async def _api(incoming: Incoming, origin: Origin, services: Services) -> Response | Streamed:
    body, error = b"", None
    with ExitStack() as held:
        if incoming.method not in ("GET", "HEAD") or _announces_body(incoming.headers):
            try:
                body, error = await services.bodies.bounded(_read_body(incoming, services, held))
            except TimeoutError:
                error = MalformedRequest("The request could not be read: its body did not arrive in time.")
        request = Request(
            incoming.method, incoming.path, incoming.query, incoming.headers, body, origin.client, origin.is_secure, origin.host
        )
        if error is not None:
            return refuse(request, error)
        return await handle(request, services)


def _announces_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or bool(headers.get("transfer-encoding", ""))


async def _read_body(incoming: Incoming, services: Services, held: ExitStack) -> tuple[bytes, RegularsError | None]:
    """
    Return the body; never more than ``body_bytes_max`` bytes of it are held, or ``batch_bytes_max`` where its beginning
    says that a batch comes: that takes one of a few places, which ``held`` gives back. Units: bytes.
    """
    bytes_max, batch_max = services.options.body_bytes_max, services.options.batch_bytes_max
    declared = incoming.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) <= bytes_max:
        body = await incoming.whole()
        if len(body) != int(declared):
            raise BodyUnread
        return body, None
    limit = bytes_max
    drain_max = max(bytes_max * DRAIN_FACTOR, batch_max)
    is_too_large = declared.isdecimal() and int(declared) > max(batch_max, bytes_max)
    too_large: RegularsError = TooLarge(f"The request is too large: at most {bytes_max} bytes are accepted.")
    if is_too_large and incoming.headers.get("expect", ""):
        return b"", too_large  # the caller waits for our word before it sends: this is it
    pieces: list[bytes] = []
    size = 0
    async for piece in incoming.chunks():
        size += len(piece)
        if size > drain_max:
            break
        pieces.append(piece)
        if size > limit == bytes_max and not is_too_large and announces_batch(incoming.query, b"".join(pieces)):
            limit = max(batch_max, bytes_max)
            too_large = TooLarge(f"The request is too large: at most {limit} bytes are accepted.")
            try:
                held.enter_context(services.large_bodies)
            except Overloaded as error:
                too_large, is_too_large = error, True
        if is_too_large or size > limit:
            is_too_large = True
            pieces.clear()
    if is_too_large:
        return b"", too_large
    return (pieces[0] if len(pieces) == 1 else b"".join(pieces)), None


def _send_to_https(incoming: Incoming, origin: Origin, https_port: int) -> Response:
    """A browser on the plain port is sent to the same page over TLS; whatever carries credentials is refused."""
    request = Request(incoming.method, incoming.path, incoming.query, incoming.headers, b"", origin.client, False)
    try:
        fields = read_form(incoming.query, "", b"").fields
    except RegularsError as error:
        return refuse(request, error)
    if incoming.method not in ("GET", "HEAD") or carries_credentials(fields, incoming.headers) or not origin.host:
        return refuse(request, PlainHttpRefused())
    name = origin.host.partition("]")[0] + "]" if origin.host.startswith("[") else origin.host.partition(":")[0]
    port = "" if https_port == 443 else f":{https_port}"
    query = "?" + incoming.query.decode("latin-1") if incoming.query else ""
    place = f"https://{name}{port}{quote(incoming.path, safe='/%:@!$&()*+,;=~-._')}{query}"
    return Response(308, [("location", place), ("cache-control", "no-store")], b"")
