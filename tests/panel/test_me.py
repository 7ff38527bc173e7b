# SPDX-License-Identifier: Apache-2.0
"""My account: data, password, sessions; bad input stands at its field and writes nothing."""

from __future__ import annotations

import httpx2
import pytest

from regulars.kit.db import unit_of_work
from regulars.users.queries import get_secrets
from tests.factories import make_account, make_user

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def test_data_is_shown_and_saved(visit):
    alice = make_account(contact_first_name="Alice")
    visitor = visit(alice)
    visitor.get("/admin.php/me")
    page = visitor.submit("/me", first_name="Alicia", last_name="Moreau", language="de", time_zone="Europe/Berlin", pin="4711")
    assert page.status == 200
    assert page.headers["content-language"] == "de"
    owner = alice.fresh().users[alice.code.lower()]
    assert (owner.first_name, owner.last_name, owner.language, owner.timezone) == ("Alicia", "Moreau", "de", "Europe/Berlin")
    with unit_of_work(alice.id):
        assert get_secrets(account=alice.account, user_id=owner.id).pin == "4711"


def test_a_wrong_pin_stands_at_its_field_and_nothing_is_saved(visit):
    alice = make_account(contact_first_name="Alice")
    visitor = visit(alice)
    visitor.get("/admin.php/me")
    page = visitor.submit("/me", first_name="Alicia", pin="12")
    assert page.status == 400
    assert page.xpath("//div[@id='id_pin_error']//p/text()") == ["A PIN must be 4 or 5 numbers only."]
    assert page.xpath("//input[@name='first_name']/@value") == ["Alicia"]
    assert alice.fresh().users[alice.code.lower()].first_name == "Alice"


def test_another_address_takes_the_password(visit):
    alice = make_account(client_email="alice@example.com")
    visitor = visit(alice)
    for password, status in (("", 400), ("wrong_1", 400), (alice.password, 200)):
        visitor.get("/admin.php/me")
        page = visitor.submit("/me", email="thief@example.com", password=password)
        assert page.status == status
        with unit_of_work(alice.id):
            email = get_secrets(account=alice.account, user_id=alice.owner.id).email
        assert email == ("thief@example.com" if status == 200 else "alice@example.com")
        assert page.xpath("//input[@name='password']/@value") == []


def test_a_new_password_takes_the_old_one_and_ends_all_other_sessions(visit):
    alice = make_account()
    here, there = visit(alice), visit(alice)
    tries = [
        ({"current": "wrong_1", "password": "mocha_99", "again": "mocha_99"}, "This is not your password."),
        ({"current": alice.password, "password": "mocha_99", "again": "mocha_98"}, "The two passwords are not the same."),
        (
            {"current": alice.password, "password": "abc", "again": "abc"},
            "Your password must be between",
        ),
    ]
    for fields, told in tries:
        here.get("/admin.php/me")
        page = here.submit("me/password", **fields)
        assert (page.status, told in page.text) == (400, True), page.text
        assert not [value for value in page.xpath("//input[@type='password']/@value") if value]
    before = here.http.cookies["__Host-session"]
    here.get("/admin.php/me")
    page = here.submit("me/password", current=alice.password, password="mocha_99", again="mocha_99")
    assert "Your password was changed." in page.text
    assert here.http.cookies["__Host-session"] != before
    assert here.get("/admin.php").path == "/admin.php"
    assert there.get("/admin.php").path == "/admin.php/sign-in"
    assert visit().sign_in(alice, "mocha_99").path == "/admin.php"


def test_sessions_are_listed_in_words_and_ended(visit):
    alice = make_account()
    here = visit()
    here.http.headers["User-Agent"] = FIREFOX
    here.sign_in(alice)
    there = visit(alice)
    page = here.get("/admin.php/me")
    assert len(page.xpath("//form[contains(@action, '/sessions/') and contains(@action, '/end')]")) == 3
    assert "Firefox on Windows this one" in page.text
    assert "Unknown browser" in page.text
    assert "1 other session was ended." in here.submit("sessions/end-others").text
    assert there.get("/admin.php").path == "/admin.php/sign-in"
    assert here.get("/admin.php/me").path == "/admin.php/me"
    assert here.submit("/end").path == "/admin.php/sign-in", "the one that is left is this one"
    assert here.get("/admin.php").path == "/admin.php/sign-in"


def test_nobody_ends_anybody_elses_session(visit):
    alice = make_account()
    bob, carol = make_user(alice), make_account()
    inside = visit(bob)
    number = inside.get("/admin.php/me").xpath("//form[contains(@action, '/end')]/@action")[0]
    for other in (alice, carol):
        visitor = visit(other)
        visitor.get("/admin.php/me")
        token = visitor.page.html.forms[-1].form_values()
        assert visitor.post(number, dict(token), referer="/admin.php/me").status == 404
    assert inside.get("/admin.php").path == "/admin.php"


def test_signing_out_ends_the_session_for_whoever_has_its_cookie(visit, panel):
    visitor = visit(make_account())
    cookies = dict(visitor.http.cookies)
    visitor.submit("sign-out")
    with httpx2.Client(base_url=panel.url, verify=panel.trust, cookies=cookies) as thief:
        assert thief.get("/admin.php").headers["location"].startswith("/admin.php/sign-in")


@pytest.mark.parametrize("role", ["P", "Q", "D", "F"])
def test_roles_that_may_not_edit_themselves_see_their_data_and_change_nothing(visit, role: str):
    bob = make_user(make_account(), role=role, first_name="Bob")
    visitor = visit(bob)
    page = visitor.get("/admin.php/me")
    assert page.status == 200
    assert not page.xpath("//input[@name='first_name' or @name='current']")
    assert "Set up a second factor" in page.text
    token = dict(page.html.forms[-1].form_values())
    assert visitor.post("/admin.php/me", token | {"first_name": "Robert"}).status == 403
    fields = {"current": bob.password, "password": "mocha_99", "again": "mocha_99"}
    assert visitor.post("/admin.php/me/password", token | fields, referer="/admin.php/me").status == 403


def test_ones_own_password_is_not_to_be_had_without_the_old_one_on_the_users_page(visit):
    alice = make_account()
    visitor = visit(alice)
    page = visitor.get(f"/admin.php/users/{alice.code}")
    assert not page.xpath("//input[@name='password' or @name='email']")
    visitor.submit(f"users/{alice.code}", password="mocha_99", email="thief@example.com")
    assert visit().sign_in(alice).path == "/admin.php"
