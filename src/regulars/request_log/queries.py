# SPDX-License-Identifier: Apache-2.0
"""Reads of the request log, newest first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import orjson

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.errors import NotFound
from regulars.kit.listing import Page
from regulars.request_log.models import DETAILS, LoggedRequest
from regulars.request_log.rules import first_id, time_of
from regulars.users.access import require

LENGTH_MAX = 1_000
COUNTED_MAX = 10_000
"""``total`` says no more than this, and ``offset`` goes no further: the time range leads on."""


class LoggedRequestNotFound(NotFound):
    """There is no such request in the account's log, or it is no longer kept."""

    code = "logged_request_not_found"
    text = "There is no such request in the log."


@dataclass(frozen=True, slots=True)
class Logged:
    """One request as it is shown. ``duration_us``: microseconds."""

    id: int
    at: datetime
    request_id: str
    call: str
    user_code: str
    client: str
    code: str
    http_status: int
    duration_us: int
    answer_bytes: int
    fields: tuple[tuple[str, str], ...]
    answer: str


def list_requests(
    *,
    account: AccountConfig,
    by: UserConfig,
    user_code: str = "",
    call: str = "",
    code: str = "",
    request_id: str = "",
    at_from: datetime | None = None,
    at_to: datetime | None = None,
    offset: int = 0,
    length: int = 50,
) -> Page[Logged]:
    """
    Return the account's requests, newest first: those of a user, of a call (its ``type``), with an error code (``error`` =
    any but ok), with a request id, from a time to before another. ``total`` counts at most COUNTED_MAX.

    Queries: 2, both along the primary key.
    Raises:  PermissionDenied.
    """
    require(by, "view_request_log")
    rows = LoggedRequest.objects.filter(account_id=account.id)
    if user_code:
        rows = rows.filter(details__iregex=rf'^\["[^"]*","{re.escape(user_code)}",')
    if call:
        rows = rows.filter(call=call)
    if code == "error":
        rows = rows.exclude(code="ok")
    elif code:
        rows = rows.filter(code=code)
    if request_id:
        rows = rows.filter(details__startswith=f'["{request_id}",')
    if at_from is not None:
        rows = rows.filter(id__gte=first_id(at_from))
    if at_to is not None:
        rows = rows.filter(id__lt=first_id(at_to))
    offset, length = min(offset, COUNTED_MAX), min(length, LENGTH_MAX)
    total = rows.order_by()[:COUNTED_MAX].count()
    found = tuple(_logged(row) for row in rows.order_by("-id")[offset : offset + length])
    return Page(found, total, offset, length)


def get_request(*, account: AccountConfig, by: UserConfig, entry_id: int) -> Logged:
    """
    Return one request of the account.

    Queries: 1, by the primary key.
    Raises:  PermissionDenied, LoggedRequestNotFound.
    """
    require(by, "view_request_log")
    row = LoggedRequest.objects.filter(account_id=account.id, id=entry_id).first()
    if row is None:
        raise LoggedRequestNotFound
    return _logged(row)


def _logged(row: LoggedRequest) -> Logged:
    details = dict(zip(DETAILS, orjson.loads(row.details), strict=True))
    details["fields"] = tuple(details["fields"].items())
    return Logged(
        id=row.id,
        at=time_of(row.id),
        call=row.call,
        code=row.code,
        **details,
    )
