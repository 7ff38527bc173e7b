# SPDX-License-Identifier: Apache-2.0
"""The counter in a real browser: by keyboard and scanner alone, with previews while one types, on a desk and on a telephone."""

from __future__ import annotations

import time
from typing import Any

import pytest

from regulars.kit.db import unit_of_work
from regulars.ledger.models import Entry
from tests.factories import (
    MadeAccount,
    make_account,
    make_campaign,
    make_customer,
    make_depreciation,
    make_item,
    make_promotion,
    make_reward,
    make_user,
)
from tests.panel.browser import LOOKS, has_no_sideways_scrolling, in_a_thread, keep, needs_chromium, sign_in

pytestmark = needs_chromium


class Shop:
    """Alice's shop with every kind of campaign, Ann with a card, and Bob who records and redeems."""

    def __init__(self) -> None:
        alice: MadeAccount = make_account(biz_name="Bean & Leaf", contact_first_name="Alice")
        self.alice = alice
        club = make_campaign(alice, name="Coffee club", points_ratio_ppm=5_000_000, reward_ratio_ppm=20_000_000)
        make_depreciation(alice, club, interval_count=30)
        make_promotion(alice, club, description="Bring a friend")
        make_reward(alice, club, level=100, description="Free coffee")
        make_reward(alice, club, level=600, description="Breakfast for two")
        cards = make_campaign(alice, kind="giftcard", name="Gift cards")
        stamps = make_campaign(alice, kind="buyx", name="Stamps")
        make_item(alice, stamps, level=10)
        visits = make_campaign(alice, kind="events", name="Visits")
        self.club, self.cards, self.stamps, self.visits = club, cards, stamps, visits
        self.ann = make_customer(
            alice, campaigns=(club, cards, stamps, visits), openings=(240, 2_500, 0, 3), first_name="Ann", last_name="Lee",
            card_number="40063813339", email="ann@example.org", phone="(503) 555-0100",
        )  # fmt: skip
        make_customer(alice, campaigns=(club,), first_name="Amy", last_name="Lee", card_number="40063813340")
        self.bob = make_user(alice, role="S", first_name="Bob", last_name="Ross")

    def earned(self) -> list[tuple[int, int | None]]:
        def read() -> list[tuple[int, int | None]]:
            with unit_of_work(self.alice.id):
                rows = Entry.objects.filter(account_id=self.alice.id, kind="earn", purchase_minor__isnull=False)
                return list(rows.order_by("id").values_list("amount", "purchase_minor"))

        return in_a_thread(read)


def at_counter(page: Any, user: Any) -> None:
    sign_in(page, user)
    page.get_by_role("heading", name="Bean & Leaf").wait_for(state="visible")
    page.goto("/admin.php/counter")


def scan(page: Any, text: str) -> None:
    """What a scanner does: five milliseconds a letter, and Enter. The times are told, so that no busy machine adds to them."""
    session = page.context.new_cdp_session(page)
    at = time.time()
    for number, letter in enumerate(text):
        key = {"key": letter, "text": letter, "timestamp": at + number * 0.005}
        session.send("Input.dispatchKeyEvent", {"type": "keyDown", **key})
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r", "timestamp": at + len(text) * 0.005}
    session.send("Input.dispatchKeyEvent", {"type": "keyDown", **enter})
    session.detach()


def typed(page: Any, text: str) -> None:
    """What a person does."""
    page.keyboard.type(text, delay=60)


def test_by_keyboard_alone_a_sale_is_one_key_after_its_amount_and_the_next_card_can_be_scanned(open_page: Any) -> None:
    shop = in_a_thread(Shop)
    page = open_page()
    at_counter(page, shop.bob)
    scan(page, shop.ann.card_number)
    page.get_by_role("heading", name="Ann Lee").wait_for()
    typed(page, "9.95")
    page.get_by_text("$9.95 × 5 = 49 points").wait_for()
    page.get_by_text("Balance then: 289 points").wait_for()
    page.keyboard.press("Enter")
    page.locator(".receipt-change", has_text="+49 points").wait_for()
    scan(page, "40063813340")
    page.get_by_role("heading", name="Amy Lee").wait_for()
    typed(page, "20")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.get_by_text("Promotion: +100 points").wait_for()
    page.keyboard.press("Enter")
    page.locator(".receipt-change", has_text="+200 points").wait_for()
    assert shop.earned() == [(49, 995), (200, 2000)]


def test_a_card_scanned_into_the_amount_is_looked_for_and_not_sold(open_page: Any) -> None:
    shop = in_a_thread(Shop)
    page = open_page()
    at_counter(page, shop.bob)
    scan(page, "40063813340")
    page.get_by_role("heading", name="Amy Lee").wait_for()
    scan(page, shop.ann.card_number)
    page.get_by_role("heading", name="Ann Lee").wait_for()
    page.goto(f"/admin.php/counter/{shop.ann.id}?campaign={shop.visits.number}")
    page.get_by_text("+1 event", exact=True).wait_for()
    scan(page, "40063813340")
    page.get_by_role("heading", name="Amy Lee").wait_for()
    assert shop.earned() == []


def test_a_double_click_is_one_sale(open_page: Any) -> None:
    shop = in_a_thread(Shop)
    page = open_page()
    at_counter(page, shop.bob)
    scan(page, shop.ann.card_number)
    page.get_by_label("Purchase (USD)").fill("9.95")
    page.get_by_role("button", name="Record", exact=True).dblclick()
    page.locator(".receipt-change", has_text="+49 points").wait_for()
    assert shop.earned() == [(49, 995)]


