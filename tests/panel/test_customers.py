# SPDX-License-Identifier: Apache-2.0
"""Customers in the panel: the list, its segments and files; the profile; adding, changing, joining."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import openpyxl
import pytest
from django.db import connection

from regulars.customers.models import Customer
from regulars.kit.db import unit_of_work
from regulars.transactions.operations import record_activity
from regulars.transactions.terms import Terms
from tests.factories import (
    NOW,
    Cast,
    MadeAccount,
    make_account,
    make_campaign,
    make_cast,
    make_customer,
    make_depreciation,
    make_field,
    make_item,
    make_user,
)

LIST = "/admin.php/customers"


def sell(account: MadeAccount, campaign: Any, customer_id: int, amount_minor: int | None, **more: Any) -> None:
    with unit_of_work(account.id):
        terms = Terms(occurred_at=NOW, recorded_at=NOW, customer_id=customer_id)
        record_activity(
            account=account.fresh(), by=account.owner, campaign=campaign, terms=terms, amount_minor=amount_minor, **more
        )


def rows(page: Any) -> list[str]:
    return [" ".join(cell.text_content().split()) for cell in page.xpath("//tbody/tr/th")]


def the_shop() -> Cast:
    cast = make_cast()
    for first, last, card in (("Amy", "Acker", "7001"), ("Bo", "Zorn", "7002"), ("", "", "7003")):
        made = make_customer(
            cast.alice, code=f"c{card}", card_number=card, first_name=first, last_name=last, email=f"{card}@example.com",
            campaigns=(cast.club, cast.other) if card != "7003" else (),
        )  # fmt: skip
        if card == "7001":
            sell(cast.alice, cast.club, made.id, 4_900)
            sell(cast.alice, cast.other, made.id, 950)
    return cast


def test_the_list_is_narrowed_sorted_and_paged(visit: Any) -> None:
    cast = the_shop()
    carols = make_customer(cast.carol, first_name="Carola", last_name="Acker")
    visitor = visit(cast.alice)
    assert "Customers" in visitor.get("/admin.php").text
    assert rows(visitor.get(LIST)) == ["7003", "Bo Zorn", "Amy Acker"]
    assert rows(visitor.get(LIST + "?sort=name")) == ["Amy Acker", "Bo Zorn", "7003"]
    assert rows(visitor.get(LIST + "?q=acker")) == ["Amy Acker"]
    assert rows(visitor.get(LIST + "?q=acker,zorn&sort=oldest")) == ["Amy Acker", "Bo Zorn"]
    assert rows(visitor.get(LIST + "?card_number=7003")) == ["7003"]
    page = visitor.get(LIST + f"?campaign={cast.club.number}&balance_from=1")
    assert rows(page) == ["Amy Acker"]
    assert "4,900" in page.text
    assert rows(visitor.get(LIST + f"?campaign={cast.other.number}&balance_from=9.50&balance_to=9,50")) == ["Amy Acker"]
    assert rows(visitor.get(LIST + "?active_from=2000-01-01")) == ["Amy Acker"]
    assert rows(visitor.get(LIST + "?joined_to=2000-01-01")) == []
    assert visitor.get(LIST + f"/{carols.code}").status == 404
    for number in range(30):
        make_customer(cast.alice, code=f"many{number}")
    first = visitor.get(LIST)
    second = visitor.get(LIST + first.xpath("//a[@rel='next']/@href")[0])
    assert (len(rows(first)), len(rows(second))) == (25, 8)
    assert rows(visitor.get(LIST + second.xpath("//a[@rel='prev']/@href")[0])) == rows(first)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("balance_from=5", "campaign"),
        ("campaign=1", "campaign"),
        ("joined_from=2026-02-30", "joined_from"),
        ("active_to=soon", "active_to"),
        ("sort=size", "sort"),
        ("q=" + "a+" * 60, "q"),
        ("q=%2C", "q"),
    ],
)
def test_a_wrong_filter_is_told_at_its_field_and_what_was_typed_stays(visit: Any, query: str, field: str) -> None:
    visitor = visit(make_account())
    page = visitor.get(f"{LIST}?{query}&last_name=Acker")
    assert page.status == 400
    assert page.xpath(f"//*[@id='id_{field}_error']//*[@role='alert']")
    assert page.xpath("//input[@name='last_name' and @type='text']/@value") == ["Acker"]


def test_wrong_places_in_the_list_do_no_harm(visit: Any) -> None:
    visitor = visit(the_shop().alice)
    for query in ("after=x", "before=-1", "after=999999999999999999", "before=0"):
        assert visitor.get(f"{LIST}?{query}").status == 200


def test_custom_fields_narrow_the_list(visit: Any) -> None:
    account = make_account()
    make_field(account, number=2, label="Colour", show=True)
    make_customer(account, card_number="7001", fields={2: "blue"})
    make_customer(account, card_number="7002", fields={2: "red"})
    visitor = visit(account)
    assert rows(visitor.get(LIST + "?custom_field_2=blu")) == ["7001"]


def test_segments_are_saved_opened_and_deleted(visit: Any) -> None:
    cast = the_shop()
    visitor = visit(cast.alice)
    visitor.get(LIST + "?last_name=Acker&sort=name")
    page = visitor.submit("segments", name="The Ackers")
    assert "The segment The Ackers was saved." in page.text
    address = page.xpath("//nav[@aria-label='Segments']/a[text()='The Ackers']/@href")[0]
    assert rows(visitor.get(address)) == ["Amy Acker"]
    page = visitor.submit("segments", name="the ackers")
    assert (page.status, "There is a segment of this name already." in page.text) == (400, True)
    assert page.xpath("//input[@name='last_name' and @type='text']/@value") == ["Acker"]
    assert visitor.submit("segments", name=" ").status == 400
    bob = visit(cast.bob)
    page = bob.get(LIST)
    assert page.xpath("//nav[@aria-label='Segments']/a[text()='The Ackers']")
    assert not [form for form in page.html.forms if "segments" in (form.get("action") or "")]
    assert not visit(cast.carol).get(LIST).xpath("//nav[@aria-label='Segments']")
    visitor.get(LIST)
    page = visitor.submit("delete")
    assert "was deleted" in page.text
    assert not page.xpath("//nav[@aria-label='Segments']")


def test_the_list_is_given_as_files_that_hold_no_formula(visit: Any) -> None:
    cast = the_shop()
    make_customer(cast.alice, card_number="7004", last_name="=1+1", first_name="@SUM(A1)", phone="+1 555 123 4567")
    visitor = visit(cast.alice)
    visitor.get(LIST)
    query = f"?campaign={cast.other.number}"
    written = visitor.http.get(f"{LIST}/export/csv{query}")
    assert written.headers["content-type"] == "text/csv; charset=utf-8"
    lines = list(csv.DictReader(io.StringIO(written.content.decode("utf-8-sig"))))
    assert [(line["Code"], line["Gift cards"]) for line in lines] == [("c7002", "0.00"), ("c7001", "9.50")]
    everybody = list(csv.DictReader(io.StringIO(visitor.http.get(f"{LIST}/export/csv").content.decode("utf-8-sig"))))
    assert [line["Last Name"] for line in everybody] == ["'=1+1", "", "Zorn", "Acker"]
    assert everybody[0]["First Name"] == "'@SUM(A1)"
    assert not {"Password", "PIN"} & set(everybody[0])
    book = openpyxl.load_workbook(io.BytesIO(visitor.http.get(f"{LIST}/export/xlsx").content), read_only=True)
    table = list(book.active.iter_rows(values_only=True))
    assert [row[table[0].index("Last Name")] for row in table[1:]] == ["=1+1", None, "Zorn", "Acker"]
    cell = openpyxl.load_workbook(io.BytesIO(visitor.http.get(f"{LIST}/export/xlsx").content)).active.cell(
        2, table[0].index("Last Name") + 1
    )
    assert (cell.value, cell.data_type) != ("=1+1", "f")
    assert visitor.http.get(f"{LIST}/export/csv?campaign=1").status_code == 400
    assert visit(cast.bob).http.get(f"{LIST}/export/csv").status_code == 403


def test_the_profile_shows_what_the_viewer_may_see(visit: Any) -> None:
    cast = the_shop()
    visitor = visit(cast.alice)
    page = visitor.get(LIST + "/c7001")
    assert page.status == 200
    for text in ("Amy Acker", "Coffee club", "Gift cards", "4,900", "$9.50", "7001@example.com", "Joined", "Earned"):
        assert text in page.text, text
    page = visit(cast.bob).get(LIST + "/c7001")
    assert ("Coffee club" in page.text, "Gift cards" in page.text, "$9.50" in page.text) == (True, False, False)
    assert visit(make_user(cast.alice, role="D")).get(LIST + "/c7001").status == 403
    temp = visit(make_user(cast.alice, role="P"))
    assert "History" not in temp.get(LIST + "/c7001").text
    assert temp.get(f"{LIST}/c7001/balance/{cast.club.number}").status == 403


@pytest.mark.parametrize("code", ["add", "cards", "..", "a/b", "50% off", "ä~7E ö", "x?y#z", "segments", "a\\b"])
def test_every_code_has_an_address(visit: Any, code: str) -> None:
    account = make_account()
    make_customer(account, code=code, first_name="Amy", last_name="Acker")
    visitor = visit(account)
    address = visitor.get(LIST).xpath("//tbody//a/@href")[0]
    page = visitor.get(address)
    assert (page.status, "Amy Acker" in page.text) == (200, True)
    assert visitor.get(page.xpath("//a[text()='Edit']/@href")[0]).status == 200


def test_a_balance_is_explained_line_by_line(visit: Any) -> None:
    account = make_account(country="US")
    club = make_campaign(account, points_ratio_ppm=5_000_000)
    make_depreciation(account, club, interval_count=400)
    amy = make_customer(account, code="amy", campaigns=(club,))
    sell(account, club, amy.id, 995)
    page = visit(account).get(f"{LIST}/amy/balance/{club.number}")
    assert page.status == 200
    facts = [" ".join(part.text_content() for part in each.xpath("*")) for each in page.xpath("//dl[@class='calculation']/div")]
    assert facts[:4] == ["Purchase $9.95", "Points per currency unit 5", "Exactly 49.75", "Rounded down"]
    assert "49 of 49" in page.text
    buyx = make_campaign(account, kind="buyx", name="Coffees")
    make_item(account, buyx)
    page = visit(account).get(f"{LIST}/amy/balance/{buyx.number}")
    assert (page.status, "Flat white" in page.text) == (200, True)
    for path in (f"amy/balance/{club.number}9", "nobody/balance/" + club.number, f"amy/balance/{buyx.number}?item=77"):
        assert visit(account).get(f"{LIST}/{path}").status == 404


def on_record(account: MadeAccount, **who: Any) -> Customer:
    with unit_of_work(account.id):
        return Customer.objects.get(account_id=account.id, **who)


def test_all_six_types_of_fields_are_written_and_wrong_values_told_at_the_field(visit: Any) -> None:
    account = make_account(currency="USD")
    for number, kind in enumerate(("Text", "Date", "Pick", "List", "Number", "Money"), start=2):
        choices = ("Red", "Blue", "Green") if kind in ("Pick", "List") else ()
        make_field(account, number=number, label=f"My {kind}", type=kind, show=True, choices=choices)
    make_customer(account, code="amy", card_number="7001", first_name="Amy", password="secret_1")
    visitor = visit(account)
    visitor.get(LIST + "/amy/edit")
    good = {
        "last_name": "Acker", "custom_field_2": "words", "custom_field_3": "2026.11.25", "custom_field_4": "Blue",
        "custom_field_5": ["Red", "Green"], "custom_field_6": "1.5", "custom_field_7": "9,95",
    }  # fmt: skip
    page = visitor.submit("edit", **good)
    assert "The customer was saved." in page.text
    amy = on_record(account, code="amy")
    assert amy.fields == {
        "2": "words", "3": "2026-11-25 00:00:00", "4": "Blue", "5": "Red,Green", "6": "1.5", "7": "9.95",
    }  # fmt: skip
    assert (amy.last_name, amy.card_number, bool(amy.password_hash)) == ("Acker", "7001", True)
    visitor.get(LIST + "/amy/edit")
    for name, value in (
        ("email", "nobody"), ("phone", "x"), ("custom_date", "2026-02-30"), ("custom_field_3", "soon"),
        ("custom_field_4", "Pink"), ("custom_field_5", ["Pink"]), ("custom_field_6", "1.2.3"), ("custom_field_7", "1.234,5678"),
        ("pin", "12"), ("password", "x"),
    ):  # fmt: skip
        visitor.get(LIST + "/amy/edit")
        page = visitor.submit("edit", last_name="Changed", **{name: value})
        assert page.status == 400, name
        assert page.xpath(f"//*[@id='id_{name}_error']//*[@role='alert']"), name
        assert page.xpath("//input[@name='last_name']/@value") == ["Changed"]
        assert on_record(account, code="amy").last_name == "Acker"


def test_a_choice_that_is_no_longer_offered_is_not_lost_by_saving(visit: Any) -> None:
    account = make_account()
    make_field(account, number=2, label="Colour", type="Pick", show=True, choices=("Red", "Blue"))
    make_customer(account, code="amy", fields={2: "Red"})
    with unit_of_work(account.id), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_fields SET choices = '{Blue}' WHERE account_id = %s AND number = 2", [account.id])
    visitor = visit(account)
    visitor.get(LIST + "/amy/edit")
    assert "was saved" in visitor.submit("edit", city="Fargo").text
    assert (on_record(account, code="amy").fields, on_record(account, code="amy").city) == ({"2": "Red"}, "Fargo")


def test_a_customer_is_added_with_a_card_and_joins(visit: Any) -> None:
    cast = make_cast()
    visitor = visit(cast.bob)
    visitor.get(LIST + "/add")
    page = visitor.submit("add", first_name="Zoe", email="zoe@example.com")
    assert "The customer was added." in page.text
    zoe = on_record(cast.alice, first_name="Zoe")
    assert len(zoe.card_number) == 16
    assert "Coffee club" in page.text
    visitor.get(LIST + "/add")
    page = visitor.submit("add", first_name="Zoe", card_number=zoe.card_number)
    assert page.status == 400
    assert page.xpath("//*[@id='id_card_number_error']")
    assert page.xpath("//input[@name='first_name']/@value") == ["Zoe"]
    alice = visit(cast.alice)
    alice.get(f"{LIST}/{zoe.code}")
    assert "has joined Gift cards" in alice.submit("join").text
    assert "has left Coffee club" in alice.submit("leave").text
    assert "Coffee club" not in " ".join(alice.page.xpath("//h2/text()"))
    assert "One of the campaigns selected is not valid." in alice.post(
        f"{LIST}/{zoe.code}/join", dict(alice.get(f"{LIST}/{zoe.code}/edit").html.forms[-1].form_values()) | {"campaign": "1"}
    ).text  # fmt: skip


def test_all_that_is_held_is_given_to_him(visit: Any) -> None:
    cast = the_shop()
    answer = visit(cast.alice).http.get(LIST + "/c7001/data.json")
    document = json.loads(answer.content)
    assert document["data"]["email"] == "7001@example.com"
    assert document["is_complete"]
    assert {each["campaign"]: each["balance"] for each in document["campaigns"]} == {
        "Coffee club": "4900",
        "Gift cards": "9.50",
    }
    assert [each["kind"] for each in document["entries"]] == ["activation", "activation", "earn", "earn"]
    assert visit(cast.bob).http.get(LIST + "/c7001/data.json").status_code == 403
    seer = make_user(cast.alice, role="M", campaigns_access="some", allowed_campaign_ids=[cast.club.id])
    part = json.loads(visit(seer).http.get(LIST + "/c7001/data.json").content)
    assert (part["is_complete"], [each["campaign"] for each in part["campaigns"]]) == (False, ["Coffee club"])
