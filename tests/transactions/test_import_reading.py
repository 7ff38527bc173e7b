# SPDX-License-Identifier: Apache-2.0
"""Files that people bring: what is read of them, and what can be read in two ways is never guessed."""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from regulars.errors import InvalidParameter
from regulars.transactions.imports import tables
from regulars.transactions.imports.headings import looks_like_headings, plain
from regulars.transactions.imports.shapes import (
    COMMA,
    DAY_FIRST,
    EITHER,
    MONTH_FIRST,
    OTHER,
    PLAIN,
    POINT,
    date_shape,
    iso_date,
    number_shape,
    plain_number,
    settled,
)
from regulars.transactions.imports.tables import find_format, rows_of


def read(content: bytes, separator: str = "") -> list:
    source = io.BytesIO(content)
    return list(rows_of(source, find_format(source, separator=separator)))


def workbook(*rows: list) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("1234", PLAIN), ("-5", PLAIN), ("1.50", POINT), ("1,50", COMMA), ("1,234", EITHER), ("1.234", EITHER),
        ("0,125", COMMA), ("1234,567", COMMA), ("1,234.50", POINT), ("1.234,50", COMMA), ("1.234.567", COMMA),
        ("1,234,567", POINT), ("$ 9.95", POINT), ("1 234,50", COMMA), ("1'234.50", POINT), (".5", POINT), ("", OTHER),
        ("12.34.5", OTHER), ("abc", OTHER), ("1,23.4", OTHER), ("1e5", OTHER),
    ],
)  # fmt: skip
def test_a_number_shows_its_decimal_mark_or_that_it_can_be_read_in_two_ways(text: str, shape: str) -> None:
    assert number_shape(text) == shape


@given(minor=st.integers(0, 10**11), decimals=st.integers(0, 4), mark=st.sampled_from([POINT, COMMA]), groups=st.booleans())
def test_a_number_written_with_a_mark_is_read_back_as_it_was(minor: int, decimals: int, mark: str, groups: bool) -> None:
    number = Decimal(minor).scaleb(-decimals)
    text = f"{number:,.{decimals}f}" if groups else f"{number:.{decimals}f}"
    text = text.translate({ord("."): mark, ord(","): COMMA if mark == POINT else POINT})
    read_back = plain_number(text, mark)
    assert read_back is not None
    assert Decimal(read_back) == number
    assert number_shape(text) in (mark, EITHER, PLAIN)


@pytest.mark.parametrize(("text", "mark"), [("1.50", COMMA), ("1,50", POINT), ("12,34,5", POINT), ("-", POINT), ("", COMMA)])
def test_a_number_written_with_another_mark_is_none(text: str, mark: str) -> None:
    assert plain_number(text, mark) is None


@pytest.mark.parametrize(
    ("text", "shape", "by_day", "by_month"),
    [
        ("2026-11-23", PLAIN, "2026-11-23", "2026-11-23"),
        ("2026/1/2 8:05", PLAIN, "2026-01-02 08:05:00", "2026-01-02 08:05:00"),
        ("23/11/2026", DAY_FIRST, "2026-11-23", None),
        ("11.23.2026", MONTH_FIRST, None, "2026-11-23"),
        ("03/04/2026", EITHER, "2026-04-03", "2026-03-04"),
        ("5-5-2026", PLAIN, "2026-05-05", "2026-05-05"),
        ("03/04/2026 12:30 AM", EITHER, "2026-04-03 00:30:00", "2026-03-04 00:30:00"),
        ("03/04/2026 1:30:15 pm", EITHER, "2026-04-03 13:30:15", "2026-03-04 13:30:15"),
        ("03/04/26", OTHER, None, None),
        ("32/01/2026", OTHER, None, None),
        ("3/4.2026", OTHER, None, None),
    ],
)
def test_a_date_shows_its_order_or_that_it_can_be_read_in_two_ways(
    text: str, shape: str, by_day: str | None, by_month: str | None
) -> None:
    assert date_shape(text) == shape
    assert (iso_date(text, DAY_FIRST), iso_date(text, MONTH_FIRST)) == (by_day, by_month)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({PLAIN: 9}, ""), ({PLAIN: 9, EITHER: 1}, EITHER), ({EITHER: 5, POINT: 1}, POINT), ({COMMA: 1}, COMMA),
        ({POINT: 1, COMMA: 100}, EITHER), ({OTHER: 3}, ""),
    ],
)  # fmt: skip
def test_a_column_settles_a_mark_only_where_all_its_cells_agree(counts: dict[str, int], expected: str) -> None:
    assert settled(counts, POINT, COMMA) == expected


