# SPDX-License-Identifier: Apache-2.0
"""From Python values to the fields of a form, exactly: no float, no guess."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias
from urllib.parse import urlencode

Single: TypeAlias = str | int | bool | Decimal | date | None
Value: TypeAlias = Single | Iterable[str | int]
"""What a parameter may be given. None: not sent. An empty text is sent, and empties what it names where that is allowed."""


def field_text(name: str, value: Value) -> str:
    """
    Return a value as the API reads it.

    A datetime with a zone is sent with its offset; one without is the account's local time.
    Raises: TypeError for a float and for what has no form; ValueError for a comma inside a list's member.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{name}: {value} is not a number")
        return format(value, "f")
    if isinstance(value, datetime):
        whole = value.replace(microsecond=0)
        return whole.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        raise TypeError(f"{name}: a float is not exact; give a Decimal, an int or a str")
    if isinstance(value, Iterable) and not isinstance(value, bytes | bytearray | Mapping):
        return ",".join(_member_text(name, one) for one in value)
    raise TypeError(f"{name}: {type(value).__name__} is not what a parameter can be")


def _member_text(name: str, value: object) -> str:
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise TypeError(f"{name}: a list holds texts or whole numbers, not {type(value).__name__}")
    text = str(value)
    if "," in text:
        raise ValueError(f"{name}: {text!r} holds a comma, which divides the members of a list")
    return text


def family(prefix: str, members: Mapping[int, Value] | None, suffix: str = "") -> dict[str, Value]:
    """Return the fields of a numbered family: {2: "Tea"} under custom_field_ is custom_field_2."""
    return {f"{prefix}{number}{suffix}": value for number, value in (members or {}).items()}


def form(fields: Mapping[str, Value]) -> bytes:
    """Return the body of a request. Raises TypeError, ValueError naming the parameter."""
    texts = {name: field_text(name, value) for name, value in fields.items() if value is not None}
    return urlencode(texts).encode("ascii")
