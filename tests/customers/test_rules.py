# SPDX-License-Identifier: Apache-2.0
"""What a customer's data must be like, as pure functions."""

from __future__ import annotations

import pytest

from regulars.customers.rules import (
    CardRequest,
    Profile,
    check_code,
    check_custom_date,
    check_email,
    check_password,
    check_phone,
    check_pin,
    check_profile,
    is_one_line,
    merged_fields,
    random_digits_needed,
    words_of,
)
from regulars.errors import InvalidParameter, Problems
from regulars.kit.phones import phone_forms


@pytest.mark.parametrize("value", ["amy@example.com", "a.b+c@mail.example.co.nz", "ünï@exämple.de"])
def test_an_address_is_accepted(value):
    check_email(value)


@pytest.mark.parametrize(
    "value", ["amy", "amy@", "@example.com", "amy@example", "a b@example.com", "a@b@c.com", "x" * 250 + "@ab.cd"]
)
def test_what_is_no_address_is_refused_by_the_published_sentence(value):
    with pytest.raises(InvalidParameter, match=r"^This email address is not valid\.$") as caught:
        check_email(value)
    assert caught.value.fields == ("email",)


@pytest.mark.parametrize("value", ["555-5555", "+1 (555) 123-4567", "0788 123 456", "555.123.4567 x12", "123"])
def test_a_phone_number_is_accepted_as_people_write_it(value):
    check_phone(value)


@pytest.mark.parametrize("value", ["call me", "12", "1" * 21, "555-1234; DROP", "+", "١٢٣٤٥"])
def test_what_is_no_phone_number_is_refused_by_the_published_sentence(value):
    with pytest.raises(InvalidParameter, match=r"^This is not a valid phone number\.$"):
        check_phone(value)


@pytest.mark.parametrize("value", ["1970-07-14", "0000-07-14", "1970-00-00", "0000-02-29", "2024-02-29", "0000-00-00"])
def test_a_date_may_have_unknown_parts(value):
    check_custom_date(value)


@pytest.mark.parametrize("value", ["2026-02-30", "0000-02-30", "2023-02-29", "1970-13-01", "1970-1-1", "14.07.1970", "x"])
def test_a_day_that_never_is_is_refused(value):
    with pytest.raises(InvalidParameter) as caught:
        check_custom_date(value)
    assert caught.value.fields == ("custom_date",)


def test_a_password_has_5_to_20_characters():
    for value in ("abcd", "a" * 21):
        with pytest.raises(InvalidParameter, match=r"^Your password must be between 5 and 20 characters long\.$"):
            check_password(value)
    check_password("abcde")
    check_password("a" * 20)


def test_a_password_is_letters_digits_and_underscores():
    for value in ("with space", "pass-word", "pässword"):
        with pytest.raises(InvalidParameter, match=r"^A password can only have letters, numbers, or an underscore \(_\)$"):
            check_password(value)


@pytest.mark.parametrize("value", ["123", "123456", "12a4", "１２３４"])
def test_a_pin_is_4_or_5_digits(value):
    with pytest.raises(InvalidParameter):
        check_pin(value)


def test_every_problem_of_a_profile_is_told():
    with pytest.raises(Problems) as caught:
        check_profile(Profile(email="x", phone="y", first_name="z" * 101))
    assert set(caught.value.fields) == {"email", "phone", "first_name"}


def test_a_text_of_one_line_may_hold_wide_blanks_but_no_break():
    assert is_one_line("山田\u3000花子")
    assert not is_one_line("a\nb")
    assert not is_one_line("a\u2028b")
    with pytest.raises(InvalidParameter):
        check_code("a\tb")


@pytest.mark.parametrize(
    ("text", "region", "digits", "national"),
    [
        ("(555) 123-4567", "US", "15551234567", "5551234567"),
        ("+1 555 123 4567", "", "15551234567", "5551234567"),
        ("001 555 123 4567", "NZ", "15551234567", "5551234567"),
        ("0788 123 456", "RW", "250788123456", "788123456"),
        ("06 1234 5678", "IT", "390612345678", "612345678"),
        ("555-5555", "US", "5555555", "5555555"),
        ("0788 123 456", "", "0788123456", "788123456"),
        ("", "US", "", ""),
    ],
)
def test_a_number_has_one_spelling(text, region, digits, national):
    forms = phone_forms(text, region)
    assert (forms.digits, forms.national) == (digits, national)


def test_a_changed_field_replaces_the_old_value_and_an_empty_one_takes_it_away():
    assert merged_fields({"2": "a", "10": "b", "3": "c"}, {"2": "", "3": "d", "4": "e"}) == {"3": "d", "4": "e", "10": "b"}


def test_prefix_and_suffix_are_part_of_a_card_numbers_length():
    assert random_digits_needed(CardRequest(10, "12", "9")) == 7
    with pytest.raises(InvalidParameter) as caught:
        random_digits_needed(CardRequest(3, "12", "9"), ("how_many_digits", "p", "s"))
    assert caught.value.fields == ("how_many_digits",)
    with pytest.raises(InvalidParameter) as caught:
        random_digits_needed(CardRequest(10, "A1"))
    assert caught.value.fields == ("prefix",)


def test_a_comma_is_or_and_a_blank_is_and():
    assert words_of("Amy Acker, 1234 Main St,,") == [["Amy", "Acker"], ["1234", "Main", "St"]]
    for text in ("", " , ", "a " * 51):
        with pytest.raises(InvalidParameter):
            words_of(text)


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("(503) 555-0100", [["5035550100"]]),
        ("+1 503.555.0100, Amy", [["15035550100"]]),
        ("0788 123 456", [["788123456"]]),
        ("5035550100", []),
        ("555-01", []),
        ("1234 Main St 5550100", []),
    ],
)
def test_words_that_read_as_a_phone_number_are_looked_for_by_its_digits_too(text: str, more: list[list[str]]) -> None:
    typed = [part.split() for part in text.split(",")]
    assert words_of(text) == typed + more
