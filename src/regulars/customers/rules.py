# SPDX-License-Identifier: Apache-2.0
"""What a customer's data must be like (api.md 7, 12). Pure: no database, no clock, no chance."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from regulars.accounts.directory import AccountConfig
from regulars.accounts.localisation import country_code
from regulars.errors import InvalidParameter, Problems, Refused, RegularsError
from regulars.kit.phones import phone_forms

TRIAL_CUSTOMERS_MAX = 10
"""How many customers an account in trial mode may have (concepts.md 1)."""
CODE_DIGITS = 16
"""Length of a random code."""
CARD_DIGITS_MAX = 32
CARD_DIGITS_DEFAULT = 16
WORDS_MAX = 50
"""Most words of a free search."""
PHONE_DIGITS_MIN = 7
"""Fewer digits in a free search are not taken for a phone number."""
FAILURES_MAX = {"pin": 5, "password": 10}
"""Wrong tries in a row before a customer's PIN or password is locked."""
SECRET_LOCK_SECONDS = 15 * 60

TEXT_MAX: Mapping[str, int] = {
    "code": 64, "card_number": 64, "first_name": 100, "last_name": 100, "phone": 40, "email": 254, "street1": 120,
    "street2": 120, "city": 80, "state": 80, "postal_code": 20, "country": 80, "username": 64,
}  # fmt: skip
"""Most characters of each text column."""

_EMAIL = re.compile(r"[^\s@\"(),:;<>\[\\\]]{1,64}@(?:[^\s@\"(),:;<>\[\\\].]{1,63}\.)+[^\s@\"(),:;<>\[\\\].]{2,63}")
_PHONE = re.compile(r"\+?[0-9 ()./*#-]{3,}(?: ?(?:x|ext\.?) ?[0-9]{1,8})?", re.ASCII | re.IGNORECASE)
_PHONE_SOUGHT = re.compile(r"[0-9 ()./+-]+", re.ASCII)
_PASSWORD = re.compile(r"[A-Za-z0-9_]*", re.ASCII)
_PIN = re.compile(r"[0-9]{4,5}", re.ASCII)
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
_DIGITS = re.compile(r"[0-9]*", re.ASCII)


class CustomerErased(Refused):
    """The customer's personal data were erased. The record stays for its balances and takes no new data: enrol him anew."""

    code = "customer_erased"
    text = "The personal data of this customer were erased; they cannot be written again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is to be written of a customer. None = leave as it is; "" = empty it. Custom fields by number, likewise."""

    card_number: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    email: str | None = None
    street1: str | None = None
    street2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    custom_date: str | None = None
    """YYYY-MM-DD, unknown parts 00 or 0000."""
    username: str | None = None
    password: str | None = None
    """In clear; only its hash is kept."""
    pin: str | None = None
    """In clear; only its hash is kept."""
    fields: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CardRequest:
    """A card number to be made up: ``digits`` in all, beginning with ``prefix`` and ending with ``suffix``."""

    digits: int = CARD_DIGITS_DEFAULT
    prefix: str = ""
    suffix: str = ""


COLUMNS = (
    "card_number", "first_name", "last_name", "phone", "email", "street1", "street2", "city", "state", "postal_code",
    "country", "custom_date", "username",
)  # fmt: skip
"""The columns that hold a profile's texts as they are."""


def check_email(value: str, name: str = "email") -> None:
    """Raise InvalidParameter unless ``value`` is an e-mail address."""
    if len(value) > TEXT_MAX["email"] or not _EMAIL.fullmatch(value):
        raise InvalidParameter(name, text="This email address is not valid.")


def check_phone(value: str, name: str = "phone") -> None:
    """Raise InvalidParameter unless ``value`` is a phone number as people write them: 3 to 20 digits."""
    digits = sum(character.isdigit() for character in value)
    if len(value) > TEXT_MAX["phone"] or not _PHONE.fullmatch(value) or not 3 <= digits <= 20:
        raise InvalidParameter(name, text="This is not a valid phone number.")


def check_custom_date(value: str, name: str = "custom_date") -> None:
    """Raise InvalidParameter unless ``value`` is YYYY-MM-DD; unknown parts may be 00 or 0000, but 02-30 is never a day."""
    match = _DATE.fullmatch(value)
    if match is None:
        raise InvalidParameter(name, "a date as YYYY-MM-DD is expected")
    year, month, day = (int(part) for part in match.groups())
    try:
        date(year or 2000, month or 1, day or 1)
    except ValueError:
        raise InvalidParameter(name, "there is no such date") from None


def check_password(value: str, name: str = "password") -> None:
    """Raise InvalidParameter unless ``value`` may be a password: 5 to 20 letters, digits or underscores."""
    if not 5 <= len(value) <= 20:
        raise InvalidParameter(name, text="Your password must be between 5 and 20 characters long.")
    if not _PASSWORD.fullmatch(value):
        raise InvalidParameter(name, text="A password can only have letters, numbers, or an underscore (_)")


