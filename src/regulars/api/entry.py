# SPDX-License-Identifier: Apache-2.0
"""
The API as a function: a request in, a response out (design.md 1). The servers' adapters are thin.

Order of checks, each before the next (api.md 13): transport, envelope, type, credentials, account state, permission,
parameters; then the call's own: existence, state, amount and balance.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import re
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any, NamedTuple, cast

import asyncpg
import orjson

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.api.access_log import TROUBLE, log_bug, log_request
from regulars.api.blocking import begin_rows, check_password, run_call
from regulars.api.call import Call, Context
from regulars.api.calls import test
from regulars.api.credentials import (
    ANSWER_SECONDS_MIN,
    Credentials,
    authenticate,
    carries_credentials,
    other_account_named,
    read_credentials,
    read_password,
    refuse_other_offices,
    refuse_suspended,
    user_named,
)
from regulars.api.exchange import Request, Response, Streamed, request_id_of
from regulars.api.figures import CALL_TIME, CALLS
from regulars.api.registry import find_call, selector_of
from regulars.api.services import Services
from regulars.errors import (
    BadCredentials,
    DatabaseUnavailable,
    InvalidParameter,
    KeyReused,
    MalformedRequest,
    MissingParameter,
    OperationalError,
    PlainHttpRefused,
    Problems,
    RegularsError,
    StaleConfiguration,
    TooLarge,
)
from regulars.kit.logs import named
from regulars.ledger.books import Found, Posted, Posting, Query
from regulars.ledger.writer import LOST, CoalescingLedger
from regulars.protocol.form import read_form
from regulars.protocol.params import Fields, read
from regulars.protocol.render import Envelope, read_envelope, retry_after_seconds, status_of, write_answer, write_error
from regulars.protocol.stored import from_stored
from regulars.protocol.tree import Element, rows_in
from regulars.users.access import require

RUNS_MAX = 4
"""A call runs again each time the configuration changed under it; so often, then the caller is told to try later."""

THREAD_FROM_BYTES = 262_144
"""A body longer than this is taken apart in a thread: nobody else's call waits for it."""
METHODS = frozenset({"GET", "POST", "HEAD"})
_ENVELOPE_NAMES = frozenset({"output", "callback", "condensed", "strict_status"})
_NOT_CONTENT = _ENVELOPE_NAMES | {"user_id", "user_api_key", "user_password", "idempotency_key"}
"""What two requests may differ in and still be the same call under one idempotency key."""
_KEY = re.compile(r"[\x20-\x7e]{1,128}", re.ASCII)
_YES = frozenset({"y", "yes", "true", "1"})
_NO = frozenset({"", "n", "no", "false", "0"})
_FIXED_HEADERS = [("cache-control", "no-store"), ("x-content-type-options", "nosniff")]


class InternalError(RegularsError):
    """Something of ours broke; the log says what."""

    code = "internal_error"
    status = 500
    text = "Something went wrong on our side. It was logged; please try again later."


@dataclass(slots=True)
class Answer:
    """What a request came to, before it is written in the format asked for."""

    request_id: str
    envelope: Envelope = field(default_factory=Envelope)
    root: Element | None = None
    error: RegularsError | None = None
    call: Call | None = None
    account: AccountConfig | None = None
    """Set once the credentials were found valid, as is ``user``."""
    user: UserConfig | None = None
    fields: Fields = field(default_factory=dict)
    is_counted: bool = False
    """The call was counted towards its user's limit: once, however often it runs."""

    @property
    def code(self) -> str:
        return "ok" if self.error is None else self.error.parts[0].code


@dataclass(slots=True)
class _Witness:
    """The ledger as one run of a call sees it; it notes whether the database was asked."""

    ledger: CoalescingLedger
    was_asked: bool = False
    """The database compared the configuration's version: what was made from the snapshot stands."""
    has_posted: bool = False

    async def post(self, posting: Posting) -> Posted:
        self.was_asked = self.has_posted = True
        return await self.ledger.post(posting)

    async def look_up(self, query: Query) -> Found:
        self.was_asked = True
        return await self.ledger.look_up(query)

    async def confirm(self, account_id: int, version: int) -> None:
        self.was_asked = True
        await self.ledger.confirm(account_id, version)

    async def recall(self, account_id: int, key: str) -> tuple[bytes, Posted | None, Any] | None:
        return await self.ledger.recall(account_id, key)


