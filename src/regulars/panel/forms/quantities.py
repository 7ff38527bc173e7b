# SPDX-License-Identifier: Apache-2.0
"""
Fields for numbers, money, shares and moments as people type them. What is typed is brought from the way in which numbers are
written for the viewer (9,95; 1.234,50; 1 234,50) into the one that the API reads exactly (accounts/numbers.py,
accounts/dates.py); this is the one place where that is done. They say in his language what is expected; ranges are the
domain's, handed in.
"""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Any

from babel import Locale
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from regulars.accounts.dates import read_date_time
from regulars.accounts.numbers import read_decimal, read_ppm
from regulars.accounts.rules import NUMBER_DECIMALS_MAX
from regulars.errors import InvalidParameter
from regulars.kit.units import PPM, Currency
from regulars.panel.languages import number_locale

RANGE = _("Write a number from %(least)s to %(most)s.")
NUMBERS = ("Number", "Money")
"""The types of data fields that are numbers."""
_SAME = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2019": "'", "\u2212": "-"})
"""What stands on no keyboard, and what people type in its place."""


@lru_cache(maxsize=64)
def _signs(locale: Locale) -> tuple[str, str, re.Pattern[str]]:
    """Return the decimal sign and the sign between thousands of a locale, and what its numbers look like."""
    symbols = locale.number_symbols["latn"]
    decimal, group = (str(symbols[name]).translate(_SAME) for name in ("decimal", "group"))
    size = locale.decimal_formats[None].grouping[1]  # 3; in India 2 before the last three
    of, mark = re.escape(group), re.escape(decimal)
    pattern = re.compile(rf"([+-]?)(\d{{1,{size}}}(?:{of}\d{{{size}}})*{of}\d{{3}}|\d+)(?:{mark}(\d+))?", re.ASCII)
    return decimal, group, pattern


def plain_number(text: str, decimals: int, locale: Locale | None = None) -> str:
    """
    Return a number that was typed as the domain reads it: "1234.50" for "1.234,50" where that is how numbers are written.

    What is no such number comes back as it is: it may be one for the domain, which also takes 9.95 where people write 9,95.
    Raises: InvalidParameter where decimals are possible and "1.234" may be either: too few think of thousands.
    """
    text = text.strip().translate(_SAME)
    _, group, pattern = _signs(locale or number_locale())
    match = pattern.fullmatch(text)
    if match is None:
        return text
    sign, whole, part = match.groups(default="")
    if decimals and whole.count(group) == 1 and not part and group in ".,":
        raise InvalidParameter("", f'"{group}" can be read in two ways; write thousands without a separator')
    return sign + whole.replace(group, "") + (f".{part}" if part else "")


def local_number(text: str) -> str:
    """Return a number of ours ("9.95") as people type it: "9,95" where that is how numbers are written; no thousands."""
    return text.replace(".", _signs(number_locale())[0])


class ReadField(forms.CharField):
    """Text that stands for a value; ``clean`` gives the value, None where it is empty. What was typed stays as it was."""

    expected: Any = _("This cannot be read.")

    def __init__(self, *, inputmode: str = "decimal", **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": inputmode, "autocomplete": "off"}))
        kwargs.setdefault("max_length", 40)
        super().__init__(**kwargs)

    def read(self, text: str) -> Any:
        """Return the value. Raises InvalidParameter."""
        raise NotImplementedError

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return self.read(text)
        except InvalidParameter as error:
            raise ValidationError(self.expected) from error


class DecimalsField(ReadField):
    """
    A number with so many decimals, as an integer of its smallest unit.

    ``least`` and ``most`` in that unit; None = the domain has the say.
    """

    is_short = False
    """Whether zeros at the end are left out."""

    def __init__(self, *, decimals: int = 0, least: int | None = None, most: int | None = None, **kwargs: Any) -> None:
        self.decimals, self.least, self.most = decimals, least, most
        super().__init__(inputmode="numeric" if not decimals else "decimal", **kwargs)

    @property
    def expected(self) -> Any:
        if not self.decimals:
            return _("Write a whole number, such as 100.")
        return _("Write a number such as %(example)s, with at most %(count)s decimals.") % {
            "example": local_number("9.95"), "count": self.decimals,
        }  # fmt: skip

    def read(self, text: str) -> int:
        return read_decimal("", plain_number(text, self.decimals), self.decimals)

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        if found is not None and not (self._least() <= found <= self._most()):
            raise ValidationError(RANGE, params={"least": self.written(self._least()), "most": self.written(self._most())})
        return found

    def written(self, value: int) -> str:
        """Return a value as it would be typed: "9.95" for 995, or "9,95"."""
        if not self.decimals:
            return str(value)
        sign, digits = ("-" if value < 0 else ""), str(abs(value)).zfill(self.decimals + 1)
        part = digits[-self.decimals :].rstrip("0") if self.is_short else digits[-self.decimals :]
        return local_number(f"{sign}{digits[: -self.decimals]}.{part}" if part else f"{sign}{digits[: -self.decimals]}")

    def _least(self) -> int:
        return -(10**18) if self.least is None else self.least

    def _most(self) -> int:
        return 10**18 if self.most is None else self.most


class NumberTextField(forms.CharField):
    """The number of a data field, which the domain reads and keeps as text: "9.95" for "9,95"."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 40)
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), **kwargs)

    def clean(self, value: Any) -> str:
        """Return it as the domain reads it; what is no number, or may be two, as it is: the domain says what is wrong."""
        text: str = super().clean(value)
        try:
            return plain_number(text, NUMBER_DECIMALS_MAX)
        except InvalidParameter:
            return text


class RatioField(DecimalsField):
    """A ratio or multiplier, in millionths."""

    is_short = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(decimals=6, **kwargs)

    @property
    def expected(self) -> Any:
        return _("Write a number such as 5 or %(example)s, with at most 6 decimals.") % {"example": local_number("0.25")}

    def read(self, text: str) -> int:
        return read_ppm("", plain_number(text, self.decimals))


class PercentField(DecimalsField):
    """A share in percent, in millionths of the whole: 12.5 gives 125000."""

    is_short = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(decimals=4, least=1, most=PPM, **kwargs)

    @property
    def expected(self) -> Any:
        return _("Write a share such as 50 or %(example)s, with at most 4 decimals.") % {"example": local_number("12.5")}


class MoneyField(DecimalsField):
    """An amount of the account's currency, in minor units."""

    def __init__(self, *, currency: Currency, **kwargs: Any) -> None:
        super().__init__(decimals=currency.decimals, **kwargs)


class MomentField(ReadField):
    """
    A date and time on the account's clock, as an instant in UTC. ``is_end``: a date alone means its last second.

    It is offered as the browser's own picker and read as the API reads dates.
    """

    expected = _("Write a date and time as YYYY-MM-DD HH:MM.")

    def __init__(self, *, zone: tzinfo, is_end: bool = False, **kwargs: Any) -> None:
        self.zone, self.is_end = zone, is_end
        kwargs.setdefault("widget", forms.TextInput(attrs={"type": "datetime-local"}))
        super().__init__(**kwargs)

    def read(self, text: str) -> datetime:
        return read_date_time("", text, self.zone, is_end=self.is_end)

    def written(self, at: datetime) -> str:
        """Return an instant as the picker takes it, in the account's zone; seconds only where there are some."""
        local = at.astimezone(self.zone)
        return local.strftime("%Y-%m-%dT%H:%M:%S" if local.second else "%Y-%m-%dT%H:%M")
