# SPDX-License-Identifier: Apache-2.0
"""Customers in a real browser: list, profile, why, cards, merging, erasing; on a desk and a telephone, by day and by night."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from regulars.kit.db import unit_of_work
from tests.panel.browser import LOOKS, go_to, has_no_sideways_scrolling, in_a_thread, keep, needs_chromium, sign_in

pytestmark = needs_chromium


def make_people() -> Any:
    from regulars.transactions.operations import record_activity, redeem
    from regulars.transactions.redeem import points_spending
    from regulars.transactions.terms import Terms
    from tests.factories import (
        make_account,
        make_campaign,
        make_customer,
        make_depreciation,
        make_field,
        make_promotion,
        make_reward,
    )

    now = datetime.now(UTC)
    alice = make_account(biz_name="Bean & Leaf", contact_first_name="Alice", country="US", at=now - timedelta(days=400))
    club = make_campaign(alice, name="Coffee club", points_ratio_ppm=5_000_000, at=now - timedelta(days=400))
    gift = make_campaign(alice, kind="giftcard", name="Gift cards and vouchers", at=now - timedelta(days=400))
    make_reward(alice, club, level=100, description="A flat white")
    make_promotion(alice, club, description="Double Tuesday")
    make_depreciation(alice, club, interval_count=12, interval_unit="months", at=now - timedelta(days=390))
    make_field(alice, number=2, label="Favourite", type="Pick", show=True, choices=("Espresso", "Flat white"))
    make_field(alice, number=3, label="Milk", type="List", show=True, choices=("Oat", "Soy", "Cow"))
    since = now - timedelta(days=300)
    names = (("Amelia", "Okonkwo-Delacroix"), ("Bo", "Zorn"), ("Zoë", "Łucka"), ("", ""), ("Amelie", "Okonkwo"))
    for number, (first, last) in enumerate(names):
        made = make_customer(
            alice, code=f"c{number}", card_number=f"60352200000000{number}1", first_name=first, last_name=last,
            email=f"{first.lower()}.{number}@example.com" if first else "", phone=f"(503) 555-010{number}" if first else "",
            campaigns=(club, gift), fields={2: "Espresso", 3: "Oat,Soy"} if first else {}, at=since,
        )  # fmt: skip
        for days, amount in ((200, 995), (90, 2_050), (3, 1_275)):
            with unit_of_work(alice.id):
                at = now - timedelta(days=days)
                terms = Terms(occurred_at=at, recorded_at=at, customer_id=made.id)
                config = alice.fresh()
                club = config.campaigns[club.number]
                record_activity(account=config, by=alice.owner, campaign=club, terms=terms, amount_minor=amount + number)
        with unit_of_work(alice.id):
            terms = Terms(occurred_at=now, recorded_at=now, customer_id=made.id)
            redeem(account=alice.fresh(), by=alice.owner, campaign=club, terms=terms, spending=points_spending(60))
            record_activity(account=alice.fresh(), by=alice.owner, campaign=gift, terms=terms, amount_minor=2_500)
    return alice


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_from_the_list_to_why_a_balance_is_what_it_is(open_page: Any, size: str, scheme: str) -> None:
    alice = in_a_thread(make_people)
    page, mark = open_page(size, scheme), f"{size}-{scheme}"
    sign_in(page, alice)
    go_to(page, "Customers")
    page.get_by_role("link", name="Amelia Okonkwo-Delacroix").wait_for()
    keep(page, f"customers-1-list-{mark}")
    assert has_no_sideways_scrolling(page)
    page.get_by_text("More filters").click()
    page.get_by_label("Campaign", exact=True).select_option(label="Coffee club")
    page.get_by_label("Balance from").fill("100")
    page.get_by_label("Last name").fill("okonkwo")
    page.get_by_role("button", name="Show").last.click()
    assert page.locator("tbody tr").count() == 2
    keep(page, f"customers-2-filtered-{mark}")
    assert has_no_sideways_scrolling(page)
    page.get_by_label("Save these filters as").fill("The Okonkwos")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("navigation", name="Segments").get_by_role("link", name="The Okonkwos").wait_for()
    page.get_by_role("link", name="Amelia Okonkwo-Delacroix").click()
    page.get_by_role("heading", name="History").wait_for()
    keep(page, f"customers-3-profile-{mark}")
    assert has_no_sideways_scrolling(page)
    page.get_by_role("link", name="Why is it so? Coffee club").click()
    page.get_by_role("heading", name="Line by line").wait_for()
    keep(page, f"customers-4-why-{mark}")
    assert has_no_sideways_scrolling(page)
    page.get_by_role("link", name="Amelia Okonkwo-Delacroix").click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Email").fill("nobody")
    page.get_by_label("Cow").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("This email address is not valid.").wait_for()
    assert page.get_by_label("Cow").is_checked()
    keep(page, f"customers-5-wrong-{mark}")
    assert has_no_sideways_scrolling(page)
    page.get_by_label("Email").fill("amelia@example.com")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("status").wait_for()


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_cards_merging_and_erasing(open_page: Any, size: str, scheme: str) -> None:
    alice = in_a_thread(make_people)
    page, mark = open_page(size, scheme), f"{size}-{scheme}"
    sign_in(page, alice)
    page.goto("/admin.php/customers/c0")
    page.get_by_role("link", name="Cards", exact=True).click()
    page.get_by_label("New card number").fill("7009")
    page.get_by_role("button", name="Replace").click()
    page.get_by_role("status").wait_for()
    keep(page, f"customers-6-cards-{mark}")
    assert has_no_sideways_scrolling(page)
    page.goto("/admin.php/customers")
    for box in page.get_by_role("checkbox").all()[:3]:
        box.check()
    page.get_by_role("button", name="Print cards of those chosen").click()
    page.get_by_role("heading", name="Cards of customers").wait_for()
    keep(page, f"customers-7-sheet-{mark}")
    assert has_no_sideways_scrolling(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Make the PDF").first.click()
    assert download.value.suggested_filename == "cards.pdf"
    page.goto("/admin.php/customers/c0")
    page.get_by_role("link", name="Merge", exact=True).click()
    page.get_by_label("Code, card or phone of the duplicate").fill("(503) 555-0104")
    page.get_by_role("button", name="Show what will be").click()
    page.get_by_role("heading", name="Balances afterwards").wait_for()
    keep(page, f"customers-8-merge-{mark}")
    assert has_no_sideways_scrolling(page)
    page.get_by_label("Type the code to confirm").fill("c4")
    page.get_by_role("button", name="Merge", exact=True).click()
    page.get_by_text("The two records are one now.").wait_for()
    page.get_by_role("link", name="Erase data").click()
    page.get_by_label("Type the code to confirm").fill("c1")
    page.get_by_role("button", name="Erase", exact=True).click()
    page.get_by_text("This is not the code. Nothing was changed.").wait_for()
    keep(page, f"customers-9-erase-{mark}")
    assert has_no_sideways_scrolling(page)
    page.get_by_label("Type the code to confirm").fill("c0")
    page.get_by_role("button", name="Erase", exact=True).click()
    page.get_by_text("The personal data were erased.").wait_for()
    keep(page, f"customers-9-erased-{mark}")
    assert has_no_sideways_scrolling(page)
