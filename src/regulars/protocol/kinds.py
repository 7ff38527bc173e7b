# SPDX-License-Identifier: Apache-2.0
"""
The kinds of parameters: how each is read, and what is allowed, said in words (api.md 1, 12, 13 "Requests").

Each function returns a ``Kind`` for ``param(...)``. ``error_text`` is a whole sentence that takes the place of
"<name> is not valid: <reason>" where the published API has one of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, TypeVar

from regulars.accounts.dates import DATE_SAYS, DATE_TIME_SAYS, read_date, read_date_time, read_partial_date
from regulars.accounts.directory import AccountConfig
from regulars.accounts.numbers import INTEGER_DIGITS_MAX, read_decimal, read_ppm
from regulars.errors import InvalidParameter
from regulars.protocol.params import Kind, Shape

T = TypeVar("T")

SMALL_ID_MAX = 10**15
LIST_MAX = 1_000
BIGINT_MAX = 2**63 - 1

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_ACCOUNT_CODE = re.compile(r"[A-Za-z0-9_]{5,20}", re.ASCII)
_USER_CODE = re.compile(r"[A-Za-z0-9_]{1,20}", re.ASCII)
_CAMPAIGN_NUMBER = re.compile(r"[0-9]{16}", re.ASCII)
_NAMED = re.compile(r"\S(?:.*\S)?")
_EMAIL = re.compile(r"[^\s@\"(),:;<>\[\\\]]{1,64}@(?:[^\s@\"(),:;<>\[\\\].]{1,63}\.)+[^\s@\"(),:;<>\[\\\].]{2,63}")
_PHONE = re.compile(r"\+?[0-9 ()./*#-]{3,}(?: ?(?:x|ext\.?) ?[0-9]{1,8})?", re.ASCII | re.IGNORECASE)
_NEW_PASSWORD = re.compile(r"[A-Za-z0-9_]*", re.ASCII)
_PIN = re.compile(r"[0-9]{4,5}", re.ASCII)
_DECIMAL_PATTERN = r"^[+-]?[0-9]{1,12}([.,][0-9]{1,6})?$"
_FLAGS = {"y": True, "yes": True, "true": True, "1": True, "n": False, "no": False, "false": False, "0": False}


def _kind(
    parse: Callable[[str, str, AccountConfig], T],
    says: str,
    shape: Shape = "text",
    choices: tuple[str, ...] = (),
    **bounds: Any,
) -> Kind[T]:
    return Kind(parse, says, shape=shape, choices=choices, bounds=bounds)


# -- text ----------------------------------------------------------------------------------------------------------
def _checked_text(name: str, raw: str, maximum: int, error_text: str | None = None) -> str:
    if len(raw) > maximum:
        raise InvalidParameter(name, f"at most {maximum} characters", error_text)
    return raw


def text(maximum: int = 255, *, error_text: str | None = None, shape: Shape = "text") -> Kind[str]:
    """Any text of at most ``maximum`` characters; ``shape`` says what the call makes of it."""
    says = f"text of at most {maximum} characters"
    return _kind(lambda name, raw, _: _checked_text(name, raw, maximum, error_text), says, shape, maxLength=maximum)


def _matching(pattern: re.Pattern[str], says: str, error_text: str | None = None, shape: Shape = "text") -> Kind[str]:
    def parse(name: str, raw: str, _: AccountConfig) -> str:
        if not pattern.fullmatch(raw):
            raise InvalidParameter(name, says, error_text)
        return raw

    return _kind(parse, says, shape, pattern=f"^{pattern.pattern}$")


def account_code() -> Kind[str]:
    """An Account ID (Owner ID)."""
    return _matching(_ACCOUNT_CODE, "5 to 20 letters, digits or underscores (_)")


def user_code(*, error_text: str | None = None) -> Kind[str]:
    """A User ID."""
    return _matching(_USER_CODE, "1 to 20 letters, digits or underscores (_)", error_text)


def campaign_number(*, error_text: str | None = None) -> Kind[str]:
    """A campaign id."""
    return _matching(_CAMPAIGN_NUMBER, "16 digits", error_text, "id")


def _one_line(maximum: int) -> Kind[str]:
    says = f"at most {maximum} characters on one line"

    def parse(name: str, raw: str, _: AccountConfig) -> str:
        if len(raw) > maximum or not _NAMED.fullmatch(raw):
            raise InvalidParameter(name, says)
        return raw

    return _kind(parse, says, minLength=1, maxLength=maximum)


def customer_code(maximum: int = 64) -> Kind[str]:
    """A customer's code: whatever the calling system uses, on one line."""
    return _one_line(maximum)


def card(maximum: int = 64) -> Kind[str]:
    """What is on a card; where it finds no card, look-ups try e-mail and phone, so it is not digits alone."""
    return _one_line(maximum)


