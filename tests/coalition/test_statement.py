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


def words_of(pdf: bytes) -> str:
    """Return what the pages of a PDF of ours show."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    plain = (zlib.decompress(base64.a85decode(b"<~" + each.strip(), adobe=True)) for each in streams)
    return b"\n".join(plain).decode("latin-1").replace(") Tj (", "")  # a line is drawn in pieces


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
    assert words.count("(Taken back)") > 2
    assert "Mall <& Co>" in words


def test_letters_a_pdf_has_not_do_not_stop_it() -> None:
    account = make_account().account
    words = words_of(statement_pdf(account, statement(account, ["Cafe 東京", "South"])))
    assert "Cafe ??" in words
    assert "0000000000000001" in words


def test_a_closed_statement_comes_back_as_it_was() -> None:
    account = make_account().account
    made = statement(account, ["North", "South"])
    assert thawed(frozen(made.lines, made.flows, made.debts)) == (made.lines, made.flows, made.debts)


def test_a_cost_is_shown_without_needless_zeros() -> None:
    assert [cost_text(each) for each in (0, 1, 12_500, 1_000_000, 1_500_000)] == ["0", "0.000001", "0.0125", "1", "1.5"]
