# SPDX-License-Identifier: Apache-2.0
"""The second factor: set up with a code, asked for once each, locked as passwords are, taken away by whoever may."""

from __future__ import annotations

import base64
import random
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.accounts.operations import set_sign_in_rules
from regulars.errors import PermissionDenied, RateLimited, UserNotFound
from regulars.kit.db import unit_of_work
from regulars.users.models import RecoveryCode, SecondFactor
from regulars.users.operations import erase_user, unlock_user, update_user
from regulars.users.rules import needs_second_factor, plain_code
from regulars.users.second_factor import (
    NoSecondFactor,
    SecondFactorExists,
    SecondFactorRequired,
    WrongCode,
    begin_second_factor,
    check_second_factor,
    confirm_second_factor,
    get_second_factor,
    has_second_factor,
    is_required_of,
    remove_second_factor,
    replace_recovery_codes,
    reset_second_factor,
)
from regulars.users.sessions import begin_session, find_session
from regulars.users.sign_in import LOCK_SECONDS, USER_FAILURES_MAX, list_locked, sign_in
from regulars.users.totp import code_at, matching_step, new_secret, provisioning_uri, step_of
from tests.factories import NOW, MadeAccount, MadeUser, app_code, make_account, make_second_factor, make_user

STEP = timedelta(seconds=30)


def check(made: MadeAccount | MadeUser, code: str, at: datetime = NOW) -> str:
    who = {"account": made.account, "user": made.owner if isinstance(made, MadeAccount) else made.user}
    return check_second_factor(**who, at=at, code=code)


def outcome(made: MadeAccount | MadeUser, code: str, at: datetime = NOW) -> str:
    """What comes of a code, as the panel asks: the account's unit of work is inside, the count outside."""
    try:
        with unit_of_work(made.account.id):
            return check(made, code, at)
    except RateLimited:
        return "locked"
    except WrongCode:
        return "wrong"


def test_codes_are_those_of_rfc_6238():
    secret = b"12345678901234567890"
    for seconds, expected in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        at = datetime.fromtimestamp(seconds, UTC)
        assert code_at(secret, step_of(at)) == expected
        assert matching_step(secret, expected, at=at) == seconds // 30


@given(st.integers(0, 2**40), st.integers(-5, 5))
def test_a_code_is_taken_one_step_early_or_late_and_no_further(step: int, aside: int):
    secret = new_secret(random.Random(step))
    at = datetime.fromtimestamp((step % 10**9) * 30 + 7, UTC)
    code = code_at(secret, step_of(at) + aside) if step_of(at) + aside >= 0 else "000000"
    found = matching_step(secret, code, at=at)
    if abs(aside) <= 1 and step_of(at) + aside >= 0:
        assert found is not None
    elif found is not None:  # one code in a million is that of another step, too
        assert code_at(secret, found) == code


@given(st.text(max_size=20))
def test_a_code_is_compared_without_what_people_type_around_it(text: str):
    assert plain_code(f" {text[:3]}-{text[3:]} ") == plain_code(text)


def test_apps_are_told_who_and_where_it_is():
    secret = bytes(range(20))
    uri = urlsplit(provisioning_uri(secret, user_code="alice", issuer="Bean: Leaf & Sons"))
    asked = parse_qs(uri.query)
    assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/Bean%20%20Leaf%20%26%20Sons:alice")
    assert (asked["issuer"], asked["digits"], asked["period"]) == (["Bean  Leaf & Sons"], ["6"], ["30"])
    assert base64.b32decode(asked["secret"][0]) == secret


def test_it_is_asked_for_only_after_a_code_confirmed_it():
    bob = make_user(make_account())
    who = {"account": bob.account, "user": bob.user}
    with unit_of_work(bob.account.id):
        shown = begin_second_factor(**who, at=NOW)
        assert not has_second_factor(**who)
        assert get_second_factor(**who).set_up == shown
        with pytest.raises(WrongCode):
            confirm_second_factor(**who, at=NOW, code="000 000")
        assert not has_second_factor(**who)
        codes = confirm_second_factor(**who, at=NOW, code=app_code(shown.secret, NOW))
        state = get_second_factor(**who)
    assert (state.is_on, state.set_up, state.codes_left) == (True, None, 10)
    assert len(set(codes)) == 10
    assert outcome(bob, app_code(shown.secret, NOW)) == "wrong", "the code that confirmed it was used by that"
    assert outcome(bob, app_code(shown.secret, NOW + STEP), NOW + STEP) == "app"


