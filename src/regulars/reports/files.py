# SPDX-License-Identifier: Apache-2.0
"""
Rows as CSV, as an Excel workbook and as PDF, written while they are read: a million take no more memory than a hundred. Pure.

The libraries for workbooks and PDF keep all of it until the end (openpyxl, reportlab), so these two formats are written here: a
zip archive by the standard library, and pages of text in one of PDF's own fonts, measured by reportlab.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from html import escape
from typing import Any

from reportlab.pdfbase.pdfmetrics import stringWidth

from regulars.reports.listing import Cell, Row

CHUNK_BYTES = 65_536
SHEET_ROWS_MAX = 1_048_575
"""Rows of an Excel sheet, less its head; further ones go to further sheets."""
SHEET_BYTES_MAX = 1_500_000_000
"""Beyond 2 GiB the archive would need an extension that Excel mistrusts."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel's days begin here, on whatever clock


def cell_text(cell: Cell) -> str:
    """Return a value as files hold it: 1234.50, 2026-11-25 14:05, "" for nothing."""
    if cell is None:
        return ""
    return cell.strftime("%Y-%m-%d %H:%M") if isinstance(cell, datetime) else str(cell)


def _harmless(cell: Cell) -> str:
    """A spreadsheet takes a text that begins like a formula for one; an apostrophe says it is text."""
    text = cell_text(cell)
    return f"'{text}" if isinstance(cell, str) and text.startswith(_FORMULA) else text


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
        return f'<c s="1"><v>{Decimal(since.days) + Decimal(since.seconds) / 86_400:.8f}</v></c>'
    if isinstance(cell, int | Decimal):
        return f"<c><v>{cell}</v></c>"
    clean = "".join(letter for letter in cell if letter >= " " or letter in "\t\n")
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(clean, quote=False)}</t></is></c>'


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


PAGE_WIDTH, PAGE_HEIGHT, MARGIN = 842, 595, 34
"""A4 across, in points."""
LINE_HEIGHT, FONT_SIZE = 10, 7
LINES_PER_PAGE = (PAGE_HEIGHT - 2 * MARGIN) // LINE_HEIGHT - 4


def pdf_chunks(title: str, head: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """
    Yield a PDF: the title and the head of the table on each page; what is too long for its column is cut.

    Letters that PDF's own fonts have not (outside Latin-1) are shown as "?".
    """
    offsets: dict[int, int] = {}
    place = 0

    def made(number: int, body: bytes) -> bytes:
        nonlocal place
        offsets[number] = place
        written = b"%d 0 obj\n%s\nendobj\n" % (number, body)
        place += len(written)
        return written

    start = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    place = len(start)
    yield start
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>"
    yield made(3, font % b"Helvetica") + made(4, font % b"Helvetica-Bold")
    pages: list[int] = []
    for page, lines in enumerate(_pages_of(rows), 1):
        content = _page(title, page, head, lines)
        number = 5 + 2 * len(pages)
        pages.append(number + 1)
        yield made(number, b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)) + made(
            number + 1,
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>" % (PAGE_WIDTH, PAGE_HEIGHT, number),
        )
    kids = b" ".join(b"%d 0 R" % number for number in pages)
    yield made(2, b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(pages), kids))
    yield made(1, b"<< /Type /Catalog /Pages 2 0 R >>")
    xref = place
    yield b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
    yield b"".join(b"%010d 00000 n \n" % offsets[number] for number in sorted(offsets))
    yield b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(offsets) + 1, xref)


def _pages_of(rows: Iterable[Row]) -> Iterator[list[Row]]:
    lines: list[Row] = []
    is_first = True
    for row in rows:
        lines.append(row)
        if len(lines) == LINES_PER_PAGE:
            yield lines
            lines, is_first = [], False
    if lines or is_first:
        yield lines


def _page(title: str, page: int, head: Sequence[str], lines: list[Row]) -> bytes:
    width = (PAGE_WIDTH - 2 * MARGIN) / len(head)
    top = PAGE_HEIGHT - MARGIN
    parts = [_shown("F2", 10, MARGIN, top - 8, f"{title} · {page}", PAGE_WIDTH), _row("F2", head, width, top - 28)]
    for number, row in enumerate(lines):
        parts.append(_row("F1", [cell_text(cell) for cell in row], width, top - 40 - number * LINE_HEIGHT))
    return b"\n".join(parts)


def _row(font: str, texts: Sequence[str], width: float, y: float) -> bytes:
    return b"\n".join(
        _shown(font, FONT_SIZE, MARGIN + column * width, y, text, width - 3) for column, text in enumerate(texts) if text
    )


def _shown(font: str, size: int, x: float, y: float, text: str, width: float) -> bytes:
    line = " ".join(text.split())[:200]
    face = "Helvetica" if font == "F1" else "Helvetica-Bold"
    while line and stringWidth(line, face, size) > width:
        line = line[: max(int(len(line) * width / stringWidth(line, face, size)), 1) - 1]
    written = line.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    return b"BT /%s %d Tf %.1f %.1f Td (%s) Tj ET" % (font.encode(), size, x, y, written)


CHUNKS = {"csv": csv_chunks, "xlsx": xlsx_chunks}
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


def file_chunks(kind: str, title: str, head: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield a file of one of the kinds csv, xlsx, pdf."""
    return pdf_chunks(title, head, rows) if kind == "pdf" else CHUNKS[kind](head, rows)
