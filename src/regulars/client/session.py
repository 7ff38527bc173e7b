# SPDX-License-Identifier: Apache-2.0
"""
A call from its first sending to its outcome, without a socket: a generator that says what to do next and is told how that
went. ``client.py`` drives it, once with threads and once with asyncio; everything else is shared.

What may be sent again: a look-up always; a write under its idempotency key, with which it takes effect at most once; a
write without a key only where it certainly was not carried out.
"""

from __future__ import annotations

import json
import random
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from regulars.client.answer import TEXT_MEMBER, Answer, Sent
from regulars.client.errors import (
    BY_CODE,
    AccessError,
    BadAnswer,
    ConnectionFailed,
    InternalError,
    OperationalError,
    OutcomeUnknown,
    RateLimited,
    StaleConfiguration,
)
from regulars.client.failure import CallError
from regulars.client.wire import Value, form

R = TypeVar("R")
_MAY_BE_SENT_AGAIN = (OperationalError, RateLimited, StaleConfiguration)
_SAY_NOTHING_OF_EARLIER = (AccessError, OperationalError, InternalError, BadAnswer, StaleConfiguration)
"""Refusals given before the server looks for the idempotency key: what an earlier attempt did is still open."""
_GATEWAY_STATUSES = (502, 503, 504)
TIMEOUT_SECONDS_MIN = 0.05


