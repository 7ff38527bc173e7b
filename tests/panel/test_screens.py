# SPDX-License-Identifier: Apache-2.0
"""
The panel in a real browser: the way the documentation describes, on a desk and on a telephone, by day and by night.

With REGULARS_SCREENSHOTS=DIR each screen is kept there as a picture.
"""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image, ImageDraw

from tests.factories import (
    MadeAccount,
    MadeUser,
    make_account,
    make_agency,
    make_brand,
    make_campaign,
    make_customer,
    make_host,
    make_user,
)
from tests.panel.browser import (
    LOOKS,
    go_to,
    has_no_sideways_scrolling,
    in_a_thread,
    keep,
    needs_chromium,
    sign_in,
    sign_out,
)

pytestmark = needs_chromium

LOOKED = pytest.mark.parametrize(("size", "scheme"), LOOKS)


def make_cast() -> tuple[MadeAccount, MadeUser]:
    """Alice with three campaigns and two customers; Bob, her cashier with one campaign."""
    alice = make_account(biz_name="Bean & Leaf", contact_first_name="Alice", contact_last_name="Moreau")
    club = make_campaign(alice, name="Coffee club")
    make_campaign(alice, kind="giftcard", name="Gift cards and vouchers 2026")
    make_campaign(alice, kind="buyx", name="Buy 9 get 1")
    for _ in range(2):
        make_customer(alice, campaigns=(club,))
    bob = make_user(
        alice, role="K", first_name="Bob", last_name="Ross", custom1="Downtown, 2nd floor",
        campaigns_access="some", allowed_campaign_ids=[club.id],
    )  # fmt: skip
    make_user(alice, role="O", first_name="Olga")
    return alice, bob


@LOOKED
def test_from_the_control_panel_to_the_security_token(open_page, size: str, scheme: str):
    alice, bob = in_a_thread(make_cast)
    page, mark = open_page(size, scheme), f"{size}-{scheme}"
    page.goto("/admin.php")
    keep(page, f"1-sign-in-{mark}")
    assert has_no_sideways_scrolling(page)
    sign_in(page, alice)
    page.get_by_role("heading", name="Bean & Leaf").wait_for(state="visible")
    keep(page, f"2-campaigns-{mark}")
    assert has_no_sideways_scrolling(page)
    go_to(page, "Users")
    page.get_by_role("heading", name="Users").wait_for(state="visible")
    keep(page, f"3-users-{mark}")
    assert has_no_sideways_scrolling(page)
    page.get_by_role("link", name=f"EDIT {bob.code}").click()
    page.get_by_role("heading", name=f"Edit user: {bob.code}").wait_for(state="visible")
    token = page.get_by_label("API access Security Token")
    assert token.inner_text() == bob.token
    token.click()
    assert page.evaluate("getSelection().toString().trim()") == bob.token
    keep(page, f"4-edit-user-{mark}")
    assert has_no_sideways_scrolling(page)
    page.get_by_label("The old token stops").select_option(label="after one day")
    page.get_by_role("button", name="Rotate the token").click()
    assert page.get_by_role("status").inner_text().endswith("The old one stops in 24 hours.")
    assert token.inner_text() != bob.token
    keep(page, f"5-rotated-{mark}")
    page.get_by_label("PIN").fill("12")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("A PIN must be 4 or 5 numbers only").wait_for(state="visible")
    keep(page, f"6-wrong-pin-{mark}")
    assert has_no_sideways_scrolling(page)
    sign_out(page)
    page.get_by_role("heading", name="Sign in").wait_for(state="visible")


def test_wrong_password_is_told_and_the_keyboard_is_enough(open_page):
    alice = in_a_thread(make_account)
    page = open_page()
    page.goto("/admin.php")
    page.get_by_label("User ID").focus()
    page.keyboard.type(alice.code)
    page.keyboard.press("Tab")
    page.keyboard.type("not_it_99")
    page.keyboard.press("Enter")
    assert page.get_by_role("alert").inner_text() == "The User ID or the password is not valid."
    keep(page, "7-wrong-password")
    page.get_by_label("Password").focus()
    page.keyboard.type(alice.password)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Bean & Leaf").wait_for(state="visible")


def test_unknown_page_is_neutral(open_page):
    page = open_page("telephone")
    response = page.goto("/admin.php/nothing")
    assert response.status == 404
    page.get_by_role("heading", name="Page not found").wait_for(state="visible")
    keep(page, "8-not-found-telephone")


def make_branded_cast() -> tuple[MadeAccount, MadeAccount, str]:
    """An agency with its colours, its name and a wide logo; Alice's account under it; the agency's host."""
    agency = make_agency(name="Harbour Rewards")
    alice = make_account(biz_name="Bean & Leaf", agency_id=agency.account.agency[0])
    make_user(alice, role="K", first_name="Bob", last_name="Ross", custom1="Downtown, 2nd floor")
    kept = io.BytesIO()
    picture = Image.new("RGBA", (300, 96))
    ImageDraw.Draw(picture).rounded_rectangle((2, 2, 297, 93), 24, fill="#7a1f5c", outline="#f0c0e0", width=6)
    picture.save(kept, "PNG")
    make_brand(agency, name="Harbour Rewards", accent_colour="#7a1f5c", bar_colour="#f0c0e0", logo=kept.getvalue())
    return agency, alice, make_host(agency)


@LOOKED
def test_a_brand_colours_every_page_of_its_host(open_page, size: str, scheme: str):
    agency, alice, host = in_a_thread(make_branded_cast)
    mark = f"{size}-{scheme}"
    neutral = open_page(size, scheme)
    neutral.goto("/admin.php")
    keep(neutral, f"9-neutral-{mark}")
    ours = colour_of(neutral.get_by_role("button", name="Sign in"))
    page = open_page(size, scheme, host)
    page.goto("/admin.php")
    assert page.title() == "Sign in · Harbour Rewards"
    assert page.locator(".logo").first.evaluate("image => image.complete && image.naturalWidth") == 300
    colour = colour_of(page.get_by_role("button", name="Sign in"))
    assert colour != ours
    assert scheme == "dark" or colour == "rgb(122, 31, 92)"
    keep(page, f"9-sign-in-branded-{mark}")
    assert has_no_sideways_scrolling(page)
    enter(page, host, alice)
    page.goto("/admin.php/users")
    page.get_by_role("link", name="Add a user").wait_for(state="visible")
    keep(page, f"9-users-branded-{mark}")
    assert has_no_sideways_scrolling(page)
    other = open_page(size, scheme, host)
    enter(other, host, agency)
    other.goto("/admin.php/account/brand")
    other.get_by_label("Colour of headings").wait_for(state="visible")
    keep(other, f"9-brand-{mark}")
    assert has_no_sideways_scrolling(other)


def enter(page: Any, host: str, made: MadeAccount) -> None:
    """Sign in at a host that the browser knows by a header alone: a form says where it comes from, so it is sent as there."""
    page.goto("/admin.php/sign-in")
    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    fields = {"csrfmiddlewaretoken": token, "user_id": made.code, "password": made.password}
    headers = {"Referer": f"https://{host}/admin.php/sign-in", "X-Forwarded-Host": host}
    assert page.request.post("/admin.php/sign-in", form=fields, headers=headers, max_redirects=0).status == 302


def colour_of(button: Any) -> str:
    return str(button.evaluate("element => getComputedStyle(element).backgroundColor"))
