# SPDX-License-Identifier: Apache-2.0
"""Idempotency keys of what does not post: the answer is kept with the effect, and given again (I8, sql/keys.sql)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from regulars.accounts.directory import AccountConfig
from regulars.errors import KeyReused


def recall_answer(*, account: AccountConfig, key: str, fingerprint: bytes) -> Any | None:
    """
    Return what was answered under a key; None where it was not used.

    Queries: 1. Raises: KeyReused where it was used for something else (another ``fingerprint``).
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_recall(%s, %s)", [account.id, key])
        row = cursor.fetchone()
    return _answer(row[0] if row else None, fingerprint)


def remember_answer(*, account: AccountConfig, key: str, fingerprint: bytes, at: datetime, answer: Any) -> Any | None:
    """
    Keep an answer under a key in the unit of work of its effect. Returns None, or the answer that somebody else kept there in
    the meantime: then the effect must be rolled back.

    Waits for whoever keeps an answer under the same key right now. Queries: 1. Raises: KeyReused.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_remember(%s, %s, %s, %s, %s::jsonb)",
            [account.id, key, fingerprint, at, orjson.dumps(answer).decode()],
        )
        row = cursor.fetchone()
    return _answer(row[0] if row else None, fingerprint)


def _answer(document: Any, fingerprint: bytes) -> Any | None:
    if document is None:
        return None
    kept = orjson.loads(document) if isinstance(document, str) else document
    if bytes.fromhex(kept["fingerprint"]) != fingerprint or kept["answer"] is None:
        raise KeyReused
    return kept["answer"]