@pytest.mark.parametrize(
    ("content", "separator", "encoding"),
    [
        (b"code,name\n1,A\n2,B\n", "comma", "utf-8-sig"),
        (b"code;amount\n1;1,50\n2;2,75\n", "semicolon", "utf-8-sig"),
        (b"code\tname\n1\tA, B\n", "tab", "utf-8-sig"),
        (b"1|2|3\n4|5|6\n", "pipe", "utf-8-sig"),
        ("\ufeffcode,name\n1,Jürgen\n".encode(), "comma", "utf-8-sig"),
        ("code;name\n1;Jürgen\n".encode("cp1252"), "semicolon", "cp1252"),
        ("code\tname\n1\tJürgen\n".encode("utf-16"), "tab", "utf-16"),
        (b"only\none\n", "comma", "utf-8-sig"),
    ],
)
def test_the_separator_and_the_encoding_of_a_text_are_found(content: bytes, separator: str, encoding: str) -> None:
    form = find_format(io.BytesIO(content))
    assert (form.separator, form.encoding) == (separator, encoding)
    if b"rgen" in content:
        assert read(content)[1][1][1] == "Jürgen"


def test_lines_keep_the_numbers_they_have_in_the_file() -> None:
    content = b'code,name\r\n\r\n1,"two\nlines"\r\n2,B\r\n,,\r\n3,C,,\r\n'
    assert read(content) == [(1, ["code", "name"]), (3, ["1", "two lines"]), (5, ["2", "B"]), (7, ["3", "C"])]


def test_a_workbook_gives_numbers_without_a_mark_and_dates_as_they_are() -> None:
    rows = read(
        workbook(
            ["card", "amount", "since", "member"],
            ["0012", 12.5, datetime(2026, 3, 4), True],
            [7, 1234567890123456, datetime(2026, 3, 4, 9, 30), None],
        )
    )
    assert rows == [
        (1, ["card", "amount", "since", "member"]),
        (2, ["0012", ["12.5"], "2026-03-04", "Y"]),
        (3, [["7"], ["1234567890123456", "rounded"], "2026-03-04 09:30:00"]),
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04 but not a workbook", "The file can not be read"),
        (b"\xd0\xcf\x11\xe0 an old one", "Old Excel files"),
        (b"\x00\x01\x02\x03", "The file can not be read"),
        (b"a" * 70_000, "A cell of line 1"),
        (b",".join([b"x"] * 201), "more than 200 columns"),
    ],
)
def test_a_file_that_can_not_be_read_is_refused_with_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(InvalidParameter, match=sentence):
        read(content)


def test_a_packed_file_that_grows_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "UNPACKED_BYTES_MAX", 1_000)
    with pytest.raises(InvalidParameter, match="too large when it is unpacked"):
        read(workbook(["a", "b"]))


def test_more_lines_than_a_batch_may_have_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "LINES_MAX", 3)
    assert len(read(b"h\n1\n2\n3\n")) == 4
    with pytest.raises(InvalidParameter, match="more than 3 lines"):
        read(b"h\n1\n2\n3\n4\n")


def test_headings_are_compared_without_case_accents_and_signs() -> None:
    assert plain("  Código_Postal ") == "codigo postal"
    assert plain("Straße") == "strasse"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["Code", "First name"], True), (["Address 2", "Points"], True), (["17", "Ann"], False),
        (["ann@example.com", "Ann"], False), (["Ann", "+4930123456789"], False), ([""], False),
    ],
)  # fmt: skip
def test_a_first_line_is_taken_for_headings_unless_it_is_somebody(cells: list[str], expected: bool) -> None:
    assert looks_like_headings(cells) is expected