def test_neither_secret_nor_codes_can_be_read_in_the_tables():
    bob = make_user(make_account())
    secret, codes = make_second_factor(bob)
    raw = base64.b32decode(secret.replace(" ", ""))
    with unit_of_work(bob.account.id):
        stored = bytes(SecondFactor.objects.get(account_id=bob.account.id, user_id=bob.user.id).secret_encrypted)
        digests = b"".join(bytes(row.digest) for row in RecoveryCode.objects.filter(account_id=bob.account.id))
    assert raw not in stored
    for code in codes:
        assert code.encode() not in digests
        assert plain_code(code).encode() not in digests


def test_a_code_works_once_and_no_older_one_after_it():
    bob = make_user(make_account())
    secret, _ = make_second_factor(bob)
    later = NOW + 10 * STEP
    assert outcome(bob, app_code(secret, later), later) == "app"
    assert outcome(bob, app_code(secret, later), later) == "wrong"
    assert outcome(bob, app_code(secret, later - STEP), later) == "wrong"
    assert outcome(bob, app_code(secret, later + STEP), later) == "app"


def test_each_recovery_code_works_once_as_people_type_it():
    bob = make_user(make_account())
    _, codes = make_second_factor(bob)
    assert outcome(bob, codes[0].upper().replace("-", " ")) == "paper"
    assert outcome(bob, codes[0]) == "wrong"
    assert outcome(bob, codes[1]) == "paper"
    with unit_of_work(bob.account.id):
        assert get_second_factor(account=bob.account, user=bob.user).codes_left == 8
        fresh = replace_recovery_codes(account=bob.account, user=bob.user, at=NOW)
    assert outcome(bob, codes[2]) == "wrong"
    assert outcome(bob, fresh[0]) == "paper"


def test_codes_of_one_user_are_nobody_elses():
    alice = make_account()
    bob, carl = make_user(alice), make_user(alice)
    _, codes = make_second_factor(bob)
    make_second_factor(carl)
    assert outcome(carl, codes[0]) == "wrong"
    assert outcome(bob, codes[0]) == "paper"


def test_wrong_codes_lock_the_right_one_and_a_right_password_does_not_start_anew():
    bob = make_user(make_account())
    secret, codes = make_second_factor(bob)
    later = NOW + 10 * STEP
    for _ in range(USER_FAILURES_MAX):
        with pytest.raises(WrongCode):
            check_second_factor(account=bob.account, user=bob.user, at=later, code="00000")
        sign_in(user_code=bob.code, password=bob.password, at=later)
    with pytest.raises(RateLimited):
        check_second_factor(account=bob.account, user=bob.user, at=later, code=app_code(secret, later))
    with pytest.raises(RateLimited):
        check_second_factor(account=bob.account, user=bob.user, at=later, code=codes[0])
    assert list_locked(user_codes=[bob.code], at=later) == {bob.code.lower()}
    over = later + timedelta(seconds=LOCK_SECONDS)
    assert outcome(bob, app_code(secret, over), over) == "app"


def test_an_administrator_unlocks_codes_as_he_does_passwords():
    alice = make_account()
    bob = make_user(alice)
    secret, _ = make_second_factor(bob)
    for _ in range(USER_FAILURES_MAX + 1):
        with pytest.raises((WrongCode, RateLimited)):
            check_second_factor(account=bob.account, user=bob.user, at=NOW, code="1")
    with unit_of_work(alice.id):
        assert unlock_user(account=alice.fresh(), by=alice.owner, at=NOW, code=bob.code)
    later = NOW + STEP * 2
    assert outcome(bob, app_code(secret, later), later) == "app"


