# SPDX-License-Identifier: Apache-2.0
"""The statement between stores as PDF (ADR-0018). Pure but for the library."""

from __future__ import annotations

import io

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import StyleSheet1, getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from regulars.accounts.directory import AccountConfig
from regulars.coalition.frozen import Statement
from regulars.reports import statement as texts
from regulars.reports.lettering import SANS, SANS_BOLD, is_plain, letters, markup

_LOOK = [
    ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#e8ebef")),
    ("GRID", (0, 0), (-1, -1), 0, colors.HexColor("#c4c9d0")),
    ("FONT", (0, 0), (-1, -1), SANS, 8),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
]


def statement_pdf(account: AccountConfig, statement: Statement) -> bytes:
    """
    Return a statement as PDF, A4 across; heads of tables stand on each page. The same statement gives the same bytes.

    In every alphabet (reports/lettering.py).
    """
    styles, target = _styles(), io.BytesIO()
    name = account.profile["biz_name"] or account.code
    title = f"Settlement {texts.period_text(statement)}"
    state = "open, as the books are now" if statement.id is None else f"closed, number {statement.id}"
    cost = f"A point costs {texts.cost_text(statement.point_cost_ppm)} {account.currency.code}."
    parts: list[object] = [
        Paragraph(markup(name), styles["Title"]),
        Paragraph(markup(title), styles["Heading2"]),
        Paragraph(markup(f"{state}. {cost}"), styles["Normal"]),
    ]
    for heading, head, rows, first_number in (
        ("Stores", texts.STORES, texts.store_rows(account, statement), 3),
        ("Whose value was honoured where", texts.FLOWS, texts.flow_rows(account, statement), 4),
        ("Who pays whom", texts.DEBTS, texts.debt_rows(account, statement), 2),
    ):
        parts += [Spacer(1, 5 * mm), Paragraph(heading, styles["Heading3"])]
        body = [[_cell(styles, cell, number == 0) for number, cell in enumerate(row)] for row in (head, *rows)]
        look = TableStyle([*_LOOK, ("ALIGN", (first_number, 0), (-1, -1), "RIGHT")])
        parts.append(Table(body, repeatRows=1, style=look, hAlign="LEFT"))
    document = SimpleDocTemplate(
        target, pagesize=landscape(A4), title=title, author=name, leftMargin=12 * mm, rightMargin=12 * mm, topMargin=12 * mm,
        bottomMargin=12 * mm, invariant=1,
    )  # fmt: skip
    document.build(parts)
    return target.getvalue()


def _styles() -> StyleSheet1:
    """The library's styles in our font."""
    letters()
    styles = getSampleStyleSheet()
    for style in styles.byName.values():
        if hasattr(style, "fontName"):
            style.fontName = SANS_BOLD if "Bold" in style.fontName else SANS
    return styles


def _cell(styles: StyleSheet1, words: str, is_name: bool) -> object:
    """Figures as they are; names, and what needs more than one font, as paragraphs that may break."""
    return Paragraph(markup(words), styles["BodyText"]) if is_name or not is_plain(words) else words
