# SPDX-License-Identifier: Apache-2.0
"""generate_time_token, validate_time_token: good for a while, in one account (api.md 11)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.client import Api
from tests.factories import NOW, MadeAccount, make_account, make_user

FOREIGN = "token is not valid"


@pytest.fixture
def alice() -> MadeAccount:
    return make_account()


@pytest.fixture
def till(api: Api, alice: MadeAccount) -> Api:
    return api.as_(**alice.credentials)


def test_a_token_is_36_capital_letters_and_no_two_are_the_same(till: Api) -> None:
    tokens = [till.call("generate_time_token", API="1.5").at("token") for _ in range(20)]
    assert all(re.fullmatch("[A-Z]{36}", token) for token in tokens)
    assert len(set(tokens)) == len(tokens)


def test_it_is_valid_for_60_seconds_unless_told_otherwise(till: Api) -> None:
    for fields, seconds in (({}, 60), ({"token_interval": "1"}, 1), ({"token_interval": "2592000"}, 2_592_000)):
        token = till.call_at(NOW, "generate_time_token", **fields).at("token")
        last = till.call_at(NOW + timedelta(seconds=seconds, microseconds=-1), "validate_time_token", token=token)
        assert last.xml_body.endswith(b'<response status="valid"></response>')
        assert last.json == {"status": "valid"}
        late = till.call_at(NOW + timedelta(seconds=seconds), "validate_time_token", token=token)
        assert (late.errors, late.error_code) == (["token is not valid: it has expired"], "time_token_expired")


def test_a_token_is_never_good_for_less_than_its_interval(till: Api) -> None:
    odd = NOW + timedelta(microseconds=999_999)
    token = till.call_at(odd, "generate_time_token", token_interval="1").at("token")
    assert till.call_at(odd + timedelta(microseconds=999_999), "validate_time_token", token=token).ok
    assert not till.call_at(odd + timedelta(seconds=2), "validate_time_token", token=token).ok


def test_every_user_of_the_account_may_validate_it_again_and_again(api: Api, till: Api, alice: MadeAccount) -> None:
    token = till.call("generate_time_token").at("token")
    clerk = api.as_(**make_user(alice, role="P").credentials)
    assert clerk.call("validate_time_token", token=token).ok
    assert till.call("validate_time_token", token=token).ok


def test_another_accounts_token_is_not_valid(api: Api, till: Api) -> None:
    token = api.as_(**make_account().credentials).call("generate_time_token").at("token")
    assert till.call("validate_time_token", token=token).errors == [FOREIGN]


def test_a_token_that_was_changed_in_any_letter_is_not_valid(till: Api) -> None:
    token = till.call("generate_time_token").at("token")
    for place in range(36):
        other = "B" if token[place] == "A" else "A"
        changed = till.call("validate_time_token", token=token[:place] + other + token[place + 1 :])
        assert changed.errors == [FOREIGN], place


@pytest.mark.parametrize("token", ["A" * 36, "Z" * 36, "A" * 35, "a" * 36, "1" * 36, "Ä" * 36])
def test_what_was_never_a_token_is_not_valid(till: Api, token: str) -> None:
    answer = till.call("validate_time_token", token=token)
    assert (answer.errors, answer.error_code) == ([FOREIGN], "time_token_not_valid")


@pytest.mark.parametrize("interval", ["0", "-1", "2592001", "1.5", "minute"])
def test_a_bad_interval_is_refused_by_name(till: Api, interval: str) -> None:
    assert till.call("generate_time_token", token_interval=interval).text.startswith("token_interval is not valid")
