# SPDX-License-Identifier: Apache-2.0
"""Countries: ISO 3166 letters from whatever people write (codes or English names)."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale

_EVERYDAY = {"usa": "US", "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "great britain": "GB", "uae": "AE"}
"""What people write and the official lists do not have."""


@lru_cache(maxsize=1)
def _codes_by_name() -> dict[str, str]:
    names = {
        name.lower(): code
        for code, name in Locale("en").territories.items()
        if len(code) == 2 and code.isalpha() and code != "ZZ"
    }
    return {**names, **_EVERYDAY}


@lru_cache(maxsize=1024)
def region_code(country: str) -> str | None:
    """Return the two letters of a country given by code or English name, in any case; None for anything else."""
    names = _codes_by_name()
    text = country.strip().lower()
    if len(text) == 2 and text.upper() in names.values():
        return text.upper()
    return names.get(text)
