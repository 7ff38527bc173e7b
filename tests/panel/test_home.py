# SPDX-License-Identifier: Apache-2.0
"""The first page: campaigns and how many customers are in each."""

from __future__ import annotations

from tests.factories import make_account, make_campaign, make_customer, make_user


def rows(page) -> list[list[str]]:
    return [[" ".join(cell.text_content().split()) for cell in row.xpath("*")] for row in page.xpath("//tbody/tr")]


def test_campaigns_are_listed_with_kind_state_and_customers(visit):
    alice = make_account(biz_name="Bean <&> Leaf")
    club, gift = make_campaign(alice, name="Coffee club"), make_campaign(alice, kind="giftcard", name="Gift cards")
    for number in range(3):
        make_customer(alice, campaigns=(club,) if number else (club, gift))
    page = visit(make_user(alice, role="K")).page
    assert "Bean <&> Leaf" in page.text
    assert "3 customers" in page.text
    assert [row[:5] for row in rows(page)] == [
        ["Coffee club", "Points Program", club.number, "Active", "3"],
        ["Gift cards", "Gift Card Program", gift.number, "Active", "1"],
    ]


def test_user_sees_only_his_campaigns(visit):
    alice = make_account()
    club, _ = make_campaign(alice, name="Coffee club"), make_campaign(alice, name="Other")
    bob = make_user(alice, role="K", campaigns_access="some", allowed_campaign_ids=[club.id])
    assert [row[0] for row in rows(visit(bob).page)] == ["Coffee club"]
    assert len(rows(visit(make_user(alice, role="F")).page)) == 2


def test_other_accounts_campaigns_and_customers_are_not_counted(visit):
    alice, carol = make_account(), make_account()
    make_customer(alice, campaigns=(make_campaign(alice),))
    page = visit(make_user(carol, role="K")).page
    assert rows(page) == []
    assert "0 customers" in page.text
    assert "There are no campaigns here yet." in page.text