async def handle(request: Request, services: Services) -> Response | Streamed:
    """Answer one request of the API. Never raises."""
    started_ns = time.perf_counter_ns()
    answer = await carry_out(request, services)
    response: Response | Streamed
    try:
        if answer.call is not None and answer.call.rows and answer.root is not None:
            response = await write_or_begin(answer, services, is_head=request.method == "HEAD")
        else:
            response = write(answer, is_head=request.method == "HEAD")
    except Exception as error:  # noqa: BLE001 - the same edge: a tree that can not be written is our bug
        log_bug(answer.request_id, error)
        answer.error = InternalError()
        response = write(answer, is_head=request.method == "HEAD")
    duration_us = (time.perf_counter_ns() - started_ns) // 1_000
    services.request_log.note(request, answer, response, duration_us)
    call_type = answer.call.type if answer.call else ""
    CALLS.add(1, call_type, answer.code)
    CALL_TIME.observe(duration_us, call_type)
    if services.options.has_access_log:
        log_request(
            request_id=answer.request_id,
            call=call_type,
            account=answer.account.code if answer.account else "",
            user=answer.user.code if answer.user else "",
            duration_us=duration_us,
            code=answer.code,
            status=response.status,
            client=request.client,
        )
    return response


async def carry_out(request: Request, services: Services) -> Answer:
    """Carry a request out and return what it came to. Never raises: this is the edge where every error ends."""
    started = time.monotonic()
    answer = Answer(request_id_of(request.headers))
    try:
        answer.root = await _answer(request, services, answer)
    except RegularsError as error:
        answer.error = error
    except (*LOST, asyncpg.InsufficientResourcesError) as error:
        words = "request %s: the database is away (%s)"
        TROUBLE.warning(words, answer.request_id, type(error).__name__, extra={"request_id": answer.request_id})
        answer.error = DatabaseUnavailable()
    except Exception as error:  # noqa: BLE001 - one of the four edges (style.md B4)
        log_bug(answer.request_id, error)
        answer.error = InternalError()
    failure = answer.error
    if failure is not None:
        answer.error = services.limits.judge(failure, answer, request.client)
    if isinstance(failure, BadCredentials):
        rest = started + ANSWER_SECONDS_MIN - time.monotonic()
        if rest > 0:
            await asyncio.sleep(rest)
    return answer


def refuse(request: Request, error: RegularsError) -> Response:
    """Answer a request whose body could not be read at all; its URL may still say in which format."""
    answer = Answer(request_id_of(request.headers), error=error)
    CALLS.add(1, "", answer.code)
    with contextlib.suppress(RegularsError):  # where the URL is not readable either, XML it is
        answer.envelope, _ = read_envelope(read_form(request.query, "", b"").fields)
    return write(answer, is_head=request.method == "HEAD")


async def write_or_begin(answer: Answer, services: Services, *, is_head: bool) -> Response | Streamed:
    """Return the response of an answer that may have more rows than are held."""
    root, streams = answer.root, services.streams
    if root is None or rows_in(root) is None:
        return write(answer, is_head=is_head)
    if is_head:
        await streams.give_up(root)
        return Response(200, _headers(answer), b"")
    try:
        return await streams.begin(root, answer.envelope, _headers(answer), answer.request_id)
    except RegularsError as error:
        answer.error = error
        return write(answer)


def _headers(answer: Answer) -> list[tuple[str, str]]:
    return [("content-type", answer.envelope.content_type), ("x-request-id", answer.request_id), *_FIXED_HEADERS]


def write(answer: Answer, *, is_head: bool = False) -> Response:
    """Return the response of an answer."""
    envelope, error = answer.envelope, answer.error
    headers = _headers(answer)
    if error is None:
        assert answer.root is not None, "an answer has a root or an error"
        status, body = 200, write_answer(answer.root, envelope)
    else:
        status = 500 if isinstance(error, InternalError) else status_of(error, envelope)
        body = write_error(error, envelope)
        headers.append(("x-error-code", error.parts[0].code))
        seconds = retry_after_seconds(error)
        if seconds is not None:
            headers.append(("retry-after", str(seconds)))
    return Response(status, headers, b"" if is_head else body)


