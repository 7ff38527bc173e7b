# SPDX-License-Identifier: Apache-2.0
"""Numbers as tills write them, read exactly: never through a float, never by a guess (api.md 13 "Requests")."""

from __future__ import annotations

import re

from regulars.errors import InvalidParameter

INTEGER_DIGITS_MAX = 12
"""Digits before the decimal sign: with six decimals the value still fits PostgreSQL's bigint."""
PPM_DECIMALS = 6

_PLAIN = re.compile(r"([+-]?)([0-9]+)(?:([.,])([0-9]+))?", re.ASCII)
_GROUPED = re.compile(r"([+-]?)([1-9][0-9]{0,2}(?:(?:,[0-9]{3})+|(?:\.[0-9]{3})+))(?:([.,])([0-9]+))?", re.ASCII)
_LENGTH_MAX = 40


def _invalid(name: str, reason: str, text: str | None) -> InvalidParameter:
    return InvalidParameter(name, reason, text)


def _split(name: str, raw: str, decimals: int, text: str | None) -> tuple[str, str, str]:
    """Return sign, digits before and digits after the decimal sign."""
    if len(raw) > _LENGTH_MAX:
        raise _invalid(name, "the number is too long", text)
    plain = _PLAIN.fullmatch(raw)
    if plain is not None:
        sign, whole, separator, part = plain.groups(default="")
        if len(part) > decimals:
            if len(part) == 3 and len(whole) <= 3 and not whole.startswith("0"):
                raise _invalid(name, f'"{separator}" can be read in two ways; write thousands without a separator', text)
            raise _invalid(name, f"at most {decimals} decimals" if decimals else "a whole number is expected", text)
        return sign, whole, part
    grouped = _GROUPED.fullmatch(raw)
    if grouped is None:
        raise _invalid(name, "a number is expected, such as 1234" + (".50" if decimals else ""), text)
    sign, groups, separator, part = grouped.groups(default="")
    thousands = "," if "," in groups else "."
    if separator == thousands:
        raise _invalid(name, "its separators do not stand where thousands end", text)
    if not separator and groups.count(thousands) == 1:
        raise _invalid(name, f'"{thousands}" can be read in two ways; write thousands without a separator', text)
    if len(part) > decimals:
        raise _invalid(name, f"at most {decimals} decimals" if decimals else "a whole number is expected", text)
    return sign, groups.replace(thousands, ""), part


def read_decimal(name: str, raw: str, decimals: int, text: str | None = None) -> int:
    """
    Return a decimal number as an integer of its smallest unit.

    Units:  10^-decimals: with 2 decimals "9,95" gives 995, "1.234,50" gives 123450.
    Raises: InvalidParameter, with ``text`` as its whole sentence where one is given.
    Source: api.md 13 "Requests".
    """
    sign, whole, part = _split(name, raw, decimals, text)
    whole = whole.lstrip("0")
    if len(whole) > INTEGER_DIGITS_MAX:
        raise _invalid(name, f"at most {INTEGER_DIGITS_MAX} digits", text)
    value = int((whole or "0") + part.ljust(decimals, "0"))
    if sign == "-" and not value:
        raise _invalid(name, "zero has no sign", text)
    return -value if sign == "-" else value


def read_ppm(name: str, raw: str, text: str | None = None) -> int:
    """
    Return a ratio in millionths: "0.05" gives 50000, "1,25" gives 1250000.

    Raises: InvalidParameter; also for "1,250", which is 1.25 to some and 1250 to others.
    """
    match = _PLAIN.fullmatch(raw)
    if match and match[3] == "," and len(match[4]) == 3 and len(match[2]) <= 3 and not match[2].startswith("0"):
        raise _invalid(name, '"," can be read in two ways; write thousands without a separator', text)
    return read_decimal(name, raw, PPM_DECIMALS, text)
