# SPDX-License-Identifier: Apache-2.0
"""The second step of signing in, setting it up, remembered browsers, and the account's rule."""

from __future__ import annotations

import html
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest

from regulars.kit.db import unit_of_work
from regulars.users.second_factor import change_sign_in_rules, has_second_factor
from regulars.users.sign_in import USER_FAILURES_MAX
from tests.factories import NOW, MadeAccount, MadeUser, app_code, make_account, make_second_factor, make_user
from tests.panel.conftest import Page, Visitor


def codes_in(page: Page) -> list[str]:
    """Return the recovery codes that a page shows."""
    return [str(code) for code in page.xpath("//ul[@class='codes']//code/text()")]


def now_code(secret: str, steps: int = 0) -> str:
    return app_code(secret, datetime.now(UTC) + timedelta(seconds=30 * steps))


def set_up(visitor: Visitor, password: str) -> tuple[str, list[str]]:
    """Set a second factor up as people do, and return the key and the recovery codes."""
    visitor.get("/admin.php/me/second-factor")
    page = visitor.submit("second-factor/begin")
    secret = page.xpath("//code[@class='key']/text()")[0]
    page = visitor.submit("second-factor/confirm", code=now_code(secret), password=password)
    assert page.status == 200, page.text
    return secret, codes_in(page)


def require(alice: MadeAccount, who: str, *, remembers: bool = True) -> None:
    with unit_of_work(alice.id):
        change_sign_in_rules(account=alice.fresh(), by=alice.owner, at=NOW, second_factor_for=who, remembers_devices=remembers)


def start(visit, made: MadeUser | MadeAccount) -> Visitor:
    """Bring a visitor to where the code is asked for."""
    visitor = visit()
    page = visitor.sign_in(made)
    assert page.path == "/admin.php/sign-in/code", page.text
    return visitor


def test_it_is_set_up_with_a_picture_a_key_and_a_code(visit):
    alice = make_account(biz_name="Bean & Leaf")
    visitor = visit(alice)
    page = visitor.get("/admin.php/me/second-factor")
    page = visitor.submit("second-factor/begin")
    assert page.xpath("//div[@role='img']/*[local-name()='svg']")
    secret = page.xpath("//code[@class='key']/text()")[0]
    page = visitor.submit("second-factor/confirm", code="12", password=alice.password)
    assert (page.status, "The code is not valid." in page.text) == (400, True)
    page = visitor.submit("second-factor/confirm", code=now_code(secret), password="wrong_1")
    assert (page.status, "This is not your password." in page.text) == (400, True)
    assert page.xpath("//input[@name='password']/@value") == []
    page = visitor.submit("second-factor/confirm", code=now_code(secret), password=alice.password)
    codes = codes_in(page)
    assert len(set(codes)) == 10
    file = unquote(page.xpath("//a[@download]/@href")[0])
    assert file.startswith("data:text/plain")
    assert [code for code in codes if code not in file] == []
    assert not codes_in(visitor.get("/admin.php/me/second-factor")), "they are shown once"


def test_signing_in_then_takes_a_code_and_no_page_opens_before(visit):
    alice = make_account()
    secret, _ = make_second_factor(alice)
    visitor = start(visit, alice)
    before = visitor.http.cookies["__Host-session"]
    for path in ("/admin.php", "/admin.php/users", "/admin.php/me"):
        assert visitor.get(path).path == "/admin.php/sign-in"
    visitor.get("/admin.php/sign-in/code")
    assert visitor.submit("sign-in/code", code="000 00").status == 401
    assert visitor.submit("sign-in/code", code=now_code(secret)).path == "/admin.php"
    assert visitor.http.cookies["__Host-session"] != before, "the session has a new number"
    again = start(visit, alice)
    page = again.submit("sign-in/code", code=now_code(secret))
    assert (page.status, "Each code works once" in page.text) == (401, True)


def test_it_goes_on_to_the_page_asked_for(visit):
    alice = make_account()
    _, codes = make_second_factor(alice)
    visitor = visit()
    visitor.get("/admin.php/users")
    visitor.submit("sign-in", user_id=alice.code, password=alice.password)
    assert visitor.submit("sign-in/code", code=codes[0]).path == "/admin.php/users"


