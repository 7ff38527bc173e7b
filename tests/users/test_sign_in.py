# SPDX-License-Identifier: Apache-2.0
"""Signing in with the login password: one answer for every failure, and a lock after repeated ones."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection

from regulars.errors import BadCredentials, InvariantViolation, RateLimited, RegularsError
from regulars.kit.db import unit_of_work
from regulars.users.models import SignInAttempts, User
from regulars.users.operations import delete_user, update_user
from regulars.users.sign_in import ADDRESS_FAILURES_MAX, KEPT_SECONDS, LOCK_SECONDS, USER_FAILURES_MAX, sign_in
from tests.factories import NOW, make_account, make_user, unique_name


def failure(user_code: str, password: str = "wrong_1", at=NOW, address: str = "") -> RegularsError:
    with pytest.raises(RegularsError) as caught:
        sign_in(user_code=user_code, password=password, at=at, address=address)
    return caught.value


def test_right_password_gives_the_account_and_the_user():
    bob = make_user(make_account(), role="K")
    account, user = sign_in(user_code=bob.code, password=bob.password, at=NOW)
    assert (account.id, user.id) == (bob.account.id, bob.user.id)


def test_user_id_is_taken_in_any_case_and_password_to_the_letter():
    bob = make_user(make_account(), role="K")
    assert sign_in(user_code=bob.code.upper(), password=bob.password, at=NOW)[1].id == bob.user.id
    assert isinstance(failure(bob.code, bob.password.upper()), BadCredentials)


def test_unknown_wrong_deleted_and_passwordless_users_get_one_answer():
    alice = make_account()
    bob = make_user(alice)
    dora = make_user(alice)
    till = make_user(alice, password="")
    with unit_of_work(alice.id):
        delete_user(account=alice.fresh(), by=alice.owner, at=NOW, code=dora.code)
    answers = {
        (error.code, error.message, error.fields)
        for error in (
            failure(bob.code),
            failure(unique_name("nobody")),
            failure(dora.code, dora.password),
            failure(till.code, ""),
            failure("x" * 5000, "y" * 5000),
        )
    }
    assert answers == {("bad_credentials", "The user_id or user_api_key is not valid.", ())}


def test_security_token_is_no_login_password():
    bob = make_user(make_account())
    assert isinstance(failure(bob.code, bob.token), BadCredentials)


def test_repeated_failures_lock_even_the_right_password():
    bob = make_user(make_account())
    for _ in range(USER_FAILURES_MAX):
        assert isinstance(failure(bob.code), BadCredentials)
    locked = failure(bob.code, bob.password)
    assert isinstance(locked, RateLimited)
    assert locked.retry_after_seconds == LOCK_SECONDS


def test_lock_is_the_same_for_a_user_id_that_does_not_exist():
    nobody = unique_name("nobody")
    for _ in range(USER_FAILURES_MAX):
        assert isinstance(failure(nobody), BadCredentials)
    assert isinstance(failure(nobody), RateLimited)


def test_lock_ends_by_itself_and_is_not_prolonged_by_trying():
    bob = make_user(make_account())
    for _ in range(USER_FAILURES_MAX + 1):
        failure(bob.code)
    still = failure(bob.code, bob.password, at=NOW + timedelta(seconds=LOCK_SECONDS - 1))
    assert isinstance(still, RateLimited)
    assert still.retry_after_seconds == 1
    assert sign_in(user_code=bob.code, password=bob.password, at=NOW + timedelta(seconds=LOCK_SECONDS))[1].id == bob.user.id


def test_good_sign_in_starts_the_count_anew():
    bob = make_user(make_account())
    for _ in range(3):
        for _ in range(USER_FAILURES_MAX - 1):
            failure(bob.code)
        sign_in(user_code=bob.code, password=bob.password, at=NOW)


def test_old_failures_are_forgotten():
    bob = make_user(make_account())
    for _ in range(USER_FAILURES_MAX):
        failure(bob.code)
    assert sign_in(user_code=bob.code, password=bob.password, at=NOW + timedelta(seconds=LOCK_SECONDS))


def test_address_is_locked_after_failures_for_many_user_ids_and_good_sign_ins_do_not_count():
    address = unique_name("addr")
    bob = make_user(make_account())
    for _ in range(5):
        sign_in(user_code=bob.code, password=bob.password, at=NOW, address=address)
    for _ in range(ADDRESS_FAILURES_MAX):
        assert isinstance(failure(unique_name("nobody"), address=address), BadCredentials)
    assert isinstance(failure(bob.code, bob.password, address=address), RateLimited)
    assert sign_in(user_code=bob.code, password=bob.password, at=NOW, address=unique_name("other"))


def test_many_tries_at_once_do_not_get_past_the_lock():
    bob = make_user(make_account())
    answers: list[str] = []

    def attempt() -> None:
        try:
            answers.append(failure(bob.code).code)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(USER_FAILURES_MAX * 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count("bad_credentials") == USER_FAILURES_MAX
    assert answers.count("rate_limited") == USER_FAILURES_MAX * 2


def test_old_rows_of_made_up_user_ids_are_swept():
    nobody = unique_name("nobody")
    failure(nobody, at=NOW - timedelta(seconds=KEPT_SECONDS * 30))
    for _ in range(3):
        failure(unique_name("later"))
    assert not SignInAttempts.objects.filter(subject=f"user:{nobody}").exists()


def test_new_password_replaces_the_old_one():
    bob = make_user(make_account())
    with unit_of_work(bob.account.id):
        update_user(account=bob.account, by=None, at=NOW, code=bob.code, password="mocha_99")
    assert isinstance(failure(bob.code, bob.password), BadCredentials)
    assert sign_in(user_code=bob.code, password="mocha_99", at=NOW)[1].id == bob.user.id


def test_hash_of_another_cost_is_renewed_at_sign_in():
    bob = make_user(make_account())
    from argon2 import PasswordHasher

    other_cost = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(bob.password)
    with unit_of_work(bob.account.id):
        User.objects.filter(account_id=bob.account.id, id=bob.user.id).update(password_hash=other_cost)
    sign_in(user_code=bob.code, password=bob.password, at=NOW)
    with unit_of_work(bob.account.id):
        renewed = User.objects.filter(account_id=bob.account.id, id=bob.user.id).values_list("password_hash", flat=True).get()
    assert renewed != other_cost
    assert sign_in(user_code=bob.code, password=bob.password, at=NOW)[1].id == bob.user.id


def test_inside_a_unit_of_work_it_refuses_to_run():
    bob = make_user(make_account())
    with pytest.raises(InvariantViolation), unit_of_work(bob.account.id):
        sign_in(user_code=bob.code, password=bob.password, at=NOW)
