# SPDX-License-Identifier: Apache-2.0
"""Users: made, changed, given tokens and PINs, deleted; and what is refused."""

from __future__ import annotations

import random
import threading
from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import connection

from regulars.errors import (
    CampaignNotFound,
    InvalidParameter,
    MissingParameter,
    PermissionDenied,
    PinInUse,
    RegularsError,
    UserIdTaken,
    UserNotFound,
)
from regulars.kit.db import unit_of_work
from regulars.kit.secret import SecretUnreadable, decrypt, encrypt
from regulars.users.models import User
from regulars.users.opening import create_account
from regulars.users.operations import create_user, delete_user, rotate_token, set_pin, update_user
from regulars.users.queries import find_account_id_by_user, find_user_session_mark, get_secrets, get_user, list_users
from tests.factories import NOW, make_account, make_user, unique_name


def new_user(account, *, by=None, **options):
    with unit_of_work(account.id):
        return create_user(
            account=account.fresh(), by=by, at=NOW, **{"code": unique_name(), "role": "K", "password": "secret_1", **options}
        )


# -- making --------------------------------------------------------------------------------------------------------
def test_owner_is_an_administrator_named_as_the_account():
    alice = make_account()
    assert (alice.owner.code, alice.owner.role, alice.owner.is_owner) == (alice.code, "A", True)
    assert alice.owner.campaigns_access == "all"


def test_token_is_40_hex_and_kept_as_hash_and_sealed():
    alice = make_account()
    assert len(bytes.fromhex(alice.token)) == 20
    assert alice.owner.token_hash == sha256(alice.token.encode()).digest()
    with unit_of_work(alice.id):
        stored = bytes(User.objects.filter(account_id=alice.id).values_list("token_encrypted", flat=True).get())
        assert get_secrets(account=alice.account, user_id=alice.owner.id).token == alice.token
    assert alice.token.encode() not in stored


def test_sealed_secret_opens_only_for_its_owner():
    sealed = encrypt(b"x", owner="user:1:2:token")
    assert decrypt(sealed, owner="user:1:2:token") == b"x"
    for owner, content in (("user:1:3:token", sealed), ("user:1:2:token", sealed[:-1] + bytes([sealed[-1] ^ 1])), ("", b"")):
        with pytest.raises(SecretUnreadable):
            decrypt(content, owner=owner)


def test_seeded_source_makes_the_same_tokens():
    tokens = [make_account(rng=random.Random(5)).token for _ in range(2)]
    assert tokens[0] == tokens[1]


@pytest.mark.parametrize("code", ["", "abc", "a" * 21, "has space", "naïve_", "semi;colon", "a-b-c-d"])
def test_account_code_must_be_5_to_20_letters_digits_underscores(code: str):
    with pytest.raises(InvalidParameter, match="account_id is not valid"):
        create_account(code=code, biz_name="X", at=NOW)


def test_user_ids_are_unique_in_the_installation_in_any_case():
    alice, bob = make_account(), make_user(make_account())
    with pytest.raises(UserIdTaken, match=r"^The User ID you selected already exists\.$"):
        new_user(alice, code=bob.code.upper())
    with pytest.raises(UserIdTaken):
        create_account(code=alice.code.swapcase(), biz_name="X", at=NOW)


def test_refused_account_leaves_nothing():
    code = unique_name("gone")
    with pytest.raises(InvalidParameter, match="currency"):
        create_account(code=code, biz_name="X", currency="XYZ", at=NOW)
    with pytest.raises(InvalidParameter, match="biz_city is not valid: at most 60"):
        create_account(code=code, biz_name="X", biz_city="c" * 61, at=NOW)
    assert find_account_id_by_user(code) is None
    assert make_account(code=code).code == code


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"code": ""}, MissingParameter, "A User ID is required to create a new user."),
        ({"code": "a b"}, InvalidParameter, "A User ID can only have letters, numbers, or an underscore (_)"),
        ({"code": "a" * 21}, InvalidParameter, "user_name is not valid: at most 20 characters"),
        ({"role": ""}, MissingParameter, "You must select a role for this user:"),
        ({"role": "Z"}, InvalidParameter, "role is not valid: one of the letters A M N L S D C O K H P Q F G I"),
        ({"password": "1234"}, InvalidParameter, "Your password must be between 5 and 20 characters long."),
        ({"password": "p" * 21}, InvalidParameter, "Your password must be between 5 and 20 characters long."),
        ({"password": "pass word"}, InvalidParameter, "A password can only have letters, numbers, or an underscore (_)"),
        ({"pin": "123"}, InvalidParameter, "A PIN must be 4 or 5 numbers only"),
        ({"pin": "12a4"}, InvalidParameter, "A PIN must be 4 or 5 numbers only"),
        ({"pin": "１２３４"}, InvalidParameter, "A PIN must be 4 or 5 numbers only"),
        ({"language": "xx"}, InvalidParameter, "There is an error with the language chosen."),
        ({"timezone": "Mars/Olympus"}, InvalidParameter, "timezone is not valid"),
        ({"campaigns_access": "most"}, InvalidParameter, "allowed_campaigns is not valid"),
        ({"campaigns_access": "some", "allowed_campaign_ids": [987654321]}, CampaignNotFound, "Campaign not valid"),
        ({"first_name": "f" * 61}, InvalidParameter, "first_name is not valid: at most 60 characters"),
        ({"first_name": "f\x00"}, InvalidParameter, "first_name is not valid"),
    ],
)
def test_bad_user_is_refused_in_the_published_words(options, error, sentence):
    alice = make_account()
    with pytest.raises(error) as caught:
        new_user(alice, **options)
    assert caught.value.message.startswith(sentence)
    assert list(alice.fresh().users) == [alice.code.lower()]


