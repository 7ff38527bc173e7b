# SPDX-License-Identifier: Apache-2.0
"""
Tables as CSV and as Excel workbooks, written while they are read: the memory is that of a few rows, however many there are.

The workbook is written by hand, as no library gives one away before it is whole: the few parts of Office Open XML that a plain
sheet needs (ECMA-376), text as inline strings, zipped as it goes. Cells are text or numbers, never formulas.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from html import escape

Cell = str | int
CHUNK_BYTES = 64 * 1024
SHEET_ROWS_MAX = 1_048_576
"""What a sheet of Excel holds; what is beyond goes to the next sheet."""
CELL_MAX = 32_767
"""Characters that a cell of Excel holds."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def safe_cell(cell: str) -> str:
    """Return a text for CSV: one that a spreadsheet would take for a formula is preceded by an apostrophe."""
    is_number = cell.lstrip("-").replace(".", "", 1).isdecimal() and cell.count("-") <= 1
    return f"'{cell}" if cell.startswith(_FORMULA) and not is_number else cell


def csv_chunks(rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Yield rows as CSV in UTF-8 with a byte order mark (Excel asks for it)."""
    text = io.StringIO()
    text.write("\ufeff")
    write = csv.writer(text, lineterminator="\r\n").writerow
    for row in rows:
        write([safe_cell(cell) if isinstance(cell, str) else cell for cell in row])
        if text.tell() >= CHUNK_BYTES:
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    data = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return data


class _Outlet(io.RawIOBase):
    """Where the archive is written: what stands there is taken away, so it never grows. Not seekable."""

    def __init__(self) -> None:
        self._data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        content = bytes(data)  # type: ignore[call-overload]
        self._data += content
        return len(content)

    def taken(self) -> bytes:
        data = bytes(self._data)
        self._data.clear()
        return data


def xlsx_chunks(rows: Iterable[Sequence[Cell]], *, name: str) -> Iterator[bytes]:
    """
    Yield rows as an Excel workbook. The first row is the head: it stands bold, stays in sight, and on each further sheet again.

    Whole numbers become numbers, all else is text, at most CELL_MAX characters. ``name``: of the sheet.
    """
    outlet = _Outlet()
    source = iter(rows)
    head = next(source, ())
    sheets = 0
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        row: Sequence[Cell] | None = next(source, None)
        while sheets == 0 or row is not None:
            sheets += 1
            with archive.open(f"xl/worksheets/sheet{sheets}.xml", "w", force_zip64=True) as sheet:
                buffer = [_SHEET_BEGIN, _row_xml(head, 1)]
                size, count = 0, 1
                while row is not None and count < SHEET_ROWS_MAX:
                    count += 1
                    buffer.append(_row_xml(row, 0))
                    size += len(buffer[-1])
                    if size >= CHUNK_BYTES:
                        sheet.write("".join(buffer).encode())
                        buffer, size = [], 0
                        yield outlet.taken()
                    row = next(source, None)
                sheet.write(("".join(buffer) + "</sheetData></worksheet>").encode())
        for path, content in _parts(sheets, name):
            archive.writestr(path, content)
    yield outlet.taken()


def _row_xml(row: Sequence[Cell], style: int) -> str:
    cells = []
    for cell in row:
        if isinstance(cell, int):
            cells.append(f"<c><v>{cell}</v></c>")
        elif cell:
            text = escape(_NOT_IN_XML.sub("", cell[:CELL_MAX]), quote=False)
            cells.append(f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{text}</t></is></c>')
        else:
            cells.append("<c/>")
    return f"<row>{''.join(cells)}</row>"


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_ROOT = (
    f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument"'
    ' Target="xl/workbook.xml"/></Relationships>'
)
_SHEET_BEGIN = (
    f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2"'
    ' activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>'
)
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/>'
    '<sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill>'
    '<patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/>'
    '</cellStyleXfs><cellXfs count="2"><xf/><xf fontId="1" applyFont="1"/></cellXfs><cellStyles count="1">'
    '<cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def _parts(sheets: int, name: str) -> Iterator[tuple[str, str]]:
    """What a workbook has besides its sheets."""
    numbers = range(1, sheets + 1)
    title = escape(re.sub(r"[\[\]:*?/\\]", " ", name)[:25])
    yield (
        "[Content_Types].xml",
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml"'
        ' ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_TYPE}.worksheet+xml"/>' for number in numbers
        )
        + "</Types>",
    )
    yield (
        "_rels/.rels",
        _XML + _ROOT,
    )
    yield (
        "xl/workbook.xml",
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        + "".join(
            f'<sheet name="{title}{f" {number}" if number > 1 else ""}" sheetId="{number}" r:id="rId{number}"/>'
            for number in numbers
        )
        + "</sheets></workbook>",
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
            for number in numbers
        )
        + f'<Relationship Id="rId{sheets + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    )
    yield "xl/styles.xml", _STYLES
