# SPDX-License-Identifier: Apache-2.0
"""
Calls that are not hot: plain functions with the ORM, in a few threads, one unit of work each (design.md 3.8).

The event loop never waits for them; when too many wait for a thread, the next is refused at once.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar, cast

from django.db import InterfaceError, OperationalError, connection, transaction

from regulars.accounts.directory import AccountConfig
from regulars.accounts.queries import get_account_config
from regulars.api.call import Call, Context
from regulars.changes.acting import act_as
from regulars.errors import (
    DatabaseUnavailable,
    KeyReused,
    LockTimeout,
    OutcomeUnknown,
    Overloaded,
    RegularsError,
    StaleConfiguration,
)
from regulars.kit.db import Carried, unit_of_work
from regulars.kit.secret import decrypt, encrypt
from regulars.ledger.operations import settle
from regulars.protocol.chunks import hold_few
from regulars.protocol.stored import from_stored, to_stored
from regulars.protocol.tree import Element, rows_in
from regulars.users.sign_in import sign_in

T = TypeVar("T")

CLOSING_SECONDS_MAX = 60.0
_CONTENDED = frozenset({"55P03", "40P01", "40001", "57014"})
"""SQLSTATEs of a transaction that lost a race: rolled back, to be tried again later."""
SEALED = "sealed"
"""The member that holds a stored answer where it is encrypted."""


class CallThreads:
    """A bounded pool of threads with a bounded queue."""

    def __init__(self, thread_count: int, queue_max: int) -> None:
        self._executor = ThreadPoolExecutor(thread_count, thread_name_prefix="regulars-call")
        self._thread_count = thread_count
        self._busy_max = thread_count + queue_max
        self._busy = 0

    async def run(self, work: Callable[[], T]) -> T:
        """
        Run a function in a thread and return what it returns. A caller that goes away does not stop it.

        Raises: Overloaded where too many wait already; what the function raises.
        """
        if self._busy >= self._busy_max:
            raise Overloaded
        self._busy += 1
        future = asyncio.get_running_loop().run_in_executor(self._executor, work)
        future.add_done_callback(self._done)
        return await asyncio.shield(future)

    def _done(self, _: object) -> None:
        self._busy -= 1

    @property
    def waiting_count(self) -> int:
        """How many wait for a thread."""
        return max(self._busy - self._thread_count, 0)

    async def close(self) -> None:
        """Wait for what is under way, give the threads' database connections back, and end the threads."""
        together = threading.Barrier(self._thread_count)

        def say_good_bye() -> None:
            connection.close()
            together.wait(timeout=CLOSING_SECONDS_MAX)  # so that each thread takes one of these

        for _ in range(self._thread_count):
            self._executor.submit(say_good_bye)
        await asyncio.get_running_loop().run_in_executor(None, self._executor.shutdown)


@dataclass(slots=True)
class _Progress:
    """How far a unit of work came: what a lost connection means depends on it."""

    stage: Literal["opening", "running", "committing"] = "opening"


def run_call(call: Call, context: Context, params: Any) -> Element:
    """
    Carry out a ``def`` call in one unit of work and return its answer; for ``writes`` calls under its idempotency key.

    The key's row is committed with the effect (I8); ``dry_run`` builds the answer and rolls back; an error changes nothing
    (I9), but for the counts of errors that keep them.

    Raises: StaleConfiguration where the account's configuration is not the context's any more; KeyReused; LockTimeout,
    DatabaseUnavailable, OutcomeUnknown; what the call raises.
    """
    for attempt in (1, 2):
        progress = _Progress()
        try:
            root = _in_unit(call, context, params, progress)
            return root if call.follow_up is None or context.dry_run else call.follow_up(context, root)
        except (OperationalError, InterfaceError) as error:
            failure = _operational(error, progress, call)
            if not isinstance(failure, LockTimeout):
                connection.close()
                if progress.stage == "opening" and attempt == 1:
                    continue  # the connection had died while it lay idle; nothing was sent on it yet
            raise failure from error
    raise DatabaseUnavailable


def _operational(error: Exception, progress: _Progress, call: Call) -> RegularsError:
    if getattr(error.__cause__, "sqlstate", None) in _CONTENDED:
        return LockTimeout()
    if progress.stage == "committing" and call.writes:
        return OutcomeUnknown()
    return DatabaseUnavailable()


