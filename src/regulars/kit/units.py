# SPDX-License-Identifier: Apache-2.0
"""Currencies and their minor units. Value is always an integer; text is made at the edge."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from babel.numbers import get_currency_precision, get_currency_symbol, list_currencies

PPM = 1_000_000
"""Ratios, multipliers and percentages are whole millionths."""

REMAINDER_SCALE = 10**15
"""Remainders of rounding are carried in 10^-15 points: enough for 3 decimals x two ratios in millionths."""


@dataclass(frozen=True, slots=True)
class Currency:
    """``decimals``: how many digits a minor unit has (2: cents). ``glyph``: its short symbol."""

    code: str
    decimals: int
    glyph: str

    def text(self, amount_minor: int) -> str:
        """Return "9.50" for 950; "500" for a currency without decimals."""
        decimals = self.decimals
        if not decimals:
            return str(amount_minor)
        digits = str(amount_minor) if amount_minor >= 0 else str(-amount_minor)
        if len(digits) <= decimals:
            digits = digits.zfill(decimals + 1)
        return f"{'-' if amount_minor < 0 else ''}{digits[:-decimals]}.{digits[-decimals:]}"


def is_currency(code: str) -> bool:
    """Whether ``code`` is a currency of ISO 4217 (upper case)."""
    return code in list_currencies()


@cache
def currency(code: str) -> Currency:
    """Return a currency. Raises KeyError for an unknown code."""
    if not is_currency(code):
        raise KeyError(code)
    return Currency(code, get_currency_precision(code), get_currency_symbol(code, locale="en_US"))
