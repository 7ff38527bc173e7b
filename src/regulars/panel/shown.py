# SPDX-License-Identifier: Apache-2.0
"""How numbers, money and times are written: the account's currency, zone and country, in the viewer's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_skeleton, format_time
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent
from django.utils.translation import ngettext

from regulars.accounts.directory import AccountConfig
from regulars.accounts.localisation import country_code


@dataclass(frozen=True)
class Shown:
    """``viewer.shown``. Values come as the domain has them: whole numbers, minor units, millionths, instants in UTC."""

    account: AccountConfig
    language: str

    @cached_property
    def locale(self) -> Locale:
        """The language as it is written in the account's country, where there is such a way; else the language."""
        country = country_code(self.account.profile.get("biz_country", ""))
        try:
            return Locale.parse(f"{self.language}_{country}" if country else self.language)
        except (UnknownLocaleError, ValueError):
            return Locale.parse(self.language)

    def number(self, number: int | Decimal) -> str:
        """1,234 for 1234."""
        return format_decimal(number, locale=self.locale)

    def exact(self, number: Decimal) -> str:
        """As number(), with all its decimals: 62.1875."""
        return format_decimal(number, locale=self.locale, decimal_quantization=False)

    def short(self, number: int) -> str:
        """1.2M for 1234567: for the axes of charts."""
        return format_compact_decimal(number, locale=self.locale, fraction_digits=1)

    def money(self, amount_minor: int) -> str:
        """$9.50 for 950 in an account of US dollars."""
        currency = self.account.currency
        return format_currency(Decimal(amount_minor).scaleb(-currency.decimals), currency.code, locale=self.locale)

    def size(self, size_bytes: int) -> str:
        """1.5 MB for 1572864: of memory and disks, in steps of 1024."""
        size, units = Decimal(size_bytes), ("kB", "MB", "GB", "TB")
        for unit in units:
            size /= 1024
            if size < 1000 or unit == units[-1]:
                break
        return f"{format_decimal(size, '#,##0.#', locale=self.locale)} {unit}"

    def percent(self, ppm: int) -> str:
        """12.5% for 125000 millionths; at most one decimal."""
        return format_percent(Decimal(ppm) / 1_000_000, "#,##0.#%", locale=self.locale)

    def moment(self, at: datetime) -> str:
        """An instant on the account's clock, to the minute."""
        local = at.astimezone(self.account.zone)
        day, time = format_date(local.date(), "medium", locale=self.locale), format_time(local, "short", locale=self.locale)
        return str(self.locale.datetime_formats["medium"]).replace("{1}", day).replace("{0}", time)

    def second(self, at: datetime) -> str:
        """An instant on the account's clock, to the second."""
        return format_datetime(at.astimezone(self.account.zone), "medium", locale=self.locale)

    def month(self, month: date) -> str:
        """A month with its year."""
        return format_skeleton("yMMM", month, locale=self.locale)

    def day(self, day: date | datetime) -> str:
        """A day; an instant's is the one on the account's clock."""
        if isinstance(day, datetime):
            day = day.astimezone(self.account.zone).date()
        return format_date(day, "medium", locale=self.locale)

    def amount(self, kind: str, amount: int) -> str:
        """An amount in the unit of a campaign of this kind: $9.50, 1,234 points, 3 events, 1 unit."""
        if kind in ("giftcard", "earned"):
            return self.money(amount)
        number = {"number": self.number(amount)}
        if kind == "points":
            return ngettext("%(number)s point", "%(number)s points", abs(amount)) % number
        if kind == "events":
            return ngettext("%(number)s event", "%(number)s events", abs(amount)) % number
        return ngettext("%(number)s unit", "%(number)s units", abs(amount)) % number

    def change(self, kind: str, amount: int) -> str:
        """As amount(), with its sign: +149 points."""
        return f"+{self.amount(kind, amount)}" if amount > 0 else self.amount(kind, amount)
