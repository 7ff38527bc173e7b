# SPDX-License-Identifier: Apache-2.0
"""How each kind of parameter is read, and what is refused (api.md 13 "Requests")."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.errors import InvalidParameter, MissingParameter, Problems
from regulars.kit.units import Currency, currency
from regulars.protocol import kinds
from regulars.protocol.params import declared, param, read


def account(code: str = "USD", zone: str = "America/New_York") -> Any:
    """What kinds look at: the account's currency and zone."""
    return SimpleNamespace(currency=currency(code), zone=ZoneInfo(zone))


USD = account()


def parse(kind: kinds.Kind[Any], raw: str, at: Any = USD) -> Any:
    return kind.parse("amount", raw, at)


@pytest.mark.parametrize(
    ("raw", "minor"),
    [
        ("9.95", 995),
        ("9,95", 995),
        ("9", 900),
        ("9.5", 950),
        ("0.01", 1),
        ("0", 0),
        ("0.00", 0),
        ("+9.95", 995),
        ("-9.95", -995),
        ("-0.01", -1),
        ("007.50", 750),
        ("1,234.50", 123450),
        ("1.234,50", 123450),
        ("1,234.5", 123450),
        ("1,234,567", 123456700),
        ("1.234.567", 123456700),
        ("1,234,567.89", 123456789),
        ("12,345.00", 1234500),
        ("999999999999.99", 99999999999999),
        ("000000000000000001", 100),
    ],
)
def test_money_is_read_to_minor_units(raw: str, minor: int) -> None:
    assert parse(kinds.money(), raw) == minor


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "1e9",
        "1E9",
        "NaN",
        "nan",
        "inf",
        "-inf",
        "Infinity",
        "-0",
        "-0.00",
        "-",
        "+",
        ".",
        ",",
        ".5",
        "5.",
        "1,234",
        "1.234",
        "12,345",
        "1,23,456.00",
        "1,2345.00",
        "1234,567.00",
        "1.234.50",
        "1,234,50",
        "0,123.45",
        "9.955",
        "9.95.",
        "--1",
        "+-1",
        "１２",
        "１２.００",
        "٣",
        "1 234.50",
        "1'234.50",
        "$9.95",
        "9.95 USD",
        "0x10",
        "1_000",
        "9.95\n",
        "1000000000000",
        "9" * 41,
        "9" * 5000,
        "½",
        "²",
    ],
)
def test_money_that_is_not_plainly_one_amount_is_refused(raw: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        parse(kinds.money(), raw)
    assert caught.value.fields == ("amount",)
    assert caught.value.message.startswith("amount is not valid: ")


def test_money_has_the_currencys_decimals() -> None:
    assert parse(kinds.money(), "500", account("JPY")) == 500
    assert parse(kinds.money(), "1.234", account("KWD")) == 1234
    assert parse(kinds.money(), "1.5", account("KWD")) == 1500
    for raw, code in (("500.5", "JPY"), ("500.0", "JPY"), ("1,234", "JPY"), ("1.2345", "KWD")):
        with pytest.raises(InvalidParameter):
            parse(kinds.money(), raw, account(code))


def test_a_separator_with_two_meanings_is_named() -> None:
    with pytest.raises(InvalidParameter, match="can be read in two ways"):
        parse(kinds.money(), "1,234")


def test_an_error_text_of_the_published_api_takes_the_place_of_ours() -> None:
    with pytest.raises(InvalidParameter) as caught:
        parse(kinds.money(error_text="The amount entered is not valid"), "abc")
    assert caught.value.message == "The amount entered is not valid"
    with pytest.raises(InvalidParameter, match=r"^too little$"):
        parse(kinds.money(1, error_text="too little"), "0")


@given(st.integers(-(10**14) + 1, 10**14 - 1), st.sampled_from(["USD", "JPY", "KWD"]), st.sampled_from(".,"))
def test_every_amount_we_write_is_read_back(minor: int, code: str, separator: str) -> None:
    unit: Currency = currency(code)
    if abs(minor) >= 10 ** (12 + unit.decimals):
        minor %= 10 ** (12 + unit.decimals)
    assert parse(kinds.money(), unit.text(minor).replace(".", separator), account(code)) == minor


@given(st.text(max_size=50))
def test_no_text_breaks_a_kind(raw: str) -> None:
    for kind in (
        kinds.money(),
        kinds.points(),
        kinds.decimal_ppm(),
        kinds.integer(),
        kinds.small_id(),
        kinds.iso_date(),
        kinds.partial_date(),
        kinds.date_time(),
        kinds.optional_date_time(),
        kinds.flag(),
        kinds.choice("a", "b"),
        kinds.comma_list(kinds.small_id()),
        kinds.email(),
        kinds.phone(),
        kinds.password(),
        kinds.new_password(),
        kinds.pin(),
        kinds.text(10),
        kinds.card(),
        kinds.customer_code(),
        kinds.campaign_number(),
        kinds.account_code(),
        kinds.user_code(),
    ):
        with contextlib.suppress(InvalidParameter):
            kind.parse("f", raw, USD)


@pytest.mark.parametrize(
    ("raw", "ppm"),
    [
        ("0.05", 50_000),
        ("1,25", 1_250_000),
        ("100", 100_000_000),
        ("0,125", 125_000),
        ("-50", -50_000_000),
        ("0.000001", 1),
        ("1.250", 1_250_000),
    ],
)
def test_ratios_are_read_to_millionths(raw: str, ppm: int) -> None:
    assert parse(kinds.decimal_ppm(), raw) == ppm


@pytest.mark.parametrize("raw", ["1,250", "0.0000001", "1e3", "-0", "50%", ""])
def test_ratios_that_could_be_something_else_are_refused(raw: str) -> None:
    with pytest.raises(InvalidParameter):
        parse(kinds.decimal_ppm(), raw)


def test_a_ratio_out_of_its_range_says_the_range() -> None:
    with pytest.raises(InvalidParameter, match=r"at most 100$"):
        parse(kinds.decimal_ppm(0, 100_000_000), "100.000001")
    with pytest.raises(InvalidParameter, match=r"at least 0.5$"):
        parse(kinds.decimal_ppm(500_000), "0.4")


def test_points_are_whole() -> None:
    assert parse(kinds.points(), "100") == 100
    assert parse(kinds.points(), "-100") == -100
    assert parse(kinds.points(), "1,234,567") == 1_234_567
    for raw in ("1.5", "100.0", "1,000", "1e2", "-0"):
        with pytest.raises(InvalidParameter):
            parse(kinds.points(), raw)
    with pytest.raises(InvalidParameter, match="at least 1"):
        parse(kinds.points(1), "0")


def test_integers_and_ids_keep_their_range() -> None:
    assert parse(kinds.integer(1, 10), "10") == 10
    assert parse(kinds.small_id(), "98") == 98
    for kind, raw in (
        (kinds.integer(1, 10), "11"),
        (kinds.integer(1, 10), "0"),
        (kinds.integer(), "-0"),
        (kinds.small_id(), "0"),
        (kinds.small_id(), "-1"),
        (kinds.small_id(), "9" * 18),
        (kinds.small_id(), "D12"),
        (kinds.integer(), "１"),
    ):
        with pytest.raises(InvalidParameter):
            parse(kind, raw)


def test_dates_exist() -> None:
    assert parse(kinds.iso_date(), "2024-02-29") == date(2024, 2, 29)
    assert parse(kinds.iso_date(), "2012.07.28") == date(2012, 7, 28)
    for raw in (
        "2026-02-30",
        "2025-02-29",
        "2026-13-01",
        "2026-00-10",
        "0000-00-00",
        "26-01-01",
        "01/02/2026",
        "2026-1.2",
        "2026",
        "",
        "2026-02-3０",
        "1700-01-01",
        "9999-01-01",
    ):
        with pytest.raises(InvalidParameter):
            parse(kinds.iso_date(), raw)


def test_unknown_parts_of_a_date_are_zeros() -> None:
    kind = kinds.partial_date()
    assert parse(kind, "1970-07-14") == "1970-07-14"
    assert parse(kind, "0000-07-14") == "0000-07-14"
    assert parse(kind, "0000-02-29") == "0000-02-29"
    assert parse(kind, "1970-00-00") == "1970-00-00"
    assert parse(kind, "1970-7-4") == "1970-07-04"
    assert parse(kind, "0000-00-00") == ""
    for raw in ("0000-02-30", "1970-13-00", "1970-00-32", "1970-02-29"):
        with pytest.raises(InvalidParameter):
            parse(kind, raw)


def test_a_date_time_is_local_to_the_account() -> None:
    kind = kinds.date_time()
    assert parse(kind, "2026-01-01 12:00:00") == datetime(2026, 1, 1, 17, tzinfo=UTC)
    assert parse(kind, "2026-07-01T12:00") == datetime(2026, 7, 1, 16, tzinfo=UTC)
    assert parse(kind, "2026-01-01T12:00:00Z") == datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert parse(kind, "2026-01-01 12:00:00+02:00") == datetime(2026, 1, 1, 10, tzinfo=UTC)
    assert parse(kind, "2012.07.28 22:59:59") == datetime(2012, 7, 29, 2, 59, 59, tzinfo=UTC)
    assert parse(kind, "2026-01-01") == datetime(2026, 1, 1, 5, tzinfo=UTC)
    assert parse(kinds.date_time(is_end=True), "2026-01-01") == datetime(2026, 1, 2, 4, 59, 59, tzinfo=UTC)
    assert parse(kinds.optional_date_time(), "0000-00-00 00:00:00") is None
    for raw in (
        "2026-02-30 10:00:00",
        "2026-01-01 24:00:00",
        "2026-01-01 10:60:00",
        "2026-01-01 10",
        "2026-01-01 10:00:00+15:00",
        "0000-00-00 00:00:00",
        "now",
    ):
        with pytest.raises(InvalidParameter):
            parse(kind, raw)


def test_flags_choices_and_lists() -> None:
    for raw in ("Y", "y", "Yes", "true", "1"):
        assert parse(kinds.flag(), raw) is True
    for raw in ("N", "no", "FALSE", "0"):
        assert parse(kinds.flag(), raw) is False
    assert parse(kinds.choice("points", "giftcard"), "Points") == "points"
    assert parse(kinds.mapped({"pipe": "|"}), "PIPE") == "|"
    assert parse(kinds.comma_list(kinds.small_id()), " 1, 2 ,,3 ") == (1, 2, 3)
    for kind, raw in (
        (kinds.flag(), "maybe"),
        (kinds.choice("a"), "b"),
        (kinds.mapped({"a": 1}), "b"),
        (kinds.comma_list(kinds.small_id()), "1,x"),
        (kinds.comma_list(kinds.small_id()), ",,"),
        (kinds.comma_list(kinds.small_id(), 2), "1,2,3"),
    ):
        with pytest.raises(InvalidParameter):
            parse(kind, raw)


def test_addresses_and_numbers_of_people() -> None:
    for raw in ("amy@example.com", "a.b+c@sub.example.co", "jos\u00e9@ex\u00e4mple.de"):
        assert parse(kinds.email(), raw) == raw
    for raw in (
        "amy",
        "amy@",
        "@example.com",
        "amy@example",
        "a b@example.com",
        "a@b@example.com",
        "amy@.com",
        "amy@example.com\n",
        "a" * 250 + "@b.co",
    ):
        with pytest.raises(InvalidParameter, match=r"^This email address is not valid.$"):
            parse(kinds.email(), raw)
    for raw in ("555-5555", "+1 (212) 555-1234", "0788 123 456", "212.555.1234 ext 12", "555-1234x9"):
        assert parse(kinds.phone(), raw) == raw
    for raw in ("12", "phone", "+", "555-5555<script>", "1" * 41, "１２３４５"):
        with pytest.raises(InvalidParameter, match=r"^This is not a valid phone number.$"):
            parse(kinds.phone(), raw)


def test_new_passwords_follow_the_published_rules() -> None:
    assert parse(kinds.new_password(), "abc_12") == "abc_12"
    with pytest.raises(InvalidParameter, match=r"^Your password must be between 5 and 20 characters long.$"):
        parse(kinds.new_password(), "abcd")
    with pytest.raises(InvalidParameter, match=r"^A password can only have letters, numbers, or an underscore \(_\)$"):
        parse(kinds.new_password(), "abc def")
    with pytest.raises(InvalidParameter, match=r"^A PIN must be 4 or 5 numbers only$"):
        parse(kinds.pin(), "123")


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (kinds.account_code(), "greatwidgets", "abcd"),
        (kinds.campaign_number(), "1234567890123456", "123"),
        (kinds.customer_code(), "A 1/x", "x" * 65),
        (kinds.card(), "amy@example.com", "a\nb"),
        (kinds.user_code(), "janeclerk", "jane clerk"),
        (kinds.text(3), "abc", "abcd"),
        (kinds.password(), " p w ", "x" * 129),
    ],
)
def test_names_and_numbers(kind: kinds.Kind[Any], good: str, bad: str) -> None:
    assert parse(kind, good) == good
    with pytest.raises(InvalidParameter):
        parse(kind, bad)


