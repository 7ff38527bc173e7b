# SPDX-License-Identifier: Apache-2.0
"""One line per request, and what went wrong inside: never a field's value, never a URL (old clients send keys in them)."""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback

import orjson

from regulars.errors import InvariantViolation
from regulars.kit.logs import JsonLines, is_json, json_line, now_text

ACCESS = logging.getLogger("regulars.api.access")
TROUBLE = logging.getLogger("regulars.api")
FLUSH_SECONDS = 0.1
LINES_MAX = 200


class BufferedLines(logging.Handler):
    """
    Writes lines to standard error together, at most a tenth of a second late: a write per request costs as much as reading
    the request. Outside an event loop each line is written at once.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.add(record.getMessage())

    def add(self, line: str) -> None:
        """Hold a line until the next bundle is written."""
        self._lines.append(line)
        if len(self._lines) == 1:
            try:
                asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)
            except RuntimeError:
                self.flush()
        elif len(self._lines) >= LINES_MAX:
            self.flush()

    def flush(self) -> None:
        lines, self._lines = self._lines, []
        if lines:
            sys.stderr.write("\n".join(lines) + "\n")
            sys.stderr.flush()

    def close(self) -> None:
        self.flush()
        super().close()


BUFFER = BufferedLines()
IS_JSON = is_json()


def configure_logging() -> None:
    """Send our lines to standard error as they are, unless whoever embeds us has arranged it otherwise."""
    ours = logging.getLogger("regulars")
    if ours.handlers or logging.getLogger().handlers:
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines("api") if IS_JSON else logging.Formatter("%(message)s"))
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    ACCESS.addHandler(BUFFER)
    ACCESS.propagate = False


def flush_access_log() -> None:
    """Write what is still held: the worker is stopping."""
    BUFFER.flush()


def log_request(
    *, request_id: str, call: str, account: str, user: str, duration_us: int, code: str, status: int, client: str
) -> None:
    """
    Write one line of JSON. ``account`` and ``user`` are empty until the credentials were found valid: what stands in
    user_id may be a password typed into the wrong field. Units: duration in microseconds.
    """
    line = {
        "at": now_text(),
        "request_id": request_id,
        "type": call,
        "account": account,
        "user": user,
        "us": duration_us,
        "code": code,
        "status": status,
        "client": client,
    }
    text = json_line("api", "info", ACCESS.name, **line) if IS_JSON else orjson.dumps(line).decode()
    if BUFFER in ACCESS.handlers:
        BUFFER.add(text)  # a log record costs ten times the line
    else:
        ACCESS.info("%s", text)


def log_bug(request_id: str, error: BaseException) -> None:
    """
    Write a failure of ours loudly: its kind and where it was raised. Only our own sentence (InvariantViolation) is
    written out; a library's message may quote a caller's value.
    """
    told = str(error) if isinstance(error, InvariantViolation) else "(message withheld)"
    frames = "".join(traceback.format_tb(error.__traceback__))
    cause = type(error.__cause__).__name__ if error.__cause__ else "none"
    words = "request %s failed inside: %s: %s (cause: %s)\n%s"
    TROUBLE.error(words, request_id, type(error).__name__, told, cause, frames, extra={"request_id": request_id})
