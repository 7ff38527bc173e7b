# SPDX-License-Identifier: Apache-2.0
"""Limits: how many calls, wrong tokens and unknown cards; exact, with Retry-After, and nobody else is hit."""

from __future__ import annotations

import logging
import random
from dataclasses import replace
from typing import Any

import pytest

from regulars.accounts.operations import update_account
from regulars.api.limits import TOKENS_OF_ADDRESS, TOKENS_OF_USER, Limits
from regulars.api.rates import MINUTE_NS, Buckets
from regulars.kit.db import unit_of_work
from regulars.users.operations import update_user
from regulars.users.sign_in import USER_FAILURES_MAX
from tests.client import Api
from tests.factories import MadeAccount, make_account, make_customer, make_user, unique_name

SECOND_NS = 1_000_000_000


class Clock:
    """A clock that stands until it is moved. Units: nanoseconds."""

    def __init__(self) -> None:
        self.now = 5_000 * SECOND_NS

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limited(api: Api, clock: Clock) -> Api:
    """The client with limits of its own, whose clock stands still."""
    client = api.as_()
    client.services = replace(api.services, limits=Limits(buckets=Buckets(clock)))
    return client


def set_limit(made: MadeAccount, **settings: str) -> None:
    with unit_of_work(made.id):
        update_account(account=made.fresh(), profile=settings)


# -- the buckets ---------------------------------------------------------------------------------------------------
def test_a_bucket_gives_what_it_holds_and_then_what_it_is_refilled_by(clock: Clock) -> None:
    buckets = Buckets(clock)
    assert [buckets.take("k", 60, 5) for _ in range(5)] == [None] * 5
    assert buckets.take("k", 60, 5) == SECOND_NS
    assert buckets.wait("k", 60, 5) == SECOND_NS
    clock.now += SECOND_NS - 1
    assert buckets.take("k", 60, 5) == 1
    clock.now += 1
    assert buckets.take("k", 60, 5) is None
    assert buckets.take("k", 60, 5) == SECOND_NS
    clock.now += 3600 * SECOND_NS
    assert [buckets.take("k", 60, 5) for _ in range(6)] == [None] * 5 + [SECOND_NS]
    assert buckets.take("other", 60, 5) is None


def test_over_any_time_no_more_is_given_than_was_in_it_and_came_in(clock: Clock) -> None:
    rng, start = random.Random(7), clock.now
    buckets, given = Buckets(clock), 0
    for _ in range(20_000):
        clock.now += rng.randrange(0, 40_000_000)
        given += buckets.take("k", 600, 30) is None
        assert given <= 30 + (clock.now - start) * 600 // MINUTE_NS
    assert given >= (clock.now - start) * 600 // MINUTE_NS - 1


def test_memory_is_bounded_and_what_is_nearly_empty_is_remembered_longest(clock: Clock) -> None:
    buckets = Buckets(clock, keys_max=100)
    for _ in range(50):
        buckets.take("guesser", 1, 50)
    for number in range(10_000):
        buckets.take(number, 60, 10)
    assert len(buckets._full_at) <= 101
    assert buckets.take("guesser", 1, 50) is not None


# -- calls of a user -----------------------------------------------------------------------------------------------
def test_calls_over_the_limit_get_429_with_the_published_envelope_and_retry_after(limited: Api, clock: Clock) -> None:
    made = make_account()
    set_limit(made, calls_per_minute="3")
    till = limited.as_(**made.credentials)
    for _ in range(3):
        assert till.call("account_info").ok
    response = till.raw(till.signed_request("account_info", output="JSON"))
    headers = dict(response.headers)
    assert (response.status, headers["retry-after"], headers["x-error-code"]) == (429, "20", "rate_limited")
    answer = till.call("account_info")
    assert answer.json["error"] == "Too many requests. Please try again later."
    assert answer.json["error_codes"] == ["rate_limited"]
    clock.now += 19 * SECOND_NS
    assert dict(till.raw(till.signed_request("account_info")).headers)["retry-after"] == "1"
    clock.now += 1 * SECOND_NS
    assert till.call("account_info").ok
    assert not till.call("account_info").ok


def test_of_many_calls_at_once_exactly_the_limit_is_carried_out(limited: Api) -> None:
    made = make_account()
    make_customer(made, code="c1")
    set_limit(made, calls_per_minute="25")
    till = limited.as_(**made.credentials)
    answers = till.together([till.signed_request("customer_info", code="c1") for _ in range(100)])
    assert sum(answer.ok for answer in answers) == 25
    assert {answer.error_code for answer in answers if not answer.ok} == {"rate_limited"}