def email() -> Kind[str]:
    """An e-mail address."""

    def parse(name: str, raw: str, _: AccountConfig) -> str:
        if len(raw) > 254 or not _EMAIL.fullmatch(raw):
            raise InvalidParameter(name, text="This email address is not valid.")
        return raw

    return _kind(parse, "an e-mail address", format="email", maxLength=254)


def phone() -> Kind[str]:
    """A phone number as people write it; kept as typed."""

    def parse(name: str, raw: str, _: AccountConfig) -> str:
        digits = sum(character.isdigit() for character in raw)
        if len(raw) > 40 or not _PHONE.fullmatch(raw) or not 3 <= digits <= 20:
            raise InvalidParameter(name, text="This is not a valid phone number.")
        return raw

    return _kind(parse, "a phone number", maxLength=40)


def password(maximum: int = 128) -> Kind[str]:
    """A password as typed in, to be compared; blanks at its ends belong to it."""
    return text(maximum)


def new_password(*, minimum: int = 5, maximum: int = 20) -> Kind[str]:
    """A password to be set, within the rules of the published API."""

    def parse(name: str, raw: str, _: AccountConfig) -> str:
        if not minimum <= len(raw) <= maximum:
            raise InvalidParameter(name, text=f"Your password must be between {minimum} and {maximum} characters long.")
        if not _NEW_PASSWORD.fullmatch(raw):
            raise InvalidParameter(name, text="A password can only have letters, numbers, or an underscore (_)")
        return raw

    says = f"{minimum} to {maximum} letters, digits or underscores (_)"
    return _kind(parse, says, pattern=f"^[A-Za-z0-9_]{{{minimum},{maximum}}}$")


def pin() -> Kind[str]:
    """A PIN to be set."""
    return _matching(_PIN, "4 or 5 digits", "A PIN must be 4 or 5 numbers only")


# -- numbers -------------------------------------------------------------------------------------------------------
def _between(minimum: int | None, maximum: int | None) -> dict[str, Any]:
    bounds = {"minimum": minimum, "maximum": maximum}
    return {name: bound for name, bound in bounds.items() if bound is not None}


def _range_says(minimum: int | None, maximum: int | None) -> str:
    if minimum is not None and maximum is not None:
        return f"a whole number from {minimum} to {maximum}"
    if minimum is not None:
        return f"a whole number from {minimum} up"
    if maximum is not None:
        return f"a whole number up to {maximum}"
    return "a whole number"


def integer(minimum: int | None = None, maximum: int | None = None, *, error_text: str | None = None) -> Kind[int]:
    """A whole number without separators."""
    says = _range_says(minimum, maximum)

    def parse(name: str, raw: str, _: AccountConfig) -> int:
        if not _INTEGER.fullmatch(raw):
            raise InvalidParameter(name, f"{says} is expected", error_text)
        value = int(raw)
        if (
            (raw[0] == "-" and not value)
            or (minimum is not None and value < minimum)
            or (maximum is not None and value > maximum)
        ):
            raise InvalidParameter(name, f"{says} is expected", error_text)
        return value

    return _kind(parse, says, "whole", **_between(minimum, maximum))


def small_id(*, error_text: str | None = None) -> Kind[int]:
    """The id of a reward, promotion, item, transaction, fee or depreciation."""
    inner = integer(1, SMALL_ID_MAX, error_text=error_text)
    return _kind(inner.parse, "an id, as an earlier answer gave it", "id", pattern="^[1-9][0-9]{0,14}$")


def _bounded(
    name: str, value: int, minimum: int | None, maximum: int | None, shown: Callable[[int], str], error_text: str | None
) -> int:
    if minimum is not None and value < minimum:
        raise InvalidParameter(name, f"at least {shown(minimum)}", error_text)
    if maximum is not None and value > maximum:
        raise InvalidParameter(name, f"at most {shown(maximum)}", error_text)
    return value


def money(minimum_minor: int | None = None, maximum_minor: int | None = None, *, error_text: str | None = None) -> Kind[int]:
    """An amount of money, to minor units of the account's currency (9.95 and 9,95 give 995)."""

    def parse(name: str, raw: str, account: AccountConfig) -> int:
        value = read_decimal(name, raw, account.currency.decimals, error_text)
        return _bounded(name, value, minimum_minor, maximum_minor, account.currency.text, error_text)

    says = f"an amount such as 9.95 or 9,95, at most {INTEGER_DIGITS_MAX} digits and the currency's decimals"
    return _kind(parse, says, "decimal", pattern=_DECIMAL_PATTERN)


