# SPDX-License-Identifier: Apache-2.0
"""Importing a file through the pages: the columns are proposed, doubts are asked, lines tried, imported, undone."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx2
import lxml.html
import pytest
from openpyxl import Workbook

from regulars.customers.models import Customer
from regulars.jobs import tasks
from regulars.kit.db import unit_of_work
from regulars.ledger.models import Balance
from tests.factories import make_account, make_campaign, make_customer, make_field, make_user
from tests.panel.conftest import Page, Visitor

IMPORTS = "/admin.php/account/import"


def send(visitor: Visitor, name: str, content: bytes, **fields: str) -> Page:
    """Choose a file in the form of the current page and send it."""
    assert visitor.page is not None
    token = visitor.page.xpath("//form[@enctype]//input[@name='csrfmiddlewaretoken']/@value")[0]
    response = visitor.http.post(
        IMPORTS, data={"csrfmiddlewaretoken": token, **fields}, files={"file": (name, content)},
        headers={"Referer": visitor.origin + IMPORTS},
    )  # fmt: skip
    return keep(visitor, response)


def keep(visitor: Visitor, response: httpx2.Response) -> Page:
    visitor.page = Page(response.status_code, response.url.path, response.headers, lxml.html.document_fromstring(response.text))
    return visitor.page


def selected(page: Page) -> list[str]:
    return [
        "".join(select.xpath("option[@selected]/@value")) for select in page.xpath("//select[starts-with(@name,'column_')]")
    ]


def wrong(page: Page) -> dict[str, str]:
    """Error by the name of its field."""
    return {
        field.xpath(".//@name")[0]: " ".join(field.xpath(".//p[@class='error']/text()"))
        for field in page.xpath("//div[contains(@class,'wrong')]")
    }


def codes(account: Any) -> list[str]:
    with unit_of_work(account.id):
        rows = Customer.objects.filter(account_id=account.id, deleted_at__isnull=True)
        return sorted(rows.values_list("code", flat=True))


def total(account: Any) -> int:
    with unit_of_work(account.id):
        return sum(Balance.objects.filter(account_id=account.id).values_list("balance", flat=True))


def test_customers_are_imported_from_a_file_in_three_pages_and_undone(visit):
    alice = make_account()
    club = make_campaign(alice, name="Coffee club")
    make_field(alice, label="Newsletter", number=2)
    visitor = visit(alice)
    visitor.get(IMPORTS)
    page = send(
        visitor,
        "kunden.csv",
        "Kundennummer;Vorname;E-Mail;Newsletter\n7;Jörg;j@example.com;x\n8;Eva;broken;\n".encode(),
        kind="customers",
    )
    assert "kunden.csv" in page.text
    assert selected(page) == ["code", "first_name", "email", "custom_field_2"]
    assert page.xpath("//input[@name='campaigns'][@checked]/@value") == [club.number], "there is only one"
    place = page.path
    page = visitor.submit(page.path.rpartition("/")[2])
    assert "1 line would be taken over" in page.text
    assert "8 · Eva · broken" in page.text
    assert codes(alice) == []
    answer = visitor.http.get(place + "/refused.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["Line", "Reason", "code", "first_name", "email", "custom_field_2"]
    assert [rows[1][0], *rows[1][2:]] == ["3", "8", "Eva", "broken"]
    page = visitor.submit("/begin")
    assert "/batches/" in page.path
    assert codes(alice) == ["7"]
    assert "8 · Eva · broken" in page.text
    listed = visitor.get(IMPORTS)
    cells = [" ".join(cell.text_content().split()) for cell in listed.xpath("//tbody/tr")[0]]
    assert [cells[0], cells[1], *cells[4:8]] == ["kunden.csv", "Customers", "2", "1", "1", "Imported"]
    undo = visitor.get(page.path + "/undo")
    assert "It takes back at most this" in undo.text
    assert "it was tried and put back" in visitor.submit("/undo", preview="1").text
    assert codes(alice) == ["7"], "nothing is undone by looking"
    page = visitor.submit("/undo")
    assert "Undone" in page.text
    assert codes(alice) == []


def test_pasted_transactions_ask_what_can_be_read_in_two_ways(visit):
    alice = make_account()
    make_campaign(alice)
    make_customer(alice, code="1")
    visitor = visit(alice)
    visitor.get(IMPORTS)
    page = visitor.submit("import", kind="transactions", text="code\tamount\tdate\n1\t1.200\t03/04/2026\n1\t12\t04/05/2026\n")
    assert selected(page) == ["code", "amount", "date"]
    assert "In your file: 1.200" in page.text
    assert page.xpath("//select[@name='decimal_mark']/option[@selected]/@value") == [""], "nothing is proposed"
    place = page.path
    page = visitor.submit(place.rpartition("/")[2], sends_mail="on")
    assert page.status == 400
    assert set(wrong(page)) == {"decimal_mark", "date_order"}
    assert page.xpath("//input[@name='sends_mail'][@checked]"), "what was filled in stays"
    page = visitor.submit(place.rpartition("/")[2], decimal_mark=",", date_order="month")
    assert "2 lines would be taken over" in page.text
    visitor.submit("/begin")
    assert total(alice) == 1212


def test_a_workbook_is_read(visit):
    alice = make_account()
    make_campaign(alice)
    book = Workbook()
    for row in (["Card number", "First name", "Points"], ["C-1", "Ann", 250]):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    visitor = visit(alice)
    visitor.get(IMPORTS)
    page = send(visitor, "members.xlsx", content.getvalue(), kind="customers")
    assert selected(page) == ["card_number", "first_name", "auto_add"]
    assert "Excel workbook" in page.text
    visitor.submit(page.path.rpartition("/")[2])
    visitor.submit("/begin")
    assert total(alice) == 250


@pytest.mark.parametrize(
    ("fields", "at", "sentence"),
    [
        ({"text": ""}, "file", "Choose a file, or paste lines."),
        ({"text": "a\n1", "kind": "dogs"}, "kind", "Select a valid choice"),
        ({"text": "a\n1", "separator": "star"}, "separator", "Select a valid choice"),
        ({"text": "x" * 1_000_001}, "text", "too much to be pasted"),
    ],
)
def test_what_is_not_a_file_is_told_at_its_field(visit, fields: dict[str, str], at: str, sentence: str):
    visitor = visit(make_account())
    visitor.get(IMPORTS)
    page = visitor.submit("import", **fields)
    assert page.status == 400
    assert sentence in wrong(page)[at]


def test_too_much_is_refused_with_a_sentence_and_not_kept(visit):
    visitor = visit(make_account())
    visitor.get(IMPORTS)
    page = visitor.submit("import", text="x" * 5_000_000)
    assert page.status == 400
    assert "too much to be pasted" in wrong(page)["text"]
    page = send(visitor, "large.csv", b"1\n" * 17_000_000, kind="customers")
    assert page.status == 400
    assert "at most 32 MB" in wrong(page)["file"]
    assert "Not imported yet" not in page.text


def test_a_file_that_can_not_be_read_says_why(visit):
    visitor = visit(make_account())
    visitor.get(IMPORTS)
    page = send(visitor, "old.xls", b"\xd0\xcf\x11\xe0 old", kind="customers")
    assert "Old Excel files (.xls) are not read" in page.text
    page = visitor.submit("/forget")
    assert page.path == IMPORTS
    assert "Not imported yet" not in page.text


def test_a_long_file_shows_how_far_it_is(visit):
    alice = make_account()
    make_campaign(alice)
    visitor = visit(alice)
    visitor.get(IMPORTS)
    lines = "".join(f"{number},Name {number}\n" for number in range(1, 261))
    page = visitor.submit("import", kind="customers", text="code,first name\n" + lines)
    place = page.path
    page = visitor.submit(place.rpartition("/")[2])
    assert "0 of 260 lines are done." in page.text
    assert page.xpath("//*[@id='live'][@data-live]")
    tasks.continue_batches()
    assert "260 lines would be taken over" in visitor.get(place).text
    assert "about to begin" in visitor.submit("/begin").text
    tasks.continue_batches()
    page = visitor.get(place)
    assert "/batches/" in page.path
    assert len(codes(alice)) == 260
    page = visitor.get(page.path + "/undo")
    assert "260" in page.text
    assert "being undone" in visitor.submit("/undo").text
    tasks.continue_batches()
    assert codes(alice) == []


def test_columns_can_be_changed_after_they_were_tried(visit):
    alice = make_account()
    make_campaign(alice)
    visitor = visit(alice)
    visitor.get(IMPORTS)
    page = visitor.submit("import", kind="customers", text="a,b\n1,Ann\n")
    place, end = page.path, page.path.rpartition("/")[2]
    page = visitor.submit(end)
    assert "One column must be the customer's code or his card number." in page.text
    page = visitor.submit(end, column_1="code", column_2="code")
    assert wrong(page) == {"column_2": "Another column is that already."}
    visitor.submit(end, column_1="code", column_2="last_name")
    page = visitor.get(place + "?columns")
    assert selected(page) == ["code", "last_name"]
    page = visitor.submit(end, column_2="first_name")
    visitor.submit("/begin")
    with unit_of_work(alice.id):
        assert Customer.objects.get(account_id=alice.id).first_name == "Ann"


def test_a_stranger_and_a_clerk_find_nothing(visit):
    alice = make_account()
    club = make_campaign(alice)
    visitor = visit(alice)
    visitor.get(IMPORTS)
    file = visitor.submit("import", kind="customers", text="code\n1\n").path
    visitor.submit(file.rpartition("/")[2])
    batch = visitor.submit("/begin").path
    charlie, clerk = visit(make_account()), visit(make_user(alice, role="K"))
    importer = visit(make_user(alice, role="G", campaigns_access="some", allowed_campaign_ids=[club.id]))
    for path in (file, file + "/refused.csv", batch, batch + "/undo", batch + "/refused.csv"):
        assert charlie.http.get(path).status_code == 404
        assert clerk.http.get(path).status_code == 403
        assert importer.http.get(path).status_code == 404, "he may import transactions, not customers"
    page = importer.get(IMPORTS)
    assert page.xpath("//input[@name='kind']/@value") == ["transactions"]
    assert "Nothing was imported yet" in page.text
