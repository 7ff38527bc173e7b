# SPDX-License-Identifier: Apache-2.0
"""
Fields for numbers, money, shares and moments as people type them. They read exactly what the API reads (accounts/numbers.py,
accounts/dates.py) and say in the viewer's language what is expected; ranges are the domain's, handed in.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from regulars.accounts.dates import read_date_time
from regulars.accounts.numbers import read_decimal, read_ppm
from regulars.errors import InvalidParameter
from regulars.kit.units import PPM, Currency

RANGE = _("Write a number from %(least)s to %(most)s.")


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

    def __init__(self, *, decimals: int = 0, least: int | None = None, most: int | None = None, **kwargs: Any) -> None:
        self.decimals, self.least, self.most = decimals, least, most
        super().__init__(inputmode="numeric" if not decimals else "decimal", **kwargs)

    @property
    def expected(self) -> Any:
        if not self.decimals:
            return _("Write a whole number, such as 100.")
        return _("Write a number such as 9.95, with at most %(count)s decimals.") % {"count": self.decimals}

    def read(self, text: str) -> int:
        return read_decimal("", text, self.decimals)

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        if found is not None and not (self._least() <= found <= self._most()):
            raise ValidationError(RANGE, params={"least": self.written(self._least()), "most": self.written(self._most())})
        return found

    def written(self, value: int) -> str:
        """Return a value as it would be typed: "9.95" for 995, without zeros that say nothing of a ratio."""
        if not self.decimals:
            return str(value)
        sign, digits = ("-" if value < 0 else ""), str(abs(value)).zfill(self.decimals + 1)
        return f"{sign}{digits[: -self.decimals]}.{digits[-self.decimals :]}"

    def _least(self) -> int:
        return -(10**18) if self.least is None else self.least

    def _most(self) -> int:
        return 10**18 if self.most is None else self.most


class RatioField(DecimalsField):
    """A ratio or multiplier, in millionths."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(decimals=6, **kwargs)

    @property
    def expected(self) -> Any:
        return _("Write a number such as 5 or 0.25, with at most 6 decimals.")

    def read(self, text: str) -> int:
        return read_ppm("", text)

    def written(self, value: int) -> str:
        return super().written(value).rstrip("0").rstrip(".")


class PercentField(DecimalsField):
    """A share in percent, in millionths of the whole: 12.5 gives 125000."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(decimals=4, least=1, most=PPM, **kwargs)

    @property
    def expected(self) -> Any:
        return _("Write a share such as 50 or 12.5, with at most 4 decimals.")

    def written(self, value: int) -> str:
        return super().written(value).rstrip("0").rstrip(".")


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
