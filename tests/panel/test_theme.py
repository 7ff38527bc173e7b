# SPDX-License-Identifier: Apache-2.0
"""Light, dark, or as the system: kept for a browser by a form without scripts."""

from __future__ import annotations

import pytest

from tests.factories import make_account
from tests.panel.browser import in_a_thread, needs_chromium, open_user_menu, sign_in


def send(visitor, theme: str, place: str):
    visitor.get(place)
    return visitor.submit("theme", theme=theme)


def test_a_choice_is_kept_and_taken_back(visit):
    visitor = visit(in_a_thread(make_account))
    page = send(visitor, "dark", "/admin.php/users?x=1")
    assert (page.path, page.html.get("data-bs-theme")) == ("/admin.php/users", "dark")
    assert visitor.get("/admin.php").html.get("data-bs-theme") == "dark"
    assert send(visitor, "light", "/admin.php").html.get("data-bs-theme") == "light"
    assert send(visitor, "", "/admin.php").html.get("data-bs-theme") is None
    assert send(visitor, "purple", "/admin.php").html.get("data-bs-theme") is None


def test_it_can_be_chosen_before_anybody_signs_in(visit):
    visitor = visit()
    page = send(visitor, "dark", "/admin.php/sign-in")
    assert (page.path, page.html.get("data-bs-theme")) == ("/admin.php/sign-in", "dark")


def test_nobody_is_sent_away_from_the_panel(visit):
    visitor = visit(in_a_thread(make_account))
    for place in ("https://elsewhere.example/", "//elsewhere.example/admin.php", "/docs/api"):
        visitor.get("/admin.php")
        assert visitor.submit("theme", theme="dark", next=place).path == "/admin.php"


def test_the_choice_is_out_of_scripts_reach(visit):
    visitor = visit(in_a_thread(make_account))
    token = visitor.page.xpath("//input[@name='csrfmiddlewaretoken']/@value")[0]
    answer = visitor.http.post(
        "/admin.php/theme", data={"csrfmiddlewaretoken": token, "theme": "dark"}, follow_redirects=False,
        headers={"Referer": f"{visitor.origin}/admin.php"},
    )  # fmt: skip
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-theme=dark;")
    assert {"HttpOnly", "Secure", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}


@needs_chromium
@pytest.mark.parametrize("has_scripts", [True, False])
def test_without_a_choice_the_page_is_as_the_system(browser, panel, has_scripts: bool):
    alice = in_a_thread(make_account)
    seen = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(
            color_scheme=scheme, ignore_https_errors=True, base_url=panel.url, java_script_enabled=has_scripts
        )
        page = context.new_page()
        sign_in(page, alice)
        seen[scheme] = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
        open_user_menu(page)
        page.get_by_role("button", name="Light").click()
        page.wait_for_load_state()
        seen[f"{scheme} chosen"] = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
        context.close()
    assert seen["light"] == seen["light chosen"] == seen["dark chosen"] == "rgb(245, 247, 249)"
    assert seen["dark"] == "rgb(18, 24, 31)"


@needs_chromium
def test_escape_closes_the_users_menu_and_gives_the_focus_back(open_page):
    alice = in_a_thread(make_account)
    page = open_page()
    sign_in(page, alice)
    open_user_menu(page)
    page.get_by_role("button", name="Sign out").wait_for(state="visible")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Sign out").wait_for(state="hidden")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