@dataclass(frozen=True, slots=True)
class Retry:
    """How long and how eagerly a call is sent again. Units: seconds."""

    seconds_max: float = 30.0
    """No attempt but the first begins or lasts later than this after the call was made; 0: one attempt."""
    pause_seconds: float = 0.1
    """At most so long, by chance, after the first attempt; twice that after the second, and so on."""
    pause_seconds_max: float = 5.0
    """No pause is longer, unless the server asks for one by Retry-After."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send this body; give back a Reply or a Lost."""

    body: bytes
    timeout_seconds: float


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait; give back None."""

    seconds: float


Step = Send | Wait


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, whole."""

    status: int
    body: bytes
    request_id: str = ""
    retry_after: str = ""


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer came."""

    reason: str
    was_sent: bool
    """Whether the server may have carried the call out."""
    is_hopeless: bool = False
    """Whether it would be the same the next time: the certificate is not to be trusted."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call, ready to be sent."""

    body: bytes
    writes: bool
    key: str

    @property
    def is_repeatable(self) -> bool:
        """Whether it may be sent again though it may have been carried out."""
        return not self.writes or bool(self.key)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who calls, for which account."""

    account_id: str
    user_id: str
    user_api_key: str

    def __repr__(self) -> str:
        return f"Credentials({self.account_id!r}, {self.user_id!r})"


class Caller(ABC, Generic[R]):
    """Makes calls ready; what comes of one is an Answer, or something to be awaited for one."""

    def __init__(self, credentials: Credentials, *, sends_keys: bool) -> None:
        self._credentials = credentials
        self._sends_keys = sends_keys

    @abstractmethod
    def _ask(self, call: Call) -> R: ...

    def call(self, call_type: str, fields: Mapping[str, Value], *, writes: bool, idempotency_key: str | None = None) -> R:
        """
        Make a call that has no method here: of another server, or of a newer one.

        ``writes``: whether it changes anything; then it gets a key, and is not sent again without one.
        """
        if writes:
            return self._write(call_type, fields, idempotency_key)
        return self._read(call_type, fields)

    def _read(self, call_type: str, fields: Mapping[str, Value]) -> R:
        return self._ask(self._ready(call_type, fields, writes=False, key=""))

    def _write(
        self, call_type: str, fields: Mapping[str, Value], idempotency_key: str | None = None, *, dry_run: bool = False
    ) -> R:
        """A dry run writes nothing, so it is sent without a key and may be sent again."""
        if dry_run:
            return self._ask(self._ready(call_type, {**fields, "dry_run": True}, writes=False, key=""))
        key = idempotency_key
        if key is None:
            key = secrets.token_hex(16) if self._sends_keys else ""
        return self._ask(self._ready(call_type, fields, writes=True, key=key))

    def _ready(self, call_type: str, fields: Mapping[str, Value], *, writes: bool, key: str) -> Call:
        who = self._credentials
        given: dict[str, Value] = {
            "type": call_type,
            "user_id": who.user_id or None,
            "user_api_key": who.user_api_key or None,
            "account_id": who.account_id or None,
            **fields,
            "idempotency_key": key or None,
            "output": "JSON",
            "condensed": "yes",
        }
        return Call(form(given), writes, key)


def steps(call: Call, retry: Retry, timeout_seconds: float) -> Generator[Step, Reply | Lost | None, Answer]:
    """
    Carry a call out. Returns its answer; raises CallError.

    The last word where the server gave none: ConnectionFailed (nothing was carried out, or nothing was to be written), or
    OutcomeUnknown with the key under which the caller may find out.
    """
    deadline = time.monotonic() + retry.seconds_max
    is_doubtful = False
    attempts = 0
    while True:
        attempts += 1
        left = deadline - time.monotonic()
        outcome = yield Send(
            call.body, timeout_seconds if attempts == 1 else max(min(timeout_seconds, left), TIMEOUT_SECONDS_MIN)
        )
        assert outcome is not None, "a sending ends in a Reply or a Lost"
        try:
            if isinstance(outcome, Reply):
                return _read_reply(outcome, call, attempts)
            failure = _failure_of(outcome, call)
        except CallError as error:
            failure = error
        is_doubtful = is_doubtful or (call.writes and isinstance(failure, OutcomeUnknown))
        pause = _pause(failure, retry, attempts)
        is_last = isinstance(outcome, Lost) and outcome.is_hopeless
        may_be = isinstance(failure, _MAY_BE_SENT_AGAIN) and (call.is_repeatable or not is_doubtful)
        if is_last or not may_be or time.monotonic() + pause >= deadline:
            raise _last_word(failure, call, is_doubtful=is_doubtful)
        yield Wait(pause)


def _pause(failure: CallError, retry: Retry, attempts: int) -> float:
    """Full jitter, doubling; on top of what the server asks for."""
    most = min(retry.pause_seconds_max, retry.pause_seconds * 2 ** min(attempts - 1, 30))
    return (failure.retry_after_seconds or 0) + random.uniform(0, most)


def _last_word(failure: CallError, call: Call, *, is_doubtful: bool) -> CallError:
    if not is_doubtful or isinstance(failure, OutcomeUnknown) or not isinstance(failure, _SAY_NOTHING_OF_EARLIER):
        return failure
    unknown = OutcomeUnknown(
        f"An earlier attempt was not answered; it is not known whether it was carried out. The last one: {failure}",
        status=failure.status, request_id=failure.request_id, idempotency_key=call.key,
    )  # fmt: skip
    unknown.__cause__ = failure
    return unknown


def _failure_of(lost: Lost, call: Call) -> CallError:
    if lost.was_sent and call.writes:
        text = f"No answer came ({lost.reason}); it is not known whether the call was carried out."
        return OutcomeUnknown(text, idempotency_key=call.key)
    return ConnectionFailed(f"The server could not be asked: {lost.reason}", idempotency_key=call.key)


def _read_reply(reply: Reply, call: Call, attempts: int) -> Answer:
    """Return the answer that a reply holds. Raises CallError."""
    try:
        members: Any = json.loads(reply.body)
    except ValueError:
        members = None
    if not isinstance(members, dict) or not isinstance(members.get("status"), str):
        raise _no_answer(reply, call)
    if members["status"] != "error":
        return Answer(members, Sent(reply.request_id, call.key, attempts))
    codes = _texts(members.get("error_codes")) or _texts(members.get("error_code"))
    kind = BY_CODE.get(codes[0], CallError) if codes else CallError
    raise kind(
        codes=codes, texts=_texts(members.get("errors")) or _texts(members.get("error")), status=reply.status,
        request_id=reply.request_id, idempotency_key=call.key, retry_after_seconds=_seconds(reply.retry_after),
    )  # fmt: skip


def _no_answer(reply: Reply, call: Call) -> CallError:
    """What came is not of the API: a proxy's page, or some other web site's."""
    about: dict[str, Any] = {
        "status": reply.status, "request_id": reply.request_id, "idempotency_key": call.key,
        "retry_after_seconds": _seconds(reply.retry_after),
    }  # fmt: skip
    if reply.status == 429:
        return RateLimited("Too many requests, says who stands before the server.", **about)
    if reply.status in _GATEWAY_STATUSES:
        text = f"Who stands before the server got no answer from it (HTTP {reply.status})."
        return OutcomeUnknown(text, **about) if call.writes else ConnectionFailed(text, **about)
    return BadAnswer(f"This is no answer of the API (HTTP {reply.status}); is the address right?", **about)


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list):
        return tuple(str(one.get(TEXT_MEMBER, "")) if isinstance(one, dict) else str(one) for one in value)
    return ()


def _seconds(retry_after: str) -> int | None:
    return int(retry_after) if retry_after.isascii() and retry_after.isdecimal() and len(retry_after) < 8 else None
