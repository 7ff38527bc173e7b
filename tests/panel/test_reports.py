# SPDX-License-Identifier: Apache-2.0
"""Reports on the screen and as files: what they show, in which roles, and what is wrong with a form."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest

from regulars.panel.report_words import COLUMNS, GROUPS, REPORTS
from regulars.reports.listing import COLUMNS as COLUMNS_OF
from regulars.reports.listing import NAMES
from tests.factories import make_account, make_campaign, make_coalition, make_customer, make_user
from tests.panel.shop import make_shop

WIDE = "first=2020-01-01&last=2030-12-31&frequency=1&days=0&search=a"


def rows(page) -> list[list[str]]:
    return [[" ".join(cell.text_content().split()) for cell in row.xpath("*")] for row in page.xpath("//tbody/tr")]


def lines(visitor, name: str, query: str = WIDE) -> list[list[str]]:
    answer = visitor.http.get(f"/admin.php/reports/{name}?{query}&format=csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_every_report_has_a_name_a_place_and_names_of_its_columns():
    assert set(REPORTS) == set(NAMES) == {name for _, names in GROUPS for name in names}
    assert {column for columns in COLUMNS_OF.values() for column in columns} == set(COLUMNS)


def test_every_report_is_shown_and_is_the_same_in_a_file(visit):
    alice = make_shop()
    make_coalition(alice)
    visitor = visit(alice)
    place = visitor.get("/admin.php/reports")
    for name in NAMES:
        assert f"/admin.php/reports/{name}" in place.xpath("//main//a/@href")
        query = WIDE
        if name == "customers_balances":
            query = f"campaign={next(iter(alice.fresh().campaigns))}"
        page = visitor.get(f"/admin.php/reports/{name}?{query}")
        assert page.status == 200, (name, page.text)
        shown, written = rows(page), lines(visitor, name, query)
        if name not in ("customers_search", "customers_birthday", "customers_custom_date"):
            assert written[0] == [" ".join(cell.text_content().split()) for cell in page.xpath("//thead/tr/th")], name
            assert shown, name
            assert len(shown) == min(len(written) - 1, 50), name


def test_transactions_are_written_to_all_three_files(visit):
    alice = make_shop()
    visitor = visit(alice)
    written = lines(visitor, "transactions_all")
    place = f"/admin.php/reports/transactions_all?{WIDE}&format="
    answer = visitor.http.get(place + "xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert sheet.max_row == len(written) > 60
    assert [cell.value for cell in next(sheet.iter_rows())] == written[0]
    amounts = [row[6].value for row in sheet.iter_rows(min_row=2)]
    assert sum(amounts) == pytest.approx(sum(float(row[6]) for row in written[1:]))
    assert "attachment" in answer.headers["content-disposition"]
    pdf = visitor.http.get(place + "pdf")
    assert (pdf.headers["content-type"], pdf.content[:5], pdf.content[-6:]) == ("application/pdf", b"%PDF-", b"%%EOF\n")


def test_further_lines_are_a_page_away_and_the_filters_stay(visit):
    alice = make_shop()
    visitor = visit(alice)
    query = f"first=2020-01-01&last=2030-12-31&campaigns={'&campaigns='.join(alice.fresh().campaigns)}"
    page = visitor.get(f"/admin.php/reports/transactions_all?{query}")
    first = rows(page)
    assert len(first) == 50
    (further,) = page.xpath("//a[@rel='next']/@href")
    assert further.count("campaigns=") == 2
    second = rows(visitor.get(f"/admin.php/reports/transactions_all{further}"))
    assert second
    assert not {row[-1] for row in first} & {row[-1] for row in second}


@pytest.mark.parametrize(
    ("name", "query", "field"),
    [
        ("transactions_all", "first=2026-02-03&last=2026-02-01", "last"),
        ("transactions_all", "first=&last=2026-02-01", "first"),
        ("transactions_all", "first=2026-02-01&last=2026-02-31", "last"),
        ("transactions_all", "first=2026-02-01&last=2026-02-03&campaigns=1", "campaigns"),
        ("transactions_all", "first=2026-02-01&last=2026-02-03&user=nobody", "user"),
        ("customers_frequent", "first=2026-02-01&last=2026-02-03&frequency=0", "frequency"),
        ("customers_missing", "first=2026-02-01&last=2026-02-03&days=x", "days"),
        ("customers_search", "first=2026-02-01&last=2026-02-03&search=,", "search"),
        ("coalition_points", "first=2026-02-01&last=2026-02-03", "campaigns"),
        ("customers_balances", "campaign=1", "campaign"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(visit, name: str, query: str, field: str):
    alice = make_account()
    make_campaign(alice)
    visitor = visit(alice)
    page = visitor.get(f"/admin.php/reports/{name}?{query}")
    (wrong,) = page.xpath("//div[contains(@class,'wrong')]")
    assert (page.status, field in wrong.xpath(".//*[@name]/@name")) == (400, True)
    assert rows(page) == []
    assert visitor.http.get(f"/admin.php/reports/{name}?{query}&format=csv").status_code == 400


def test_a_stranger_and_a_user_of_other_campaigns_find_nothing_of_it(visit):
    alice, charlie = make_shop(), make_account()
    other, _ = make_campaign(alice, name="Other"), make_campaign(charlie)
    club = alice.fresh().campaigns_by_id[min(alice.fresh().campaigns_by_id)]
    mary = make_user(alice, role="M", campaigns_access="some", allowed_campaign_ids=[other.id])
    for user in (charlie, mary):
        visitor = visit(user)
        assert len(lines(visitor, "transactions_all")) == 1
        assert len(lines(visitor, "customers_new")) == 1
        page = visitor.get(f"/admin.php/reports/transactions_all?{WIDE}&campaigns={club.number}")
        assert page.status == 400
    assert visit(make_user(alice, role="K")).get("/admin.php/reports/transactions_all").status == 403


def test_a_report_there_is_none_of_and_an_account_without_campaigns(visit):
    visitor = visit(make_account())
    assert visitor.get("/admin.php/reports/everything").status == 404
    assert "there is nothing to report" in visitor.get("/admin.php/reports/transactions_all").text


def test_progress_is_told_to_the_account_whose_export_it_is(visit):
    alice = make_shop()
    visitor = visit(alice)
    assert visitor.http.get("/admin.php/reports/progress/mark-1").status_code == 404
    written = len(lines(visitor, "transactions_all", f"{WIDE}&mark=mark-1"))
    told = visitor.http.get("/admin.php/reports/progress/mark-1").json()
    assert told == {"done": written - 1, "total": written - 1, "over": True}
    assert visit(make_account()).http.get("/admin.php/reports/progress/mark-1").status_code == 404


def begun_and_given_up(visitor, place: str) -> int:
    with visitor.http.stream("GET", place) as answer:
        return answer.status_code


def soon(is_so: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until it is so: that somebody has gone is noticed when he is next written to."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_an_export_that_is_given_up_gives_its_place_back(visit):
    alice = make_account(timezone="UTC", at=datetime.now(UTC) - timedelta(days=9))
    make_customer(alice, campaigns=(make_campaign(alice),))
    visitor = visit(alice)
    for number in range(5):
        place = f"/admin.php/reports/transactions_all?{WIDE}&with_activations=on&format=xlsx&mark=m{number}"
        soon(lambda place=place: begun_and_given_up(visitor, place) == 200)
    whole = f"/admin.php/reports/transactions_all?{WIDE}&with_activations=on&format=csv"
    soon(lambda: len(visitor.http.get(whole).text.splitlines()) == 2)
