# SPDX-License-Identifier: Apache-2.0
"""The maximum of every text is written once, in its column; a longer one is refused in words before the database does."""

from __future__ import annotations

from django.db import models

from regulars.errors import InvalidParameter


def checked_length(model: type[models.Model], column: str, text: str, *, name: str = "") -> str:
    """Return ``text`` unchanged. Raises InvalidParameter naming ``name`` (or the column) where it does not fit or holds NUL."""
    maximum = getattr(model._meta.get_field(column), "max_length", None)
    if maximum is not None and len(text) > maximum:
        raise InvalidParameter(name or column, f"at most {maximum} characters")
    if "\x00" in text:
        raise InvalidParameter(name or column, "it holds a character that is not allowed")
    return text
