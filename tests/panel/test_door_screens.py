# SPDX-License-Identifier: Apache-2.0
"""Signing in and my account in a real browser: every screen of it, on a desk and on a telephone, by day and by night."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from regulars.kit.db import unit_of_work
from regulars.users.forgotten import issue_password_link
from regulars.users.totp import code_at, step_of
from tests.factories import MadeAccount, MadeUser, make_account, make_user
from tests.panel.browser import LOOKS, has_no_sideways_scrolling, in_a_thread, keep, needs_chromium, sign_in, sign_out

pytestmark = needs_chromium
AXE = Path(__file__).parent / "vendor" / "axe.min.js"


def looked_at(page: Any, name: str) -> None:
    """Keep the screen, and hold it: nothing sideways, nothing that people with another way of seeing stumble over."""
    assert has_no_sideways_scrolling(page)
    keep(page, name)
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],"
        " resultTypes: ['violations']})"
    )
    assert [f"{each['id']}: {node['html'][:150]}" for each in found["violations"] for node in each["nodes"]] == [], name


def shown_code(secret: str) -> str:
    return code_at(base64.b32decode(secret.replace(" ", "")), step_of(datetime.now(UTC)))


def make_cast() -> tuple[MadeAccount, MadeUser]:
    alice = make_account(biz_name="Bean & Leaf", contact_first_name="Alice", contact_last_name="Moreau")
    return alice, make_user(alice, role="K", first_name="Bob", last_name="Ross", email="bob@example.com")


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_from_no_second_factor_to_signing_in_with_one(open_page, tmp_path: Path, size: str, scheme: str):
    alice, _ = in_a_thread(make_cast)
    page, mark = open_page(size, scheme), f"{size}-{scheme}"
    page.goto("/admin.php")
    looked_at(page, f"door-1-sign-in-{mark}")
    sign_in(page, alice)
    page.locator("details.who").wait_for(state="visible")
    page.goto("/admin.php/me")
    looked_at(page, f"door-2-me-{mark}")
    page.get_by_role("link", name="Set up a second factor").click()
    looked_at(page, f"door-3-none-{mark}")
    page.get_by_role("button", name="Set up a second factor").click()
    secret = page.locator(".key").inner_text()
    box = page.locator(".qr").bounding_box()
    assert box["width"] >= 200
    assert box["width"] == box["height"]
    drawn = page.locator(".qr").evaluate("svg => [svg.getBBox().width, svg.viewBox.baseVal.width]")
    assert drawn[0] <= drawn[1], "all of it is seen"
    page.get_by_label("Code", exact=True).fill("12")
    page.get_by_label("Your password").fill(alice.password)
    page.get_by_role("button", name="Switch it on").click()
    page.get_by_text("The code is not valid.").wait_for(state="visible")
    looked_at(page, f"door-4-set-up-{mark}")
    page.get_by_label("Code", exact=True).fill(shown_code(secret))
    page.get_by_label("Your password").fill(alice.password)
    page.get_by_role("button", name="Switch it on").click()
    page.get_by_role("heading", name="Recovery codes").wait_for(state="visible")
    looked_at(page, f"door-5-codes-{mark}")
    codes = page.locator(".codes code").all_inner_texts()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download as a file").click()
    waiting.value.save_as(tmp_path / "codes.txt")
    assert [code for code in codes if code not in (tmp_path / "codes.txt").read_text()] == []
    assert page.get_by_role("button", name="Print").is_visible()
    page.get_by_role("link", name="I have kept them").click()
    looked_at(page, f"door-6-me-with-factor-{mark}")
    sign_out(page)
    sign_in(page, alice)
    page.get_by_role("heading", name="Second step").wait_for(state="visible")
    looked_at(page, f"door-7-code-{mark}")
    page.keyboard.press("Tab")
    page.get_by_label("Code", exact=True).fill(codes[0])
    page.get_by_label("Do not ask again in this browser for 30 days").check()
    page.keyboard.press("Enter")
    page.locator("details.who").wait_for(state="visible")
    page.goto("/admin.php/me")
    page.get_by_role("heading", name="Remembered browsers").wait_for(state="visible")
    looked_at(page, f"door-8-me-with-device-{mark}")
    page.goto("/admin.php/me/second-factor")
    looked_at(page, f"door-9-on-{mark}")
    page.goto("/admin.php/account/security")
    page.get_by_label("Administrators and managers").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("1 of 2 users have a second factor.").wait_for(state="visible")
    looked_at(page, f"door-10-security-{mark}")


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_from_a_forgotten_password_to_a_new_one(open_page, size: str, scheme: str):
    _, bob = in_a_thread(make_cast)

    def link() -> str:
        with unit_of_work(bob.account.id):
            return issue_password_link(account=bob.account, user_id=bob.user.id, at=datetime.now(UTC))

    page, mark = open_page(size, scheme), f"{size}-{scheme}"
    page.goto("/admin.php/sign-in")
    page.get_by_role("link", name="Forgotten your password?").click()
    looked_at(page, f"door-11-forgotten-{mark}")
    page.get_by_label("User ID").fill(bob.code)
    page.get_by_role("button", name="Send the link").click()
    page.get_by_text("a link for a new password is on its way").wait_for(state="visible")
    looked_at(page, f"door-12-on-its-way-{mark}")
    page.goto("/admin.php/new-password/" + in_a_thread(link))
    assert page.url.endswith("/admin.php/new-password")
    looked_at(page, f"door-13-new-password-{mark}")
    page.get_by_label("New password").fill("mocha_99")
    page.get_by_label("The same once more").fill("mocha_98")
    page.keyboard.press("Enter")
    page.get_by_text("The two passwords are not the same.").wait_for(state="visible")
    assert page.get_by_label("New password").input_value() == ""
    page.get_by_label("New password").fill("mocha_99")
    page.get_by_label("The same once more").fill("mocha_99")
    page.keyboard.press("Enter")
    page.get_by_text("Your password was changed.").wait_for(state="visible")
    page.get_by_label("User ID").fill(bob.code)
    page.get_by_label("Password").fill("mocha_99")
    page.keyboard.press("Enter")
    page.locator("details.who").wait_for(state="visible")
    page.goto("/admin.php/new-password")
    looked_at(page, f"door-14-not-valid-{mark}")
