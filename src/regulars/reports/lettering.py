# SPDX-License-Identifier: Apache-2.0
"""
In which font each letter of a PDF is set.

DejaVu Sans lies beside this file (its licence too) and is put into the document, as far as it is used: Latin, Greek, Cyrillic,
Turkish, Vietnamese, Arabic letters and more. Chinese, Japanese and Korean are set in the fonts that PDF readers have for them
(Adobe's names for them, which need no file); what neither has is "?".
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

FOLDER = Path(__file__).with_name("fonts")
SANS, SANS_BOLD = "DejaVuSans", "DejaVuSans-Bold"
KOREAN, JAPANESE, CHINESE = "HYGothic-Medium", "HeiseiKakuGo-W5", "STSong-Light"
_HANGUL = ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7AF))
_KANA = ((0x3040, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F))
_HAN = ((0x3000, 0x303F), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFF00, 0xFFEF))


@cache
def letters() -> frozenset[int]:
    """Make the fonts known to the library, once in a process, and return which letters DejaVu Sans has."""
    sans = TTFont(SANS, FOLDER / "DejaVuSans.ttf")
    for font in (sans, TTFont(SANS_BOLD, FOLDER / "DejaVuSans-Bold.ttf")):
        pdfmetrics.registerFont(font)
    for name in (KOREAN, JAPANESE, CHINESE):
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    for italic in (0, 1):
        addMapping(SANS, 0, italic, SANS)
        addMapping(SANS, 1, italic, SANS_BOLD)
    face: Any = sans.face
    return frozenset(face.charToGlyph)


def is_plain(words: str) -> bool:
    """Whether DejaVu Sans has all letters of it."""
    return letters().issuperset(map(ord, words))


def runs(words: str) -> Iterator[tuple[str, str]]:
    """Yield runs of letters, each with a font that has them; of what none has, "?"s in DejaVu Sans."""
    known = letters()
    han = JAPANESE if any(_is_in(letter, _KANA) for letter in words) else CHINESE

    def font_of(letter: str) -> str:
        if ord(letter) in known:
            return SANS
        if _is_in(letter, _HANGUL):
            return KOREAN
        return han if _is_in(letter, _KANA) or _is_in(letter, _HAN) else ""

    for font, run in groupby(words, font_of):
        found = "".join(run)
        yield (font, found) if font else (SANS, "?" * len(found))


def markup(words: str) -> str:
    """Return words for a paragraph (reportlab reads markup there), each run of letters in a font that has them."""
    return "".join(escape(run) if font == SANS else f'<font name="{font}">{escape(run)}</font>' for font, run in runs(words))


def _is_in(letter: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= ord(letter) <= last for first, last in ranges)
