# SPDX-License-Identifier: Apache-2.0
"""Lines and cells of a batch: pure rules, by tables and by Hypothesis."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.errors import InvalidParameter, MissingParameter
from regulars.transactions.batches.columns import Columns, columns_from, lines_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb", [(1, "a"), (2, "b")]),
        ("a\r\nb\r\n", [(1, "a"), (2, "b")]),
        ("a\n\rb", [(1, "a"), (2, "b")]),
        ("a\rb", [(1, "a"), (2, "b")]),
        ("\n\na\n\nb\n", [(3, "a"), (5, "b")]),
        ("a\r\n\r\nb", [(1, "a"), (3, "b")]),
        (" \t\n", []),
        ("", []),
        ("\tx", [(1, "\tx")]),
    ],
)
def test_lines_end_with_any_mark_and_are_counted_as_the_sender_counts_them(text: str, expected: list[tuple[int, str]]) -> None:
    assert list(lines_of(text)) == expected


@given(
    st.lists(st.text(alphabet="ab|, ", min_size=1).filter(lambda text: bool(text.strip())), max_size=20),
    st.sampled_from(["\n", "\r\n", "\r", "\n\r"]),
)
def test_whatever_ends_lines_they_come_back(lines: list[str], end: str) -> None:
    assert list(lines_of(end.join(lines))) == list(enumerate(lines, 1))


NAMES = ("code", "first_name", "none", "city")


@pytest.mark.parametrize(
    ("delimiter", "line", "expected"),
    [
        ("pipe", "1|Amy|x|Boise", {"code": "1", "first_name": "Amy", "city": "Boise"}),
        ("pipe", "1|Amy", {"code": "1", "first_name": "Amy"}),
        ("pipe", "1||x|", {"code": "1"}),
        ("pipe", " 1 | Amy |||", {"code": "1", "first_name": "Amy"}),
        ("tab", "\tAmy\t\tBoise", {"first_name": "Amy", "city": "Boise"}),
        ("comma", '1,"Amy, or ""A""",x,Boise', {"code": "1", "first_name": 'Amy, or "A"', "city": "Boise"}),
        ("comma", "1, Amy, x, Boise", {"code": "1", "first_name": "Amy", "city": "Boise"}),
        ("pipe", '1|"Amy"|x|Boise', {"code": "1", "first_name": '"Amy"', "city": "Boise"}),
    ],
)
def test_cells_are_those_that_say_something(delimiter: str, line: str, expected: dict[str, str]) -> None:
    assert Columns(delimiter, NAMES).cells(line) == expected


def test_a_line_with_more_values_than_columns_is_refused() -> None:
    with pytest.raises(InvalidParameter, match=r"^line is not valid: it has 5 values for 4 columns$"):
        Columns("pipe", NAMES).cells("1|Amy|x|Boise|ID")


def read(headers: dict[int, str]) -> tuple[str, ...]:
    known = ("code", "customer_PIN", "custom_field")
    return columns_from(headers, prefix="h_", known=known, custom=(1, 2), delimiter="pipe").names


def test_headers_are_read_in_their_order_and_in_any_case() -> None:
    assert read({2: "Customer_pin", 1: "CODE", 3: "None", 4: "custom_field", 5: "none"}) == (
        "code", "customer_PIN", "none", "custom_field_1", "none",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({1: "code", 3: "none"}, "h_3"),
        ({1: "code", 2: "nickname"}, "h_2"),
        ({1: "code", 2: "custom_field_3"}, "h_2"),
        ({1: "code", 2: "code"}, "h_2"),
        ({1: "custom_field", 2: "custom_field_1"}, "h_2"),
    ],
)
def test_a_header_that_can_not_be_is_named(headers: dict[int, str], name: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        read(headers)
    assert caught.value.fields == (name,)


@pytest.mark.parametrize("headers", [{}, {2: "code"}])
def test_the_first_header_must_be_there(headers: dict[int, str]) -> None:
    with pytest.raises(MissingParameter, match=r"^Missing parameter: h_1$"):
        read(headers)
