# SPDX-License-Identifier: Apache-2.0
"""One spelling for a phone number, so that look-ups find it however it was typed."""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers

DIGITS_MAX = 20
_NOT_DIGITS = re.compile(r"[^0-9]", re.ASCII)


@dataclass(frozen=True, slots=True)
class PhoneForms:
    """
    What a number is compared by. ``digits``: country code and number where they can be told, else the digits typed.
    ``national``: without country code and leading zeros, as people dial it at home.
    """

    digits: str
    national: str


def dialled_number(text: str, region: str = "") -> str:
    """Return a number as every network dials it ("+493012345"), "" where it is not possible in the region (ISO 3166 code)."""
    stripped = text.strip()
    try:
        number = phonenumbers.parse("+" + stripped[2:] if stripped.startswith("00") else stripped, region or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def phone_forms(text: str, region: str = "") -> PhoneForms:
    """
    Return the forms of a number as typed, read as one of ``region`` (ISO 3166 code) unless it begins with + or 00.

    Empty forms where there are no digits. A number that is not possible in the region keeps the digits it has.
    """
    digits = _NOT_DIGITS.sub("", text)[:DIGITS_MAX]
    if not digits:
        return PhoneForms("", "")
    stripped = text.strip()
    dialled = "+" + stripped[2:] if stripped.startswith("00") else stripped
    try:
        number = phonenumbers.parse(dialled, region or None)
    except phonenumbers.NumberParseException:
        return PhoneForms(digits, digits.lstrip("0"))
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return PhoneForms(digits, digits.lstrip("0"))
    national = phonenumbers.national_significant_number(number)
    return PhoneForms(f"{number.country_code}{national}", national.lstrip("0"))
