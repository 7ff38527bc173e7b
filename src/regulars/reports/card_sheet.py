# SPDX-License-Identifier: Apache-2.0
"""Cards as a PDF to print and cut: number, QR code, Code 128, name. Pure but for the libraries."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import segno
from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from regulars.accounts.directory import AccountConfig
from regulars.errors import InvalidParameter
from regulars.reports.lettering import SANS, SANS_BOLD, letters

CARDS_MAX = 500
"""Most cards of one sheet."""
CARD_WIDTH, CARD_HEIGHT = 85.6 * mm, 53.98 * mm
"""ISO/IEC 7810 ID-1: the size of a bank card."""
COLUMNS, ROWS = 2, 5
LEFT, BOTTOM = (A4[0] - COLUMNS * CARD_WIDTH) / 2, (A4[1] - ROWS * CARD_HEIGHT) / 2
PADDING = 5 * mm
CODE_BAR_WIDTH_MAX, CODE_BAR_WIDTH_MIN = 0.33 * mm, 0.17 * mm
"""Of a Code 128's narrowest bar; scanners of tills read what is printed within these."""

Kind = Literal["both", "qr", "barcode"]
KINDS: tuple[Kind, ...] = ("both", "qr", "barcode")
FONT, BOLD = SANS, SANS_BOLD


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on one card. ``name`` "" = none."""

    number: str
    name: str = ""


def card_sheet_pdf(account: AccountConfig, cards: Sequence[Card], *, kind: Kind = "both") -> bytes:
    """
    Return cards as PDF, ten to a page of A4, with lines to cut along. The same cards give the same bytes.

    A QR code holds the number alone, as a till's scanner expects it. A Code 128 needs plain letters and digits and at most
    as many as fit the card; such numbers alone have a bar code. Letters that the font has not are shown as "?".
    Raises: InvalidParameter("cards") for none, or more than CARDS_MAX; InvalidParameter("kind") where bar codes alone are asked
            for and a number can have none.
    """
    if not 1 <= len(cards) <= CARDS_MAX:
        raise InvalidParameter("cards", f"from 1 to {CARDS_MAX} cards")
    letters()
    target = io.BytesIO()
    name = account.profile["biz_name"] or account.code
    canvas = Canvas(target, pagesize=A4, invariant=1)
    canvas.setTitle("Cards")
    canvas.setAuthor(name)
    for index, card in enumerate(cards):
        place = index % (COLUMNS * ROWS)
        if place == 0 and index:
            canvas.showPage()
        canvas.saveState()
        canvas.translate(LEFT + place % COLUMNS * CARD_WIDTH, BOTTOM + (ROWS - 1 - place // COLUMNS) * CARD_HEIGHT)
        _draw(canvas, name, card, kind)
        canvas.restoreState()
    canvas.save()
    return target.getvalue()


def _draw(canvas: Canvas, business: str, card: Card, kind: Kind) -> None:
    canvas.setStrokeColor(HexColor("#c4c9d0"))
    canvas.setLineWidth(0.3)
    canvas.rect(0, 0, CARD_WIDTH, CARD_HEIGHT)
    canvas.setFillColor(HexColor("#000000"))
    code = _code128(card.number) if kind != "qr" else None
    if kind == "barcode" and code is None:
        raise InvalidParameter("kind", f"{card.number} does not fit into a bar code; choose QR codes")
    has_qr = kind != "barcode"
    room = CARD_WIDTH - 2 * PADDING - (24 * mm if has_qr else 0)
    _line(canvas, BOLD, 10, business, PADDING, CARD_HEIGHT - PADDING - 8, room)
    _line(canvas, FONT, 8, card.name, PADDING, CARD_HEIGHT - PADDING - 22, room)
    if has_qr:
        _qr(canvas, card.number, CARD_WIDTH - PADDING - 22 * mm, CARD_HEIGHT - PADDING - 22 * mm, 22 * mm)
    if code is not None:
        code.drawOn(canvas, (CARD_WIDTH - code.width) / 2, PADDING + 12)
    canvas.setFont(FONT, _fitting(FONT, 9, card.number, CARD_WIDTH - 2 * PADDING))
    canvas.drawCentredString(CARD_WIDTH / 2, PADDING, _printable(FONT, card.number))


def _line(canvas: Canvas, font: str, size: float, text: str, x: float, y: float, room: float) -> None:
    text = _printable(font, text)
    while text and pdfmetrics.stringWidth(text, font, size) > room:
        text = text[:-2].rstrip() + "…" if len(text) > 2 else ""
    canvas.setFont(font, size)
    canvas.drawString(x, y, text)


def _fitting(font: str, size: float, text: str, room: float) -> float:
    """Return the size, or a smaller one, at which a text fits."""
    width = pdfmetrics.stringWidth(_printable(font, text), font, size)
    return size if width <= room else size * room / width


def _code128(number: str) -> Any | None:
    """Return the bar code as wide as the card allows, at least as wide as scanners want it; None where it does not fit."""
    if not number.isascii() or not number.isprintable():
        return None
    room = CARD_WIDTH - 2 * PADDING
    narrow = Code128(number, barWidth=1, quiet=True, lquiet=10, rquiet=10)
    bar = min(CODE_BAR_WIDTH_MAX, room / narrow.width)
    if bar < CODE_BAR_WIDTH_MIN:
        return None
    return Code128(number, barWidth=bar, barHeight=11 * mm, quiet=True, lquiet=10 * bar, rquiet=10 * bar)


def _qr(canvas: Canvas, number: str, x: float, y: float, size: float) -> None:
    matrix = segno.make_qr(number, error="m").matrix
    module = size / (len(matrix) + 8)
    for row, bits in enumerate(matrix):
        start = None
        for column, bit in enumerate((*bits, 0)):  # dark modules side by side are one bar: no hair lines between them
            if bit and start is None:
                start = column
            elif not bit and start is not None:
                top = y + size - (row + 5) * module
                canvas.rect(x + (start + 4) * module, top, (column - start) * module, module, stroke=0, fill=1)
                start = None


def _printable(font: str, text: str) -> str:
    glyphs = pdfmetrics.getFont(font).face.charToGlyph
    return "".join(character if ord(character) in glyphs else "?" for character in text)
