# SPDX-License-Identifier: Apache-2.0
"""Tables as CSV and workbooks: what goes in comes out, nothing is a formula, and little of it is ever in memory."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Iterator

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.kit import spreadsheet
from regulars.kit.spreadsheet import csv_chunks, safe_cell, xlsx_chunks

CELLS = st.one_of(
    st.integers(-(10**12), 10**12),
    st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=30),
    st.sampled_from(["=1+1", "+1 555", "-3.50", "@x", "\t=1", "<b>&amp;", "  two  ", "-", "--1"]),
)
ROWS = st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=20)


@given(rows=ROWS)
def test_csv_is_read_as_it_was_written_and_holds_no_formula(rows: list[list[str | int]]):
    data = b"".join(csv_chunks([("One", "Two"), *rows]))
    read = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert read == [["One", "Two"], *([_written(cell) for cell in row] for row in rows)]
    assert not [cell for row in read for cell in row if cell.startswith(("=", "+", "@", "\t"))]


def _written(cell: str | int) -> str:
    return str(cell) if isinstance(cell, int) else safe_cell(cell)


@pytest.mark.parametrize(
    ("cell", "safe"),
    [("=1", "'=1"), ("-3.50", "-3.50"), ("-3", "-3"), ("--3", "'--3"), ("-", "'-"), ("+1", "'+1"), ("a=1", "a=1"), ("", "")],
)
def test_only_what_a_spreadsheet_would_compute_is_marked(cell: str, safe: str):
    assert safe_cell(cell) == safe


@settings(max_examples=30)
@given(rows=ROWS)
def test_a_workbook_is_read_as_it_was_written(rows: list[list[str | int]]):
    data = b"".join(xlsx_chunks([("One", "Two"), *rows], name="A [list]: of/them"))
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    read = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2, max_col=2)] if rows else []
    assert read == [[cell if cell != "" else None for cell in row] for row in rows]
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f" and cell.value is None]
    assert [cell.value for cell in sheet[1]] == ["One", "Two"]
    assert sheet["A1"].font.bold


def test_what_no_sheet_holds_goes_to_the_next(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(spreadsheet, "SHEET_ROWS_MAX", 4)
    data = b"".join(xlsx_chunks([("N",), *((number,) for number in range(7))], name="List"))
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["List", "List 2", "List 3"]
    assert [[row[0] for row in sheet.iter_rows(values_only=True)] for sheet in book] == [
        ["N", 0, 1, 2], ["N", 3, 4, 5], ["N", 6],
    ]  # fmt: skip


def test_characters_that_xml_cannot_hold_are_left_out_and_long_cells_are_cut():
    data = b"".join(xlsx_chunks([("a\x00b\x0bc",), ("x" * 40_000,)], name="List"))
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert (sheet["A1"].value, len(sheet["A2"].value)) == ("abc", 32_767)


@pytest.mark.parametrize("written", [csv_chunks, lambda rows: xlsx_chunks(rows, name="List")])
def test_the_memory_of_a_long_table_is_that_of_a_short_one(written):
    def rows(count: int) -> Iterator[tuple[str | int, ...]]:
        for number in range(count):
            yield (number, f"customer {number} with a name of some length", "and@an.example.com")

    def most(count: int) -> int:
        tracemalloc.start()
        for _ in written(rows(count)):
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert most(60_000) < most(3_000) + 1_000_000
