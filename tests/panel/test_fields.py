# SPDX-License-Identifier: Apache-2.0
"""The data fields: all six types, and what a change means for what was recorded is said before it is made."""

from __future__ import annotations

from typing import Any

import pytest

from regulars.accounts.fields import list_fields
from regulars.kit.db import unit_of_work
from tests.factories import make_account, make_customer, make_field, make_user

PAGE = "/admin.php/account/fields"


def rows(account: Any, owner: str = "customer") -> dict[str, Any]:
    with unit_of_work(account.id):
        return {row.name: row for row in list_fields(account=account.fresh(), owner=owner)}


def wrong(page: Any) -> dict[str, str]:
    return {
        field.xpath(".//@name")[0]: " ".join(field.xpath(".//p[@class='error']/text()"))
        for field in page.xpath("//div[contains(@class,'wrong')]")
    }


@pytest.mark.parametrize("of", ["customers", "transactions", "rewards"])
@pytest.mark.parametrize("kind", ["Text", "Date", "Pick", "List", "Number", "Money"])
def test_a_field_of_every_type_is_added(visit, of: str, kind: str):
    alice = make_account()
    visitor = visit(alice)
    visitor.get(f"{PAGE}/{of}/add")
    choices = "Large\nSmall" if kind in ("Pick", "List") else ""
    page = visitor.submit("add", label="Size", type=kind, choices=choices)
    assert "The field was added" in page.text
    added = [row for row in rows(alice, of.removesuffix("s")).values() if row.label == "Size"]
    assert [(row.type, row.choices, row.show) for row in added] == [(kind, tuple(choices.split()), True)]
    assert "Size" in visitor.get(f"{PAGE}/{of}").text


@pytest.mark.parametrize(
    ("fields", "at", "sentence"),
    [
        ({"label": ""}, "label", "This field is required."),
        ({"label": "Size", "type": "Pick", "choices": ""}, "choices", "Fill this in."),
        ({"label": "Size", "type": "Pick", "choices": "a,b"}, "choices", "without commas"),
        ({"label": "Size", "type": "Pick", "choices": "a\na"}, "choices", "twice"),
        ({"label": "Size", "type": "Number", "unique": "on"}, "unique", "Only a Text field can be unique."),
        ({"label": "Size", "type": "Shoe"}, "type", "Select a valid choice"),
    ],
)
def test_a_field_that_can_not_be_is_told_at_its_part(visit, fields: dict[str, str], at: str, sentence: str):
    alice = make_account()
    before = rows(alice)
    visitor = visit(alice)
    visitor.get(f"{PAGE}/customers/add")
    page = visitor.submit("add", **fields)
    assert page.status == 400
    assert sentence in wrong(page)[at]
    assert rows(alice) == before


def test_what_a_change_means_is_said_before_it_is_saved(visit):
    alice = make_account()
    make_field(alice, number=2, label="Size", type="Pick", choices=("Large", "Small"))
    for code, size in (("1", "Large"), ("2", "Small"), ("3", "")):
        make_customer(alice, code=code, fields={2: size} if size else {})
    visitor = visit(alice)
    visitor.get(f"{PAGE}/customers/custom_field_2")
    page = visitor.submit("custom_field_2", required="on", choices="Small\nHuge", label="Dress size")
    assert "Nothing was saved yet" in page.text
    assert "1 record has no value." in page.text
    assert "1 record has a choice that is taken away (Large)." in page.text
    assert rows(alice)["custom_field_2"].label == "Size"
    assert page.xpath("//input[@name='label']/@value") == ["Dress size"], "what was typed stays"
    page = visitor.submit("custom_field_2")
    assert "The field was saved." in page.text
    now = rows(alice)["custom_field_2"]
    assert (now.label, now.required, now.choices) == ("Dress size", True, ("Small", "Huge"))


def test_a_change_that_means_nothing_is_saved_at_once(visit):
    alice = make_account()
    make_field(alice, number=2, label="Size")
    visitor = visit(alice)
    visitor.get(f"{PAGE}/customers/custom_field_2")
    assert "The field was saved." in visitor.submit("custom_field_2", label="Dress size", searchable="on").text
    assert rows(alice)["custom_field_2"].searchable


def test_a_field_does_not_become_unique_where_two_have_the_same(visit):
    alice = make_account()
    make_field(alice, number=2, label="Member")
    for code in ("1", "2"):
        make_customer(alice, code=code, fields={2: "X"})
    visitor = visit(alice)
    visitor.get(f"{PAGE}/customers/custom_field_2")
    assert "this is refused" in visitor.submit("custom_field_2", unique="on").text
    page = visitor.submit("custom_field_2")
    assert page.status == 400
    assert "Another customer has the same" in wrong(page)["unique"]
    assert not rows(alice)["custom_field_2"].unique


def test_a_predefined_field_is_called_otherwise_hidden_and_required(visit):
    alice = make_account()
    visitor = visit(alice)
    visitor.get(f"{PAGE}/customers/first_name")
    assert not visitor.page.xpath("//*[@name='type' or @name='unique' or @name='choices']")
    visitor.submit("first_name", label="Given name", required="on")
    visitor.submit("first_name")
    now = rows(alice)["first_name"]
    assert (now.label, now.required) == ("Given name", True)


def test_deleting_a_field_says_what_is_lost(visit):
    alice = make_account()
    make_field(alice, number=2, label="Size")
    make_customer(alice, code="1", fields={2: "L"})
    visitor = visit(alice)
    page = visitor.get(f"{PAGE}/customers/custom_field_2/delete")
    assert "1 record has a value in it." in page.text
    assert "custom_field_2" in rows(alice)
    visitor.submit("delete")
    assert "custom_field_2" not in rows(alice)
    assert visitor.get(f"{PAGE}/customers/first_name/delete").status == 404


def test_a_clerk_sees_the_fields_and_changes_none(visit):
    alice = make_account()
    visitor = visit(make_user(alice, role="K"))
    assert not visitor.get(PAGE).xpath("//a[contains(@href, '/add')]")
    assert visitor.get(f"{PAGE}/customers/first_name").status == 403
    assert visit(alice).get(f"{PAGE}/dogs").status == 404
