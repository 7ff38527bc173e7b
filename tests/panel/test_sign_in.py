# SPDX-License-Identifier: Apache-2.0
"""Signing in to the Control Panel, and everything that keeps others out."""

from __future__ import annotations

import pytest

from regulars.accounts.operations import change_state
from regulars.kit.db import unit_of_work
from regulars.users.operations import delete_user, update_user
from regulars.users.sign_in import USER_FAILURES_MAX
from tests.factories import NOW, make_account, make_user, unique_name

WRONG = "The User ID or the password is not valid."


def test_admin_php_sends_strangers_to_the_sign_in_page(visit):
    page = visit().get("/admin.php")
    assert (page.status, page.path) == (200, "/admin.php/sign-in")
    assert [field.get("name") for field in page.xpath("//input[not(@type='hidden')]")] == ["user_id", "password"]


def test_right_password_opens_the_panel_and_sign_out_closes_it(visit):
    alice = make_account(biz_name="Bean & Leaf")
    visitor = visit(alice)
    assert "Bean & Leaf" in visitor.page.text
    assert visitor.submit("sign-out").path == "/admin.php/sign-in"
    assert visitor.get("/admin.php").path == "/admin.php/sign-in"


def test_wrong_password_and_unknown_user_look_the_same(visit):
    alice = make_account()
    pages = []
    for code in (alice.code, unique_name("nobody")):
        visitor = visit()
        visitor.get("/admin.php/sign-in")
        page = visitor.submit("sign-in", user_id=code, password="wrong_pw")
        pages.append((page.status, page.text, page.xpath("//p[@role='alert']/text()")))
        assert page.xpath("//input[@name='password']/@value") == []
    assert pages[0] == pages[1]
    assert (pages[0][0], pages[0][2]) == (401, [WRONG])


def test_security_token_does_not_open_the_panel(visit):
    alice = make_account()
    assert WRONG in visit().sign_in(alice, alice.token).text


def test_repeated_failures_lock_the_user(visit):
    bob = make_user(make_account())
    visitor = visit()
    for _ in range(USER_FAILURES_MAX):
        assert visitor.sign_in(bob, "wrong_pw").status == 401
    page = visitor.sign_in(bob)
    assert page.status == 429
    assert "Too many tries. Please try again in 15 minutes." in page.text


def test_empty_form_names_its_fields(visit):
    visitor = visit()
    visitor.get("/admin.php/sign-in")
    page = visitor.submit("sign-in", user_id="", password="")
    assert page.status == 400
    assert len(page.xpath("//p[@class='error']")) == 2


def test_suspended_account_is_kept_out_and_thrown_out(visit):
    alice = make_account()
    inside = visit(alice)
    with unit_of_work(alice.id):
        change_state(account=alice.account, state="suspended")
    assert inside.get("/admin.php").path == "/admin.php/sign-in"
    page = visit().sign_in(alice)
    assert (page.status, "This account has been suspended" in page.text) == (403, True)


@pytest.mark.parametrize("change", ["password", "deletion"])
def test_session_ends_with_a_new_password_and_with_the_user(visit, change: str):
    alice = make_account()
    bob = make_user(alice, role="O")
    inside = visit(bob)
    with unit_of_work(alice.id):
        if change == "password":
            update_user(account=alice.fresh(), by=None, at=NOW, code=bob.code, password="another_1")
        else:
            delete_user(account=alice.fresh(), by=None, at=NOW, code=bob.code)
    assert inside.get("/admin.php").path == "/admin.php/sign-in"


def test_sign_in_goes_on_to_the_page_asked_for_but_never_elsewhere(visit):
    alice = make_account()
    visitor = visit()
    assert visitor.get("/admin.php/users").path == "/admin.php/sign-in"
    assert visitor.submit("sign-in", user_id=alice.code, password=alice.password).path == "/admin.php/users"
    for place in ("https://evil.example/admin.php", "//evil.example/admin.php", "/static/panel/panel.css", "/admin.phpx://x"):
        stranger = visit()
        stranger.get("/admin.php/sign-in")
        page = stranger.submit("sign-in", user_id=alice.code, password=alice.password, next=place)
        assert page.path in ("/admin.php", "/admin.phpx://x"), place


def test_form_without_its_token_changes_nothing(visit):
    alice = make_account()
    visitor = visit()
    visitor.get("/admin.php/sign-in")
    page = visitor.post("/admin.php/sign-in", {"user_id": alice.code, "password": alice.password})
    assert (page.status, "Form expired" in page.text) == (403, True)


def test_sign_out_needs_a_form(visit):
    visitor = visit(make_account())
    assert visitor.http.get("/admin.php/sign-out").status_code == 405
    assert visitor.get("/admin.php").path == "/admin.php"


def test_cookies_are_for_https_and_this_host_and_out_of_scripts_reach(visit):
    visitor = visit()
    visitor.get("/admin.php/sign-in")
    alice = make_account()
    form = visitor.page.html.forms[0]
    answer = visitor.http.post(
        "/admin.php/sign-in",
        data={**dict(form.form_values()), "user_id": alice.code, "password": alice.password},
        headers={"Referer": str(visitor.http.base_url.join("/admin.php/sign-in"))},
        follow_redirects=False,
    )
    cookies = answer.headers.get_list("set-cookie")
    assert sorted(cookie.partition("=")[0] for cookie in cookies) == ["__Host-csrf", "__Host-session"]
    for cookie in cookies:
        assert "Secure" in cookie
        assert "HttpOnly" in cookie
        assert "Path=/;" in cookie + ";"
        assert "Domain" not in cookie
        assert "SameSite=" in cookie


def test_session_gets_a_new_number_at_sign_in(visit):
    alice = make_account()
    visitor = visit(alice)
    first = visitor.http.cookies["__Host-session"]
    visitor.sign_in(alice)
    assert visitor.http.cookies["__Host-session"] != first


@pytest.mark.parametrize("path", ["/admin.php/sign-in", "/admin.php/nothing", "/static/panel/panel.css"])
def test_every_answer_allows_only_our_files_and_no_frames(visit, path: str):
    headers = visit().http.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"


def test_pages_are_kept_by_no_cache_and_the_style_sheet_is(visit):
    visitor = visit(make_account())
    assert visitor.get("/admin.php").headers["cache-control"] == "no-store"
    assert "max-age=3600" in visitor.http.get("/static/panel/panel.css").headers["cache-control"]


def test_unknown_pages_are_neutral(visit):
    stranger = visit()
    for path in ("/admin.php/nothing", "/wp-login.php", "/admin.php/users/", "/%00", "/admin.php/users/a/b/c"):
        page = stranger.get(path)
        assert (page.status, "There is nothing at this address." in page.text) == (404, True), path


def test_what_others_made_is_kept_for_ever_and_sent_compressed(visit):
    answer = visit().http.get("/static/vendor/tabler-1.6.1/tabler.min.css", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert int(answer.headers["content-length"]) < 100_000