def test_a_call_that_runs_again_on_a_newer_snapshot_counts_once(limited: Api) -> None:
    made = make_account()
    set_limit(made, calls_per_minute="4")
    till = limited.as_(**made.credentials)
    for number in range(4):
        set_limit(made, biz_city=f"City {number}")  # the snapshot in memory is stale now
        assert till.call("account_info").ok, number


def test_a_user_has_his_own_limit_and_hits_nobody_else(limited: Api) -> None:
    made = make_account()
    fast, slow = make_user(made, role="K"), make_user(made, role="K")
    with unit_of_work(made.id):
        update_user(account=made.fresh(), by=made.owner, at=made.account.created_at, code=slow.code, calls_per_minute=2)
    slow_till, fast_till = limited.as_(**slow.credentials), limited.as_(**fast.credentials)
    assert [slow_till.call("account_info").ok for _ in range(4)] == [True, True, False, False]
    assert all(fast_till.call("account_info").ok for _ in range(10))


@pytest.mark.parametrize(
    ("installation", "account", "user", "expected"),
    [(9, "", 0, 9), (9, "5", 0, 5), (9, "5", 7, 7), (9, "50", 0, 9), (9, "", 50, 9), (0, "5", 0, 5), (0, "", 0, 20)],
)
def test_the_users_limit_comes_before_the_accounts_and_none_exceeds_the_installations(
    api: Api, clock: Clock, installation: int, account: str, user: int, expected: int
) -> None:
    made = make_account()
    set_limit(made, calls_per_minute=account)
    with unit_of_work(made.id):
        update_user(account=made.fresh(), by=made.owner, at=made.account.created_at, code=made.code, calls_per_minute=user)
    now = made.fresh()
    limits, owner = Limits(installation, Buckets(clock)), now.users[made.code.lower()]
    passed = 0
    for _ in range(20):
        try:
            limits.admit(now, owner, {})
        except Exception:  # noqa: BLE001 - counted
            continue
        passed += 1
    assert passed == expected


def test_limits_are_set_by_calls_and_only_by_who_may(api: Api) -> None:
    made = make_account()
    manager, clerk = make_user(made, role="M"), make_user(made, role="K")
    owner = api.as_(**made.credentials)
    assert owner.call("account_update", calls_per_minute="600", unknown_cards_per_minute="7", request_log_days="3").ok
    assert owner.call("user_update", user_name=clerk.code, calls_per_minute="60").ok
    now = made.fresh()
    assert (now.calls_per_minute, now.unknown_cards_per_minute, now.request_log_days) == (600, 7, 3)
    assert now.users[clerk.code.lower()].calls_per_minute == 60
    denied = api.as_(**manager.credentials).call("user_update", user_name=clerk.code, calls_per_minute="90")
    assert denied.error_code == "permission_denied"
    assert owner.call("account_update", calls_per_minute="").ok
    assert owner.call("user_update", user_name=clerk.code, calls_per_minute="").ok
    now = made.fresh()
    assert (now.calls_per_minute, now.users[clerk.code.lower()].calls_per_minute) == (None, None)


# -- wrong Security Tokens -----------------------------------------------------------------------------------------
def wrong(api: Api, user_code: str, client: str = "192.0.2.7") -> Any:
    request = api.request({"type": "account_info", "user_id": user_code, "user_api_key": "0" * 40})
    return request._replace(client=client)


def test_wrong_tokens_are_slowed_alike_whether_the_user_exists_or_not(limited: Api, caplog: pytest.LogCaptureFixture) -> None:
    made = make_account()
    for user_code in (made.code, unique_name("nobody")):
        count = TOKENS_OF_USER[1] + 3
        answers = limited.together([wrong(limited, user_code, f"192.0.2.{number % 200}") for number in range(count)])
        codes = [answer.error_code for answer in answers]
        assert codes.count("bad_credentials") == TOKENS_OF_USER[1]
        assert codes.count("rate_limited") == 3
    assert limited.raw(wrong(limited, made.code)).status == 429
    assert limited.as_(**made.credentials).call("account_info").ok, "nobody is locked out by others' wrong tokens"
    assert "many wrong Security Tokens from 192.0.2." in caplog.text
    assert "nobody" not in caplog.text


