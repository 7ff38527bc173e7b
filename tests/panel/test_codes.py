# SPDX-License-Identifier: Apache-2.0
"""The platform owner's Activation Codes: made, listed, revoked; and used by the account they were made for."""

from __future__ import annotations

from typing import Any

from regulars.accounts.codes import issue_code
from tests.factories import NOW, make_account
from tests.panel.conftest import Page


def said(page: Page) -> str:
    """Return the code that the page says it made."""
    return page.text.partition("The Activation Code is ")[2].partition(".")[0]


def row_of(page: Page, shown: str) -> Any:
    """Return the line of a code, or of its number."""
    return next(row for row in page.xpath("//tbody/tr") if row.xpath("./th")[0].text_content().strip() == shown)


def test_a_code_is_made_for_an_account_and_used_there(visit):
    alice, platform = make_account(), make_account(kind="platform")
    owner = visit(platform)
    owner.get("/admin.php/platform/codes")
    page = owner.submit_with("module", module="two_tier", account_code=alice.code.upper(), days="30")
    assert (page.status, page.path) == (200, "/admin.php/platform/codes")
    code = said(page)
    row = row_of(page, code)
    assert row.xpath("./td[2]/a/@href") == [f"/admin.php/platform/accounts/{alice.code}"]
    number = row.xpath(".//form/@action")[0].split("/")[-2]
    visitor = visit(alice)
    visitor.get("/admin.php/account/modules")
    assert "The Activation Code was accepted." in visitor.submit_with("activation_code", activation_code=code).text
    assert alice.fresh().modules == {"two_tier"}
    page = owner.get("/admin.php/platform/codes")
    row = row_of(page, number)
    assert (row.xpath(".//span[contains(@class, 'badge')]")[0].text, row.xpath(".//button")) == ("Used", [])
    assert code not in page.text, "it is worth nothing any more"


def test_a_revoked_code_opens_nothing(visit):
    alice, owner = make_account(), visit(make_account(kind="platform"))
    owner.get("/admin.php/platform/codes")
    page = owner.submit_with("module", module="coalition")
    code = said(page)
    place = row_of(page, code).xpath(".//form/@action")[0]
    page = owner.submit(place)
    assert "The Activation Code was revoked." in page.text
    assert row_of(page, place.split("/")[-2]).xpath(".//span[contains(@class, 'badge')]")[0].text == "Revoked"
    visitor = visit(alice)
    visitor.get("/admin.php/account/modules")
    page = visitor.submit_with("activation_code", activation_code=code)
    assert (page.status, "The Activation Code is not valid" in page.text) == (400, True)
    assert alice.fresh().modules == set()


def test_bad_input_stands_at_its_field_and_makes_nothing(visit):
    owner = visit(make_account(kind="platform"))
    before = owner.get("/admin.php/platform/codes").xpath("//tbody/tr/th")
    page = owner.submit_with("module", account_code="nobody_here", days="30")
    assert page.status == 400
    assert page.html.get_element_by_id("id_account_code_error").text_content().strip()
    assert page.xpath("//input[@name='account_code']/@value") == ["nobody_here"]
    page = owner.submit_with("module", account_code="", days="99999")
    assert "from 1 to 3650" in page.html.get_element_by_id("id_days_error").text_content()
    after = owner.get("/admin.php/platform/codes").xpath("//tbody/tr/th")
    assert [each.text_content() for each in after] == [each.text_content() for each in before]


def test_the_list_has_pages(visit):

    for _ in range(26):
        issue_code(module="coalition", at=NOW)
    visitor = visit(make_account(kind="platform"))
    page = visitor.get("/admin.php/platform/codes")
    assert len(page.xpath("//tbody/tr")) == 25
    page = visitor.get("/admin.php/platform/codes" + page.xpath("//a[@rel='next']/@href")[0])
    assert page.xpath("//tbody/tr")
    assert page.xpath("//a[@rel='prev']/@href") == ["?"]
