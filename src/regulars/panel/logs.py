# SPDX-License-Identifier: Apache-2.0
"""What the panel's process writes to standard error: who signed in, what happened to people's access, what went wrong."""

from __future__ import annotations

import logging
import re

from regulars.kit import logs

SECRET_PATH = re.compile(r"(/new-password/).+")


def configure_logging() -> None:
    """Send our lines (users/security_log.py) and the warnings of libraries to standard error."""
    logs.configure("panel", text="%(name)s: %(message)s", level=logging.WARNING)
    logging.getLogger("regulars").setLevel(logging.INFO)
    requests = logging.getLogger("django.request")
    requests.setLevel(logging.ERROR)  # that a page is not there is no news
    requests.addFilter(redact)


def redact(record: logging.LogRecord) -> bool:
    """Take the secret of a link for a new password out of what Django says of a request (logging.Filter)."""
    if isinstance(record.args, tuple):
        record.args = tuple(SECRET_PATH.sub(r"\1...", each) if isinstance(each, str) else each for each in record.args)
    return True
