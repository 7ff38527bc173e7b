# SPDX-License-Identifier: Apache-2.0
"""Campaigns in a real browser, on a desk and on a telephone, by day and by night: what moves while one types, and its looks."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from regulars.campaigns.operations import update_campaign
from regulars.kit.db import unit_of_work
from tests.factories import (
    NOW,
    Cast,
    MadeAccount,
    make_account,
    make_campaign,
    make_cast,
    make_depreciation,
    make_fee,
    make_field,
    make_item,
    make_promotion,
    make_reward,
    make_user,
)
from tests.panel.browser import LOOKS, go_to, has_no_sideways_scrolling, in_a_thread, keep, needs_chromium, sign_in
from tests.panel.test_campaigns import TOP, sell

pytestmark = needs_chromium
AXE = Path(__file__).with_name("vendor") / "axe.min.js"
LOOKED = pytest.mark.parametrize(("size", "scheme"), LOOKS)


def open_business() -> MadeAccount:
    """Alice's business in its second year: a club with everything, gift cards, coffees to collect."""
    from regulars.panel.viewer import clock

    alice = make_account(biz_name="Bean & Leaf", contact_first_name="Alice", contact_last_name="Moreau")
    club = make_campaign(
        alice, name="Coffee club", description="For everybody who comes back.", points_ratio_ppm=5_000_000,
        reward_ratio_ppm=20_000_000,
    )  # fmt: skip
    make_field(alice, owner="reward", number=1, label="Colour")
    make_reward(alice, club, level=100, description="Free coffee", identifier="C-1", fields={1: "blue"})
    make_reward(alice, club, level=1_200, description="A lunch for two, with a glass of wine and a dessert")
    make_promotion(alice, club, operation="x", multiplier_ppm=2_000_000, description="Double Tuesday")
    make_promotion(alice, club, description="Bring a friend", ends_at=clock() - timedelta(days=3))
    make_promotion(alice, club, points=-50, description="Lost card", starts_at=clock() + timedelta(days=30))
    make_depreciation(alice, club, interval_count=12, interval_unit="months", percentage_ppm=500_000)
    make_depreciation(alice, club, interval_count=18, interval_unit="months")
    make_fee(alice, club, interval_count=3, interval_unit="months", amount=25, description="Card upkeep")
    make_campaign(alice, kind="giftcard", name="Gift cards and vouchers 2026")
    buyx = make_campaign(alice, kind="buyx", name="Buy 9 get 1", default_item_level=9)
    make_item(alice, buyx, description="Flat white")
    for amounts in ((995, 2_000, 450), (12_000,), (780, 1_250)):
        sell(alice, club.number, *amounts)
    return alice


def open_campaign(page: Any, name: str) -> None:
    go_to(page, "Campaigns")
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_role("heading", name=name).wait_for(state="visible")


def look(page: Any, name: str) -> None:
    """Keep a picture; nothing sticks out to the side. What test_pages.py does not see in this state, axe looks at here."""
    assert has_no_sideways_scrolling(page)
    keep(page, name)
    if not name.startswith(("c6", "c9")):
        return
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert not [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]


@LOOKED
def test_every_screen_about_campaigns(open_page, size: str, scheme: str):
    alice = in_a_thread(open_business)
    page, mark = open_page(size, scheme), f"{size}-{scheme}"
    sign_in(page, alice)
    go_to(page, "Campaigns")
    page.get_by_role("heading", name="Campaigns").wait_for(state="visible")
    look(page, f"c1-list-{mark}")
    page.get_by_role("link", name="New campaign").click()
    look(page, f"c2-kinds-{mark}")
    page.get_by_role("link", name="Points Program").click()
    page.get_by_role("heading", name="Points Program").wait_for(state="visible")
    look(page, f"c3-new-{mark}")
    open_campaign(page, "Coffee club")
    look(page, f"c4-campaign-{mark}")
    base = page.url
    for number, below in enumerate(("rewards/add", "promotions/add", "expiry/add", "fees/add", "delete", "settings")):
        page.goto(f"{base}/{below}")
        look(page, f"c5-{number}-{below.replace('/', '-')}-{mark}")
    page.get_by_label("Points for each $1.00 spent").fill("7.5")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Nothing is saved yet.").wait_for(state="visible")
    look(page, f"c6-effect-{mark}")
    page.goto(f"{base}/calculator?amount=9.95")
    look(page, f"c7-calculator-{mark}")
    open_campaign(page, "Buy 9 get 1")
    look(page, f"c8-buyx-{mark}")
    page.get_by_role("button", name="Put on hold").click()
    page.get_by_role("button", name="Reactivate it").wait_for(state="visible")
    look(page, f"c9-on-hold-{mark}")


