# SPDX-License-Identifier: Apache-2.0
"""
Reads what people bring, a text or an Excel workbook, as rows of cells. Row by row: a large file is never held whole.

A cell is its text; a number of Excel, which has no decimal mark, is a list of its text and, where Excel has rounded it, why.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from numbers import Real
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook

from regulars.errors import InvalidParameter
from regulars.transactions.batches.columns import COLUMNS_MAX
from regulars.transactions.batches.intake import LINES_MAX

Cell = str | list[str]
Row = tuple[int, list[Cell]]
"""Number of the line in the file, from 1, and its cells."""

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
CELL_LENGTH_MAX = 64_000
UNPACKED_BYTES_MAX = 512 * 1_048_576
"""An Excel file is a packed one: what it may grow to."""
SAMPLE_BYTES = 65_536
ROUNDED = "rounded"
EXACT_DIGITS_MAX = 15
"""Excel keeps so many digits of a number; the others are lost before we see them."""

BROKEN = (
    zipfile.BadZipFile, zlib.error, ParseError, LookupError, ValueError, TypeError, AttributeError, EOFError,
    NotImplementedError, OSError,
)  # fmt: skip
"""What the reader of workbooks raises for files that are none."""
NOT_READABLE = "The file can not be read. Save it as CSV or as an Excel workbook (.xlsx) and try again."


@dataclass(frozen=True, slots=True)
class Format:
    """How a file is read. ``separator``: a name of SEPARATORS; "" = a workbook. ``encoding``: of a text."""

    separator: str
    encoding: str = ""


def find_format(source: IO[bytes], *, separator: str = "") -> Format:
    """
    Return how a file is to be read; the one separator that makes the same columns of most of its first lines, unless given.

    Raises: InvalidParameter("file") for old Excel files and others that are no text.
    """
    source.seek(0)
    start = source.read(SAMPLE_BYTES)
    if start.startswith(b"PK\x03\x04"):
        return Format("")
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise InvalidParameter("file", text="Old Excel files (.xls) are not read. Save it as .xlsx or CSV and try again.")
    encoding = _encoding(source, start)
    text = start.decode(encoding, "ignore")
    if "\x00" in text:
        raise InvalidParameter("file", text=NOT_READABLE)
    return Format(separator or _separator(text), encoding)


def _encoding(source: IO[bytes], start: bytes) -> str:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    source.seek(0)
    reader = io.TextIOWrapper(source, "utf-8-sig", newline="")
    try:
        while reader.read(SAMPLE_BYTES):
            pass
    except UnicodeDecodeError:
        return "cp1252"
    finally:
        reader.detach()
    return "utf-8-sig"


def _separator(text: str) -> str:
    lines = [line for line in text.splitlines()[:30] if line.strip()]
    best, best_score = "comma", (0, 0)
    for name, sign in SEPARATORS.items():
        try:
            counts = Counter(len(row) for row in csv.reader(lines, delimiter=sign) if row)
        except csv.Error:
            continue
        width, times = max(counts.items(), key=lambda pair: (pair[1], pair[0]), default=(1, 0))
        score = (times if width > 1 else 0, width)
        if score > best_score:
            best, best_score = name, score
    return best


def rows_of(source: IO[bytes], form: Format) -> Iterator[Row]:
    """
    Yield the rows that are not empty.

    Raises: InvalidParameter("file") where the file is broken, or beyond 100,000 lines, 200 columns, 64,000 characters a cell.
    """
    rows = _text_rows(source, form) if form.separator else _workbook_rows(source)
    count = 0
    for number, cells in rows:
        while cells and not _text(cells[-1]).strip():
            cells.pop()
        if not cells:
            continue
        count += 1
        if count > LINES_MAX + 1:  # one of them may be the headings
            raise InvalidParameter("file", text=f"The file has more than {LINES_MAX:,} lines. Bring it in parts.")
        if len(cells) > COLUMNS_MAX:
            raise InvalidParameter("file", text=f"Line {number} has more than {COLUMNS_MAX} columns.")
        if any(len(_text(cell)) > CELL_LENGTH_MAX for cell in cells):
            raise InvalidParameter("file", text=f"A cell of line {number} has more than {CELL_LENGTH_MAX:,} characters.")
        yield number, cells


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else cell[0]


def _text_rows(source: IO[bytes], form: Format) -> Iterator[Row]:
    source.seek(0)
    reader = io.TextIOWrapper(source, form.encoding, "replace", newline="")
    try:
        rows = csv.reader(reader, delimiter=SEPARATORS[form.separator], skipinitialspace=True)
        before = 0
        for cells in rows:
            # A quoted cell may go over several lines: the row is known by its first one.
            yield before + 1, [" ".join(cell.replace("\x00", "").splitlines()) for cell in cells]
            before = rows.line_num
    except csv.Error:
        raise InvalidParameter("file", text=f"Line {rows.line_num} can not be read: a quotation mark is not closed.") from None
    finally:
        reader.detach()


def _workbook_rows(source: IO[bytes]) -> Iterator[Row]:
    try:
        source.seek(0)
        with zipfile.ZipFile(source) as packed:
            if sum(each.file_size for each in packed.infolist()) > UNPACKED_BYTES_MAX:
                raise InvalidParameter("file", text="The workbook is too large when it is unpacked. Save it as CSV.")
        source.seek(0)
        workbook = load_workbook(source, read_only=True, data_only=True, keep_links=False)
        sheet = workbook.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its own size is often wrong
        for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            yield number, [_cell(value) for value in cells]
    except BROKEN:
        raise InvalidParameter("file", text=NOT_READABLE) from None


def _cell(value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time() else value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date | time):
        return str(value)
    if isinstance(value, Real):
        return _number(Decimal(repr(value)))
    return " ".join(str(value).replace("\x00", "").splitlines())


def _number(value: Decimal) -> Cell:
    whole = value == value.to_integral_value()
    text = f"{value:f}"
    if whole:
        text = text.partition(".")[0]
        return [text, ROUNDED] if len(text.lstrip("-")) > EXACT_DIGITS_MAX else [text]
    return [text]
