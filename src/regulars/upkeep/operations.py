# SPDX-License-Identifier: Apache-2.0
"""Notes that something was done, for whoever watches the installation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

NOTE = "SELECT upkeep_note(%s, %s, %s, %s, %s)"


def note_run(cursor: Any, *, name: str, at: datetime, took_ms: int, says: str = "", is_failure: bool = False) -> None:
    """
    Note that ``name`` was done, or was tried in vain, at ``at``. ``cursor``: Django's or psycopg's.

    Units: milliseconds. Writes: 1 row. Queries: 1.
    """
    cursor.execute(NOTE, [name, at, took_ms, says[:200], is_failure])
