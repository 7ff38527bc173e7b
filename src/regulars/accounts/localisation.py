# SPDX-License-Identifier: Apache-2.0
"""
Time zones, languages, currencies and countries: what is accepted, how it is kept, how it is shown (api.md 13).

Kept: IANA name, ISO 639-1 in lower case, ISO 4217 in upper case, countries in the form given.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global

from regulars.errors import InvalidParameter
from regulars.kit.units import Currency, currency, is_currency

TIME_ZONES = (
    "Etc/GMT+12", "Pacific/Pago_Pago", "Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles",
    "America/Phoenix", "America/Hermosillo", "America/Denver", "America/Guatemala", "America/Chicago",
    "America/Mexico_City", "America/Regina", "America/Bogota", "America/New_York", "America/Jamaica",
    "America/Caracas", "America/Halifax", "America/La_Paz", "America/Santiago", "America/St_Johns",
    "America/Sao_Paulo", "America/Argentina/Buenos_Aires", "America/Montevideo", "America/Noronha", "Atlantic/Azores",
    "Atlantic/Cape_Verde", "UTC", "Europe/London", "Africa/Abidjan", "Europe/Berlin",
    "Europe/Paris", "Europe/Madrid", "Africa/Lagos", "Europe/Athens", "Africa/Kigali",
    "Africa/Johannesburg", "Africa/Cairo", "Europe/Kyiv", "Asia/Jerusalem", "Europe/Istanbul",
    "Europe/Moscow", "Africa/Nairobi", "Asia/Riyadh", "Asia/Tehran", "Asia/Dubai",
    "Asia/Baku", "Asia/Kabul", "Asia/Karachi", "Asia/Almaty", "Asia/Kolkata",
    "Asia/Kathmandu", "Asia/Dhaka", "Asia/Yangon", "Asia/Bangkok", "Asia/Jakarta",
    "Asia/Ho_Chi_Minh", "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Singapore", "Asia/Manila",
    "Australia/Perth", "Asia/Tokyo", "Asia/Seoul", "Australia/Adelaide", "Australia/Brisbane",
    "Australia/Sydney", "Pacific/Noumea", "Pacific/Auckland", "Pacific/Fiji", "Pacific/Chatham",
    "Pacific/Tongatapu", "Pacific/Apia", "Pacific/Kiritimati",
)  # fmt: skip
"""Number 1 first, in order of standard offset. Numbers are permanent: tills store them. New ones go to the end."""

_NUMBERS = {name: number for number, name in enumerate(TIME_ZONES, start=1)}

_NO_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})
"""Two-letter territories of CLDR that are no entries of ISO 3166 (Kosovo's XK stays: it is in use everywhere)."""

_OTHER_NAMES = {
    "usa": "US", "united states of america": "US", "uk": "GB", "great britain": "GB", "hong kong": "HK", "macau": "MO",
    "macao": "MO", "czech republic": "CZ", "turkey": "TR", "burma": "MM", "myanmar": "MM", "ivory coast": "CI",
    "swaziland": "SZ", "cape verde": "CV", "holland": "NL",
}  # fmt: skip
"""Names people write that CLDR spells otherwise."""

_NO_CURRENCIES = frozenset({"XXX", "XTS"})
"""ISO 4217's "no currency" and "for tests"."""

LANGUAGE_TEXT = "There is an error with the language chosen."


@lru_cache(maxsize=1)
def _zone_names() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones() if name not in ("localtime", "posixrules", "Factory")}


@lru_cache(maxsize=1)
def languages() -> dict[str, str]:
    """Return ISO 639-1 codes (lower case) with their English names."""
    return {code: name for code, name in Locale("en").languages.items() if len(code) == 2}


@lru_cache(maxsize=1)
def currencies_in_use() -> tuple[str, ...]:
    """Return the ISO 4217 codes of the currencies that some country has today, as CLDR knows them."""
    today = (entry for entries in get_global("territory_currencies").values() for entry in entries)
    codes = {code for code, _start, end, is_tender in today if end is None and is_tender}
    return tuple(sorted(code for code in codes if code not in _NO_CURRENCIES and currency(code).decimals <= 3))


@lru_cache(maxsize=1)
def countries() -> dict[str, str]:
    """Return ISO 3166 codes (upper case) with their English names."""
    return {
        code: name
        for code, name in Locale("en").territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
    }


def _plain(name: str) -> str:
    """Return a name without case, accents and curly apostrophes, for comparing."""
    decomposed = unicodedata.normalize("NFKD", name.replace("\u2019", "'").replace("&", "and"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()


@lru_cache(maxsize=1)
def _country_codes() -> dict[str, str]:
    return {_plain(name): code for code, name in countries().items()} | _OTHER_NAMES


def parse_time_zone(text: str, *, name: str = "timezone") -> str:
    """Return the IANA name for one of our numbers or an IANA name (any case). Raises InvalidParameter naming ``name``."""
    if text.isascii() and text.isdecimal() and 1 <= int(text[:4]) <= len(TIME_ZONES):
        return TIME_ZONES[int(text[:4]) - 1]
    found = _zone_names().get(text.lower())
    if found is None:
        raise InvalidParameter(name, f"a number from 1 to {len(TIME_ZONES)}, or a name such as Europe/Berlin")
    return found


def time_zone_number(zone: str) -> str:
    """Return what the API shows for an IANA name: our number, or the name itself where it has none."""
    number = _NUMBERS.get(zone)
    return zone if number is None else str(number)


def parse_language(text: str, *, name: str = "language") -> str:
    """Return a language code in lower case. Raises InvalidParameter."""
    code = text.lower()
    if code not in languages():
        raise InvalidParameter(name, text=LANGUAGE_TEXT)
    return code


def language_code(language: str) -> str:
    """Return what the API shows for a language: ``EN``."""
    return language.upper()


def parse_currency(text: str, *, name: str = "currency") -> Currency:
    """Return a currency for its ISO 4217 code (any case). Raises InvalidParameter, also above 3 decimals."""
    code = text.upper()
    if code in _NO_CURRENCIES or not is_currency(code):
        raise InvalidParameter(name, "a currency code of ISO 4217, such as USD")
    found = currency(code)
    if found.decimals > 3:
        raise InvalidParameter(name, "currencies with more than 3 decimals are not supported")
    return found


def parse_country(text: str, *, name: str = "country") -> str:
    """
    Return a country in the form given, well spelt: its code (``NZ``) or its English name (``New Zealand``).

    Raises: InvalidParameter.
    """
    if text.upper() in countries():
        return text.upper()
    code = _country_codes().get(_plain(text))
    if code is None:
        raise InvalidParameter(name, "a country's code of ISO 3166 or its English name")
    return countries()[code]


def country_code(country: str) -> str:
    """Return the ISO 3166 code for a kept country (code or name); "" where there is none."""
    return country if country in countries() else _country_codes().get(_plain(country), "")
