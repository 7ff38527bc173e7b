# SPDX-License-Identifier: Apache-2.0
"""What a command tells while it works: lines on standard error, so that standard output stays what was asked for."""

from __future__ import annotations

import sys

from regulars.kit.logs import is_json, json_line


def say(line: str) -> None:
    """Print one line of progress; with REGULARS_LOG_FORMAT=json as an object."""
    print(json_line("cli", "info", "regulars.cli", message=line) if is_json() else line, file=sys.stderr, flush=True)