def test_pin_is_unique_in_the_account_only():
    alice, carol = make_account(), make_account()
    new_user(alice, pin="1234")
    new_user(carol, pin="1234")
    with pytest.raises(PinInUse, match=r"^This PIN is already in use$"):
        new_user(alice, pin="1234")
    dora = make_user(alice)
    with pytest.raises(PinInUse), unit_of_work(alice.id):
        set_pin(account=alice.fresh(), by=alice.owner, at=NOW, code=dora.code, pin="1234")


def test_pin_of_a_deleted_user_is_free_again_and_his_user_id_is_not():
    alice = make_account()
    bob = make_user(alice, pin="77777")
    with unit_of_work(alice.id):
        delete_user(account=alice.fresh(), by=alice.owner, at=NOW, code=bob.code)
    assert bob.code.lower() not in alice.fresh().users
    new_user(alice, pin="77777")
    with pytest.raises(UserIdTaken):
        new_user(alice, code=bob.code)


def test_two_at_once_get_one_user_id():
    alice, code, answers = make_account(), unique_name("race"), []

    def attempt() -> None:
        try:
            answers.append(new_user(alice, code=code).code)
        except RegularsError as error:
            answers.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == sorted([code, *["user_id_taken"] * 3])


# -- tokens --------------------------------------------------------------------------------------------------------
def rotate(alice, code, **options):
    with unit_of_work(alice.id):
        return rotate_token(account=alice.fresh(), by=alice.owner, at=NOW, code=code, **options)


def test_rotation_with_overlap_keeps_the_old_token_for_that_long():
    alice = make_account()
    bob = make_user(alice)
    token = rotate(alice, bob.code, overlap_seconds=3600)
    user = alice.fresh().users[bob.code.lower()]
    assert token != bob.token
    assert user.token_hash == sha256(token.encode()).digest()
    assert user.previous_token_hash == sha256(bob.token.encode()).digest()
    assert user.previous_token_until == NOW + timedelta(hours=1)


def test_rotation_without_overlap_stops_the_old_token_at_once():
    alice = make_account()
    bob = make_user(alice)
    rotate(alice, bob.code, overlap_seconds=3600)
    rotate(alice, bob.code)
    user = alice.fresh().users[bob.code.lower()]
    assert (user.previous_token_hash, user.previous_token_until) == (None, None)


def test_rotation_raises_the_version_of_the_configuration():
    alice = make_account()
    rotate(alice, alice.code)
    assert alice.fresh().version > alice.account.version


@pytest.mark.parametrize("seconds", [-1, 604_801])
def test_overlap_is_at_most_a_week(seconds: int):
    with pytest.raises(InvalidParameter, match="overlap_seconds is not valid"):
        rotate(make_account(), "x", overlap_seconds=seconds)


# -- who may change whom -------------------------------------------------------------------------------------------
def test_clerk_changes_nobody_and_manager_no_administrator():
    alice = make_account()
    bob, mary, adam = (make_user(alice, role=role) for role in "KMA")
    account = alice.fresh()
    for by, code in ((bob.user, mary.code), (mary.user, adam.code), (mary.user, alice.code), (adam.user, alice.code)):
        with pytest.raises(PermissionDenied), unit_of_work(alice.id):
            update_user(account=account, by=by, at=NOW, code=code, password="hacked_1")
        with pytest.raises(PermissionDenied), unit_of_work(alice.id):
            rotate_token(account=account, by=by, at=NOW, code=code)
        with pytest.raises(PermissionDenied), unit_of_work(alice.id):
            set_pin(account=account, by=by, at=NOW, code=code, pin="1234")
        with pytest.raises(PermissionDenied), unit_of_work(alice.id):
            delete_user(account=account, by=by, at=NOW, code=code)