def points(minimum: int | None = None, maximum: int | None = None, *, error_text: str | None = None) -> Kind[int]:
    """A number of points, events or units: whole."""

    def parse(name: str, raw: str, _: AccountConfig) -> int:
        return _bounded(name, read_decimal(name, raw, 0, error_text), minimum, maximum, str, error_text)

    says = f"{_range_says(minimum, maximum)}, at most {INTEGER_DIGITS_MAX} digits"
    return _kind(parse, says, "whole", **_between(minimum, maximum))


def decimal_ppm(minimum_ppm: int | None = None, maximum_ppm: int | None = None, *, error_text: str | None = None) -> Kind[int]:
    """A ratio or percentage with up to six decimals, to millionths (0.05 gives 50000)."""

    def shown(ppm: int) -> str:
        whole, part = divmod(abs(ppm), 1_000_000)
        decimals = f"{part:06d}".rstrip("0")
        return ("-" if ppm < 0 else "") + str(whole) + (f".{decimals}" if decimals else "")

    def parse(name: str, raw: str, _: AccountConfig) -> int:
        return _bounded(name, read_ppm(name, raw, error_text), minimum_ppm, maximum_ppm, shown, error_text)

    return _kind(parse, "a number such as 0.05 or 1,25 with at most 6 decimals", "decimal", pattern=_DECIMAL_PATTERN)


# -- dates ---------------------------------------------------------------------------------------------------------
def iso_date() -> Kind[date]:
    """A calendar date."""
    return _kind(lambda name, raw, _: read_date(name, raw), DATE_SAYS, "date", format="date")


def partial_date() -> Kind[str]:
    """A date whose unknown parts are 00 or 0000, as YYYY-MM-DD; "" where nothing of it is known."""
    says = f"{DATE_SAYS}; unknown parts are 00 or 0000"
    return _kind(lambda name, raw, _: read_partial_date(name, raw), says, "date", pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")


def date_time(*, is_end: bool = False) -> Kind[datetime]:
    """An instant; the text is the account's local time. ``is_end``: a date alone means its last second."""
    return _kind(lambda name, raw, account: read_date_time(name, raw, account.zone, is_end=is_end), DATE_TIME_SAYS, "date_time")


def optional_date_time(*, is_end: bool = False) -> Kind[datetime | None]:
    """As ``date_time``, where 0000-00-00 (as our own answers write an empty date) means none."""

    def parse(name: str, raw: str, account: AccountConfig) -> datetime | None:
        if raw in ("0000-00-00", "0000-00-00 00:00:00"):
            return None
        return read_date_time(name, raw, account.zone, is_end=is_end)

    return _kind(parse, DATE_TIME_SAYS, "date_time")


# -- choices and lists ---------------------------------------------------------------------------------------------
def flag() -> Kind[bool]:
    """Yes or no."""

    def parse(name: str, raw: str, _: AccountConfig) -> bool:
        value = _FLAGS.get(raw.lower())
        if value is None:
            raise InvalidParameter(name, "Y or N is expected")
        return value

    return _kind(parse, "Y or N (also Yes, No, true, false, 1, 0)", "flag")


def choice(*values: str, error_text: str | None = None) -> Kind[str]:
    """One of some words, in any case of letters; given as declared."""
    by_lower = {value.lower(): value for value in values}
    says = "one of " + ", ".join(values)

    def parse(name: str, raw: str, _: AccountConfig) -> str:
        value = by_lower.get(raw.lower())
        if value is None:
            raise InvalidParameter(name, says, error_text)
        return value

    return _kind(parse, says, choices=values)


def mapped(values: Mapping[str, T], *, error_text: str | None = None) -> Kind[T]:
    """One of some words that stand for values (the keys are lower case)."""
    says = "one of " + ", ".join(values)

    def parse(name: str, raw: str, _: AccountConfig) -> T:
        key = raw.lower()
        if key not in values:
            raise InvalidParameter(name, says, error_text)
        return values[key]

    return _kind(parse, says, choices=tuple(values))


def comma_list(member: Kind[T], maximum: int = LIST_MAX) -> Kind[tuple[T, ...]]:
    """Several values joined by commas (or sent as ``name[]``); blanks around them and empty ones are dropped."""
    says = f"{member.says}; several are joined by commas, at most {maximum}"

    def parse(name: str, raw: str, account: AccountConfig) -> tuple[T, ...]:
        parts = [part for part in (piece.strip() for piece in raw.split(",")) if part]
        if not parts:
            raise InvalidParameter(name, "nothing stands between its commas")
        if len(parts) > maximum:
            raise InvalidParameter(name, f"at most {maximum} values")
        return tuple(member.parse(name, part, account) for part in parts)

    return Kind(parse, says, shape="list", each=member)


def numbered(prefix: str, member: Kind[T], suffix: str = "") -> Kind[T]:
    """A family such as ``custom_field_#`` or ``custom_field_#_label``; the attribute is a dict from # to value."""
    return replace(member, prefix=prefix, suffix=suffix)
