# SPDX-License-Identifier: Apache-2.0
"""The panel at somebody's own host: only its users sign in; at a host that is nobody's the panel is neutral."""

from __future__ import annotations

import pytest

from regulars.kit.db import unit_of_work
from regulars.users.models import SignInAttempts
from regulars.users.sign_in import USER_FAILURES_MAX
from tests.factories import make_account, make_agency, make_host, make_user, unique_name
from tests.panel.conftest import HOMES

WRONG = "The User ID or the password is not valid."


@pytest.fixture
def visit_at(visit):
    """``visit_at(host)`` is a new visitor of a host; ``visit_at(host, user)`` one that tried to sign in."""

    def make(host: str, user=None):
        visitor = visit()
        visitor.http.headers["X-Forwarded-Host"] = host
        visitor.http.headers["X-Forwarded-For"] = unique_name("from")  # wrong passwords are counted by address too
        visitor.origin = f"https://{host}"
        visitor.get("/admin.php")
        if user is not None:
            visitor.sign_in(user)
        return visitor

    return make


def is_inside(visitor) -> bool:
    return visitor.get("/admin.php").path in HOMES


def test_an_accounts_users_sign_in_at_its_host_and_others_are_told_what_a_wrong_password_is(visit_at):
    alice, carol = make_account(biz_name="Bean & Leaf"), make_account()
    host = make_host(alice)
    assert "Bean & Leaf" in visit_at(host, make_user(alice, role="K")).page.text
    stranger = visit_at(host, carol)
    refused = stranger.page
    assert (refused.status, refused.xpath("//p[@role='alert']/text()")) == (401, [WRONG])
    assert not is_inside(stranger)
    nobody = visit_at(host)
    nobody.get("/admin.php/sign-in")
    unknown = nobody.submit("sign-in", user_id=unique_name("nobody"), password="wrong_pw")
    assert (unknown.status, unknown.text) == (refused.status, refused.text)


def test_an_agencys_users_and_those_of_its_accounts_sign_in_at_its_host(visit_at):
    agency, other = make_agency(), make_agency()
    host = make_host(agency)
    client, foreign = make_account(agency_id=agency.account.agency[0]), make_account(agency_id=other.account.agency[0])
    for made in (agency, client, make_user(client)):
        assert is_inside(visit_at(host, made))
    for made in (other, foreign, make_account()):
        assert visit_at(host, made).page.status == 401
    assert visit_at(make_host(client), agency).page.status == 401, "an agency signs in at its own"


@pytest.mark.parametrize("host", ["unknown.example", "127.0.0.1:8443", "localhost"])
def test_everybody_signs_in_at_a_host_that_is_nobodys(visit_at, host: str):
    assert is_inside(visit_at(host, make_account()))


def test_a_right_password_at_a_strangers_host_counts_as_a_wrong_one(visit_at):
    alice, bob = make_account(), make_user(make_account())
    host = make_host(alice)
    for _ in range(USER_FAILURES_MAX):
        assert visit_at(host, bob).page.status == 401
    assert visit_at(host, bob).page.status == 429
    assert SignInAttempts.objects.filter(subject=f"user:{bob.code.lower()}").exists()


def test_a_session_is_of_no_use_at_a_strangers_host(visit_at):
    alice, carol = make_account(biz_name="Bean & Leaf"), make_account(biz_name="Books")
    visitor = visit_at("unknown.example", alice)
    session = visitor.http.cookies["__Host-session"]
    thief = visit_at(make_host(carol))
    thief.http.cookies.set("__Host-session", session)
    page = thief.get("/admin.php")
    assert (page.path, "Bean" in page.text) == ("/admin.php/sign-in", False)


def test_a_session_ends_when_its_host_becomes_somebody_elses(visit_at):
    alice, carol = make_account(), make_account()
    host = f"{unique_name('late').replace('_', '-').lower()}.example"
    visitor = visit_at(host, alice)
    assert is_inside(visitor)
    make_host(carol, host=host)
    assert not is_inside(visitor)


@pytest.mark.parametrize("host", ["evil.example/", "a b.example", "evil.example@c", "a.example:80:80", "{{7*7}}", "a\\b"])
def test_what_can_be_no_host_is_not_understood(visit, host: str):
    visitor = visit()
    visitor.http.headers["X-Forwarded-Host"] = host
    page = visitor.get("/admin.php/sign-in")
    assert (page.status, "The request could not be read." in page.text) == (400, True)
    assert host not in page.text


def test_a_strange_host_is_in_no_link_and_no_redirect(visit):
    visitor = visit()
    visitor.http.headers["X-Forwarded-Host"] = "evil.example"
    answer = visitor.http.get("/admin.php", follow_redirects=False)
    assert answer.headers["location"] == "/admin.php/sign-in"
    page = visitor.get("/admin.php/sign-in")
    assert "evil" not in visitor.http.get("/admin.php/sign-in").text
    assert all(link.startswith(("/", "#")) for link in page.xpath("//@href | //@action | //@src"))


def test_who_signs_in_at_his_host_sees_what_he_sees_elsewhere(visit_at):
    agency = make_agency()
    client = make_account(agency_id=agency.account.agency[0], biz_name="Bean & Leaf")
    make_account(agency_id=agency.account.agency[0], biz_name="Other client")
    clerk = make_user(client, role="K")
    at_host, elsewhere = visit_at(make_host(agency), clerk), visit_at("unknown.example", clerk)
    for path in ("/admin.php", "/admin.php/users", f"/admin.php/users/{client.code}"):
        assert at_host.get(path).xpath("//main")[0].text_content() == elsewhere.get(path).xpath("//main")[0].text_content()
        assert "Other client" not in at_host.page.text
    with unit_of_work(client.id):
        assert client.fresh().kind == "business"
