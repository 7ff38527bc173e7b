# SPDX-License-Identifier: Apache-2.0
"""Files of reports: read again by real readers, harmless in a spreadsheet, and flat in memory however long."""

from __future__ import annotations

import csv
import io
import re
import tracemalloc
from datetime import datetime
from decimal import Decimal

import openpyxl
import pypdf
import pytest

from regulars.reports import files
from regulars.reports.files import csv_chunks, file_chunks, pdf_chunks, xlsx_chunks
from regulars.reports.pdf_table import LINES_PER_PAGE

HEAD = ("Name", "Points", "Money", "When")
ROWS = [
    ("Ann <&> 'Ž'", 1_234, Decimal("-9.50"), datetime(2026, 11, 25, 14, 5)),
    ("=HYPERLINK(1)", -5, None, None),
    ('line\nbreak, "quoted"', 0, Decimal("0.00"), datetime(2026, 1, 1)),
    ("", 1, Decimal(1), None),
]


def test_csv_is_read_again_and_no_text_becomes_a_formula():
    text = b"".join(csv_chunks(HEAD, ROWS)).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [
        list(HEAD),
        ["Ann <&> 'Ž'", "1234", "-9.50", "2026-11-25 14:05"],
        ["'=HYPERLINK(1)", "-5", "", ""],
        ['line\nbreak, "quoted"', "0", "0.00", "2026-01-01 00:00"],
        ["", "1", "1", ""],
    ]


def test_a_workbook_is_read_again_with_numbers_and_dates():
    book = openpyxl.load_workbook(io.BytesIO(b"".join(xlsx_chunks(HEAD, ROWS))))
    (sheet,) = book.worksheets
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == list(HEAD)
    assert rows[1] == ["Ann <&> 'Ž'", 1_234, -9.5, datetime(2026, 11, 25, 14, 5)]
    assert rows[2] == ["=HYPERLINK(1)", -5, None, None]
    assert sheet["A3"].data_type != "f"
    assert rows[3][0] == 'line\nbreak, "quoted"'


def test_a_long_workbook_has_several_sheets(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "SHEET_ROWS_MAX", 10)
    book = openpyxl.load_workbook(io.BytesIO(b"".join(xlsx_chunks(("n",), [(n,) for n in range(25)]))))
    assert [sheet.max_row for sheet in book.worksheets] == [11, 11, 6]
    assert [row[0].value for row in book.worksheets[2].iter_rows(min_row=2)] == list(range(20, 25))


def test_an_empty_report_is_a_file_all_the_same():
    assert b"".join(csv_chunks(HEAD, [])).decode("utf-8-sig").strip() == ",".join(HEAD)
    assert openpyxl.load_workbook(io.BytesIO(b"".join(xlsx_chunks(HEAD, [])))).worksheets[0].max_row == 1
    assert len(pypdf.PdfReader(io.BytesIO(b"".join(pdf_chunks("Report", HEAD, []))), strict=True).pages) == 1


def test_a_pdf_is_read_again_page_by_page():
    rows = [(f"Customer (\\) {number}", number, Decimal("1.50"), None) for number in range(500)]
    read = pypdf.PdfReader(io.BytesIO(b"".join(pdf_chunks("All Ž", HEAD, rows))), strict=True)
    assert len(read.pages) == -(-500 // LINES_PER_PAGE)
    words = [page.extract_text() for page in read.pages]
    assert all(text.startswith(f"All Ž · {number}") and "Points" in text for number, text in enumerate(words, 1))
    found = re.findall(r"Customer \(\\\) (\d+)", "\n".join(words))
    assert found == [str(number) for number in range(500)]


def test_a_pdf_is_in_every_alphabet_and_says_what_it_can_not_show():
    many = "".join(map(chr, range(0x400, 0x522)))  # more letters than one part of a font holds
    names = (
        "Zoë Łukasz",
        "Ελένη",
        "Дмитрий",
        "東京 かな",
        "한국 사람",
        "北京",
        "\U0001f9cb",
        *(many[at : at + 29] for at in range(0, 290, 29)),
    )
    read = pypdf.PdfReader(
        io.BytesIO(b"".join(pdf_chunks("Ž", ("Name", "Points"), [(name, 1) for name in names]))), strict=True
    )
    lines = read.pages[0].extract_text().split("\n")[2:]
    assert [line.removesuffix(" 1") for line in lines] == [*names[:6], "?", *names[7:]]


def test_what_does_not_fit_a_column_is_cut_and_all_columns_stand_beside_each_other():
    rows = [("first " * 60, "second " * 60, 1_234_567)]
    read = pypdf.PdfReader(io.BytesIO(b"".join(pdf_chunks("Report", ("One", "Two", "Three"), rows))), strict=True)
    text = read.pages[0].extract_text()
    assert 5 < text.count("first") < 60
    assert 5 < text.count("second") < 60
    assert "1234567" in text


@pytest.mark.parametrize(("kind", "count"), [("csv", 60_000), ("xlsx", 60_000), ("pdf", 20_000)])
def test_memory_does_not_grow_with_the_rows(kind: str, count: int):
    rows = ((f"Customer {number}", number, Decimal("1.50"), datetime(2026, 1, 1)) for number in range(count))
    tracemalloc.start()
    size = sum(len(chunk) for chunk in file_chunks(kind, "Report", HEAD, rows))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 200_000
    assert most < 3_000_000
