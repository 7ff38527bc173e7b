# SPDX-License-Identifier: Apache-2.0
"""Under which name and in which colours an account, or an agency with its accounts, shows itself (ADR-0014). Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from regulars.errors import InvalidParameter
from regulars.kit.addresses import is_address

LIGHT_PAPERS = ("#f5f7f9", "#ffffff")
"""What lies under text and buttons by day: --paper and --card of panel.css."""
DARK_PAPERS = ("#12181f", "#1b232c")
"""The same by night."""
CONTRAST_MIN = 4.5
"""WCAG 2 AA for text, as a ratio to 1."""
WHITE, BLACK = "#ffffff", "#000000"
LIGHTENING_STEPS = 20

_COLOUR = re.compile(r"#[0-9a-f]{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class BrandConfig:
    """What a host shows of whose it is. Colours as #rrggbb, "" = ours; ``logo_mark`` changes with the logo, "" = none."""

    name: str
    accent_colour: str = ""
    bar_colour: str = ""
    logo_mark: str = ""


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 (none) to 21. Source: WCAG 2.2, "contrast ratio" and "relative luminance"."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def ink_on(colour: str) -> str:
    """Return white or black, whichever is read better on a colour; one of them always has a contrast over 4.5."""
    return WHITE if contrast(WHITE, colour) >= contrast(BLACK, colour) else BLACK


def on_dark(colour: str) -> str:
    """Return a colour, as much lightened as it takes to be read on the dark papers."""
    for step in range(LIGHTENING_STEPS):
        mixed = _mixed_with_white(colour, step / LIGHTENING_STEPS)
        if min(contrast(mixed, paper) for paper in DARK_PAPERS) >= CONTRAST_MIN:
            return mixed
    return WHITE


def check_colour(name: str, text: str) -> str:
    """Return a colour as it is kept, "" = ours. Raises InvalidParameter."""
    colour = text.strip().lower()
    if colour and not _COLOUR.fullmatch(colour):
        raise InvalidParameter(name, "a colour like #1f5f8b is expected")
    return colour


def check_accent(name: str, text: str) -> str:
    """Return a colour for links and buttons; it must be readable on our papers. Raises InvalidParameter."""
    colour = check_colour(name, text)
    if colour:
        ratio = min(contrast(colour, paper) for paper in LIGHT_PAPERS)
        if ratio < CONTRAST_MIN:
            raise InvalidParameter(name, f"on white its contrast is {ratio:.1f} to 1, and text needs 4.5; choose a darker one")
    return colour


def check_line(name: str, text: str) -> str:
    """Return a text of one line: no line breaks, no control or formatting characters. Raises InvalidParameter."""
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp") for letter in text):
        raise InvalidParameter(name, "one line of plain text is expected")
    return " ".join(text.split())


def check_address(name: str, text: str) -> str:
    """Return one e-mail address, or "". Raises InvalidParameter."""
    if text and not is_address(text):
        raise InvalidParameter(name, "one e-mail address is expected")
    return text


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in _parts(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mixed_with_white(colour: str, share: float) -> str:
    return "#" + "".join(f"{round(part + (255 - part) * share):02x}" for part in _parts(colour))
