# SPDX-License-Identifier: Apache-2.0
"""How a text becomes lines, and a line becomes cells (api.md 7 customers_batch, 8 batch_transactions). Pure."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from regulars.errors import InvalidParameter, MissingParameter

DELIMITERS: Mapping[str, str] = {"pipe": "|", "comma": ",", "tab": "\t"}
COLUMNS_MAX = 200
UNUSED = "none"
"""The name of a column that is not looked at."""

_LINE_END = re.compile("\r\n|\n\r|\n|\r")
_CUSTOM = re.compile(r"custom_field_([1-9][0-9]{0,2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a batch, from the left. ``delimiter``: pipe, comma or tab."""

    delimiter: str
    names: tuple[str, ...]

    def cells(self, line: str) -> dict[str, str]:
        """
        Return the cells of a line that say something, by column. Missing ones at the end count as empty.

        In lines with commas a cell may stand in double quotes, as spreadsheets write them.
        Raises: InvalidParameter("line") where there are more cells than columns.
        """
        sign = DELIMITERS[self.delimiter]
        if sign == ",":
            try:
                values = next(csv.reader((line,), skipinitialspace=True), [])
            except csv.Error:
                raise InvalidParameter("line", text="The line can not be read.") from None
        else:
            values = line.split(sign)
        if len(values) > len(self.names) and any(value.strip() for value in values[len(self.names) :]):
            raise InvalidParameter("line", f"it has {len(values)} values for {len(self.names)} columns")
        return {
            name: kept
            for name, value in zip(self.names, values, strict=False)
            if name != UNUSED and (kept := value if name == "customer_password" else value.strip())
        }


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """Yield (number, line) of every line that is not blank; each ends with \\n and/or \\r, and all are counted, from 1."""
    number = start = 0
    for match in _LINE_END.finditer(text):
        number += 1
        line = text[start : match.start()]
        start = match.end()
        if line and not line.isspace():
            yield number, line
    rest = text[start:]
    if rest and not rest.isspace():
        yield number + 1, rest


def custom_number(name: str) -> int | None:
    """Return # of the column ``custom_field_#``; None for any other."""
    match = _CUSTOM.fullmatch(name)
    return int(match[1]) if match else None


def columns_from(
    headers: Mapping[int, str], *, prefix: str, known: Collection[str], custom: Collection[int], delimiter: str
) -> Columns:
    """
    Return the columns that numbered headers name; ``custom`` are the custom fields that there are.

    Raises: MissingParameter where there is no first one; InvalidParameter naming ``prefix`` + number for a number that was
    skipped, a column that does not exist or that stands there twice.
    """
    if not headers.get(1):
        raise MissingParameter(f"{prefix}1")
    by_lower = {name.lower(): name for name in known}
    names: list[str] = []
    for expected, number in enumerate(sorted(headers), 1):
        if number != expected:
            raise InvalidParameter(
                f"{prefix}{number}", f"headers are numbered upwards without skipping one: {expected} is missing"
            )
        if number > COLUMNS_MAX:
            raise InvalidParameter(f"{prefix}{number}", f"at most {COLUMNS_MAX} columns")
        name = headers[number].strip().lower()
        name = {"custom_field": "custom_field_1", "custom1": "custom_field_1"}.get(name, by_lower.get(name, name))
        own = custom_number(name)
        if name not in known and name != UNUSED and (own is None or own not in custom):
            raise InvalidParameter(f"{prefix}{number}", "there is no such column" if own is None else "there is no such field")
        if name != UNUSED and name in names:
            raise InvalidParameter(f"{prefix}{number}", "the column stands there twice")
        names.append(name)
    return Columns(delimiter, tuple(names))
