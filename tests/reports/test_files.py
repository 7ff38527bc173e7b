# SPDX-License-Identifier: Apache-2.0
"""Files of reports: read again by real readers, harmless in a spreadsheet, and flat in memory however long."""

from __future__ import annotations

import csv
import io
import tracemalloc
from datetime import datetime
from decimal import Decimal

import openpyxl
import pytest

from regulars.reports import files
from regulars.reports.files import csv_chunks, file_chunks, pdf_chunks, xlsx_chunks

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
    assert b"".join(pdf_chunks("Report", HEAD, [])).count(b"/Type /Page ") == 1


def test_a_pdf_is_whole_and_its_table_of_objects_right():
    rows = [(f"Customer (\\) {number}", number, Decimal("1.50"), None) for number in range(500)]
    written = b"".join(pdf_chunks("All Ž", HEAD, rows))
    xref = int(written.split(b"startxref\n")[1].split()[0])
    lines = written[xref:].split(b"\n")
    count = int(lines[1].split()[1])
    assert lines[0] == b"xref"
    for number in range(1, count):
        offset = int(lines[2 + number].split()[0])
        assert written[offset:].startswith(b"%d 0 obj" % number)
    pages = written.count(b"/Type /Page ")
    assert pages == -(-500 // files.LINES_PER_PAGE)
    assert b"/Count %d " % pages in written
    assert b"(Customer \\(\\\\\\) 499)" in written


@pytest.mark.parametrize(("kind", "count"), [("csv", 60_000), ("xlsx", 60_000), ("pdf", 20_000)])
def test_memory_does_not_grow_with_the_rows(kind: str, count: int):
    rows = ((f"Customer {number}", number, Decimal("1.50"), datetime(2026, 1, 1)) for number in range(count))
    tracemalloc.start()
    size = sum(len(chunk) for chunk in file_chunks(kind, "Report", HEAD, rows))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 200_000
    assert most < 3_000_000
