# SPDX-License-Identifier: Apache-2.0
"""What the two calls that bring batches share of their parameters: the version, undo, the delimiter, the lines."""

from __future__ import annotations

import re

from regulars.accounts.directory import AccountConfig
from regulars.errors import InvalidParameter
from regulars.protocol.kinds import choice, text
from regulars.protocol.params import Kind
from regulars.transactions.batches.columns import DELIMITERS

DATA_MAX = 256 * 1_048_576
"""The request's own limit comes long before."""
HEADER_MAX = 40
NO_DATA = "No data was given"
_VERSION = re.compile(r"([0-9]{1,2})(?:\.([0-9]{1,2}))?", re.ASCII)
_ALLOWS_FROM = (1, 5)


def version() -> Kind[tuple[int, int]]:
    """The version of the API whose form the call has."""

    def parse(name: str, raw: str, _: AccountConfig) -> tuple[int, int]:
        match = _VERSION.fullmatch(raw)
        if match is None:
            raise InvalidParameter(name, "a version such as 1.5 is expected")
        return int(match[1]), int(match[2] or 0)

    return Kind(parse, "a version such as 1.5")


def delimiter() -> Kind[str]:
    """What stands between the values of a line."""
    return choice(*DELIMITERS, error_text="Invalid delimiter")


def lines() -> Kind[str]:
    """The lines of a batch."""
    return text(DATA_MAX)


def header() -> Kind[str]:
    """The name of a column."""
    return text(HEADER_MAX)


def allows_undo(form: tuple[int, int] | None, *, refused: bool, allowed: bool | None) -> bool:
    """
    Return whether a batch may be undone: in the old form unless it is refused, from API 1.5 on only where it is allowed.

    A word against undo always counts.
    """
    if refused:
        return False
    return allowed if allowed is not None else form is None or form < _ALLOWS_FROM