def test_nobody_raises_his_own_role_or_campaigns_and_the_owner_stays_administrator():
    alice = make_account()
    mary, bob = make_user(alice, role="M", campaigns_access="none"), make_user(alice, role="K")
    account = alice.fresh()
    for by, code, change in (
        (mary.user, mary.code, {"role": "A"}),
        (mary.user, mary.code, {"campaigns_access": "all"}),
        (mary.user, bob.code, {"role": "A"}),
        (bob.user, bob.code, {"role": "M"}),
        (alice.owner, alice.code, {"role": "K"}),
    ):
        with pytest.raises(PermissionDenied), unit_of_work(alice.id):
            update_user(account=account, by=by, at=NOW, code=code, **change)
    with pytest.raises(PermissionDenied), unit_of_work(alice.id):
        delete_user(account=account, by=None, at=NOW, code=alice.code)


def test_clerk_adds_nobody_and_manager_no_administrator():
    alice = make_account()
    bob, mary = make_user(alice, role="K"), make_user(alice, role="M")
    with pytest.raises(PermissionDenied):
        new_user(alice, by=bob.user)
    with pytest.raises(PermissionDenied):
        new_user(alice, by=mary.user, role="A")
    assert new_user(alice, by=mary.user, role="K").token


def test_update_changes_what_is_given_and_nothing_else():
    alice = make_account()
    bob = make_user(alice, role="K", first_name="Bob", custom1="Downtown")
    with unit_of_work(alice.id):
        update_user(
            account=alice.fresh(), by=alice.owner, at=NOW, code=bob.code.upper(), last_name="Ross", language="fr", timezone="5",
            role="H", duplicate_guard="first", duplicate_guard_seconds=60, language_custom=True,
        )  # fmt: skip
    user = alice.fresh().users[bob.code.lower()]
    assert (user.first_name, user.last_name, user.custom1) == ("Bob", "Ross", "Downtown")
    assert (user.language, user.timezone, user.role, user.language_custom) == ("fr", "America/Los_Angeles", "H", True)
    assert (user.duplicate_guard, user.duplicate_guard_seconds) == ("first", 60)
    assert user.token_hash == bob.user.token_hash


def test_user_of_another_account_is_not_found():
    alice, carol = make_account(), make_account()
    account = alice.fresh()
    for act in (
        lambda: get_user(account=account, by=alice.owner, code=carol.code),
        lambda: update_user(account=account, by=alice.owner, at=NOW, code=carol.code, first_name="X"),
        lambda: rotate_token(account=account, by=alice.owner, at=NOW, code=carol.code),
        lambda: delete_user(account=account, by=alice.owner, at=NOW, code=carol.code),
        lambda: get_secrets(account=account, user_id=carol.owner.id),
    ):
        with pytest.raises(UserNotFound), unit_of_work(alice.id):
            act()


def test_row_level_security_shows_no_user_of_another_account():
    alice, carol = make_account(), make_account()
    with unit_of_work(alice.id):
        assert not User.objects.filter(account_id=carol.id).exists()
        assert set(User.objects.values_list("account_id", flat=True)) == {alice.id}
    assert not User.objects.exists()


def test_list_has_the_owner_first_and_only_whom_one_may_see():
    alice = make_account()
    olga, bob = make_user(alice, role="O"), make_user(alice, role="K")
    account = alice.fresh()
    assert list_users(account=account, by=olga.user)[0].is_owner
    assert len(list_users(account=account, by=olga.user)) == 3
    assert [user.code for user in list_users(account=account, by=bob.user)] == [bob.code]


def test_session_mark_changes_with_the_password_and_ends_with_the_user():
    alice = make_account()
    bob = make_user(alice)

    def mark():
        with unit_of_work(alice.id):
            return find_user_session_mark(account=alice.account, user_id=bob.user.id)

    first = mark()
    assert first == mark()
    with unit_of_work(alice.id):
        update_user(account=alice.fresh(), by=None, at=NOW, code=bob.code, password="other_22")
    assert mark() not in (first, None)
    with unit_of_work(alice.id):
        delete_user(account=alice.fresh(), by=None, at=NOW, code=bob.code)
    assert mark() is None
