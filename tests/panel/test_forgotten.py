# SPDX-License-Identifier: Apache-2.0
"""Forgotten passwords and user ids in the panel, from the page that asks to the new password."""

from __future__ import annotations

import pytest

from regulars.kit.db import unit_of_work
from regulars.kit.public_address import PublicAddress
from regulars.messages.operations import claim_due
from regulars.messages.password_mail import NEW_PASSWORD_PATH
from regulars.messages.sign_in_help import answer_requests
from regulars.users.forgotten import ASKED_MAX, issue_password_link, take_requests
from regulars.users.models import SignInAttempts
from tests.factories import NOW, MadeUser, make_account, make_second_factor, make_user, unique_name

SAID = {
    "password": "If there is such a user with an e-mail address, a link for a new password is on its way to it.",
    "user-id": "If users belong to this address, a mail with their User IDs is on its way to it.",
}


@pytest.fixture(autouse=True)
def _nothing_was_asked() -> None:
    SignInAttempts.objects.filter(subject__startswith="asked-from:").delete()
    while take_requests():
        pass


def link_of(bob: MadeUser) -> str:
    from datetime import UTC, datetime

    with unit_of_work(bob.account.id):
        return issue_password_link(account=bob.account, user_id=bob.user.id, at=datetime.now(UTC))


def test_from_the_forgotten_password_to_the_new_one(visit):
    alice = make_account()
    bob = make_user(alice, email=f"{unique_name('bob')}@example.com")
    inside = visit(bob)
    visitor = visit()
    page = visitor.get("/admin.php/sign-in")
    assert "/admin.php/forgotten-password" in page.xpath("//a/@href")
    visitor.get("/admin.php/forgotten-password")
    page = visitor.submit("forgotten-password", user_id=bob.code)
    assert (page.path, SAID["password"] in page.text) == ("/admin.php/sign-in", True)
    from datetime import UTC, datetime

    assert answer_requests(at=datetime.now(UTC), public=PublicAddress("https://here.example")) == 1
    with unit_of_work(alice.id):
        (outgoing,) = claim_due(account=alice.fresh(), at=datetime.now(UTC))
    place = outgoing.mail.body.partition("https://here.example")[2].split()[0]
    assert place.startswith(NEW_PASSWORD_PATH)
    page = visitor.get(place)
    assert (page.status, page.path) == (200, "/admin.php/new-password")
    page = visitor.submit("new-password", password="mocha_99", again="mocha_99")
    assert (page.path, "Your password was changed." in page.text) == ("/admin.php/sign-in", True)
    assert inside.get("/admin.php").path == "/admin.php/sign-in", "sessions with the old password are over"
    assert visitor.sign_in(bob, "mocha_99").path == "/admin.php"
    page = visitor.get(place)
    assert (page.status, "This link is not valid any more" in page.text) == (410, True)


@pytest.mark.parametrize(("page", "field"), [("password", "user_id"), ("user-id", "email")])
def test_known_and_unknown_are_told_the_same(visit, page: str, field: str):
    bob = make_user(make_account(), email=f"{unique_name('bob')}@example.com")
    answers = []
    for about in (bob.code, unique_name("no")) if field == "user_id" else ("bob@example.com", "no@example.com"):
        visitor = visit()
        visitor.get(f"/admin.php/forgotten-{page}")
        answer = visitor.submit(f"forgotten-{page}", **{field: about})
        answers.append((answer.status, answer.path, answer.text))
    assert answers[0] == answers[1]
    assert SAID[page] in answers[0][2]


def test_bad_input_stands_at_its_field_and_stays(visit):
    visitor = visit()
    visitor.get("/admin.php/forgotten-user-id")
    page = visitor.submit("forgotten-user-id", email="not an address")
    assert page.status == 400
    assert page.xpath("//div[@id='id_email_error']")
    assert page.xpath("//input[@name='email']/@value") == ["not an address"]
    visitor.get("/admin.php/forgotten-password")
    assert visitor.submit("forgotten-password", user_id="").status == 400
    assert take_requests() == ()


def test_asking_again_and_again_is_refused(visit):
    code = unique_name("nobody")
    visitor = visit()
    for _ in range(ASKED_MAX):
        visitor.get("/admin.php/forgotten-password")
        assert visitor.submit("forgotten-password", user_id=code).status == 200
    visitor.get("/admin.php/forgotten-password")
    page = visitor.submit("forgotten-password", user_id=code)
    assert (page.status, "Too many tries. Please try again in 15 minutes." in page.text) == (429, True)


def test_the_secret_leaves_the_address_at_once(visit):
    bob = make_user(make_account())
    link = link_of(bob)
    answer = visit().http.get(NEW_PASSWORD_PATH + link, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (302, "/admin.php/new-password")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"


def test_looking_at_a_link_uses_nothing_up(visit):
    bob = make_user(make_account())
    link = link_of(bob)
    for _ in range(3):
        assert visit().get(NEW_PASSWORD_PATH + link).status == 200
    visitor = visit()
    visitor.http.head(NEW_PASSWORD_PATH + link)
    assert visitor.get("/admin.php/new-password").status == 200


def test_wrong_passwords_are_told_and_the_link_stays_good(visit):
    bob = make_user(make_account())
    visitor = visit()
    visitor.get(NEW_PASSWORD_PATH + link_of(bob))
    page = visitor.submit("new-password", password="mocha_99", again="mocha_98")
    assert (page.status, "The two passwords are not the same." in page.text) == (400, True)
    assert not [value for value in page.xpath("//input[@type='password']/@value") if value]
    page = visitor.submit("new-password", password="no blanks", again="no blanks")
    assert (page.status, "A password can only have letters" in page.text) == (400, True)
    assert visitor.submit("new-password", password="mocha_99", again="mocha_99").path == "/admin.php/sign-in"


def test_a_new_password_does_not_replace_the_second_factor(visit):
    bob = make_user(make_account())
    make_second_factor(bob)
    visitor = visit()
    visitor.get(NEW_PASSWORD_PATH + link_of(bob))
    visitor.submit("new-password", password="mocha_99", again="mocha_99")
    assert visitor.sign_in(bob, "mocha_99").path == "/admin.php/sign-in/code"


def test_made_up_links_are_told_what_old_ones_are(visit):
    visitor = visit()
    assert visitor.get("/admin.php/new-password").status == 410
    for link in ("1-" + "0" * 40, "x", "99999999999-" + "0" * 40):
        page = visitor.get(NEW_PASSWORD_PATH + link)
        assert (page.status, "This link is not valid any more" in page.text) == (410, True)
    assert NOW


def test_a_links_secret_stands_in_no_log():
    import logging

    from regulars.panel.logs import redact

    record = logging.LogRecord("django.request", logging.ERROR, "", 1, "%s: %s", ("Error", NEW_PASSWORD_PATH + "1-abc"), None)
    assert redact(record)
    assert record.getMessage() == "Error: /admin.php/new-password/..."
