# SPDX-License-Identifier: Apache-2.0
"""Forgotten passwords and user ids: asking tells nothing, a link works once and for a while, and it ends what was open."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.accounts.operations import change_state
from regulars.errors import BadCredentials, InvalidParameter, RateLimited
from regulars.kit.db import unit_of_work
from regulars.users.devices import recognise_device, remember_device
from regulars.users.forgotten import (
    ASKED_MAX,
    LINK_SECONDS,
    LinkNotValid,
    ask_for_mail,
    find_users_asked_for,
    is_link_good,
    issue_password_link,
    set_password_by_link,
    take_requests,
)
from regulars.users.models import PasswordLink, SignInAttempts
from regulars.users.operations import delete_user, update_user
from regulars.users.second_factor import has_second_factor
from regulars.users.sessions import begin_session, find_session
from regulars.users.sign_in import LOCK_SECONDS, USER_FAILURES_MAX, sign_in
from tests.factories import NOW, MadeUser, make_account, make_second_factor, make_user, unique_name

END = timedelta(seconds=LINK_SECONDS)


@pytest.fixture(autouse=True)
def _nothing_waits() -> None:
    while take_requests():
        pass


def link_of(bob: MadeUser) -> str:
    with unit_of_work(bob.account.id):
        return issue_password_link(account=bob.account, user_id=bob.user.id, at=NOW)


def ask(about: str, *, kind: str = "password", host: str = "", address: str = "") -> int:
    """Ask, and return how many queries that took."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        ask_for_mail(kind=kind, about=about, host=host, at=NOW, address=address)
    return len(queries)


def test_asking_does_the_same_work_whether_there_is_such_a_user_or_not():
    bob = make_user(make_account(), email=f"{unique_name('b')}@example.com")
    known, unknown = ask(bob.code, address="192.0.2.1"), ask(unique_name("nobody"), address="192.0.2.1")
    assert known == unknown
    assert ask("bob@example.com", kind="user_id") == ask("nobody@example.com", kind="user_id")
    assert len(take_requests()) == 4
    assert take_requests() == ()


def test_a_user_is_found_by_his_id_in_any_case_and_only_where_he_has_a_password():
    alice = make_account()
    bob, till = make_user(alice), make_user(alice, password="")
    for code, expected in ((bob.code.upper(), {alice.id: (bob.user.id,)}), (till.code, {alice.id: ()})):
        ask(f" {code} ")
        (asked,) = take_requests()
        assert find_users_asked_for(asked) == expected
    for code in (unique_name("nobody"), "x" * 300, ""):
        ask(code)
        (asked,) = take_requests()
        assert find_users_asked_for(asked) == {}


def test_an_address_leads_to_its_users_in_every_account():
    alice, carol = make_account(), make_account()
    email = f"{unique_name('bob')}@Example.com"
    bob, till, cara = make_user(alice, email=email), make_user(alice, email=email, password=""), make_user(carol, email=email)
    gone = make_user(alice, email=email)
    with unit_of_work(alice.id):
        delete_user(account=alice.fresh(), by=None, at=NOW, code=gone.code)
    ask(email.lower(), kind="user_id")
    (asked,) = take_requests()
    assert find_users_asked_for(asked) == {alice.id: (bob.user.id,), carol.id: (cara.user.id,)}
    assert till.user.id not in (bob.user.id, cara.user.id)
    ask("", kind="user_id")
    (asked,) = take_requests()
    assert find_users_asked_for(asked) == {}


def test_asking_too_often_is_refused_alike_for_known_and_unknown():
    bob = make_user(make_account())
    for about in (bob.code, unique_name("nobody"), "a@example.com"):
        kind = "user_id" if "@" in about else "password"
        for _ in range(ASKED_MAX):
            ask(about, kind=kind)
        with pytest.raises(RateLimited) as caught:
            ask(about, kind=kind)
        assert caught.value.retry_after_seconds == LOCK_SECONDS
    assert not SignInAttempts.objects.filter(subject__contains="example.com").exists(), "addresses are not kept for a count"
    assert sign_in(user_code=bob.code, password=bob.password, at=NOW)[1].id == bob.user.id, "nobody is locked out by it"


