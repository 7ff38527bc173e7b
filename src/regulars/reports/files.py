# SPDX-License-Identifier: Apache-2.0
"""
Rows as CSV, as an Excel workbook and as PDF, written while they are read: a million take no more memory than a hundred. Pure.

The libraries for workbooks keep all of it until the end (openpyxl), or put it on the disk until then (XlsxWriter); so this is
written here: a zip archive by the standard library. PDF: pdf_table.py.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from html import escape
from typing import Any

from regulars.reports.listing import Cell, Row
from regulars.reports.pdf_table import cell_text, pdf_chunks

CHUNK_BYTES = 65_536
SHEET_ROWS_MAX = 1_048_575
"""Rows of an Excel sheet, less its head; further ones go to further sheets."""
SHEET_BYTES_MAX = 1_500_000_000
"""Beyond 2 GiB the archive would need an extension that Excel mistrusts."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")
"""What XML can not hold."""
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel's days begin here, on whatever clock


def _harmless(cell: Cell) -> str:
    """A spreadsheet takes a text that begins like a formula for one; an apostrophe says it is text."""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULA) else cell
    return cell_text(cell)


def csv_chunks(head: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield a CSV file: UTF-8 with its mark, which Excel looks for; RFC 4180 otherwise."""
    target = io.StringIO()
    writer = csv.writer(target)
    target.write("\ufeff")
    writer.writerow(head)
    for row in rows:
        writer.writerow([_harmless(cell) for cell in row])
        if target.tell() >= CHUNK_BYTES:
            yield target.getvalue().encode()
            target.seek(0)
            target.truncate()
    yield target.getvalue().encode()


class _Sink(io.RawIOBase):
    """Where the archive is written to: what came is taken away by ``take()``. It can not go back, so nothing is kept."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        self.size += len(data)
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        self.size = 0
        return taken


_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_STYLES = (
    f'{_HEAD}<styleSheet {_MAIN}><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf xfId="0"/><xf xfId="0" numFmtId="164" applyNumberFormat="1"/>'
    '<xf xfId="0" fontId="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def _xml_cell(cell: Cell) -> str:
    if cell is None or cell == "":
        return "<c/>"
    if isinstance(cell, datetime):
        since = cell.replace(tzinfo=None) - _EPOCH
        return f'<c s="1"><v>{since.days}.{since.seconds * 10**8 // 86_400:08}</v></c>'
    if isinstance(cell, int | Decimal):
        return f"<c><v>{cell}</v></c>"
    text = escape(_FORBIDDEN.sub("", cell), quote=False)
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def xlsx_chunks(head: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield an Excel workbook; numbers are numbers, instants are dates, texts are never formulas."""
    sink, source = _Sink(), iter(rows)
    sheets = 0
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        first = next(source, None)
        while first is not None or not sheets:
            sheets += 1
            with archive.open(f"xl/worksheets/sheet{sheets}.xml", "w") as sheet:
                sheet.write(f"{_HEAD}<worksheet {_MAIN}><sheetData><row>".encode())
                sheet.write("".join(_xml_cell(name).replace("<c ", '<c s="2" ', 1) for name in head).encode() + b"</row>")
                count = size = 0
                while first is not None and count < SHEET_ROWS_MAX and size < SHEET_BYTES_MAX:
                    size += sheet.write(f"<row>{''.join(map(_xml_cell, first))}</row>".encode())
                    count += 1
                    first = next(source, None)
                    if sink.size >= CHUNK_BYTES:
                        yield sink.take()
                sheet.write(b"</sheetData></worksheet>")
        _rest_of_workbook(archive, sheets)
    yield sink.take()


def _rest_of_workbook(archive: zipfile.ZipFile, sheets: int) -> None:
    numbers = range(1, sheets + 1)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    listed = "".join(f'<sheet name="Report {n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>' for n in numbers
    )
    parts = {
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{related}'
        f'<Relationship Id="rId0" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>{overrides}</Types>',
    }
    for name, text in parts.items():
        archive.writestr(name, _HEAD + text)
    archive.writestr("xl/styles.xml", _STYLES)


CHUNKS = {"csv": csv_chunks, "xlsx": xlsx_chunks}
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


def file_chunks(kind: str, title: str, head: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield a file of one of the kinds csv, xlsx, pdf."""
    return pdf_chunks(title, head, rows) if kind == "pdf" else CHUNKS[kind](head, rows)