def test_it_is_set_up_once_and_switched_off_by_its_user():
    bob = make_user(make_account())
    who = {"account": bob.account, "user": bob.user}
    make_second_factor(bob)
    with unit_of_work(bob.account.id):
        with pytest.raises(SecondFactorExists):
            begin_second_factor(**who, at=NOW)
        remove_second_factor(**who, at=NOW)
        assert not get_second_factor(**who).is_on
        assert get_second_factor(**who).codes_left == 0
        with pytest.raises(NoSecondFactor):
            remove_second_factor(**who, at=NOW)


@pytest.mark.parametrize(("rule", "asked"), [("nobody", ""), ("managers", "AMNLSGI"), ("everybody", "AMNLSDCOKHPQFGI")])
def test_the_rule_of_an_account_says_of_whom_it_is_required(rule: str, asked: str):
    assert "".join(role for role in "AMNLSDCOKHPQFGI" if needs_second_factor(rule, role=role, is_owner=False)) == asked
    assert needs_second_factor(rule, role="K", is_owner=True) is (rule != "nobody")


def test_who_must_have_one_can_not_switch_it_off():
    alice = make_account()
    bob = make_user(alice, role="K")
    make_second_factor(bob)
    with unit_of_work(alice.id):
        set_sign_in_rules(account=alice.account, second_factor_for="everybody", remembers_devices=True)
        fresh = alice.fresh()
        assert is_required_of(fresh, bob.user)
        with pytest.raises(SecondFactorRequired):
            remove_second_factor(account=fresh, user=bob.user, at=NOW)


def test_owner_and_administrators_reset_a_colleagues_and_end_his_sessions():
    alice = make_account()
    bob, adam, mona = make_user(alice, role="K"), make_user(alice, role="A"), make_user(alice, role="M")
    carol = make_account()
    for made in (bob, adam):
        make_second_factor(made)
    with unit_of_work(alice.id):
        fresh = alice.fresh()
        session = begin_session(account=fresh, user=bob.user, at=NOW)
        for by in (mona.user, bob.user):
            with pytest.raises(PermissionDenied):
                reset_second_factor(account=fresh, by=by, at=NOW, code=bob.code)
        with pytest.raises(UserNotFound):
            reset_second_factor(account=fresh, by=alice.owner, at=NOW, code=carol.code)
        assert find_session(account=fresh, user_id=bob.user.id, session_id=session, at=NOW) is not None
        reset_second_factor(account=fresh, by=adam.user, at=NOW, code=bob.code)
        assert find_session(account=fresh, user_id=bob.user.id, session_id=session, at=NOW) is None
        assert not has_second_factor(account=fresh, user=bob.user)
        with pytest.raises(NoSecondFactor):
            reset_second_factor(account=fresh, by=alice.owner, at=NOW, code=bob.code)
        reset_second_factor(account=fresh, by=alice.owner, at=NOW, code=adam.code)


def test_an_administrator_can_not_take_the_owners_away_and_the_operator_can():
    alice = make_account()
    adam = make_user(alice, role="A")
    make_second_factor(alice)
    with unit_of_work(alice.id):
        with pytest.raises(PermissionDenied):
            reset_second_factor(account=alice.fresh(), by=adam.user, at=NOW, code=alice.code)
        reset_second_factor(account=alice.fresh(), by=None, at=NOW, code=alice.code)
        assert not has_second_factor(account=alice.account, user=alice.owner)


def test_a_new_password_leaves_it_and_an_erased_user_leaves_nothing():
    alice = make_account()
    bob = make_user(alice)
    make_second_factor(bob)
    with unit_of_work(alice.id):
        update_user(account=alice.fresh(), by=None, at=NOW, code=bob.code, password="mocha_99")
        assert has_second_factor(account=bob.account, user=bob.user)
        erase_user(account=alice.fresh(), by=None, at=NOW, code=bob.code)
        assert not SecondFactor.objects.filter(account_id=alice.id).exists()
        assert not RecoveryCode.objects.filter(account_id=alice.id).exists()
