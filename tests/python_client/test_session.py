# SPDX-License-Identifier: Apache-2.0
"""What a call does when it is not answered at once: the whole of it, without a socket and without waiting."""

from __future__ import annotations

import json
from typing import Any

import pytest

from regulars.client import BadAnswer, CallError, ConnectionFailed, OutcomeUnknown, Retry, errors
from regulars.client import session as session_module
from regulars.client.session import Call, Lost, Reply, Send, Wait, steps

LOOK_UP = Call(b"look", writes=False, key="")
KEYED = Call(b"sale", writes=True, key="k")
UNKEYED = Call(b"sale", writes=True, key="")
UNREACHED = Lost("refused", was_sent=False)
UNANSWERED = Lost("reset", was_sent=True)
FINE = Reply(200, b'{"status":"success","code":"1"}', "r-1")


def refusal(code: str, status: int = 200, retry_after: str = "") -> Reply:
    body = {"status": "error", "error": f"Says {code}", "error_code": code}
    return Reply(status, json.dumps(body).encode(), "r-1", retry_after)


OVERLOADED = refusal("overloaded", 503, "1")


class Till:
    """Drives ``steps`` on a clock of its own: sends what it is told to, and waits without waiting."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.sent: list[Send] = []
        self.waits: list[float] = []
        monkeypatch.setattr(session_module.time, "monotonic", lambda: self.now)

    def make(self, call: Call, *outcomes: Reply | Lost, retry: Retry | None = None, seconds_each: float = 0.01) -> Any:
        """Return the answer or the error; the last outcome repeats."""
        self.sent, self.waits = [], []
        work = steps(call, retry or Retry(), 15.0)
        told: Reply | Lost | None = None
        try:
            while True:
                step = work.send(told)
                if isinstance(step, Wait):
                    self.now += step.seconds
                    self.waits.append(step.seconds)
                    told = None
                else:
                    told = outcomes[min(len(self.sent), len(outcomes) - 1)]
                    self.now += seconds_each
                    self.sent.append(step)
        except StopIteration as done:
            return done.value
        except CallError as error:
            return error


@pytest.fixture
def till(monkeypatch: pytest.MonkeyPatch) -> Till:
    return Till(monkeypatch)


def test_an_answer_is_an_answer(till: Till) -> None:
    answer = till.make(KEYED, FINE)
    assert (answer.code, answer.sent.request_id, answer.sent.idempotency_key, answer.sent.attempts) == ("1", "r-1", "k", 1)
    assert till.make(LOOK_UP, Reply(200, b'{"status":"valid"}')).status == "valid"


@pytest.mark.parametrize(
    "trouble", [UNREACHED, UNANSWERED, OVERLOADED, refusal("stale_configuration"), refusal("rate_limited", 429)]
)
@pytest.mark.parametrize("call", [LOOK_UP, KEYED])
def test_what_passes_is_waited_out_under_the_same_key(till: Till, call: Call, trouble: Reply | Lost) -> None:
    answer = till.make(call, trouble, trouble, FINE)
    assert answer.sent.attempts == 3
    assert {step.body for step in till.sent} == {call.body}


@pytest.mark.parametrize(
    "trouble", [UNANSWERED, refusal("outcome_unknown", 503), Reply(502, b"<html>"), Reply(503, b""), Reply(504, b"")]
)
def test_a_write_without_a_key_is_never_sent_again_once_it_may_have_been_carried_out(till: Till, trouble: Reply | Lost) -> None:
    error = till.make(UNKEYED, trouble, FINE)
    assert isinstance(error, OutcomeUnknown)
    assert (len(till.sent), error.retry, error.idempotency_key) == (1, "same_key", "")


@pytest.mark.parametrize("trouble", [UNREACHED, OVERLOADED, refusal("lock_timeout", 503), refusal("database_unavailable", 503)])
def test_a_write_without_a_key_that_was_not_carried_out_is_sent_again(till: Till, trouble: Reply | Lost) -> None:
    assert till.make(UNKEYED, trouble, FINE).sent.attempts == 2


@pytest.mark.parametrize(
    "code",
    ["insufficient_balance", "customer_not_found", "bad_credentials", "missing_parameter", "key_reused", "pin_locked",
     "number_not_generated", "internal_error", "of_a_newer_server"],
)  # fmt: skip
def test_a_refusal_is_raised_at_once(till: Till, code: str) -> None:
    error = till.make(KEYED, refusal(code), FINE)
    assert isinstance(error, errors.BY_CODE.get(code, CallError))
    assert (error.code, error.codes, error.texts, str(error)) == (code, (code,), (f"Says {code}",), f"Says {code}")
    assert (len(till.sent), error.request_id, error.status) == (1, "r-1", 200)


def test_every_text_of_an_answer_is_there(till: Till) -> None:
    body = {
        "status": "error", "error": "A", "errors": ["A", "B"], "error_code": "invalid_parameter",
        "error_codes": ["invalid_parameter", "missing_parameter"],
    }  # fmt: skip
    error = till.make(KEYED, Reply(200, json.dumps(body).encode()))
    assert isinstance(error, errors.InvalidParameter)
    assert (error.codes, error.texts) == (("invalid_parameter", "missing_parameter"), ("A", "B"))
    old = till.make(KEYED, Reply(200, b'{"status":"error","error":"Of a server without codes"}'))
    assert (type(old), old.code, old.texts) == (CallError, "error", ("Of a server without codes",))


@pytest.mark.parametrize("call", [LOOK_UP, KEYED, UNKEYED])
def test_no_server_is_an_end_in_time(till: Till, call: Call) -> None:
    error = till.make(call, UNREACHED)
    assert (type(error), error.retry) == (ConnectionFailed, "later")
    assert till.now < 1030 + 0.02  # the last attempt begins in time
    assert len(till.sent) > 5


def test_a_look_up_that_is_never_answered_ends_in_time(till: Till) -> None:
    error = till.make(LOOK_UP, UNANSWERED, seconds_each=9.0)
    assert type(error) is ConnectionFailed
    assert till.sent[0].timeout_seconds == 15.0
    assert till.sent[-1].timeout_seconds < 15.0
    assert till.now < 1045


@pytest.mark.parametrize(
    "later", [UNREACHED, OVERLOADED, refusal("bad_credentials"), refusal("account_suspended"), Reply(404, b"x")]
)
def test_a_doubt_stays_whatever_comes_after_that_says_nothing_of_it(till: Till, later: Reply | Lost) -> None:
    error = till.make(KEYED, UNANSWERED, later)
    assert (type(error), error.idempotency_key) == (OutcomeUnknown, "k")


def test_a_refusal_under_the_key_ends_the_doubt(till: Till) -> None:
    assert isinstance(till.make(KEYED, UNANSWERED, refusal("insufficient_balance")), errors.InsufficientBalance)


def test_the_server_says_when(till: Till) -> None:
    till.make(KEYED, refusal("overloaded", 503, "7"), FINE)
    assert 7 <= till.waits[0] <= 7.1
    error = till.make(KEYED, refusal("rate_limited", 429, "60"), FINE)
    assert isinstance(error, errors.RateLimited)
    assert (till.waits, error.retry_after_seconds) == ([], 60)  # longer than the till may wait: told at once
    assert isinstance(till.make(LOOK_UP, Reply(429, b"<html>", retry_after="soon"), retry=Retry(0)), errors.RateLimited)


def test_pauses_grow_by_chance_and_are_bounded(till: Till) -> None:
    till.make(LOOK_UP, UNREACHED, retry=Retry(seconds_max=600, pause_seconds=1, pause_seconds_max=8))
    assert max(till.waits) <= 8
    assert all(wait <= 2**number for number, wait in enumerate(till.waits))
    assert len({round(wait, 3) for wait in till.waits}) > len(till.waits) / 2


def test_no_retries_where_none_are_wanted(till: Till) -> None:
    assert isinstance(till.make(KEYED, UNANSWERED, FINE, retry=Retry(seconds_max=0)), OutcomeUnknown)
    assert len(till.sent) == 1


def test_a_certificate_that_is_not_trusted_is_not_asked_again(till: Till) -> None:
    assert isinstance(till.make(LOOK_UP, Lost("self-signed", was_sent=False, is_hopeless=True), FINE), ConnectionFailed)
    assert len(till.sent) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"status":1}', b"\xff"])
@pytest.mark.parametrize("status", [200, 308, 404, 500])
def test_what_is_no_answer_of_the_api_is_said_to_be_none(till: Till, body: bytes, status: int) -> None:
    error = till.make(KEYED, Reply(status, body), FINE)
    assert (type(error), error.status, error.idempotency_key, len(till.sent)) == (BadAnswer, status, "k", 1)
