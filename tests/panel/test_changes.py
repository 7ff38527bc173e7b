# SPDX-License-Identifier: Apache-2.0
"""The page of changes: what was done in the panel stands there, with who, before and after."""

from __future__ import annotations

import pytest

from regulars.campaigns.operations import update_campaign
from regulars.changes import queries
from regulars.kit.db import unit_of_work
from tests.factories import NOW, Cast, make_account, make_cast, make_depreciation, make_user

PLACE = "/admin.php/account/changes"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def rows(page) -> list[list[str]]:
    return [
        [" ".join(cell.text_content().split()) for cell in row.xpath("*")][1:]
        for row in page.xpath("//table[contains(@class, 'changes')]/tbody/tr")
    ]


def test_what_somebody_did_in_the_panel_stands_under_his_name(visit, cast):
    manager = make_user(cast.alice, role="M", code="maria_of_alice")
    visitor = visit(manager)
    visitor.get(f"/admin.php/campaigns/{cast.club.number}/settings")
    visitor.submit("settings", name="Tea club", points_ratio="7.5")
    page = visit(cast.alice).get(PLACE)
    assert rows(page)[0] == [
        "maria_of_alice Control Panel",
        "Campaign Tea club changed",
        "Name Coffee club Tea club Points ratio 100 7.5",
    ]
    assert (page.xpath("//del/text()")[0], page.xpath("//ins/text()")[0]) == ("Coffee club", "Tea club")


def test_filters_keep_what_was_typed_and_wrong_ones_say_so(visit, cast):
    make_depreciation(cast.alice, cast.club, percentage_ppm=250_000)
    visitor = visit(cast.alice)
    page = visitor.get(f"{PLACE}?subject=depreciation")
    assert [row[1] for row in rows(page)] == [f"Expiry rule {rows(page)[0][1].split()[2]} added Coffee club"]
    assert "Share 25%" in rows(page)[0][2]
    assert page.xpath("//select[@name='subject']/option[@selected]/@value") == ["depreciation"]
    assert "There are no such changes." in visitor.get(f"{PLACE}?user_code=nobody").text
    page = visitor.get(f"{PLACE}?at_from=yesterday&subject=x")
    assert page.status == 400
    assert len(page.xpath("//*[@role='alert']")) == 2


def test_the_way_to_older_ones_and_back(visit, cast):
    with unit_of_work(cast.alice.id):
        for number in range(60):
            update_campaign(
                account=cast.alice.account, by=cast.alice.owner, at=NOW, campaign_id=cast.club.id, description=f"Text {number}."
            )
    visitor = visit(cast.alice)
    page = visitor.get(f"{PLACE}?subject=campaign")
    assert len(rows(page)) == 50
    assert "Text 59." in rows(page)[0][2]
    (older,) = page.xpath("//a[@rel='next']/@href")
    page = visitor.get(PLACE + older)
    assert "Text 9." in rows(page)[0][2]
    assert page.xpath("//a[@rel='prev']/@href") == ["?subject=campaign"]


def test_another_account_sees_nothing_of_it_and_a_manager_not_the_page(visit, cast):
    assert "Coffee club" not in visit(cast.carol).get(PLACE).text
    assert visit(make_user(cast.alice, role="M")).get(PLACE).status == 403


def test_the_page_looks_through_no_more_than_it_says(visit, cast):
    assert queries.SCANNED_MAX == 20_000
    assert "looked through" not in visit(cast.alice).get(PLACE).text


def test_beside_the_changes_stands_what_happened_to_peoples_access(visit):
    alice = make_account()
    bob = make_user(alice)
    visitor = visit()
    visitor.get("/admin.php/sign-in")
    visitor.submit("sign-in", user_id=bob.code, password="wrong_12")
    visitor.sign_in(bob)
    page = visit(alice).get("/admin.php/account/changes")
    assert "/admin.php/account/changes/access" in page.xpath("//main//a/@href")
    owner = visit(alice)
    page = owner.get("/admin.php/account/changes/access")
    rows = [" ".join(row.text_content().split()) for row in page.xpath("//tbody/tr")]
    assert any(bob.code in row and "Signed in in vain with the password 127.0.0.1" in row for row in rows)
    page = owner.get(f"/admin.php/account/changes/access?user_code={bob.code}&event=signed_in")
    assert len(page.xpath("//tbody/tr")) == 1
    assert owner.get("/admin.php/account/changes/access?at_from=never").status == 400
    assert visit(bob).get("/admin.php/account/changes/access").status == 403