def test_a_link_sets_a_password_once():
    bob = make_user(make_account())
    link = link_of(bob)
    assert is_link_good(link=link, at=NOW)
    assert set_password_by_link(link=link, password="mocha_99", at=NOW + END / 2)[1].code == bob.code
    assert sign_in(user_code=bob.code, password="mocha_99", at=NOW)[1].id == bob.user.id
    assert not is_link_good(link=link, at=NOW)
    with pytest.raises(LinkNotValid):
        set_password_by_link(link=link, password="latte_77", at=NOW)


def test_a_link_is_good_for_half_an_hour_and_until_the_next_one():
    bob = make_user(make_account())
    first = link_of(bob)
    assert is_link_good(link=first, at=NOW + END - timedelta(seconds=1))
    assert not is_link_good(link=first, at=NOW + END)
    with pytest.raises(LinkNotValid):
        set_password_by_link(link=first, password="mocha_99", at=NOW + END)
    second = link_of(bob)
    assert not is_link_good(link=first, at=NOW)
    assert is_link_good(link=second, at=NOW)


def test_only_its_hash_is_kept():
    bob = make_user(make_account())
    link = link_of(bob)
    with unit_of_work(bob.account.id):
        digest = bytes(PasswordLink.objects.get(account_id=bob.account.id, user_id=bob.user.id).digest)
    secret = link.partition("-")[2]
    assert len(digest) == 32
    assert digest not in (secret.encode(), bytes.fromhex(secret))


@pytest.mark.parametrize("wrong", ["", "1", "x-y", "1-" + "0" * 40, "9999999999-" + "0" * 40, "0-" + "g" * 40, "é-" + "0" * 40])
def test_made_up_links_are_not_valid(wrong: str):
    assert not is_link_good(link=wrong, at=NOW)
    with pytest.raises(LinkNotValid):
        set_password_by_link(link=wrong, password="mocha_99", at=NOW)


def test_a_link_is_of_no_use_in_another_account():
    bob, carol = make_user(make_account()), make_account()
    secret = link_of(bob).partition("-")[2]
    assert not is_link_good(link=f"{carol.id}-{secret}", at=NOW)


def test_a_password_that_can_not_be_leaves_the_link_good():
    bob = make_user(make_account())
    link = link_of(bob)
    for password in ("", "abc", "with blank", "x" * 21):
        with pytest.raises(InvalidParameter) as caught:
            set_password_by_link(link=link, password=password, at=NOW)
        assert caught.value.fields == ("password",)
    assert is_link_good(link=link, at=NOW)


def test_it_ends_sessions_forgets_browsers_lifts_the_lock_and_keeps_the_second_factor():
    alice = make_account()
    bob = make_user(alice)
    make_second_factor(bob)
    who = {"account": bob.account, "user": bob.user}
    with unit_of_work(alice.id):
        session = begin_session(**who, at=NOW)
        cookie = remember_device(**who, at=NOW)
    for _ in range(USER_FAILURES_MAX):
        with pytest.raises(BadCredentials):
            sign_in(user_code=bob.code, password="wrong_1", at=NOW)
    with pytest.raises(RateLimited):
        sign_in(user_code=bob.code, password=bob.password, at=NOW)
    set_password_by_link(link=link_of(bob), password="mocha_99", at=NOW)
    with unit_of_work(alice.id):
        assert find_session(account=bob.account, user_id=bob.user.id, session_id=session, at=NOW) is None
        assert not recognise_device(**who, at=NOW, cookie=cookie)
        assert has_second_factor(**who)
    assert sign_in(user_code=bob.code, password="mocha_99", at=NOW)[1].id == bob.user.id


@pytest.mark.parametrize("change", ["password", "email", "deletion", "suspension"])
def test_a_link_ends_with_what_it_was_sent_for(change: str):
    alice = make_account()
    bob = make_user(alice, email="bob@example.com")
    link = link_of(bob)
    with unit_of_work(alice.id):
        fresh = alice.fresh()
        if change == "deletion":
            delete_user(account=fresh, by=None, at=NOW, code=bob.code)
        elif change == "suspension":
            change_state(account=fresh, state="suspended")
        else:
            update_user(account=fresh, by=None, at=NOW, code=bob.code, **{change: "mocha_99"})
    with pytest.raises(LinkNotValid):
        set_password_by_link(link=link, password="latte_77", at=NOW)