async def _answer(request: Request, services: Services, answer: Answer) -> Element:
    if request.method not in METHODS:
        raise MalformedRequest("The request could not be read: POST or GET is expected.")
    if request.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
        raise MalformedRequest("The request could not be read: its body is compressed.")
    read = functools.partial(read_form, request.query, request.headers.get("content-type", ""), request.body)
    form = read() if len(request.body) <= THREAD_FROM_BYTES else await services.long_threads.run(read)
    fields = answer.fields = form.fields
    answer.envelope, envelope_error = read_envelope(fields)
    type_name = fields.get("type", "")
    is_test = type_name.lower() == "test" or (request.method != "POST" and fields.keys() <= _ENVELOPE_NAMES)
    if not request.is_secure and (not is_test or carries_credentials(fields, request.headers)):
        raise PlainHttpRefused
    form.refuse_duplicate()
    if envelope_error is not None:
        raise envelope_error
    if is_test:
        answer.call = test.CALL
        return await test.handle(None, None)
    if not type_name:
        raise MissingParameter("type")
    answer.call = call = find_call(type_name, fields.get(selector_of(type_name)))
    if not call.is_long and len(request.body) > services.options.body_bytes_max:
        raise TooLarge(f"The request is too large: at most {services.options.body_bytes_max} bytes are accepted.")
    if call.credentials == "password":
        credentials = read_password(fields)
        who, password = credentials.user_code, credentials.secret
        check = functools.partial(check_password, who, password, services.clock(), request.client, request.host)
        account: AccountConfig | None = await services.threads.run(named(answer.request_id, check))
    else:
        credentials = read_credentials(fields, request.headers)
        account = await services.snapshots.for_user(credentials.user_code)
    if not services.hosts.are_known:
        await services.hosts.begin()
    return await _run_until_current(_Asked(call, fields, credentials, request, services, answer), account)


class _Asked(NamedTuple):
    """Everything about one call that stays the same however often it runs."""

    call: Call
    fields: Fields
    credentials: Credentials
    request: Request
    services: Services
    answer: Answer


async def _run_until_current(asked: _Asked, account: AccountConfig | None) -> Element:
    """Run the call on a snapshot, and again on a newer one as long as the snapshot proves to be stale."""
    snapshots, user_code = asked.services.snapshots, asked.credentials.user_code
    for _ in range(RUNS_MAX):
        if account is None:
            raise BadCredentials
        run = _Run(asked)
        try:
            root = await run.once(account)
            if run.is_confirmed or await snapshots.is_current(account):
                return root
        except OperationalError:
            raise  # it says nothing about the snapshot
        except RegularsError as error:
            if not isinstance(error, StaleConfiguration) and (run.is_confirmed or await snapshots.is_current(account)):
                return await run.answered_before(error)
        asked.answer.account = asked.answer.user = None
        account = await snapshots.reload(account)
        if account is None or user_code.lower() not in account.users:
            account = await snapshots.load_for_user(user_code)
    raise StaleConfiguration


