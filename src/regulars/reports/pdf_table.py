# SPDX-License-Identifier: Apache-2.0
"""
A table of any length as PDF, page by page: a million rows take no more memory than a hundred. Pure but for the library.

reportlab, as other libraries, keeps all pages until the last is known; so the pages are written here. What is hard about
letters is still its work: measuring them, and the parts of fonts that are put into the document (lettering.py).
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import makeToUnicodeCMap

from regulars.reports.lettering import CHINESE, JAPANESE, KOREAN, SANS, SANS_BOLD, runs
from regulars.reports.listing import Cell, Row

PAGE_WIDTH, PAGE_HEIGHT, MARGIN = 842, 595, 34
"""A4 across, in points."""
LINE_HEIGHT, FONT_SIZE, TITLE_SIZE, GAP = 10, 7, 10, 5
LINES_PER_PAGE = (PAGE_HEIGHT - 2 * MARGIN) // LINE_HEIGHT - 4
CELL_LETTERS_MAX = 200
REMEMBERED_MAX = 4_000
"""Texts whose letters are looked up once: campaigns, kinds, places stand in every row."""
_NAMES = {SANS: b"S", SANS_BOLD: b"B", KOREAN: b"K", JAPANESE: b"J", CHINESE: b"C"}
_FOREIGN = {
    KOREAN: (b"UniKS-UCS2-H", b"Korea1", 1),
    JAPANESE: (b"UniJIS-UCS2-H", b"Japan1", 2),
    CHINESE: (b"UniGB-UCS2-H", b"GB1", 0),
}
"""Fonts that PDF readers have: Adobe's encoding, collection and supplement."""
_LATIN = [code if 32 <= code < 127 or code >= 160 else 32 for code in range(256)]
_ESCAPED = {ord("\\"): b"\\\\", ord("("): b"\\(", ord(")"): b"\\)"}
_ESCAPES = [_ESCAPED.get(code, bytes([code])) for code in range(256)]


def cell_text(cell: Cell) -> str:
    """Return a value as files hold it: 1234.50, 2026-11-25 14:05, "" for nothing."""
    if cell is None:
        return ""
    return cell.isoformat(" ")[:16] if isinstance(cell, datetime) else str(cell)


