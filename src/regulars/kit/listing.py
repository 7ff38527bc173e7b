# SPDX-License-Identifier: Apache-2.0
"""
One way to search, sort and page through rows held in memory (api.md 9 "searchField family").

A list declares its columns: name -> function from a row to its value. Text is compared without regard to case; numbers
are compared as numbers where the whole value is, as their shortest text where a part of it is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Generic, TypeVar

T = TypeVar("T")
Value = str | int | Fraction | None
"""What a column holds; None and "" are empty. Exact decimals are Fractions."""
Columns = Mapping[str, Callable[[T], Value]]

OPERATORS = ("eq", "ne", "bw", "bn", "ew", "en", "cn", "nc", "nu", "nn", "in", "ni")
"""Equal, begins with, ends with, contains, is empty, is one of a comma list; each followed by its opposite."""
WITHOUT_VALUE = ("nu", "nn")
OPPOSITES = {"ne": "eq", "bn": "bw", "en": "ew", "nc": "cn", "nn": "nu", "ni": "in"}


@dataclass(frozen=True, slots=True)
class Search:
    """What a list is asked for. ``field`` "" = all rows; ``sort_field`` "" = their own order; ``length`` None = the rest."""

    field: str = ""
    operator: str = "cn"
    value: str = ""
    sort_field: str = ""
    is_descending: bool = False
    offset: int = 0
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows out of ``total`` that matched."""

    rows: tuple[T, ...]
    total: int
    offset: int
    length: int | None
    is_total_minimum: bool = False
    """There are more than ``total``: all were not counted. Only large searches that are stopped early say so."""


class Peeked(Iterator[T]):
    """An iterator of which the first rows were read ahead: ``first``, which empties as they are asked for again."""

    def __init__(self, source: Iterator[T], count: int) -> None:
        self._source = source
        self.first = deque(islice(source, count + 1))
        self.is_all = len(self.first) <= count
        """Whether there are no more than ``count``."""

    def __next__(self) -> T:
        return self.first.popleft() if self.first else next(self._source)

    def close(self) -> None:
        """Give up what was not read."""
        close = getattr(self._source, "close", None)
        if close is not None:
            close()


def page(rows: Sequence[T], columns: Columns[T], search: Search) -> Page[T]:
    """
    Return the rows that match, sorted (equal ones keep their order, empty ones come first), from offset to length.

    Raises: KeyError for a field or an operator that is not declared.
    """
    found = list(rows)
    if search.field:
        value_of = columns[search.field]
        matches = matcher(search.operator, search.value)
        found = [row for row in found if matches(value_of(row))]
    if search.sort_field:
        sort_value_of = columns[search.sort_field]
        found.sort(key=lambda row: _sort_key(sort_value_of(row)), reverse=search.is_descending)
    end = None if search.length is None else search.offset + search.length
    return Page(tuple(found[search.offset : end]), len(found), search.offset, search.length)


def matcher(operator: str, wanted: str) -> Callable[[Value], bool]:
    """Return the test of one column's value. Raises KeyError for an unknown operator."""
    if operator in OPPOSITES:
        positive = matcher(OPPOSITES[operator], wanted)
        return lambda value: not positive(value)
    text = wanted.casefold()
    parts = [part.strip() for part in wanted.split(",")]
    tests: dict[str, Callable[[Value], bool]] = {
        "eq": lambda value: _is_equal(value, wanted),
        "bw": lambda value: shown(value).casefold().startswith(text),
        "ew": lambda value: shown(value).casefold().endswith(text),
        "cn": lambda value: text in shown(value).casefold(),
        "nu": lambda value: shown(value) == "",
        "in": lambda value: any(_is_equal(value, part) for part in parts),
    }
    return tests[operator]


def shown(value: Value) -> str:
    """Return a value as text: a Fraction with as few decimals as it needs."""
    if value is None:
        return ""
    if isinstance(value, Fraction):
        return decimal_text(value)
    return str(value)


def decimal_text(value: Fraction) -> str:
    """Return "1.25" for 5/4. Raises ValueError for a number that has no finite decimal form."""
    decimals = 0
    scaled = value
    while scaled.denominator != 1:
        if decimals == 30:
            raise ValueError(f"{value} has no short decimal form")
        decimals += 1
        scaled *= 10
    digits = str(abs(scaled.numerator)).rjust(decimals + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)


def _number(text: str) -> Fraction | None:
    if len(text) > 40 or not text.isascii() or any(character in text for character in "/eE_"):
        return None
    try:
        return Fraction(text.replace(",", "."))
    except ValueError:
        return None


def _is_equal(value: Value, wanted: str) -> bool:
    if isinstance(value, int | Fraction):
        return value == _number(wanted)
    return shown(value).casefold() == wanted.casefold()


def _sort_key(value: Value) -> tuple[int, Fraction | int, str]:
    if isinstance(value, int | Fraction):
        return (1, value, "")
    return (2 if value else 0, 0, shown(value).casefold())