def test_the_example_changes_as_one_types(open_page):
    alice = in_a_thread(make_account)
    page = open_page()
    sign_in(page, alice)
    page.goto(f"{TOP}/new/points")
    page.get_by_label("Name").fill("Club")
    page.get_by_label("Points for each $1.00 spent").fill("5")
    page.get_by_text("A sale of $9.95 gives 49 points.").wait_for(state="visible")
    page.get_by_text("More settings").click()
    page.get_by_label("Parts of a point are rounded").select_option("nearest")
    page.get_by_text("A sale of $9.95 gives 50 points.").wait_for(state="visible")
    page.get_by_label("Points for each $1.00 spent").fill("five")
    page.get_by_text("The example appears as soon as the numbers can be read.").wait_for(state="visible")
    assert page.get_by_role("button", name="Work it out").count() == 0, "only without scripts"


def test_promotion_timeline_and_calculator_change_as_one_types(open_page):
    alice = in_a_thread(open_business)
    page = open_page()
    sign_in(page, alice)
    open_campaign(page, "Coffee club")
    base = page.url
    page.goto(f"{base}/promotions/add")
    page.get_by_label("How much").fill("1.5")
    page.get_by_text("A sale of $9.95 gives 74 points.").wait_for(state="visible")
    page.goto(f"{base}/expiry/add")
    page.get_by_label("After how many").fill("2")
    page.get_by_label("How much goes, in percent").fill("90")
    page.get_by_text("The first loss is 900 points").wait_for(state="visible")
    page.goto(f"{base}/calculator")
    page.get_by_label("The customer spends").fill("20")
    page.get_by_text("The sale gives 100 points.").wait_for(state="visible")
    page.get_by_label("With the promotion").select_option(label="Double Tuesday (Points of the sale x 2)")
    page.get_by_text("The sale gives 200 points.").wait_for(state="visible")


def test_an_owner_makes_a_campaign_by_keyboard_alone(open_page):
    alice = in_a_thread(make_account)
    page = open_page()
    sign_in(page, alice)
    page.goto(f"{TOP}/new/earned")
    page.get_by_label("Name").focus()
    page.keyboard.type("Bring a friend")
    page.keyboard.press("Tab")
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    page.get_by_text("The campaign Bring a friend was created.").wait_for(state="visible")
    page.get_by_text("$5.00").wait_for(state="visible")


def test_a_clerk_sees_how_his_campaign_works(open_page):
    def make() -> Any:
        alice = open_business()
        club = next(each for each in alice.fresh().campaigns.values() if each.name == "Coffee club")
        return make_user(alice, role="K", first_name="Bob", campaigns_access="some", allowed_campaign_ids=[club.id])

    bob = in_a_thread(make)
    page = open_page("telephone", "dark")
    sign_in(page, bob)
    open_campaign(page, "Coffee club")
    look(page, "c10-clerk-telephone-dark")
    assert page.get_by_role("button", name="Put on hold").count() == 0


@pytest.mark.parametrize(("size", "scheme"), [("desk", "light"), ("telephone", "dark")])
def test_the_list_of_changes(open_page, size: str, scheme: str):
    def make() -> Cast:
        cast = make_cast()
        make_depreciation(cast.alice, cast.club)
        with unit_of_work(cast.alice.id):
            update_campaign(
                account=cast.alice.account, by=cast.alice.owner, at=NOW, campaign_id=cast.club.id, name="Tea club",
                points_ratio_ppm=5_000_000, description="For everybody who comes back, and for those who bring a friend.",
            )  # fmt: skip
        return cast

    cast = in_a_thread(make)
    page = open_page(size, scheme)
    sign_in(page, cast.alice)
    page.goto("/admin.php/account/changes")
    page.get_by_text("Tea club").first.wait_for(state="visible")
    look(page, f"changes-{size}-{scheme}")