class _Run:
    """One run of a call on one snapshot."""

    __slots__ = ("_asked", "_context", "_params", "_witness")

    def __init__(self, asked: _Asked) -> None:
        self._asked = asked
        self._witness = _Witness(asked.services.ledger)
        self._context: Context | None = None
        self._params: Any = None

    @property
    def is_confirmed(self) -> bool:
        """Whether the database itself has said, in this run, that the snapshot is current."""
        return self._witness.was_asked

    async def once(self, account: AccountConfig) -> Element:
        """Check and carry out. Raises what is wrong, in the published order."""
        call = self._asked.call
        context = self._admit(account)
        self._params = _read_params(call, self._asked.fields, account)
        self._context = context
        if _is_async(call.handle):
            root = await cast(Awaitable[Element], call.handle(context, self._params))
            if call.rows:
                await self._asked.services.threads.run(functools.partial(begin_rows, root, None))
            return root
        return await self._in_thread(context)

    async def _in_thread(self, context: Context) -> Element:
        """Carry out a ``def`` call; it compares the version and looks the key up in its own unit of work."""
        asked, witness = self._asked, self._witness
        try:
            threads = asked.services.long_threads if asked.call.is_long else asked.services.threads
            work = functools.partial(run_call, asked.call, context, self._params)
            root = await threads.run(named(asked.answer.request_id, work))
        except (StaleConfiguration, OperationalError):
            raise
        except RegularsError:
            witness.was_asked = witness.has_posted = True
            raise
        witness.was_asked = True
        return root

    def _admit(self, account: AccountConfig) -> Context:
        """Credentials, account state, permission; then what belongs to every call."""
        call, fields, answer = self._asked.call, self._asked.fields, self._asked.answer
        now = self._asked.services.clock()
        is_token = call.credentials == "token"
        user = (authenticate if is_token else user_named)(account, self._asked.credentials, now)
        if not self._asked.services.hosts.admits(self._asked.request.host, account):
            raise BadCredentials
        answer.account, answer.user = account, user
        named = other_account_named(account, fields, call.reached_by)
        refuse_suspended(account)
        if not answer.is_counted:
            self._asked.services.limits.admit(account, user, fields)
            answer.is_counted = True
        if call.offices:
            refuse_other_offices(account, call.offices)
        if call.permission is not None:
            require(user, call.permission, call.denied_text)
        at = now + timedelta(seconds=account.test_clock_offset_seconds) if account.test_clock_offset_seconds else now
        if not call.writes:
            return Context(account, user, at, self._witness, named_account=named)
        key = _idempotency_key(fields, self._asked.request)
        fingerprint = fingerprint_of(fields, user) if key else b""
        return Context(account, user, at, self._witness, key, fingerprint, _dry_run(fields), named)

    async def answered_before(self, error: RegularsError) -> Element:
        """
        The call fails; where its key was used before, the stored answer is given all the same, else the error is raised.

        Only for async calls that failed before they posted: ``run_call`` and the ledger look keys up themselves.
        """
        context, call = self._context, self._asked.call
        if context is None or context.idempotency_key is None or self._witness.has_posted or context.dry_run:
            raise error
        stored = await self._asked.services.ledger.recall(context.account.id, context.idempotency_key)
        if stored is None:
            raise error
        fingerprint, posted, tree = stored
        if fingerprint != context.fingerprint:
            raise KeyReused from error
        if tree is not None:
            return from_stored(tree)
        if posted is None or call.replay is None:
            raise error
        return call.replay(context, self._params, posted)


_is_async = functools.cache(inspect.iscoroutinefunction)
"""Whether a handler is ``async def``; asked for once per handler."""


def fingerprint_of(fields: Fields, user: UserConfig) -> bytes:
    """Return SHA-256 of what a call asks for and of who asks, without credentials, key and envelope."""
    content = sorted((name, value) for name, value in fields.items() if name not in _NOT_CONTENT)
    return sha256(orjson.dumps([user.id, content])).digest()


def _read_params(call: Call, fields: Fields, account: AccountConfig) -> Any:
    """Return the call's parameters; a missing account_id is reported with whatever else is wrong."""
    if not call.needs_account_id or fields.get("account_id"):
        return read(call.params, fields, account)
    missing = MissingParameter("account_id")
    try:
        read(call.params, fields, account)
    except RegularsError as error:
        raise Problems((missing, *error.parts)) from None
    raise missing


def _idempotency_key(fields: Fields, request: Request) -> str | None:
    """Return the field ``idempotency_key`` or the header Idempotency-Key. Raises InvalidParameter."""
    key = fields.get("idempotency_key", "")
    header = request.headers.get("idempotency-key", "").strip()
    if key and header and key != header:
        raise InvalidParameter("idempotency_key", "the field and the header Idempotency-Key differ")
    key = key or header
    if key and not _KEY.fullmatch(key):
        raise InvalidParameter("idempotency_key", "at most 128 printable ASCII characters")
    return key or None


def _dry_run(fields: Fields) -> bool:
    wish = fields.get("dry_run", "").lower()
    if wish in _YES:
        return True
    if wish in _NO:
        return False
    raise InvalidParameter("dry_run", "Y or N is expected")
