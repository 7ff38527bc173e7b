# SPDX-License-Identifier: Apache-2.0
"""The statement between stores as CSV and PDF."""

from __future__ import annotations

import base64
import csv
import io
import re
import zlib
from datetime import date
from typing import Any

import pytest

from regulars.coalition.figures import Line
from regulars.coalition.frozen import Statement, frozen, thawed
from regulars.coalition.positions import Flow, debts_between
from regulars.reports.pdf import statement_pdf
from regulars.reports.statement import cost_text, statement_csv
from tests.factories import make_account


def statement(account: Any, names: list[str]) -> Statement:
    """Each store honours 60 points of the next."""
    lines = tuple(Line(each, f"{each:016}", name, False, 100, 0, 0, 60, 5) for each, name in enumerate(names, 1))
    flows = tuple(Flow(each, each + 1, "redeemed", False, 60) for each in range(1, len(names)))
    debts = debts_between(flows, 12_500, account.currency)
    return Statement(7, None, date(2026, 1, 31), None, 12_500, lines, flows, debts)


DRAWN = re.compile(rb"/(F\d+[+\d]*) [\d.]+ Tf|\(((?:\\.|[^\\()])*)\) Tj|(T\*|ET)", re.DOTALL)
"""A font that is chosen, a piece of text, the end of a line."""


def words_of(pdf: bytes) -> str:
    """Return what can be copied from the pages of a PDF of ours, piece by piece, with a blank between pieces."""
    objects = {int(number): body for number, body in re.findall(rb"(?:^|\n)(\d+) 0 obj(.*?)endobj", pdf, re.DOTALL)}
    fonts: dict[bytes, dict[bytes, str] | None] = {}
    for body in objects.values():
        name = re.search(rb"/Name /(F\d+[+\d]*)", body)
        meant = re.search(rb"/ToUnicode (\d+) 0 R", body)
        if name and (meant or b"/Type0" in body):
            fonts[name[1]] = _unicode_of(_stream(objects[int(meant[1])])) if meant else None
    words, font = [], b""
    for body in objects.values():
        if b"stream" not in body or b" Tf" not in (page := _stream(body)):
            continue
        for chosen, text, end in re.findall(DRAWN, page):
            font = chosen or font
            if not chosen:
                words.append(" " if end else _read(_unescaped(text), fonts.get(font)))
    return "".join(words)


def _stream(body: bytes) -> bytes:
    found = re.search(rb"stream\r?\n(.*?)endstream", body, re.DOTALL)
    assert found is not None
    content = base64.a85decode(b"<~" + found[1].strip(), adobe=True) if b"/ASCII85Decode" in body else found[1]
    return zlib.decompress(content)


def _unicode_of(cmap: bytes) -> dict[bytes, str]:
    """What each code of an embedded font is, as a reader finds it out."""
    pairs = re.findall(rb"^<([0-9A-F]{2})> <([0-9A-F]{4})>$", cmap, re.MULTILINE)
    return {bytes.fromhex(code.decode()): bytes.fromhex(letter.decode()).decode("utf-16-be") for code, letter in pairs}


def _read(text: bytes, codes: dict[bytes, str] | None) -> str:
    if codes is None:  # Chinese, Japanese, Korean: their codes are Unicode's
        return text.decode("utf-16-be")
    return "".join(codes.get(bytes([code]), chr(code)) for code in text)


def _unescaped(text: bytes) -> bytes:
    plain = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}

    def one(found: re.Match[bytes]) -> bytes:
        return bytes([int(found[1], 8)]) if found[1].isdigit() else plain.get(found[1], found[1])

    return re.sub(rb"\\([0-7]{3}|.)", one, text, flags=re.DOTALL)


def test_the_csv_has_all_three_tables_and_no_formula() -> None:
    account = make_account().account
    written = statement_csv(account, statement(account, ["North", "=1+1", "Zoë, & Co"]))
    assert written.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(written.decode("utf-8-sig"))))
    assert rows[0] == ["Settlement", "up to 2026-01-31", "closed"]
    assert [row[0] for row in rows if row] == [
        "Settlement", "Point cost", "Campaign", "North", "'=1+1", "Zoë, & Co", "Total", "Given by", "North", "'=1+1", "From",
        "North", "'=1+1",
    ]  # fmt: skip
    assert [row[-1] for row in rows if row and row[0] in ("North", "Total")] == ["-0.75", "0.00", "60", "0.75"]


def test_the_pdf_of_two_hundred_stores_shows_each_and_repeats_its_heads() -> None:
    account = make_account(biz_name="Mall <& Co>").account
    made = statement(account, [f"Store-{number}<b>" for number in range(200)])
    pdf = statement_pdf(account, made)
    assert pdf == statement_pdf(account, made)
    words = words_of(pdf)
    assert all(f"Store-{number}<b>" in words for number in range(200))
    pages = len(re.findall(rb"/Type /Page\b", pdf))
    assert pages > 10
    assert words.count("Taken back") > 2
    assert "Mall <& Co>" in words


ALPHABETS = {
    "Greek": "Καφενείο Ωμέγα", "Cyrillic": "Чайная Ёлка", "Polish": "Żółta Gęś", "Czech": "Příliš žluťoučký",
    "Turkish": "İğneli Çınar", "Vietnamese": "Quán Phở Hội", "French": "L’Œuf à la coque – €", "Chinese": "北京茶馆",
    "Japanese": "東京カフェ", "Korean": "서울커피",
}  # fmt: skip


@pytest.mark.parametrize("language", ALPHABETS)
def test_names_in_any_alphabet_can_be_read_and_copied(language: str) -> None:
    name = ALPHABETS[language]
    account = make_account(biz_name=name).account
    pdf = statement_pdf(account, statement(account, [f"Cafe {name}", name]))
    words = words_of(pdf)
    assert words.count(name) >= 4, words[:300]  # the title, each store, who honoured, who pays
    assert "?" not in words
    assert pdf == statement_pdf(account, statement(account, [f"Cafe {name}", name]))


def test_letters_that_no_font_has_do_not_stop_it() -> None:
    account = make_account().account
    words = words_of(statement_pdf(account, statement(account, ["Cafe \U0001f9cb\x07", "South"])))
    assert "Cafe ??" in words
    assert "0000000000000001" in words


def test_a_closed_statement_comes_back_as_it_was() -> None:
    account = make_account().account
    made = statement(account, ["North", "South"])
    assert thawed(frozen(made.lines, made.flows, made.debts)) == (made.lines, made.flows, made.debts)


def test_a_cost_is_shown_without_needless_zeros() -> None:
    assert [cost_text(each) for each in (0, 1, 12_500, 1_000_000, 1_500_000)] == ["0", "0.000001", "0.0125", "1", "1.5"]
