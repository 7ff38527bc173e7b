# SPDX-License-Identifier: Apache-2.0
"""
What our processes write to standard error: lines for people, or with REGULARS_LOG_FORMAT=json an object on each line.

A line names the request that it belongs to (``request_id``), where there is one; the same stands in the answer's header
X-Request-Id and in the account's request log.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from types import TracebackType
from typing import Any, TypeVar

import orjson

T = TypeVar("T")
FORMATS = ("text", "json")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}", re.ASCII)
_current = threading.local()


def is_json(environment: Mapping[str, str] | None = None) -> bool:
    """Whether lines are objects. Raises ValueError naming the variable."""
    given = (os.environ if environment is None else environment).get("REGULARS_LOG_FORMAT", "") or "text"
    if given not in FORMATS:
        raise ValueError("REGULARS_LOG_FORMAT must be text or json")
    return given == "json"


def json_line(process: str, level: str, logger: str, **fields: Any) -> str:
    """Return one line. ``process``: api, panel, jobs, serve, ..."""
    head = {"at": now_text(), "level": level, "process": process, "pid": os.getpid(), "logger": logger}
    return orjson.dumps({**head, **fields}, default=str).decode()


def now_text() -> str:
    """The time as lines show it: UTC, to the millisecond."""
    milliseconds = time.time_ns() // 1_000_000
    return f"{_second_text(milliseconds // 1000)}.{milliseconds % 1000:03}Z"


@lru_cache(maxsize=2)  # a line per request: most of them fall into the same second
def _second_text(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


class JsonLines(logging.Formatter):
    """
    A log record as one object. Where a record brings ``fields``, they stand in place of its message.

    What a record says is what the lines for people say: whoever logs sees to it that no secret is in it.
    """

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = dict(getattr(record, "fields", None) or {"message": record.getMessage()})
        request_id = getattr(record, "request_id", "") or current_request_id()
        if request_id:
            fields.setdefault("request_id", request_id)
        if record.exc_info:
            fields["trace"] = self.formatException(record.exc_info)
        return json_line(self._process, record.levelname.lower(), record.name, **fields)


def configure(process: str, *, text: str, level: int) -> None:
    """Send every record of ``level`` and above to standard error, as ``text`` (of logging) says it or as an object."""
    handler = logging.StreamHandler(sys.stderr)
    if is_json():
        handler.setFormatter(JsonLines(process))
        sys.excepthook = _told_as_json
    else:
        handler.setFormatter(logging.Formatter(text))
    logging.basicConfig(level=level, handlers=[handler])


def _told_as_json(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("regulars").critical("ended by an error", exc_info=(kind, error, trace))


# -- which request a thread works for ------------------------------------------------------------------------------
def plain_request_id(given: str) -> str:
    """Return the id that a caller gave his request where it is a plain one, else a new one."""
    return given if given and _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def current_request_id() -> str:
    """The request that this thread works for, or ""."""
    return getattr(_current, "request_id", "")


@contextmanager
def working_for(request_id: str) -> Iterator[None]:
    """Name the request in every line that this thread writes in a block."""
    _current.request_id = request_id
    try:
        yield
    finally:
        _current.request_id = ""


def named(request_id: str, work: Callable[[], T]) -> Callable[[], T]:
    """Return ``work`` as it is run in a thread for a request."""

    def run() -> T:
        with working_for(request_id):
            return work()

    return run