def test_wrong_tokens_from_one_address_are_slowed_for_all_users(limited: Api) -> None:
    count = TOKENS_OF_ADDRESS[1] + 2
    answers = limited.together([wrong(limited, f"nobody_{number}", "198.51.100.9") for number in range(count)])
    assert sum(answer.error_code == "rate_limited" for answer in answers) == 2
    assert limited.send(wrong(limited, "nobody_x", "198.51.100.10")).error_code == "bad_credentials"


# -- cards that do not exist ---------------------------------------------------------------------------------------
def test_who_asks_for_many_unknown_cards_is_refused_before_he_learns_more(
    limited: Api, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    made = make_account()
    make_customer(made, code="c1", card_number="5500001")
    set_limit(made, unknown_cards_per_minute="1")
    guesser, other = make_user(made, role="K"), make_user(made, role="K")
    till = limited.as_(**guesser.credentials)
    for number in (0, 0, 0, *range(1, 10)):  # asking for the same again is no guess
        assert till.call("customer_info", card_number=f"99{number}").error_code == "customer_not_found"
    for call, fields in (
        ("customer_info", {"card_number": "5500001"}),
        ("customer_info", {"code": "c1"}),
        ("customer_search", {"card_number": "5500001"}),
        ("validate_customer_password", {"card_number": "5500001", "customer_PIN": "1234"}),
    ):
        answer = till.call(call, **fields)
        assert answer.error_code == "rate_limited", (call, "the right one is told no sooner than a wrong one")
    assert dict(till.raw(till.signed_request("customer_info", code="c1")).headers)["retry-after"] == "60"
    assert till.call("account_info").ok
    assert limited.as_(**other.credentials).call("customer_info", code="c1").ok
    assert f"user {guesser.code} of account {made.code} asks for many cards that do not exist" in caplog.text
    clock.now += 60 * SECOND_NS
    assert till.call("customer_info", code="c1").ok
    assert till.call("customer_info", code="c222").error_code == "customer_not_found"
    assert till.call("customer_info", code="c1").error_code == "rate_limited"


def test_an_account_may_switch_the_guard_of_cards_off(limited: Api) -> None:
    made = make_account()
    set_limit(made, unknown_cards_per_minute="0")
    till = limited.as_(**made.credentials)
    answers = [till.call("customer_info", card_number=f"99{number}") for number in range(320)]
    assert {answer.error_code for answer in answers} == {"customer_not_found"}


def test_redemptions_of_unknown_cards_count_too(limited: Api) -> None:
    from tests.factories import make_campaign

    made = make_account()
    card = make_campaign(made, kind="giftcard")
    set_limit(made, unknown_cards_per_minute="1")
    till = limited.as_(**made.credentials)
    fields = {"campaign_id": card.number, "reward_to_redeem": "1"}
    codes = [till.call("redeem", card_number=f"99{number}", **fields).error_code for number in range(12)]
    assert codes == ["customer_not_found"] * 10 + ["rate_limited"] * 2


# -- sign-ins ------------------------------------------------------------------------------------------------------
def locked_out(api: Api, user_code: str) -> Any:
    for _ in range(USER_FAILURES_MAX + 1):
        answer = api.call("user_login", user_id=user_code, user_password="wrong_1")
    return answer


def test_a_locked_out_owner_is_let_in_again_by_an_administrator(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    made = make_account()
    admin, manager = make_user(made, role="A"), make_user(made, role="M")
    assert locked_out(api, made.code).error_code == "rate_limited"
    assert f"user {made.code.lower()} is locked" in caplog.text
    sign_in = {"user_id": made.code, "user_password": made.password}
    assert api.call("user_login", **sign_in).error_code == "rate_limited"
    assert api.as_(**manager.credentials).call("user_unlock", user_name=made.code).error_code == "permission_denied"
    by_admin = api.as_(**admin.credentials)
    assert by_admin.call("user_unlock", user_name=made.code).at("user/was_locked") == "Yes"
    assert by_admin.call("user_unlock", user_name=made.code).at("user/was_locked") == "No"
    assert api.call("user_login", **sign_in).ok


def test_a_user_of_another_account_is_not_unlocked(api: Api) -> None:
    made, stranger = make_account(), make_account()
    locked_out(api, made.code)
    assert api.as_(**stranger.credentials).call("user_unlock", user_name=made.code).error_code == "user_not_found"
    assert api.call("user_login", user_id=made.code, user_password=made.password).error_code == "rate_limited"


def test_a_user_id_that_does_not_exist_is_not_named_in_the_log(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    nobody = unique_name("typedpw")
    assert locked_out(api, nobody).error_code == "rate_limited"
    assert nobody not in caplog.text
    assert "a user id that does not exist is locked" in caplog.text
