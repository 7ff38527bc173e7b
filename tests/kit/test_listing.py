# SPDX-License-Identifier: Apache-2.0
"""Searching, sorting and paging rows held in memory, against what a person would count by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.kit.listing import OPERATORS, OPPOSITES, Columns, Search, decimal_text, matcher, page, shown

Row = tuple[int, str, Fraction | None]
ROWS: list[Row] = [
    (1, "Employee Perks", Fraction(5, 4)),
    (2, "Widget Rewards", Fraction(100)),
    (3, "employee of the month", Fraction(-50)),
    (4, "", None),
    (5, "VIP, gold", Fraction(1, 2)),
]
COLUMNS: Columns[Row] = {"id": lambda row: row[0], "name": lambda row: row[1], "value": lambda row: row[2]}


def ids(**wanted: object) -> list[int]:
    return [row[0] for row in page(ROWS, COLUMNS, Search(**wanted)).rows]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("operator", "value", "found"),
    [
        ("eq", "widget rewards", [2]),
        ("ne", "Widget Rewards", [1, 3, 4, 5]),
        ("bw", "EMPLOYEE", [1, 3]),
        ("bn", "employee", [2, 4, 5]),
        ("ew", "rewards", [2]),
        ("en", "Rewards", [1, 3, 4, 5]),
        ("cn", "ee", [1, 3]),
        ("nc", "ee", [2, 4, 5]),
        ("nu", "", [4]),
        ("nn", "", [1, 2, 3, 5]),
        ("in", "widget rewards, employee perks", [1, 2]),
        ("ni", "widget rewards,employee perks", [3, 4, 5]),
    ],
)
def test_each_operator_on_text(operator: str, value: str, found: list[int]) -> None:
    assert ids(field="name", operator=operator, value=value) == found


@pytest.mark.parametrize(
    ("operator", "value", "found"),
    [
        ("eq", "1.25", [1]),
        ("eq", "1,250", [1]),
        ("eq", "100.00", [2]),
        ("ne", "100", [1, 3, 4, 5]),
        ("bw", "1", [1, 2]),
        ("ew", ".5", [5]),
        ("cn", "5", [1, 3, 5]),
        ("in", "-50, 0.5", [3, 5]),
        ("eq", "1/2", []),
        ("eq", "1e2", []),
        ("eq", "nan", []),
        ("nu", "", [4]),
    ],
)
def test_each_operator_on_numbers(operator: str, value: str, found: list[int]) -> None:
    assert ids(field="value", operator=operator, value=value) == found


def test_the_operators_are_six_with_their_opposites() -> None:
    assert len(OPERATORS) == 12
    assert {*OPPOSITES, *OPPOSITES.values()} == set(OPERATORS)


@given(value=st.text(max_size=8), wanted=st.text(max_size=4))
def test_an_operator_and_its_opposite_share_out_every_value(value: str, wanted: str) -> None:
    for opposite, operator in OPPOSITES.items():
        assert matcher(operator, wanted)(value) is not matcher(opposite, wanted)(value)


def test_text_sorts_without_regard_to_case_and_empty_comes_first() -> None:
    assert ids(sort_field="name") == [4, 3, 1, 5, 2]
    assert ids(sort_field="name", is_descending=True) == [2, 5, 1, 3, 4]


def test_numbers_sort_as_numbers_and_equal_rows_keep_their_order() -> None:
    assert ids(sort_field="value") == [4, 3, 5, 1, 2]
    twins: list[Row] = [(1, "b", None), (2, "a", None), (3, "B", None)]
    assert [row[0] for row in page(twins, COLUMNS, Search(sort_field="name")).rows] == [2, 1, 3]
    assert [row[0] for row in page(twins, COLUMNS, Search(sort_field="name", is_descending=True)).rows] == [1, 3, 2]


def test_pages_are_cut_after_searching_and_total_counts_all_that_match() -> None:
    found = page(ROWS, COLUMNS, Search(field="name", operator="nn", sort_field="id", offset=1, length=2))
    assert [row[0] for row in found.rows] == [2, 3]
    assert (found.total, found.offset, found.length) == (4, 1, 2)
    assert page(ROWS, COLUMNS, Search(offset=99)).rows == ()


def test_a_field_or_operator_that_is_not_declared_is_a_bug_of_the_caller() -> None:
    with pytest.raises(KeyError):
        page(ROWS, COLUMNS, Search(field="secret", operator="eq", value="x"))
    with pytest.raises(KeyError):
        matcher("gt", "1")


@pytest.mark.parametrize(
    ("value", "text"),
    [(Fraction(5, 4), "1.25"), (Fraction(-1, 2), "-0.5"), (Fraction(100), "100"), (Fraction(1, 10**6), "0.000001"), (7, "7")],
)
def test_numbers_are_shown_with_as_few_decimals_as_they_need(value: Fraction | int, text: str) -> None:
    assert shown(value) == text


def test_a_number_without_a_finite_decimal_form_is_refused() -> None:
    with pytest.raises(ValueError, match="no short decimal form"):
        decimal_text(Fraction(1, 3))
