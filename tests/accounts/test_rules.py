# SPDX-License-Identifier: Apache-2.0
"""Custom field values and definitions: what is kept, what is refused and how it is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.accounts.directory import FieldConfig
from regulars.accounts.operations import define_field
from regulars.accounts.rules import check_definition, check_value, check_values, sought_date, sought_values
from regulars.errors import FieldExists, InvalidParameter, MissingParameter, Problems, RegularsError
from regulars.kit.db import unit_of_work
from regulars.kit.units import currency
from tests.factories import make_account, make_field

USD, RWF = currency("USD"), currency("RWF")


def field(number: int = 2, kind: str = "Text", **options) -> FieldConfig:
    return FieldConfig(
        **{
            "owner": "customer", "number": number, "label": "L", "type": kind, "show": True, "required": False, "unique": False,
            "searchable": False, "choices": ("Red", "Sky blue") if kind in ("Pick", "List") else (), **options,
        }
    )  # fmt: skip


def kept(definition: FieldConfig, raw: str, money=USD) -> str:
    return check_values({definition.number: definition}, {definition.number: raw}, currency=money)[str(definition.number)]


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("Text", "any <thing> & more", "any <thing> & more"),
        ("Text", "", ""),
        ("Text", "   ", ""),
        ("Pick", "Sky blue", "Sky blue"),
        ("Pick", " Red ", "Red"),
        ("List", "Red, Sky blue", "Red,Sky blue"),
        ("List", "Red,,Red", "Red"),
        ("Number", "7", "7"),
        ("Number", "+007", "7"),
        ("Number", "-1,5", "-1.5"),
        ("Number", "1.50", "1.5"),
        ("Number", "1.234", "1.234"),
        ("Number", "1,234.5", "1234.5"),
        ("Number", "1.234.567", "1234567"),
        ("Number", "0", "0"),
        ("Money", "9,95", "9.95"),
        ("Money", "9.9", "9.90"),
        ("Money", "-3", "-3.00"),
        ("Money", "1.234,50", "1234.50"),
        ("Date", "2012-01-01 14:45:04", "2012-01-01 14:45:04"),
        ("Date", "2012.07.28 22:59:59", "2012-07-28 22:59:59"),
        ("Date", "2012-01-01", "2012-01-01 00:00:00"),
        ("Date", "2024-02-29", "2024-02-29 00:00:00"),
        ("Date", "0000-02-29", "0000-02-29 00:00:00"),
        ("Date", "1980-00-00", "1980-00-00 00:00:00"),
        ("Date", "0000-00-00", ""),
    ],
)
def test_value_is_kept_in_its_types_own_form(kind: str, raw: str, value: str):
    assert kept(field(kind=kind), raw) == value


@pytest.mark.parametrize(
    ("kind", "sentence", "raws"),
    [
        ("Pick", "Non-allowed option submitted.", ["Green", "red", "Red,Sky blue"]),
        ("List", "Non-allowed options submitted.", ["Green", "Red,Green", "RED"]),
        (
            "Number",
            "Not a valid number.",
            [
                "x",
                "1e9",
                "NaN",
                "inf",
                "-0",
                "1,234",
                "1.2345678",
                "1 000",
                "0x10",
                "--1",
                "1.",
                ".5",
                "9" * 16,
                "١",
                "1,23,456",
            ],
        ),
        (
            "Money",
            "Not a valid monetary amount.",
            ["x", "1.234", "1,234", "-0", "-0.00", "$5", "1e2", "9" * 13, "NaN", "1.2.3"],
        ),
        (
            "Date",
            "Not a valid date.",
            ["2026-02-30", "2026-13-01", "yesterday", "2012-01-01 24:00:00", "01/02/2012", "2012-1-1-1"],
        ),
    ],
)
def test_value_of_another_form_is_refused_in_the_published_words(kind: str, sentence: str, raws: list[str]):
    for raw in raws:
        with pytest.raises(InvalidParameter) as caught:
            kept(field(kind=kind), raw)
        assert (caught.value.message, caught.value.fields) == (sentence, ("custom_field_2",)), raw


def test_money_has_its_currencys_decimals():
    assert kept(field(kind="Money"), "500", RWF) == "500"
    with pytest.raises(InvalidParameter, match="Not a valid monetary amount"):
        kept(field(kind="Money"), "500.5", RWF)


@given(st.integers(-(10**14) + 1, 10**14 - 1))
def test_money_comes_back_as_it_was_kept(minor: int):
    text = USD.text(minor)
    assert kept(field(kind="Money"), text) == text


@given(st.text(max_size=40))
def test_any_text_is_kept_or_refused_and_what_is_kept_is_stable(raw: str):
    for kind in ("Text", "Pick", "List", "Number", "Money", "Date"):
        try:
            value = kept(field(kind=kind), raw)
        except RegularsError:
            continue
        assert kept(field(kind=kind), value) == value


def test_lengths():
    assert len(kept(field(), "x" * 64_000)) == 64_000
    for definition, length in ((field(), 64_001), (field(unique=True), 256), (field(searchable=True), 256)):
        with pytest.raises(InvalidParameter, match="custom_field_2 is not valid: at most"):
            kept(definition, "x" * length)
    assert len(kept(field(unique=True), "x" * 255)) == 255


def test_required_field_may_not_be_cleared_and_must_be_there_in_a_new_record():
    definitions = {2: field(required=True), 3: field(3)}
    assert check_values(definitions, {}, currency=USD) == {}
    for values in ({2: ""}, {2: " "}):
        with pytest.raises(MissingParameter, match=r"^Missing parameter: custom_field_2$"):
            check_values(definitions, values, currency=USD)
    with pytest.raises(MissingParameter, match=r"^Missing parameter: custom_field_2$"):
        check_values(definitions, {3: "x"}, currency=USD, is_complete=True)
    assert check_values(definitions, {2: "x"}, currency=USD, is_complete=True) == {"2": "x"}


def test_unknown_field_is_named_with_its_prefix():
    with pytest.raises(InvalidParameter) as caught:
        check_values({}, {7: "x"}, currency=USD, prefix="reward_custom_field_")
    assert caught.value.message == "reward_custom_field_7 is not valid: there is no such field"
    assert caught.value.fields == ("reward_custom_field_7",)


def test_all_problems_are_told_at_once():
    with pytest.raises(Problems) as caught:
        check_values({2: field(kind="Number"), 3: field(3, required=True)}, {2: "x", 9: "y"}, currency=USD, is_complete=True)
    assert caught.value.fields == ("custom_field_2", "custom_field_9", "custom_field_3")


def test_single_value_is_checked_alike():
    assert check_value(field(kind="Number"), "1,5", name="n", currency=USD) == "1.5"


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"number": 0}, "custom_field_0"),
        ({"number": 1000}, "custom_field_1000"),
        ({"label": " "}, "custom_field_2_label"),
        ({"label": "x" * 81}, "custom_field_2_label"),
        ({"kind": "Colour"}, "custom_field_2_type"),
        ({"kind": "Number", "unique": True}, "custom_field_2_unique"),
        ({"kind": "Pick", "choices": ()}, "custom_field_2_choices"),
        ({"kind": "Pick", "choices": ("a", "a")}, "custom_field_2_choices"),
        ({"kind": "List", "choices": ("a,b",)}, "custom_field_2_choices"),
        ({"kind": "List", "choices": ("",)}, "custom_field_2_choices"),
        ({"kind": "List", "choices": tuple(map(str, range(501)))}, "custom_field_2_choices"),
        ({"kind": "Text", "choices": ("a",)}, "custom_field_2_choices"),
        ({"owner": "shop"}, "owner"),
    ],
)
def test_definition_that_can_not_be_names_its_part(options, name: str):
    with pytest.raises((InvalidParameter, MissingParameter)) as caught:
        check_definition(field(**options))
    assert caught.value.fields == (name,)


def test_new_account_has_the_one_old_custom_field():
    (only,) = make_account().account.fields
    assert (only.owner, only.number, only.type, only.required) == ("customer", 1, "Text", False)


def test_defined_field_is_in_the_next_snapshot_and_its_number_is_taken():
    alice = make_account()
    make_field(alice, number=3, label="Colour", type="Pick", choices=("Red", "Blue"), required=True, searchable=True)
    fresh = alice.fresh()
    assert fresh.version > alice.account.version
    assert fresh.customer_fields[3] == FieldConfig(
        owner="customer", number=3, label="Colour", type="Pick", show=False, required=True, unique=False, searchable=True,
        choices=("Red", "Blue"),
    )  # fmt: skip
    with pytest.raises(FieldExists, match="custom_field_3 already exists"), unit_of_work(alice.id):
        define_field(account=fresh, owner="customer", number=3, label="Again")


@pytest.mark.parametrize(
    ("kind", "raw", "part", "whole"),
    [
        ("Text", "9,95", "9,95", "9,95"),
        ("Pick", "Red, ", "Red, ", "Red, "),
        ("List", "Red, Sky blue", "Red,Sky blue", "Red,Sky blue"),
        ("List", "Sky", "Sky", "Sky"),
        ("Date", "2012.07.28 22:59:59", "2012-07-28 22:59:59", "2012-07-28 22:59:59"),
        ("Date", "2012/7/28", "2012-07-28", "2012-07-28 00:00:00"),
        ("Date", "2012.07", "2012-07", "2012-07"),
        ("Number", "12,50", "12.5", "12.5"),
        ("Number", "1,234,567", "1234567", "1234567"),
        ("Number", "12.", "12.", "12."),
        ("Money", "9,95", "9.95", "9.95"),
        ("Money", "9,9", "9.9", "9.90"),
        ("Money", "9,90", "9.90", "9.90"),
        ("Money", "9", "9", "9.00"),
        ("Money", "1,234.50", "1234.50", "1234.50"),
        ("Money", "1,234", "1,234", "1,234"),
        ("Money", "", "", ""),
    ],
)
def test_a_search_looks_for_values_in_the_form_they_are_kept(kind: str, raw: str, part: str, whole: str) -> None:
    definitions = {2: field(kind=kind, required=True)}
    for is_whole, sought in ((False, part), (True, whole)):
        assert sought_values(definitions, {2: raw, 9: raw}, currency=USD, is_whole=is_whole) == {2: sought, 9: raw}


@pytest.mark.parametrize(
    ("raw", "sought"),
    [
        ("1970-07-14", "1970-07-14"),
        ("1970.7.4", "1970-07-04"),
        ("0000/07/00", "0000-07-00"),
        ("1970.07", "1970-07"),
        ("07-14", "07-14"),
        ("1970", "1970"),
    ],
)
def test_a_search_looks_for_days_as_they_are_kept(raw: str, sought: str) -> None:
    assert sought_date(raw) == sought
