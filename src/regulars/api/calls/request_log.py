# SPDX-License-Identifier: Apache-2.0
"""request_log, our extension: the requests lately made for the account, newest first (ADR-0009)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from regulars.api.call import Call, Context
from regulars.api.calls.search_params import pagination
from regulars.protocol.kinds import date_time, integer, text, user_code
from regulars.protocol.params import param
from regulars.protocol.tree import Element, items, leaf, record, success
from regulars.request_log.queries import COUNTED_MAX, LENGTH_MAX, Logged, list_requests

LENGTH_DEFAULT = 50
SECOND = timedelta(seconds=1)
TIME_FORMAT = "%Y-%m-%d %H:%M:%S.%f"


@dataclass(frozen=True, slots=True)
class Params:
    user_name: str = param(user_code(), default="", note="requests of this user")
    call: str = param(text(64), default="", note="requests of this type")
    error_code: str = param(text(40), default="", note="requests answered so: ok, error (any), or an error's code")
    request_id: str = param(text(64), default="", note="the request answered with this X-Request-Id")
    time_from: datetime | None = param(date_time(), note="from this time on, by the account's clock")
    time_to: datetime | None = param(date_time(is_end=True), note="up to and with this second")
    offset: int = param(integer(0, COUNTED_MAX), default=0, note="how many to leave out, from the newest")
    length: int = param(integer(1, LENGTH_MAX), default=LENGTH_DEFAULT, note=f"absent: {LENGTH_DEFAULT}")


def handle(ctx: Context, params: Params) -> Element:
    """
    List requests with their fields (secrets and personal data masked), outcome, answer, duration and who made them.

    An empty list is no error. ``total`` counts at most 10,000.

    Queries: 2.
    Raises:  PermissionDenied.
    """
    found = list_requests(
        account=ctx.account,
        by=ctx.user,
        user_code=params.user_name,
        call=params.call.lower(),
        code=params.error_code.lower(),
        request_id=params.request_id,
        at_from=params.time_from,
        at_to=params.time_to + SECOND if params.time_to is not None else None,
        offset=params.offset,
        length=params.length,
    )
    return success(
        leaf("kept_days", ctx.account.request_log_days),
        items("requests", (_request(ctx, logged) for logged in found.rows)),
        pagination(found),
    )


def _request(ctx: Context, logged: Logged) -> Element:
    return record(
        "request",
        leaf("request_id", logged.request_id),
        leaf("time", logged.at.astimezone(ctx.account.zone).strftime(TIME_FORMAT)),
        leaf("call", logged.call),
        leaf("user_name", logged.user_code),
        leaf("address", logged.client),
        leaf("error_code", logged.code),
        leaf("http_status", logged.http_status),
        leaf("duration_us", logged.duration_us),
        leaf("answer_bytes", logged.answer_bytes),
        items("fields", (record("field", leaf("name", name), leaf("value", value)) for name, value in logged.fields)),
        leaf("answer", logged.answer),
    )


CALL = Call(
    type="request_log",
    handle=handle,
    params=Params,
    permission="view_request_log",
    summary="Request Log",
    source="ADR-0009",
)
