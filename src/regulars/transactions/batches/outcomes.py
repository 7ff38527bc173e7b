# SPDX-License-Identifier: Apache-2.0
"""What became of a line."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.errors import RegularsError


@dataclass(frozen=True, slots=True)
class Outcome:
    """One line that was done. ``errors``: (code, text) of why it was refused; then it wrote nothing."""

    line: int
    errors: tuple[tuple[str, str], ...] = ()
    customer_id: int | None = None
    """Whom it wrote; None = nobody (refused, or left alone)."""
    is_new: bool = False
    entry_ids: tuple[int, ...] = ()


def refused(line: int, error: RegularsError, names: dict[str, str] | None = None) -> Outcome:
    """Return the outcome of a refused line; ``names``: what our words are called in a line."""
    return Outcome(line, tuple((part.code, _said(part, names or {})) for part in error.parts))


def _said(error: RegularsError, names: dict[str, str]) -> str:
    text = error.message
    for name in error.fields:
        if name in names and text in (f"Missing parameter: {name}", f"{name} is not valid"):
            return text.replace(name, names[name])
        if name in names and text.startswith(f"{name} is not valid: "):
            return names[name] + text[len(name) :]
    return text
