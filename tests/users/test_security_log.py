# SPDX-License-Identifier: Apache-2.0
"""What happens to people's access is kept for their account, and for no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from regulars.errors import BadCredentials, PermissionDenied, RateLimited
from regulars.jobs import tasks
from regulars.kit.db import unit_of_work
from regulars.users.models import SecurityEvent
from regulars.users.operations import unlock_user
from regulars.users.second_factor import WrongCode, check_second_factor, remove_second_factor, reset_second_factor
from regulars.users.security_events import list_security_events
from regulars.users.security_log import NOBODYS, note
from regulars.users.sign_in import sign_in
from tests.factories import NOW, MadeAccount, make_account, make_second_factor, make_user, unique_name

Rows = Callable[..., list[tuple[Any, ...]]]


def events(made: MadeAccount, **asked: Any) -> list[tuple[str, str, str, str]]:
    with unit_of_work(made.id):
        page = list_security_events(account=made.fresh(), by=made.owner, **asked)
    return [(line.event, line.user_code, line.how, line.address) for line in page.lines]


def try_in_vain(code: str, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises((BadCredentials, RateLimited)):
            sign_in(user_code=code, password="wrong_12", at=NOW, address="192.0.2.7")


def test_failures_and_the_lock_are_kept_and_nobody_elses_are_seen() -> None:
    alice, carol = make_account(), make_account()
    bob = make_user(alice)
    try_in_vain(bob.code.upper(), 6)
    failed = ("sign_in_failed", bob.code, "password", "192.0.2.7")
    assert events(alice) == [("locked_out", bob.code, "passwords", "192.0.2.7"), *[failed] * 5]
    assert events(carol) == []
    with unit_of_work(alice.id):
        assert unlock_user(account=alice.fresh(), by=alice.owner, at=NOW, code=bob.code)
    assert events(alice)[0][:2] == ("unlocked", bob.code)


def test_a_user_id_that_does_not_exist_leaves_as_much_behind_and_no_name(run_as_owner: Rows) -> None:
    unknown = unique_name("no")
    count = "SELECT count(*) FROM users_security_events WHERE account_id = %s"
    before = run_as_owner(count, NOBODYS)[0][0]
    try_in_vain(unknown)
    assert run_as_owner(count, NOBODYS)[0][0] == before + 1
    assert run_as_owner("SELECT count(*) FROM users_security_events WHERE user_code ILIKE %s", unknown) == [(0,)]
    tasks.stopping.clear()
    tasks._drop_events(NOBODYS, 1)
    assert run_as_owner(f"{count} AND at < now() - interval '1 day'", NOBODYS) == [(0,)]


def test_what_becomes_of_the_second_factor_is_kept() -> None:
    alice = make_account()
    bob = make_user(alice)
    make_second_factor(bob)
    with unit_of_work(alice.id), pytest.raises(WrongCode) as refused:
        check_second_factor(account=alice.fresh(), user=bob.user, at=NOW, code="000000", address="192.0.2.7")
    assert refused.value.keeps_changes, "the face lets it commit, and the event with it"
    with unit_of_work(alice.id):
        reset_second_factor(account=alice.fresh(), by=alice.owner, at=NOW, code=bob.code)
    make_second_factor(bob)
    with unit_of_work(alice.id):
        remove_second_factor(account=alice.fresh(), user=bob.user, at=NOW)
        page = list_security_events(account=alice.fresh(), by=alice.owner)
    assert [line.event for line in page.lines] == [
        "second_factor_off", "second_factor_on", "second_factor_reset", "sign_in_failed", "second_factor_on",
    ]  # fmt: skip
    assert page.lines[2].by_code == alice.owner.code


def test_events_are_narrowed_down_and_go_on_page_by_page() -> None:
    alice = make_account()
    bob = make_user(alice)
    for number in range(5):
        note("signed_in", account=alice.account, user=bob.user if number % 2 else alice.owner, how="password")
    note("locked_out", account=alice.account, user=bob.user)
    assert len(events(alice, event="signed_in")) == 5
    assert len(events(alice, user_code=bob.code.upper())) == 3
    assert events(alice, at_from=datetime.now(UTC) + timedelta(hours=1)) == []
    with unit_of_work(alice.id):
        first = list_security_events(account=alice.account, by=alice.owner, length=4)
        rest = list_security_events(account=alice.account, by=alice.owner, length=4, before_id=first.older_than)
    assert (len(first.lines), len(rest.lines), rest.older_than) == (4, 2, None)
    with unit_of_work(alice.id), pytest.raises(PermissionDenied):
        list_security_events(account=alice.account, by=bob.user)


def test_old_events_go_with_old_changes(only_new_accounts: None, monkeypatch: pytest.MonkeyPatch, run_as_owner: Rows) -> None:
    alice = make_account()
    note("signed_in", account=alice.account, user=alice.owner)
    note("locked_out", account=alice.account, user=alice.owner)
    run_as_owner(
        "UPDATE users_security_events SET at = now() - interval '31 days' WHERE event = 'signed_in' AND account_id = %s",
        alice.id,
    )
    monkeypatch.setenv("REGULARS_CHANGES_DAYS", "30")
    tasks.stopping.clear()
    tasks.purge()
    assert [event for event, *_ in events(alice)] == ["locked_out"]


def test_no_account_can_read_or_write_anothers() -> None:
    alice, carol = make_account(), make_account()
    note("signed_in", account=alice.account, user=alice.owner)
    with unit_of_work(carol.id):
        assert not SecurityEvent.objects.filter(account_id=alice.id).exists()
