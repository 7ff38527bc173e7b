# SPDX-License-Identifier: Apache-2.0
"""What a command tells while it works: lines on standard error, so that standard output stays what was asked for."""

from __future__ import annotations

import sys


def say(line: str) -> None:
    """Print one line of progress."""
    print(line, file=sys.stderr, flush=True)
