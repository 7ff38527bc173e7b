# SPDX-License-Identifier: Apache-2.0
"""Notes that something was done, for whoever watches the installation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

NOTE = "SELECT upkeep_note(%s, %s, %s, %s, %s)"


def note_run(cursor: Any, *, name: str, at: datetime, took_ms: int, says: str = "", is_failure: bool = False) -> None:
    """
    Note that ``name`` was done, or was tried in vain, at ``at``. ``cursor``: Django's or psycopg's.

    Units: milliseconds. Writes: 1 row. Queries: 1.
    """
    cursor.execute(NOTE, [name, at, took_ms, says[:200], is_failure])


def keep_run(
    cursor: Any, *, name: str, began_at: datetime, ended_at: datetime, says: str, is_failure: bool, details: Mapping[str, Any]
) -> None:
    """Keep a run of a command, which is over. ``cursor``: psycopg's. Queries: 1."""
    cursor.execute(
        "INSERT INTO upkeep_runs (name, state, asked_by, asked_at, began_at, touched_at, ended_at, done, total, says, details)"
        " VALUES (%s, %s, '', %s, %s, %s, %s, 0, 0, %s, %s)",
        [
            name, "failed" if is_failure else "done", began_at, began_at, ended_at, ended_at, says[:400],
            json.dumps(dict(details)),
        ],
    )  # fmt: skip