def test_a_recovery_code_opens_once(visit):
    alice = make_account()
    _, codes = make_second_factor(alice)
    assert start(visit, alice).submit("sign-in/code", code=codes[3].upper()).path == "/admin.php"
    assert start(visit, alice).submit("sign-in/code", code=codes[3]).status == 401


def test_wrong_codes_lock_it_whatever_session_they_come_from(visit):
    bob = make_user(make_account())
    secret, _ = make_second_factor(bob)
    for _ in range(USER_FAILURES_MAX):
        assert start(visit, bob).submit("sign-in/code", code="1").status == 401
    page = start(visit, bob).submit("sign-in/code", code=now_code(secret))
    assert (page.status, "Too many tries. Please try again in 15 minutes." in page.text) == (429, True)


def test_the_code_page_is_nothing_without_the_password(visit):
    visitor = visit()
    assert visitor.get("/admin.php/sign-in/code").path == "/admin.php/sign-in"
    alice = make_account()
    make_second_factor(alice)
    inside = visit(make_account())
    assert inside.get("/admin.php/sign-in/code").path == "/admin.php/sign-in"
    assert inside.get("/admin.php").path == "/admin.php", "looking there signs nobody out"


def test_a_password_that_changes_meanwhile_ends_the_second_step(visit):
    from regulars.users.operations import update_user

    bob = make_user(make_account())
    secret, _ = make_second_factor(bob)
    visitor = start(visit, bob)
    with unit_of_work(bob.account.id):
        update_user(account=bob.account, by=None, at=NOW, code=bob.code, password="mocha_99")
    assert visitor.submit("sign-in/code", code=now_code(secret)).path == "/admin.php/sign-in"


def test_a_remembered_browser_is_not_asked_until_it_is_forgotten(visit):
    alice = make_account()
    _, codes = make_second_factor(alice)
    visitor = start(visit, alice)
    visitor.submit("sign-in/code", code=codes[0], remember="on")
    visitor.submit("sign-out")
    assert visitor.sign_in(alice).path == "/admin.php"
    page = visitor.get("/admin.php/me")
    assert len(page.xpath("//form[contains(@action, '/devices/') and contains(@action, '/forget')][.//text()]")) == 2
    start(visit, alice)  # another browser is asked
    visitor.get("/admin.php/me")
    assert "The browser is asked for a code again." in visitor.submit("/forget").text
    visitor.submit("sign-out")
    assert visitor.sign_in(alice).path == "/admin.php/sign-in/code"


def test_an_account_that_remembers_no_browsers_offers_none(visit):
    alice = make_account()
    _, codes = make_second_factor(alice)
    require(alice, "nobody", remembers=False)
    visitor = start(visit, alice)
    assert not visitor.page.xpath("//input[@name='remember']")
    visitor.submit("sign-in/code", code=codes[0], remember="on")
    assert not [name for name in visitor.http.cookies if "device" in name]
    assert "Remembered browsers" not in visitor.get("/admin.php/me").text


def test_who_must_have_one_sees_nothing_else_until_it_is_set_up(visit):
    alice = make_account()
    bob = make_user(alice, role="K")
    inside = visit(bob)
    require(alice, "managers")
    assert inside.get("/admin.php").path == "/admin.php"
    require(alice, "everybody")
    for path in ("/admin.php", "/admin.php/me", f"/admin.php/users/{bob.code}"):
        page = inside.get(path)
        assert page.path == "/admin.php/me/second-factor"
        assert "Your account requires a second factor of you." in page.text
    set_up(inside, bob.password)
    assert inside.get("/admin.php").path == "/admin.php"
    page = inside.get("/admin.php/me/second-factor")
    assert not [form for form in page.html.forms if (form.get("action") or "").endswith("/off")]
    with unit_of_work(alice.id):
        assert has_second_factor(account=alice.account, user=bob.user)


