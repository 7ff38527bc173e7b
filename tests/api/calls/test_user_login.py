# SPDX-License-Identifier: Apache-2.0
"""user_login: the login password for the Security Token (api.md 13)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from regulars.accounts.operations import change_state
from regulars.kit.db import unit_of_work
from regulars.users.operations import delete_user
from regulars.users.sign_in import LOCK_SECONDS, USER_FAILURES_MAX
from tests.client import Api
from tests.factories import NOW, app_code, make_account, make_second_factor, make_user, unique_name


def login(api: Api, code: str, password: str, **fields):
    return api.call("user_login", user_id=code, user_password=password, **fields)


def test_it_answers_account_info_and_the_key(api: Api):
    alice = make_account()
    bob = make_user(alice, role="K")
    answer = login(api, bob.code, bob.password)
    account = answer.json["account"]
    assert list(account)[-2:] == ["user_id", "user_api_key"]
    assert (account.pop("user_id"), account.pop("user_api_key")) == (bob.code, bob.token)
    assert account == api.call("account_info", **alice.credentials).json["account"]


def test_the_key_it_answers_works(api: Api):
    alice = make_account()
    key = login(api, alice.code.upper(), alice.password).at("account/user_api_key")
    assert api.call("user_info", user_id=alice.code, user_api_key=key, account_id=alice.code).ok


def test_every_failure_is_one_answer(api: Api):
    alice = make_account()
    bob, gone = make_user(alice), make_user(alice)
    with unit_of_work(alice.id):
        delete_user(account=alice.fresh(), by=alice.owner, at=NOW, code=gone.code)
    tries = [(bob.code, "wrong_1"), (bob.code, bob.token), (unique_name("nobody"), "wrong_1"), (gone.code, gone.password)]
    (body,) = {login(api, *given).xml_body for given in tries}
    assert b'<error code="bad_credentials">The user_id or user_api_key is not valid.</error>' in body


def test_header_key_does_not_stand_in_for_the_password(api: Api):
    bob = make_user(make_account())
    headers = {"api_access_key": bob.token}
    assert api.call("user_login", user_id=bob.code, user_password="wrong_1", headers=headers).error_code == "bad_credentials"
    assert api.call("user_login", user_id=bob.code, headers=headers).text == "Missing parameter: user_password"


@pytest.mark.parametrize("left_out", ["user_id", "user_password"])
def test_missing_field_is_named(api: Api, left_out: str):
    fields = {"user_id": "someone", "user_password": "x_1234"}
    del fields[left_out]
    assert api.call("user_login", **fields).text == f"Missing parameter: {left_out}"


def test_blanks_in_a_password_count(api: Api):
    alice = make_account()
    assert login(api, alice.code, f" {alice.password}").error_code == "bad_credentials"


def test_repeated_failures_lock_the_right_password_out_for_a_while(api: Api):
    bob = make_user(make_account())
    for _ in range(USER_FAILURES_MAX):
        assert login(api, bob.code, "wrong_1").error_code == "bad_credentials"
    locked = login(api, bob.code, bob.password)
    assert (locked.error_code, locked.text) == ("rate_limited", "Too many requests. Please try again later.")
    assert locked.status == 429
    assert 0 < int(locked.headers["retry-after"]) <= LOCK_SECONDS
    assert api.call("user_info", **bob.credentials).ok, "a till with its key goes on working"
    later = datetime.now(UTC) + timedelta(seconds=LOCK_SECONDS + 5)
    assert api.call_at(later, "user_login", user_id=bob.code, user_password=bob.password).ok


def test_lock_says_nothing_about_whether_there_is_such_a_user(api: Api):
    nobody = unique_name("nobody")
    codes = [login(api, nobody, "wrong_1").error_code for _ in range(USER_FAILURES_MAX + 1)]
    assert codes == ["bad_credentials"] * USER_FAILURES_MAX + ["rate_limited"]


def test_many_at_once_do_not_get_past_the_lock(api: Api):
    bob = make_user(make_account())
    request = api.request({"type": "user_login", "user_id": bob.code, "user_password": "wrong_1"})
    answers = api.together(request for _ in range(USER_FAILURES_MAX * 2))
    assert [answer.error_code for answer in answers].count("bad_credentials") == USER_FAILURES_MAX


def test_suspended_account_is_told_so_only_with_the_right_password(api: Api):
    alice = make_account()
    with unit_of_work(alice.id):
        change_state(account=alice.account, state="suspended")
    assert login(api, alice.code, alice.password).text == "This account has been suspended"
    assert login(api, alice.code, "wrong_1").error_code == "bad_credentials"


def test_password_stands_in_no_answer(api: Api):
    alice = make_account()
    answer = login(api, alice.code, alice.password)
    assert alice.password.encode() not in answer.xml_body + answer.json_body


def test_who_has_a_second_factor_needs_its_code_and_each_works_once(api: Api):
    bob = make_user(make_account())
    secret, codes = make_second_factor(bob)
    missing = login(api, bob.code, bob.password)
    assert (missing.error_code, missing.text) == (
        "second_factor_missing", "A code of the second factor is needed: second_factor_code.",
    )  # fmt: skip
    assert login(api, bob.code, "wrong_1", second_factor_code=codes[0]).error_code == "bad_credentials"
    assert login(api, bob.code, bob.password, second_factor_code="000 00").error_code == "wrong_code"
    given = {
        "user_id": bob.code,
        "user_password": bob.password,
        "second_factor_code": app_code(secret, NOW + timedelta(minutes=2)),
    }
    at = NOW + timedelta(minutes=2)
    assert api.call_at(at, "user_login", **given).at("account/user_api_key") == bob.token
    assert api.call_at(at, "user_login", **given).error_code == "wrong_code"
    assert login(api, bob.code, bob.password, second_factor_code=codes[0]).ok
    assert api.call("user_info", **bob.credentials).ok, "tokens need no code"


def test_wrong_codes_are_counted_though_the_call_fails(api: Api):
    bob = make_user(make_account())
    _, codes = make_second_factor(bob)
    answers = [login(api, bob.code, bob.password, second_factor_code="123").error_code for _ in range(USER_FAILURES_MAX + 1)]
    assert answers == ["wrong_code"] * USER_FAILURES_MAX + ["rate_limited"]
    assert login(api, bob.code, bob.password, second_factor_code=codes[0]).error_code == "rate_limited"
