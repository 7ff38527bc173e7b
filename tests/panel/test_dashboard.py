# SPDX-License-Identifier: Apache-2.0
"""The dashboard: what an owner sees of his business at a glance, for days of his choice, with and without scripts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from regulars.kit.db import unit_of_work
from regulars.transactions.operations import record_activity
from regulars.transactions.terms import Terms
from tests.factories import make_account, make_campaign, make_customer, make_user
from tests.panel.shop import make_shop


def tiles(page) -> dict[str, str]:
    found = {}
    for tile in page.xpath("//dl[@class='tiles']/div"):
        found[tile.xpath("dt")[0].text_content()] = tile.xpath("dd/strong")[0].text_content()
    return found


def test_the_figures_are_those_of_the_days_that_were_chosen(visit):
    alice = make_account(timezone="UTC", at=datetime.now(UTC) - timedelta(days=100), country="US")
    club = make_campaign(alice, name="Club <b>", points_ratio_ppm=1_000_000, at=datetime.now(UTC) - timedelta(days=99))
    person = make_customer(alice, campaigns=(club,), at=datetime.now(UTC) - timedelta(days=98))
    with unit_of_work(alice.id):
        for days, amount_minor in ((1, 10_000), (40, 5_000), (90, 700)):
            at = datetime.now(UTC) - timedelta(days=days)
            terms = Terms(occurred_at=at, recorded_at=at, customer_id=person.id)
            record_activity(account=alice.fresh(), by=alice.owner, campaign=club, terms=terms, amount_minor=amount_minor)
    visitor = visit(alice)
    page = visitor.get("/admin.php")
    assert (tiles(page)["Sales"], tiles(page)["Points issued"]) == ("$100.00", "100")
    assert "+100%" in page.xpath("//dl[@class='tiles']/div[1]/dd")[0].text_content()
    assert "Owed to customers today" not in tiles(page), "no ratio, no cost: it can not be said"
    page = visitor.get("/admin.php?period=90&point_cost=0.01")
    assert (tiles(page)["Sales"], tiles(page)["Owed to customers today"]) == ("$150.00", "$1.57")
    first, last = ((datetime.now(UTC) - timedelta(days=days)).date().isoformat() for days in (91, 89))
    page = visitor.get(f"/admin.php?period=days&first={first}&last={last}&campaign={club.number}")
    assert tiles(page)["Sales"] == "$7.00"
    rows = page.xpath("//table[@id='chart-sales']/tbody/tr")
    assert [row.xpath("td/@data-number")[0] for row in rows] == ["0.0", "7.0", "0.0"]
    assert page.xpath("//th[@data-label='Campaign']")[0].text_content() == "Club <b>"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("period=days&first=2026-02-03", "last"),
        ("period=days&first=2026-02-03&last=2026-02-01", "last"),
        ("period=days&first=x&last=2026-02-01", "first"),
        ("period=days&first=2016-02-03&last=2026-02-01", "last"),
        ("period=ever", "period"),
        ("campaign=1", "campaign"),
        ("point_cost=much", "point_cost"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(visit, query: str, field: str):
    page = visit(make_account()).get(f"/admin.php?{query}")
    (wrong,) = page.xpath("//div[contains(@class,'wrong')]")
    assert (page.status, wrong.xpath(".//*[@name]/@name")) == (400, [field])


def test_an_empty_account_is_told_what_to_do_next(visit):
    page = visit(make_account()).get("/admin.php")
    assert "There are no campaigns here yet." in page.text


def test_a_stranger_sees_none_of_it_and_a_user_of_some_campaigns_no_cohorts(visit):
    alice, charlie = make_shop(), make_account(timezone="UTC")
    make_campaign(charlie, name="Own")
    assert tiles(visit(charlie).get("/admin.php?period=365"))["Transactions"] == "0"
    club = next(iter(alice.fresh().campaigns.values()))
    mary = make_user(alice, role="M", campaigns_access="some", allowed_campaign_ids=[club.id])
    page = visit(mary).get("/admin.php?period=365")
    assert page.xpath("//th[@data-label='Campaign']/text()") == ["Coffee club"]
    assert "Who comes back" not in page.text
    assert "Who comes back" in visit(alice).get("/admin.php").text


def test_clerks_see_the_campaigns_and_no_figures(visit):
    page = visit(make_user(make_shop(), role="K")).page
    assert page.xpath("//th[@data-label='Campaign']/text()") == ["Coffee club", "Gift cards"]
    assert "Sales" not in page.text