def test_typing_points_chooses_them_and_says_what_is_wrong_before_it_is_sent(open_page: Any) -> None:
    shop = in_a_thread(Shop)
    page = open_page()
    at_counter(page, shop.bob)
    scan(page, shop.ann.card_number)
    redeem = page.locator("form[action$='/redeem']")
    redeem.get_by_label("Points", exact=True).press_sequentially("30", delay=60)
    assert redeem.get_by_label("So many points").is_checked()
    redeem.get_by_text("Balance then: 210 points").wait_for()
    redeem.get_by_label("Points", exact=True).press_sequentially("00", delay=60)
    redeem.get_by_text("The customer does not have that much.").wait_for()
    redeem.get_by_label("Free coffee").check()
    redeem.get_by_text("Balance then: 140 points").wait_for()


def test_a_receipt_prints_by_itself(open_page: Any) -> None:
    shop = in_a_thread(Shop)
    page = open_page()
    at_counter(page, shop.bob)
    scan(page, shop.ann.card_number)
    page.get_by_role("heading", name="Ann Lee").wait_for()
    typed(page, "9.95")
    page.keyboard.press("Enter")
    page.locator(".receipt-change").wait_for()
    page.evaluate("window.print = () => { window.printed = true; }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed")
    page.emulate_media(media="print")
    assert page.locator(".receipt").is_visible()
    for hidden in (".navbar", ".counter-search", ".after-ways", ".footer"):
        assert not page.locator(hidden).is_visible(), hidden
    keep(page, "counter-print")


CAMERA = """
class BarcodeDetector { async detect() { return [{ rawValue: "40063813339" }]; } }
window.BarcodeDetector = BarcodeDetector;
navigator.mediaDevices.getUserMedia = async () => document.createElement("canvas").captureStream();
HTMLMediaElement.prototype.play = async () => {};
"""


def test_a_code_before_the_camera_leads_to_its_customer(open_page: Any) -> None:
    shop = in_a_thread(Shop)
    page = open_page("telephone")
    at_counter(page, shop.bob)
    page.add_init_script(CAMERA)
    page.reload()
    page.get_by_role("button", name="Read a code with the camera").click()
    page.get_by_role("heading", name="Ann Lee").wait_for()


def test_where_the_camera_is_denied_it_is_said(open_page: Any) -> None:
    shop = in_a_thread(Shop)
    page = open_page("telephone")
    at_counter(page, shop.bob)
    page.add_init_script("window.BarcodeDetector = class {};")
    page.reload()
    page.get_by_role("button", name="Read a code with the camera").click()
    page.get_by_text("The camera may not be used.").wait_for()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert page.locator("#counter-q").evaluate("each => each === document.activeElement")


def test_a_new_customers_card_is_scanned_and_then_the_name_is_typed(open_page: Any) -> None:
    shop = in_a_thread(Shop)
    page = open_page()
    at_counter(page, shop.bob)
    page.get_by_role("link", name="Add a customer").click()
    page.get_by_label("Card number", exact=True).wait_for()
    scan(page, "4006381334100")
    page.get_by_label("First name").wait_for()
    typed(page, "Zoe")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Zoe").wait_for()


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_every_screen_of_the_counter_fits(open_page: Any, size: str, scheme: str) -> None:
    shop = in_a_thread(Shop)
    page, mark = open_page(size, scheme), f"{size}-{scheme}"
    at_counter(page, shop.bob)

    def looked_at(name: str) -> None:
        assert has_no_sideways_scrolling(page), name
        keep(page, f"counter-{name}-{mark}")

    looked_at("1-start")
    page.goto("/admin.php/counter?q=lee")
    looked_at("2-found")
    page.goto("/admin.php/counter?q=Zoe+Fox")
    looked_at("3-nobody")
    page.get_by_role("link", name="Add a customer").last.click()
    page.get_by_label("First name").wait_for()
    looked_at("4-new")
    page.get_by_label("E-mail", exact=True).fill("no address")
    page.get_by_role("button", name="Add the customer").click()
    page.get_by_text("This email address is not valid.").wait_for()
    looked_at("5-new-wrong")
    page.goto(f"/admin.php/counter/{shop.ann.id}")
    page.get_by_label("Purchase (USD)").press_sequentially("9.95", delay=20)
    page.get_by_label("Bring a friend").check()
    page.get_by_text("Balance then: 389 points").wait_for()
    looked_at("6-customer")
    page.get_by_role("button", name="Record", exact=True).click()
    page.locator(".receipt-change").wait_for()
    looked_at("7-receipt")
    page.goto(f"/admin.php/counter/{shop.ann.id}?campaign={shop.stamps.number}")
    looked_at("8-stamps")
    page.goto(f"/admin.php/counter/{shop.ann.id}?campaign={shop.cards.number}")
    page.locator("form[action$='/redeem']").get_by_label("Amount (USD)").fill("99")
    page.get_by_role("button", name="Redeem", exact=True).click()
    page.get_by_text("The customer does not have that much.").first.wait_for()
    looked_at("9-wrong")
    page.get_by_role("link", name="Take back").first.click()
    page.get_by_label("Reason").wait_for()
    looked_at("10-take-back")