@dataclass(frozen=True, slots=True)
class Sample:
    campaign_id: str = param(kinds.campaign_number(), required=True)
    amount: int | None = param(kinds.money())
    undo: bool = param(kinds.flag(), default=False, wire="allow-undo", aliases=("allow_undo",))
    note: str | None = param(kinds.text(5), keeps_blank=True)
    fields: dict[int, str] = param(kinds.numbered("custom_field_", kinds.text(5)), keeps_blank=True)


def test_parameters_are_read_by_their_declaration() -> None:
    sample = read(
        Sample,
        {"campaign_id": "1" * 16, "amount": "", "allow_undo": "Y", "note": "", "custom_field_2": "x", "custom_field_30": ""},
        USD,
    )
    assert sample == Sample("1" * 16, None, True, "", {2: "x", 30: ""})
    assert [parameter.name for _, parameter in declared(Sample)] == ["campaign_id", "amount", "allow-undo", "note", "fields"]


def test_every_problem_is_reported() -> None:
    with pytest.raises(Problems) as caught:
        read(Sample, {"amount": "x", "custom_field_2": "too long"}, USD)
    assert [error.fields for error in caught.value.parts] == [("campaign_id",), ("amount",), ("custom_field_2",)]
    with pytest.raises(MissingParameter, match=r"^Missing parameter: campaign_id$"):
        read(Sample, {}, USD)


@pytest.mark.parametrize(
    "name",
    [
        "custom_field_",
        "custom_field_0",
        "custom_field_02",
        "custom_field_１",
        "custom_field_12345",
        "custom_field_x",
        "Custom_field_2",
    ],
)
def test_only_plain_numbers_make_a_numbered_name(name: str) -> None:
    assert read(Sample, {"campaign_id": "1" * 16, name: "x"}, USD).fields == {}


def test_every_kind_says_what_is_allowed() -> None:
    for kind in (
        kinds.money(),
        kinds.points(1, 5),
        kinds.points(),
        kinds.integer(1),
        kinds.integer(None, 5),
        kinds.flag(),
        kinds.email(),
    ):
        assert kind.says