def check_pin(value: str, name: str = "pin") -> None:
    """Raise InvalidParameter unless ``value`` may be a PIN: 4 or 5 digits."""
    if not _PIN.fullmatch(value):
        raise InvalidParameter(name, text="A PIN must be 4 or 5 numbers only")


_CHECKS: Mapping[str, Callable[[str], None]] = {
    "phone": check_phone,
    "email": check_email,
    "custom_date": check_custom_date,
    "password": check_password,
    "pin": check_pin,
}


def is_one_line(value: str) -> bool:
    """Whether a text holds neither a line break nor a control character."""
    return not any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in value)


def check_code(value: str, name: str = "code") -> None:
    """Raise InvalidParameter unless ``value`` may be a code or a card number: one line, at most 64 characters."""
    if not value or len(value) > TEXT_MAX["code"] or not is_one_line(value):
        raise InvalidParameter(name, f"at most {TEXT_MAX['code']} characters on one line")


def check_profile(profile: Profile) -> None:
    """
    Refuse a profile whose texts are too long or not what their column holds. Custom fields are checked elsewhere.

    Raises: InvalidParameter, Problems where there are several.
    """
    problems: list[RegularsError] = []
    for name in (*COLUMNS, "password", "pin"):
        value: str | None = getattr(profile, name)
        if not value:
            continue
        try:
            if name in TEXT_MAX and len(value) > TEXT_MAX[name]:
                raise InvalidParameter(name, f"at most {TEXT_MAX[name]} characters")
            if name in _CHECKS:
                _CHECKS[name](value)
            elif not is_one_line(value):
                raise InvalidParameter(name, "one line of text is expected")
        except InvalidParameter as error:
            problems.append(error)
    if problems:
        raise problems[0] if len(problems) == 1 else Problems(tuple(problems))


def columns_of(profile: Profile, account: AccountConfig, *, phone: str = "", country: str = "") -> dict[str, str]:
    """
    Return what a profile writes into the text columns, with the forms its phone number is found by.

    ``phone``, ``country``: what the record has now.
    """
    columns = {name: value for name in COLUMNS if (value := getattr(profile, name)) is not None}
    if columns.get("custom_date") == "0000-00-00":
        columns["custom_date"] = ""
    if "phone" in columns or "country" in columns:
        region = _region(columns.get("country", country)) or _region(account.profile["biz_country"])
        forms = phone_forms(columns.get("phone", phone), region)
        columns["phone_digits"], columns["phone_national"] = forms.digits, forms.national
    return columns


def _region(country: str) -> str:
    return country_code(country.upper() if len(country) == 2 else country)


def merged_fields(stored: Mapping[str, str], changed: Mapping[str, str]) -> dict[str, str]:
    """Return the custom field values after a change: "" takes a value away."""
    merged = {**stored, **changed}
    return {number: merged[number] for number in sorted(merged, key=int) if merged[number]}


def indexed_values(account: AccountConfig, values: Mapping[str, str]) -> list[tuple[int, str, bool]]:
    """Return (number, value, is unique) of the values that customers are found by or that nobody else may have."""
    return [
        (number, values[str(number)], config.unique)
        for number, config in sorted(account.customer_fields.items())
        if (config.unique or config.searchable) and values.get(str(number))
    ]


def random_digits_needed(request: CardRequest, names: tuple[str, str, str] = ("digits", "prefix", "suffix")) -> int:
    """
    Return how many digits of a made-up card number are left to chance, at least 1.

    Raises: InvalidParameter, by the caller's ``names`` of the three parts.
    """
    if not 1 <= request.digits <= CARD_DIGITS_MAX:
        raise InvalidParameter(names[0], f"a whole number from 1 to {CARD_DIGITS_MAX} is expected")
    for part, name in ((request.prefix, names[1]), (request.suffix, names[2])):
        if not _DIGITS.fullmatch(part):
            raise InvalidParameter(name, "digits only")
    needed = request.digits - len(request.prefix) - len(request.suffix)
    if needed < 1:
        raise InvalidParameter(names[0], "prefix and suffix leave no digit free")
    return needed


def words_of(text: str, name: str = "text") -> list[list[str]]:
    """
    Return the groups of words of a free search: a comma is OR, a blank is AND, and AND binds first (customer_find).

    A group that reads as a phone number, "(503) 555-0100", is looked for by its digits too, which are kept with it.

    Raises: InvalidParameter where there are no words, or more than 50.
    """
    groups = [words for part in text.split(",") if (words := part.split())]
    if not groups:
        raise InvalidParameter(name, "it has no words")
    if sum(len(words) for words in groups) > WORDS_MAX:
        raise InvalidParameter(name, f"at most {WORDS_MAX} words")
    return groups + [[digits] for words in groups if (digits := _phone_digits(" ".join(words)))]


def _phone_digits(text: str) -> str:
    """Return the digits of a text that is a phone number with separators, without zeros in front; "" for any other."""
    digits = "".join(character for character in text if character in "0123456789").lstrip("0")
    is_phone = _PHONE_SOUGHT.fullmatch(text) is not None and len(digits) >= PHONE_DIGITS_MIN
    return digits if is_phone and digits != text else ""
