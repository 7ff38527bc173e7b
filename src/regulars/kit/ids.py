# SPDX-License-Identifier: Apache-2.0
"""Numbers and names that nobody can guess; and the database's own small numbers (ADR-0003)."""

from __future__ import annotations

import random
import secrets
from typing import Any

from django.db import models
from django.db.models import Func, Value

RANDOM: random.Random = secrets.SystemRandom()
"""The source of every random identifier. The demo business passes a seeded one instead."""


def random_digits(count: int, rng: random.Random = RANDOM) -> str:
    """Return ``count`` random digits, the first of them never 0."""
    return str(rng.randrange(10 ** (count - 1), 10**count))


def random_token(rng: random.Random = RANDOM) -> str:
    """Return a Security Token: 160 random bits as 40 lower-case hex characters (api.md 1)."""
    return rng.randbytes(20).hex()


class NextNumber(Func):
    """``nextval`` of a sequence, as a column's default."""

    function = "nextval"
    output_field = models.BigIntegerField()

    def __init__(self, sequence: str) -> None:
        self.sequence = sequence
        super().__init__(Value(sequence))

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        return "regulars.kit.ids.NextNumber", (self.sequence,), {}


def numbered(table: str) -> models.BigIntegerField[Any, Any]:
    """The ``id`` column of a tenant table: a small number from the table's own sequence."""
    return models.BigIntegerField(db_default=NextNumber(f"{table}_id_seq"), editable=False)
