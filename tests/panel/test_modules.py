# SPDX-License-Identifier: Apache-2.0
"""Advanced Account Options: entering a code, previewing and making a switch, the second tier; who may not."""

from __future__ import annotations

from typing import Any

from regulars.accounts.codes import make_code
from tests.factories import NOW, MadeAccount, make_account, make_campaign, make_customer, make_user
from tests.panel.conftest import Page, Visitor

PATH = "/admin.php/account/modules"


def send(visitor: Visitor, wanted: str, preview: bool = False, direction: str = "", **fields: str) -> Page:
    """Send the form of the page that is about this (and for the coalition, goes in this direction)."""
    assert visitor.page is not None
    for form in visitor.page.html.forms:
        content: dict[str, Any] = dict(form.form_values())
        if content.get("about") != wanted or content.get("direction", "") != direction or ("preview" in content) != preview:
            continue
        return visitor.post(PATH, {**content, **fields}, referer=PATH)
    raise AssertionError(f"no form about {wanted} {direction}")


def mall() -> MadeAccount:
    made = make_account()
    north, south = make_campaign(made, name="North & Sons"), make_campaign(made, name="South")
    card = make_campaign(made, kind="giftcard", name="Card")
    make_customer(made, code="c1", campaigns=(north, south, card), openings=(30, 12, 950))
    return made


def test_a_code_is_entered_previewed_switched_and_undone(visit: Any) -> None:
    alice = mall()
    visitor = visit(alice)
    page = visitor.get(PATH)
    assert "Sharing balances between campaigns needs an Activation Code." in page.text
    refused = send(visitor, "code", activation_code="ABCDE")
    assert (refused.status, refused.xpath("//*[@role='alert']")[0].text_content()) == (400, "The Activation Code is not valid.")
    visitor.get(PATH)
    page = send(visitor, "code", activation_code=make_code(module="coalition", at=NOW))
    assert "The Activation Code was accepted." in page.text
    assert alice.fresh().is_coalition
    page = send(visitor, "switch", direction="undo")
    assert "Each campaign has a balance of its own." in page.text
    page = send(visitor, "switch", direction="on", preview=True)
    rows = [[" ".join(cell.text_content().split()) for cell in row.xpath("*")] for row in page.xpath("//tbody/tr")]
    assert rows == [["North & Sons", "1", "30 points", ""], ["South", "1", "12 points", ""], ["Card", "1", "9.50 USD", ""]]
    assert not alice.fresh().is_coalition
    page = send(visitor, "switch", direction="on")
    assert "All campaigns that did not opt out share one balance" in page.text
    assert alice.fresh().is_coalition


def test_what_can_not_be_undone_is_said(visit: Any) -> None:
    alice = mall()
    visitor = visit(alice)
    visitor.get(PATH)
    send(visitor, "code", activation_code=make_code(module="coalition", at=NOW))
    make_customer(alice, campaigns=(alice.fresh().campaigns_by_id[min(alice.fresh().campaigns_by_id)],), openings=(5,))
    page = send(visitor, "switch", direction="undo")
    assert (page.status, page.xpath("//*[@role='alert']")[0].text_content()) == (
        400, "It can not be undone: something was recorded since.",
    )  # fmt: skip
    assert alice.fresh().is_coalition
    assert "Undo the last change" not in visitor.get(PATH).text, "it is not offered any more"


def test_the_second_tier_is_set_and_ended(visit: Any) -> None:
    alice = mall()
    master = next(campaign for campaign in alice.fresh().campaigns.values() if campaign.name == "South")
    visitor = visit(alice)
    visitor.get(PATH)
    send(visitor, "code", activation_code=make_code(module="two_tier", at=NOW))
    wrong = send(visitor, "tier", master_campaign=str(master.id), percentage="ten")
    said = "Write a share such as 50 or 12.5, with at most 4 decimals."
    assert (wrong.status, wrong.xpath("//*[@role='alert']")[0].text_content()) == (400, said)
    assert send(visitor, "tier", master_campaign=str(master.id), percentage="").status == 400
    page = send(visitor, "tier", master_campaign=str(master.id), percentage="2,5", rounding="up")
    assert "The second tier was saved." in page.text
    account = alice.fresh()
    assert (account.master_campaign_id, account.contribution_ppm, account.contribution_rounding) == (master.id, 25_000, "up")
    assert page.xpath("//input[@name='percentage']/@value") == ["2.5"]
    send(visitor, "tier", master_campaign="")
    assert not alice.fresh().is_two_tier


def test_only_who_may_change_the_account_sees_the_page(visit: Any) -> None:
    alice = mall()
    for role in "MLCK":
        visitor = visit(make_user(alice, role=role))
        assert visitor.get(PATH).status == 403
        assert "Options" not in visitor.get("/admin.php").text
    assert "Options" in visit(make_user(alice, role="A")).get("/admin.php").text


def test_a_form_about_nothing_changes_nothing(visit: Any) -> None:
    alice = mall()
    visitor = visit(alice)
    visitor.get(PATH)
    page = send(visitor, "code", about="everything", activation_code="x")
    assert page.status == 400
    assert alice.fresh().modules == set()
