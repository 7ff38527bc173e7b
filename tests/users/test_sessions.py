# SPDX-License-Identifier: Apache-2.0
"""Sessions and remembered browsers: listed, ended one by one, ended by a new password, nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from regulars.accounts.operations import set_sign_in_rules
from regulars.kit.db import unit_of_work
from regulars.users.devices import (
    DEVICE_SECONDS,
    DEVICES_MAX,
    DeviceNotFound,
    forget_device,
    list_devices,
    recognise_device,
    remember_device,
)
from regulars.users.models import Device, Session
from regulars.users.operations import delete_user, update_user
from regulars.users.rules import browser_of
from regulars.users.sessions import (
    SESSION_SECONDS,
    Browser,
    SessionNotFound,
    begin_session,
    drop_old_sessions,
    end_session,
    end_sessions,
    find_session,
    list_sessions,
)
from tests.factories import NOW, make_account, make_second_factor, make_user

MINUTE = timedelta(minutes=1)
DESK = Browser("192.0.2.7", "Firefox", "Windows")


def test_sessions_are_listed_with_the_last_used_first():
    alice = make_account()
    who = {"account": alice.account, "user": alice.owner}
    with unit_of_work(alice.id):
        first = begin_session(**who, at=NOW, browser=DESK)
        second = begin_session(**who, at=NOW + MINUTE)
        assert [row.id for row in list_sessions(**who, at=NOW + MINUTE)] == [second, first]
        find_session(account=alice.account, user_id=alice.owner.id, session_id=first, at=NOW + 5 * MINUTE)
        shown = list_sessions(**who, at=NOW + 5 * MINUTE)
    assert (shown[0].id, shown[0].seen_at, shown[0].browser) == (first, NOW + 5 * MINUTE, DESK)


def test_looking_at_a_session_writes_once_a_minute():
    alice = make_account()
    with unit_of_work(alice.id):
        number = begin_session(account=alice.account, user=alice.owner, at=NOW)
        for seconds, seen in ((1, 0), (59, 0), (60, 60), (119, 60), (120, 120)):
            find_session(account=alice.account, user_id=alice.owner.id, session_id=number, at=NOW + timedelta(seconds=seconds))
            assert Session.objects.get(account_id=alice.id, id=number).seen_at == NOW + timedelta(seconds=seen)


def test_a_session_ends_when_nobody_used_it_for_a_working_day():
    alice = make_account()
    day = timedelta(seconds=SESSION_SECONDS)
    with unit_of_work(alice.id):
        number = begin_session(account=alice.account, user=alice.owner, at=NOW)
        where = {"account": alice.account, "user_id": alice.owner.id, "session_id": number}
        assert find_session(**where, at=NOW + day - MINUTE) is not None
        assert find_session(**where, at=NOW + day) is not None, "it was used a minute ago"
        assert find_session(**where, at=NOW + 2 * day + MINUTE) is None
        assert drop_old_sessions(account=alice.account, at=NOW + 3 * day) == 1


def test_one_session_or_all_others_are_ended_and_never_anybody_elses():
    alice = make_account()
    bob = make_user(alice)
    with unit_of_work(alice.id):
        fresh = alice.fresh()
        own, other, third = (begin_session(account=fresh, user=alice.owner, at=NOW) for _ in range(3))
        bobs = begin_session(account=fresh, user=bob.user, at=NOW)
        with pytest.raises(SessionNotFound):
            end_session(account=fresh, user=alice.owner, session_id=bobs)
        end_session(account=fresh, user=alice.owner, session_id=other)
        with pytest.raises(SessionNotFound):
            end_session(account=fresh, user=alice.owner, session_id=other)
        assert end_sessions(account=fresh, user_id=alice.owner.id, except_id=own) == 1
        alive = set(Session.objects.filter(account_id=alice.id).values_list("id", flat=True))
    assert alive == {own, bobs}
    assert third not in alive


def test_a_session_counts_for_its_user_only():
    alice = make_account()
    bob = make_user(alice)
    with unit_of_work(alice.id):
        number = begin_session(account=alice.account, user=alice.owner, at=NOW)
        assert find_session(account=alice.account, user_id=bob.user.id, session_id=number, at=NOW) is None
    carol = make_account()
    with unit_of_work(carol.id):
        assert find_session(account=carol.account, user_id=alice.owner.id, session_id=number, at=NOW) is None


@pytest.mark.parametrize("change", ["password", "deletion"])
def test_a_new_password_and_a_deletion_end_sessions_and_forget_browsers(change: str):
    alice = make_account()
    bob = make_user(alice)
    with unit_of_work(alice.id):
        fresh = alice.fresh()
        begin_session(account=fresh, user=bob.user, at=NOW)
        begin_session(account=fresh, user=alice.owner, at=NOW)
        remember_device(account=fresh, user=bob.user, at=NOW)
        update_user(account=fresh, by=None, at=NOW, code=bob.code, first_name="Robert")
        assert Session.objects.filter(account_id=alice.id).count() == 2
        if change == "password":
            update_user(account=fresh, by=None, at=NOW, code=bob.code, password="mocha_99")
        else:
            delete_user(account=fresh, by=None, at=NOW, code=bob.code)
        assert list(Session.objects.filter(account_id=alice.id).values_list("user_id", flat=True)) == [alice.owner.id]
        assert not Device.objects.filter(account_id=alice.id).exists()


def test_the_mark_of_a_session_follows_the_password_and_it_tells_of_a_second_factor():
    alice = make_account()
    bob = make_user(alice)
    where = {"account": alice.account, "user_id": bob.user.id}
    with unit_of_work(alice.id):
        number = begin_session(account=alice.account, user=bob.user, at=NOW)
        before = find_session(**where, session_id=number, at=NOW)
    make_second_factor(bob)
    with unit_of_work(alice.id):
        update_user(account=alice.fresh(), by=None, at=NOW, code=bob.code, password="mocha_99")
        number = begin_session(account=alice.account, user=bob.user, at=NOW)
        after = find_session(**where, session_id=number, at=NOW)
    assert before.mark != after.mark
    assert (before.has_second_factor, after.has_second_factor) == (False, True)


def test_a_remembered_browser_is_known_by_its_cookie_for_thirty_days():
    alice = make_account()
    bob = make_user(alice)
    who = {"account": alice.account, "user": bob.user}
    with unit_of_work(alice.id):
        cookie = remember_device(**who, at=NOW, browser=DESK)
        end = NOW + timedelta(seconds=DEVICE_SECONDS)
        assert recognise_device(**who, at=end - MINUTE, cookie=cookie)
        assert not recognise_device(**who, at=end, cookie=cookie)
        (row,) = list_devices(**who, at=NOW)
        assert (row.used_at, row.browser) == (end - MINUTE, DESK)
        secret, _, seal = cookie.partition(".")
        assert secret.encode() not in bytes(Device.objects.get(account_id=alice.id).digest)
        for forged in ("", "x" * 73, f"{secret}.{'0' * 32}", f"{'0' * 40}.{seal}", cookie.upper(), cookie + "\n"):
            assert not recognise_device(**who, at=NOW, cookie=forged), forged
        assert not recognise_device(account=alice.account, user=alice.owner, at=NOW, cookie=cookie)


def test_browsers_are_forgotten_one_by_one_by_their_user_alone():
    alice = make_account()
    bob = make_user(alice)
    with unit_of_work(alice.id):
        cookie = remember_device(account=alice.account, user=bob.user, at=NOW)
        (row,) = list_devices(account=alice.account, user=bob.user, at=NOW)
        with pytest.raises(DeviceNotFound):
            forget_device(account=alice.account, user=alice.owner, device_id=row.id)
        forget_device(account=alice.account, user=bob.user, device_id=row.id)
        assert not recognise_device(account=alice.account, user=bob.user, at=NOW, cookie=cookie)


def test_an_account_may_remember_none():
    alice = make_account()
    with unit_of_work(alice.id):
        cookie = remember_device(account=alice.account, user=alice.owner, at=NOW)
        set_sign_in_rules(account=alice.account, second_factor_for="nobody", remembers_devices=False)
        fresh = alice.fresh()
        assert not recognise_device(account=fresh, user=alice.owner, at=NOW, cookie=cookie)
        assert remember_device(account=fresh, user=alice.owner, at=NOW) == ""
        assert list_devices(account=fresh, user=alice.owner, at=NOW) == ()


def test_a_user_has_so_many_browsers_and_no_more():
    alice = make_account()
    who = {"account": alice.account, "user": alice.owner}
    with unit_of_work(alice.id):
        cookies = [remember_device(**who, at=NOW + number * MINUTE) for number in range(DEVICES_MAX + 2)]
        later = NOW + 60 * MINUTE
        assert len(list_devices(**who, at=later)) == DEVICES_MAX
        known = [recognise_device(**who, at=later, cookie=cookie) for cookie in cookies]
    assert known == [False, False] + [True] * DEVICES_MAX


KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0": ("Firefox", "Windows"),
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {KIT} Chrome/140.0.0.0 Safari/537.36": ("Chrome", "macOS"),
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KIT} Chrome/140.0 Safari/537.36 Edg/140.0": ("Edge", "Windows"),
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) {KIT} Version/18.0 Mobile/15E Safari/604.1": ("Safari", "iPhone"),
    f"Mozilla/5.0 (Linux; Android 15; SM-S921B) {KIT} SamsungBrowser/28.0 Chrome/130.0": ("Samsung Internet", "Android"),
    "curl/8.5.0": ("", ""),
    "": ("", ""),
}


@pytest.mark.parametrize("agent", AGENTS)
def test_a_browser_is_named_by_its_families(agent: str):
    assert browser_of(agent) == AGENTS[agent]