def test_switching_it_off_and_new_codes_take_the_password(visit):
    alice = make_account()
    visitor = visit(alice)
    secret, codes = set_up(visitor, alice.password)
    for action in ("second-factor/codes", "second-factor/off"):
        visitor.get("/admin.php/me/second-factor")
        page = visitor.submit(action, password="wrong_1")
        assert (page.status, "This is not your password." in page.text) == (400, True)
    visitor.get("/admin.php/me/second-factor")
    fresh = codes_in(visitor.submit("second-factor/codes", password=alice.password))
    assert len(set(fresh) - set(codes)) == 10
    assert start(visit, alice).submit("sign-in/code", code=codes[0]).status == 401
    assert start(visit, alice).submit("sign-in/code", code=fresh[0]).path == "/admin.php"
    visitor.get("/admin.php/me/second-factor")
    assert "The second factor is off." in visitor.submit("second-factor/off", password=alice.password).text
    assert visit().sign_in(alice).path == "/admin.php"
    assert secret


def test_five_wrong_passwords_inside_lock_them_too(visit):
    alice = make_account()
    visitor = visit(alice)
    set_up(visitor, alice.password)
    for _ in range(USER_FAILURES_MAX):
        visitor.get("/admin.php/me/second-factor")
        visitor.submit("second-factor/off", password="wrong_1")
    page = visitor.submit("second-factor/off", password=alice.password)
    assert "Too many tries." in page.text


def test_an_administrator_resets_a_colleagues(visit):
    alice = make_account()
    bob = make_user(alice, role="K")
    make_second_factor(bob)
    visitor = visit(alice)
    page = visitor.get(f"/admin.php/users/{bob.code}")
    page = visitor.submit("/second-factor")
    assert f"{bob.code} signs in with the password only" in page.text
    assert not [form for form in page.html.forms if (form.get("action") or "").endswith("/second-factor")]
    assert visit().sign_in(bob).path == "/admin.php"


def test_a_manager_is_not_offered_it_and_may_not(visit):
    alice = make_account()
    bob, mona = make_user(alice, role="K"), make_user(alice, role="M")
    make_second_factor(bob)
    visitor = visit(mona)
    page = visitor.get(f"/admin.php/users/{bob.code}")
    assert page.status == 200
    assert not [form for form in page.html.forms if (form.get("action") or "").endswith("/second-factor")]


def test_the_rule_is_set_on_its_page_and_bad_input_changes_nothing(visit):
    alice = make_account()
    bob = make_user(alice)
    visitor = visit(alice)
    page = visitor.get("/admin.php/account/security")
    assert "0 of 2 users have a second factor." in page.text
    assert bob.code in page.text
    page = visitor.submit("account/security", second_factor_for="some", remembers_devices="on")
    assert page.status == 400
    assert alice.fresh().second_factor_for == "nobody"
    set_up(visitor, alice.password)
    visitor.get("/admin.php/account/security")
    page = visitor.submit("account/security", second_factor_for="managers", remembers_devices=[])
    assert "The rules were saved." in page.text
    assert (alice.fresh().second_factor_for, alice.fresh().remembers_devices) == ("managers", False)


@pytest.mark.parametrize("path", ["begin", "confirm", "codes", "off"])
def test_nothing_of_it_works_without_the_forms_token(visit, path: str):
    alice = make_account()
    visitor = visit(alice)
    page = visitor.post(f"/admin.php/me/second-factor/{path}", {"password": alice.password, "code": "123456"})
    assert (page.status, "Form expired" in page.text) == (403, True)


def test_a_key_that_is_shown_is_what_the_picture_says(visit):
    alice = make_account(biz_name="Bean & Leaf")
    visitor = visit(alice)
    visitor.get("/admin.php/me/second-factor")
    first = visitor.submit("second-factor/begin").xpath("//code[@class='key']/text()")[0]
    second = visitor.submit("second-factor/begin").xpath("//code[@class='key']/text()")[0]
    assert first != second
    assert html.escape(second) == second
    assert visitor.submit("second-factor/confirm", code=now_code(first), password=alice.password).status == 400
    assert visitor.submit("second-factor/confirm", code=now_code(second), password=alice.password).status == 200