class _Letters:
    """
    The letters of one document. Each of our own fonts is split into parts of 256 letters, the first of which is Latin-1; a
    letter is one byte in its part.
    """

    def __init__(self) -> None:
        next(runs("a"))  # makes the fonts known
        self._faces: dict[str, Any] = {name: pdfmetrics.getFont(name).face for name in (SANS, SANS_BOLD)}
        self._parts: dict[str, list[list[int]]] = {name: [list(_LATIN)] for name in self._faces}
        self._places: dict[str, dict[str, tuple[int, int]]] = {name: {} for name in self._faces}
        self._widths = {name: [int(face.getCharWidth(code)) for code in _LATIN] for name, face in self._faces.items()}
        self._foreign: set[str] = set()
        self.fitted = lru_cache(REMEMBERED_MAX)(self._fitted)

    def _fitted(self, text: str, font: str, size: int, width: float) -> tuple[bytes, float]:
        """Return the operators that show as much of a text as ``width`` has room for, and how wide that is; in points."""
        line = " ".join(text.split())[:CELL_LETTERS_MAX]
        room = width * 1000 / size + 0.5  # what was measured fits
        try:
            latin = line.encode("latin-1")
        except UnicodeEncodeError:
            return self._mixed(line, font, size, room)
        widths = self._widths[font]
        taken = sum(map(widths.__getitem__, latin))
        while taken > room:
            taken -= widths[latin[-1]]
            latin = latin[:-1]
        return b"(%s) Tj" % b"".join(map(_ESCAPES.__getitem__, latin)), taken * size / 1000

    def _mixed(self, line: str, font: str, size: int, room: float) -> tuple[bytes, float]:
        shown: list[tuple[bytes, bytearray]] = []
        taken = 0
        for name, code, width in (self._place(letter, found, font) for found, run in runs(line) for letter in run):
            if taken + width > room:
                break
            taken += width
            if not shown or shown[-1][0] != name:
                shown.append((name, bytearray()))
            shown[-1][1].extend(code)
        parts = [b"/%s %d Tf <%s> Tj" % (name, size, text.hex().encode()) for name, text in shown]
        return b" ".join([*parts, b"/%s0 %d Tf" % (_NAMES[font], size)]), taken * size / 1000

    def _place(self, letter: str, found: str, font: str) -> tuple[bytes, bytes, int]:
        """The name of the font's part, the letter's bytes there, and its width in thousandths of the size."""
        if found in _FOREIGN:
            self._foreign.add(found)
            return _NAMES[found], letter.encode("utf-16-be"), 1000
        code = ord(letter)
        if code < len(_LATIN):
            return _NAMES[font] + b"0", bytes([code]), self._widths[font][code]
        parts, places = self._parts[font], self._places[font]
        if letter not in places:
            if len(parts) == 1 or len(parts[-1]) == len(_LATIN):
                parts.append([32])
            parts[-1].append(code)
            places[letter] = len(parts) - 1, len(parts[-1]) - 1
        part, byte = places[letter]
        return b"%s%d" % (_NAMES[font], part), bytes([byte]), int(self._faces[font].getCharWidth(code))

    def fonts(self, first: int) -> tuple[bytes, list[bytes]]:
        """Return the dictionary of fonts by name, and the objects it names, which are numbered from ``first`` on."""
        named: list[bytes] = []
        made: list[bytes] = []

        def made_object(body: bytes) -> int:
            made.append(body)
            return first + len(made) - 1

        for font, face in self._faces.items():
            for number, part in enumerate(self._parts[font]):
                name = b"AAAA%c%c+%s" % (65 + number % 26, 65 + number // 26, font.encode())
                file = _stream(face.makeSubset(part), b"/Length1 %d " % len(face.makeSubset(part)))
                described = made_object(_described(name, face, made_object(file)))
                letters = made_object(_stream(makeToUnicodeCMap(name.decode(), part).encode()))
                widths = b" ".join(b"%d" % face.getCharWidth(code) for code in part)
                shown = made_object(
                    b"<< /Type /Font /Subtype /TrueType /BaseFont /%s /FirstChar 0 /LastChar %d /Widths [%s] /ToUnicode %d 0 R"
                    b" /FontDescriptor %d 0 R >>" % (name, len(part) - 1, widths, letters, described)
                )
                named.append(b"/%s%d %d 0 R" % (_NAMES[font], number, shown))
        for font in sorted(self._foreign):
            encoding, collection, supplement = _FOREIGN[font]
            described = made_object(
                b"<< /Type /FontDescriptor /FontName /%s /Flags 6 /FontBBox [-92 -254 1010 922] /ItalicAngle 0 /Ascent 752"
                b" /Descent -271 /CapHeight 737 /StemV 58 >>" % font.encode()
            )
            descendant = made_object(
                b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /%s /CIDSystemInfo << /Registry (Adobe) /Ordering (%s)"
                b" /Supplement %d >> /DW 1000 /FontDescriptor %d 0 R >>" % (font.encode(), collection, supplement, described)
            )
            shown = made_object(
                b"<< /Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /%s /DescendantFonts [%d 0 R] >>"
                % (font.encode(), encoding, descendant)
            )
            named.append(b"/%s %d 0 R" % (_NAMES[font], shown))
        return b" ".join(named), made


def _stream(content: bytes, more: bytes = b"") -> bytes:
    packed = zlib.compress(content, 1)
    return b"<< %s/Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (more, len(packed), packed)


def _described(name: bytes, face: Any, file: int) -> bytes:
    """A font's descriptor; symbolic (4), since its bytes mean what we say."""
    box = b" ".join(b"%d" % each for each in face.bbox)
    return (
        b"<< /Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [%s] /ItalicAngle %d /Ascent %d /Descent %d /CapHeight %d"
        b" /StemV %d /MissingWidth %d /FontFile2 %d 0 R >>"
        % (name, box, face.italicAngle, face.ascent, face.descent, face.capHeight, face.stemV, face.defaultWidth, file)
    )


def pdf_chunks(title: str, head: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """
    Yield a PDF: the title and the head of the table on each page, numbers to the right.

    Columns are as wide as the rows of the first page need; what is too long for its column is cut. In every alphabet.
    """
    letters, source = _Letters(), iter(rows)
    begun = list(islice(source, LINES_PER_PAGE))
    columns = _columns(letters, head, begun)
    offsets = array("Q", [0, 0, 0, 0])
    start = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    place = len(start)

    def written(number: int, body: bytes) -> bytes:
        nonlocal place
        while len(offsets) <= number:
            offsets.append(0)
        offsets[number] = place
        made = b"%d 0 obj\n%s\nendobj\n" % (number, body)
        place += len(made)
        return made

    yield start
    page, lines = 0, begun
    while lines or not page:
        page += 1
        number = 2 + 2 * page
        yield written(number, _stream(_page(letters, f"{title} · {page}", head, columns, lines))) + written(
            number + 1, b"<< /Type /Page /Parent 2 0 R /Contents %d 0 R >>" % number
        )
        lines = list(islice(source, LINES_PER_PAGE))
    named, made = letters.fonts(4 + 2 * page)
    for number, body in enumerate(made, 4 + 2 * page):
        yield written(number, body)
    kids = b" ".join(b"%d 0 R" % (3 + 2 * each) for each in range(1, page + 1))
    size = b"/MediaBox [0 0 %d %d] /Resources 3 0 R" % (PAGE_WIDTH, PAGE_HEIGHT)
    yield written(3, b"<< /Font << %s >> >>" % named)
    yield written(2, b"<< /Type /Pages /Count %d %s /Kids [%s] >>" % (page, size, kids))
    yield written(1, b"<< /Type /Catalog /Pages 2 0 R >>")
    yield b"xref\n0 %d\n0000000000 65535 f \n" % len(offsets)
    yield b"".join(b"%010d 00000 n \n" % offset for offset in offsets[1:])
    yield b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(offsets), place)


def _columns(letters: _Letters, head: Sequence[str], rows: Sequence[Row]) -> list[tuple[float, float]]:
    """Where each column begins, and how wide it is: as its widest text, but no wider than what lets all of them fit."""
    wanted = []
    for number, name in enumerate(head):
        texts = chain([(SANS_BOLD, name)], ((SANS, cell_text(row[number])) for row in rows))
        wanted.append(max(letters.fitted(text, font, FONT_SIZE, PAGE_WIDTH)[1] for font, text in texts) + GAP)
    space, narrow, left = float(PAGE_WIDTH - 2 * MARGIN), 0.0, len(wanted)
    widest = space
    for width in sorted(wanted):
        if width * left > space - narrow:
            widest = (space - narrow) / left
            break
        narrow, left = narrow + width, left - 1
    spare = max(space - sum(min(width, widest) for width in wanted), 0.0) / len(wanted)  # what comes later may be longer
    columns, place = [], float(MARGIN)
    for width in wanted:
        taken = min(width, widest) + spare
        columns.append((round(place, 1), taken - GAP))
        place += taken
    return columns


def _page(
    letters: _Letters, title: str, head: Sequence[str], columns: Sequence[tuple[float, float]], lines: Sequence[Row]
) -> bytes:
    top = PAGE_HEIGHT - MARGIN
    numbers = {number for row in lines for number, cell in enumerate(row) if isinstance(cell, int | Decimal)}
    parts = [b"0.5 w %d %d m %d %d l S" % (MARGIN, top - 31, PAGE_WIDTH - MARGIN, top - 31), b"BT"]
    at_x, at_y = 0.0, 0.0

    def shown(text: str, font: str, size: int, x: float, y: float, width: float, is_number: bool) -> None:
        nonlocal at_x, at_y
        operators, taken = letters.fitted(text, font, size, width)
        if is_number:
            x = round(x + width - taken, 1)
        parts.append(b"%.1f %d Td %s" % (x - at_x, y - at_y, operators))
        at_x, at_y = x, y

    parts.append(b"/B0 %d Tf" % TITLE_SIZE)
    shown(title, SANS_BOLD, TITLE_SIZE, MARGIN, top - 8, PAGE_WIDTH - 2 * MARGIN, False)
    parts.append(b"/B0 %d Tf" % FONT_SIZE)
    for number, (name, (x, width)) in enumerate(zip(head, columns, strict=True)):
        shown(name, SANS_BOLD, FONT_SIZE, x, top - 28, width, number in numbers)
    parts.append(b"/S0 %d Tf" % FONT_SIZE)
    for line, row in enumerate(lines):
        y = top - 40 - line * LINE_HEIGHT
        for number, (cell, (x, width)) in enumerate(zip(row, columns, strict=True)):
            if cell is not None and cell != "":
                shown(cell_text(cell), SANS, FONT_SIZE, x, y, width, number in numbers)
    parts.append(b"ET")
    return b"\n".join(parts)