def _in_unit(call: Call, context: Context, params: Any, progress: _Progress) -> Element:
    key = context.idempotency_key if call.writes and not context.dry_run else None
    kept: RegularsError | None = None
    try:
        with ExitStack() as unit:
            unit.enter_context(unit_of_work(context.account.id, is_snapshot=call.rows == "snapshot"))
            progress.stage = "running"
            refuse_stale(context.account)
            if key is not None:
                again = _recall(context, key)
                if again is not None:
                    return again
            try:
                root = _handled(call, context, params, unit)
            except RegularsError as error:
                if not error.keeps_changes:
                    raise
                kept = error
            else:
                if call.writes and context.dry_run:
                    transaction.set_rollback(True)
                elif key is not None:
                    first = _remember(call, context, key, root)
                    if first is not None:  # the same call came twice at once, and the other was sooner
                        transaction.set_rollback(True)
                        root = first
            progress.stage = "committing"
    except RegularsError as error:
        if key is None or isinstance(error, (KeyReused, StaleConfiguration)):
            raise
        return _answered_meanwhile(context, key, error)
    if kept is not None:
        raise kept
    return root


def _handled(call: Call, context: Context, params: Any, unit: ExitStack) -> Element:
    if call.writes:
        act_as(context.user)
    root = cast(Element, call.handle(context, params))
    if call.rows:
        begin_rows(root, unit if call.rows == "snapshot" else None)
    return root


def begin_rows(root: Element, unit: ExitStack | None) -> None:
    """
    Read the first rows of an answer that has ``Rows``: few become part of it, of many the rest is read while they are sent.

    ``unit``: the unit of work that they are read in; of many rows it goes with them (``Rows.source`` closes it).
    """
    rows = rows_in(root)
    if rows is not None and not hold_few(root, rows) and unit is not None:
        rows.source = Carried(rows.source, unit.pop_all())


def refuse_stale(account: AccountConfig) -> None:
    """Raise StaleConfiguration unless the account's configuration is still the one given. Queries: 1."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_version(%s)", [account.id])
        row = cursor.fetchone()
    if row is None or row[0] != account.version:
        raise StaleConfiguration


def _answered_meanwhile(context: Context, key: str, error: RegularsError) -> Element:
    """The call failed; where its key was used by another at the same time, that answer is the answer."""
    with unit_of_work(context.account.id):
        again = _recall(context, key)
    if again is None:
        raise error
    return again


def _recall(context: Context, key: str) -> Element | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_recall(%s, %s)", [context.account.id, key])
        row = cursor.fetchone()
    return _stored_answer(context, row[0] if row else None)


def _remember(call: Call, context: Context, key: str, root: Element) -> Element | None:
    answer = json.dumps(to_stored(root))
    if call.is_sealed:
        answer = json.dumps({SEALED: encrypt(answer.encode(), owner=_seal_owner(context)).hex()})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_remember(%s, %s, %s, %s, %s::jsonb)",
            [context.account.id, key, context.fingerprint, context.at, answer],
        )
        row = cursor.fetchone()
    return _stored_answer(context, row[0] if row else None)


def _stored_answer(context: Context, document: Any) -> Element | None:
    if document is None:
        return None
    stored = json.loads(document) if isinstance(document, str) else document
    if bytes.fromhex(stored["fingerprint"]) != context.fingerprint or stored["answer"] is None:
        raise KeyReused
    answer = stored["answer"]
    if SEALED in answer:
        answer = json.loads(decrypt(bytes.fromhex(answer[SEALED]), owner=_seal_owner(context)))
    return from_stored(answer)


def _seal_owner(context: Context) -> str:
    return f"answer:{context.account.id}:{context.fingerprint.hex()}"


def check_password(user_code: str, password: str, at: datetime, address: str, host: str) -> AccountConfig:
    """
    Return the account of a user whose login password is right. Raises BadCredentials, RateLimited, DatabaseUnavailable.
    """
    with _database_errors():
        return sign_in(user_code=user_code, password=password, at=at, address=address, host=host)[0]


def settle_customer(account_id: int, customer_id: int, at: datetime) -> None:
    """Book what is due on a customer's balances, in a unit of work of its own (for the coalescing ledger)."""
    with _database_errors(), unit_of_work(account_id):
        settle(account=get_account_config(account_id), customer_id=customer_id, at=at)


@contextmanager
def _database_errors() -> Iterator[None]:
    """Turn the driver's operational errors into ours; whatever was under way was rolled back."""
    if connection.connection is not None and not connection.is_usable():
        connection.close()  # it died while it lay idle
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        if getattr(error.__cause__, "sqlstate", None) in _CONTENDED:
            raise LockTimeout from error
        connection.close()
        raise DatabaseUnavailable from error
