# SPDX-License-Identifier: Apache-2.0
"""
The coalescing writer (ADR-0004): concurrent calls of a worker leave together, one statement and one commit.

At most one batch of postings and one of look-ups is under way per worker; what arrives meanwhile leaves in the next. There
is no timer: a lone call leaves at once. Each answer is given only after the commit that holds it is durable.

That batch waits for no customer: postings whose customer another transaction holds at that moment (another worker's batch,
a call in a thread) go on in a second queue, whose batches do wait. So a customer who is held for long delays his own calls
alone, and nobody else's.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

import asyncpg
import orjson

from regulars.errors import (
    DatabaseUnavailable,
    InvariantViolation,
    LockTimeout,
    OutcomeUnknown,
    Overloaded,
    RegularsError,
    StaleConfiguration,
)
from regulars.kit.metrics import LATENCY_US, SECONDS, SIZES, Metric
from regulars.ledger.books import Found, Posted, Posting, Query
from regulars.ledger.wire import CustomerBusy, SettlementDue, found, posted, recalled

log = logging.getLogger("regulars.ledger")

_POST_SQL = 'SELECT "position", result, customer FROM ledger_post($1::ledger_posting[], {}, $2::ledger_calculation[])'
POST_SQL = _POST_SQL.format("false")
POST_WAITING_SQL = _POST_SQL.format("true")
LOOKUP_SQL = 'SELECT "position", config_version, is_due, customer, memberships, history FROM ledger_lookup($1::ledger_query[])'

POSTINGS_MAX = 48
"""Per batch: PostgreSQL's cache of subtransactions holds 64."""
QUERIES_MAX = 64
WAITING_MAX = 2000
"""Calls that may wait; beyond it a call is refused at once (503, Retry-After)."""
TRIES = 3

LOST = (
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a statement on a connection whose other end has died but has not hung up yet
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    ConnectionError,
    OSError,
)
"""What a broken connection looks like."""

HELD = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)
"""What waiting too long for somebody else's transaction looks like."""

BATCH_SIZE = Metric(
    "regulars_batch_size", "histogram", "Calls that left for the database together.", labels=("queue",), bounds=SIZES
)
BATCH_WAIT = Metric(
    "regulars_batch_wait_seconds", "histogram", "How long the first call of a batch had waited for it to leave.",
    labels=("queue",), per_unit=SECONDS, bounds=LATENCY_US,
)  # fmt: skip
BATCH_TIME = Metric(
    "regulars_batch_seconds", "histogram", "How long a batch took: the statement, and its commit.",
    labels=("queue",), per_unit=SECONDS, bounds=LATENCY_US,
)  # fmt: skip

T = TypeVar("T")
R = TypeVar("R")


class Ledger(Protocol):
    """What async calls are given."""

    async def post(self, posting: Posting) -> Posted:
        """
        Record one posting durably; the answer comes after its commit.

        Raises: StaleConfiguration, CustomerNotFound, InsufficientBalance, UnexpectedBalance, KeyReused, LockTimeout,
        Overloaded, OutcomeUnknown, DatabaseUnavailable.
        """
        ...

    async def look_up(self, query: Query) -> Found:
        """
        Find one customer with balances as of ``query.at``.

        Raises: StaleConfiguration, CustomerNotFound, DatabaseUnavailable.
        """
        ...

    async def confirm(self, account_id: int, version: int) -> None:
        """Raise StaleConfiguration where the account's configuration is not at ``version`` any more."""
        ...

    async def recall(self, account_id: int, key: str) -> tuple[bytes, Posted | None, Any] | None:
        """Return (fingerprint, posting's outcome, other answer) stored under an idempotency key, or None."""
        ...


class _Batches(Generic[T, R]):
    """One queue whose items leave in batches, one batch at a time. ``name``: of the queue, in the figures."""

    def __init__(self, name: str, send: Callable[[Sequence[T]], Awaitable[Sequence[R | Exception]]], size_max: int) -> None:
        self._name = name
        self._send = send
        self._size_max = size_max
        self._waiting: deque[tuple[T, asyncio.Future[R], int]] = deque()
        """With the time each came, in nanoseconds of a clock of no date."""
        self._task: asyncio.Task[None] | None = None

    async def put(self, item: T) -> R:
        if len(self._waiting) >= WAITING_MAX:
            raise Overloaded
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future, time.perf_counter_ns()))
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._size_max))]
            left_ns = time.perf_counter_ns()
            BATCH_SIZE.observe(len(batch), self._name)
            BATCH_WAIT.observe((left_ns - batch[0][2]) // 1_000, self._name)
            try:
                outcomes = await self._send([item for item, _, _ in batch])
            except BaseException as error:
                # Whoever waits must hear of it, whatever it was.
                for _, future, _ in batch:
                    if not future.done():
                        future.set_exception(error if isinstance(error, Exception) else DatabaseUnavailable())
                if not isinstance(error, Exception):
                    self._task = None
                    raise
                continue
            BATCH_TIME.observe((time.perf_counter_ns() - left_ns) // 1_000, self._name)
            for (_, future, _), outcome in zip(batch, outcomes, strict=True):
                if future.done():
                    continue
                if isinstance(outcome, Exception):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome)
        self._task = None

    @property
    def waiting_count(self) -> int:
        """How many wait for the next batch."""
        return len(self._waiting)

    async def drain(self) -> None:
        """Wait until everything that was put has its outcome."""
        while self._task is not None:
            await asyncio.shield(self._task)


class CoalescingLedger:
    """The ledger of one API worker. ``settle`` books due depreciations and fees of (account id, customer id, at)."""

    def __init__(self, pool: asyncpg.Pool, settle: Callable[[int, int, datetime], Awaitable[None]]) -> None:
        self._pool = pool
        self._settle = settle
        self._postings = _Batches[Posting, Posted]("post", self._send_postings, POSTINGS_MAX)
        self._waiting_postings = _Batches[Posting, Posted]("post_waiting", self._send_waiting, POSTINGS_MAX)
        self._queries = _Batches[Query, Found]("look_up", self._send_queries, QUERIES_MAX)

    @property
    def waiting_count(self) -> int:
        """How many calls wait for a batch to leave with."""
        return sum(queue.waiting_count for queue in (self._postings, self._waiting_postings, self._queries))

    async def post(self, posting: Posting) -> Posted:
        return await self._settled(self._put_posting, posting, posting.account_id, posting.recorded_at)

    async def look_up(self, query: Query) -> Found:
        return await self._settled(self._queries.put, query, query.account_id, query.at)

    async def confirm(self, account_id: int, version: int) -> None:
        try:
            now = await self._pool.fetchval("SELECT accounts_version($1)", account_id)
        except LOST as error:
            raise DatabaseUnavailable from error
        if now != version:
            raise StaleConfiguration

    async def recall(self, account_id: int, key: str) -> tuple[bytes, Posted | None, Any] | None:
        try:
            text = await self._pool.fetchval("SELECT ledger_recall($1, $2)", account_id, key)
        except LOST as error:
            raise DatabaseUnavailable from error
        if text is None:
            return None
        stored = orjson.loads(text)
        outcome = recalled(stored["result"]) if stored["result"] is not None else None
        return bytes.fromhex(stored["fingerprint"]), outcome, stored["answer"]

    async def warm_up(self) -> None:
        """Open the connections and learn the types before the first caller waits for it; where it fails, he will."""

        async def open_one(ready: asyncio.Barrier) -> None:
            async with self._pool.acquire(timeout=5) as connection:
                await connection.fetch(POST_SQL, [], None)
                await connection.fetch(LOOKUP_SQL, [])
                await ready.wait()  # held until all are open, or the pool would hand out the same one again

        ready = asyncio.Barrier(self._pool.get_max_size())
        try:
            async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
                for _ in range(self._pool.get_max_size()):
                    tasks.create_task(open_one(ready))
        except* (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as trouble:
            log.info("the first calls will open their own connections: %s", type(trouble.exceptions[0]).__name__)

    async def drain(self) -> None:
        """Wait until every posting and look-up has its answer (a clean stop)."""
        await self._postings.drain()
        await self._waiting_postings.drain()
        await self._queries.drain()

    async def _put_posting(self, posting: Posting) -> Posted:
        try:
            return await self._postings.put(posting)
        except CustomerBusy:
            return await self._waiting_postings.put(posting)

    async def _settled(self, put: Callable[[T], Awaitable[R]], item: T, account_id: int, at: datetime) -> R:
        for _ in range(TRIES):
            try:
                return await put(item)
            except SettlementDue as due:
                await self._settle(account_id, due.customer_id, at)
        raise LockTimeout

    async def _send_postings(self, postings: Sequence[Posting]) -> Sequence[Posted | Exception]:
        try:
            return await self._send(POST_SQL, postings)
        except HELD:  # not a customer, for whom this does not wait: a table that is being changed
            return [LockTimeout() for _ in postings]

    async def _send_waiting(self, postings: Sequence[Posting]) -> Sequence[Posted | Exception]:
        """Wait for the customers; where one is held too long, those who are free by now are served and he is not."""
        try:
            outcomes = await self._send(POST_WAITING_SQL, postings)
        except HELD:
            outcomes = await self._send_postings(postings)
        return [LockTimeout() if isinstance(outcome, CustomerBusy) else outcome for outcome in outcomes]

    async def _send(self, statement: str, postings: Sequence[Posting]) -> Sequence[Posted | Exception]:
        """Send a batch. Raises one of ``HELD``: then nothing was recorded."""
        try:
            return await self._post(statement, postings)
        except _Unsent:
            return [DatabaseUnavailable() for _ in postings]
        except HELD:
            raise
        except ValueError as error:  # also asyncpg's own: a value that no column can hold is not sent
            failure: Exception = _unsendable(error)
        except LOST:
            return await self._after_loss(postings)
        except asyncpg.PostgresError as error:
            failure = error
        # Nothing was recorded. One posting that breaks must not fail the others: each goes alone.
        if len(postings) == 1:
            return [failure]
        return [(await self._send_postings([posting]))[0] for posting in postings]

    async def _post(self, statement: str, postings: Sequence[Posting]) -> list[Posted | Exception]:
        rows = await self._fetch(statement, [(i, *p[:-1]) for i, p in enumerate(postings)], [p.calculation for p in postings])
        outcomes: list[Posted | Exception] = [OutcomeUnknown() for _ in postings]
        for position, result, customer in rows:
            try:
                outcomes[position] = posted(result, customer)
            except RegularsError as error:
                outcomes[position] = error
        return outcomes

    async def _after_loss(self, postings: Sequence[Posting]) -> Sequence[Posted | Exception]:
        """The fate of the batch is unknown. Only what carries a key may be sent again: it takes effect at most once."""
        keyed = [posting for posting in postings if posting.idempotency_key is not None]
        again: dict[int, Posted | Exception] = {}
        if keyed:
            try:
                outcomes = await self._post(POST_WAITING_SQL, keyed)
            except (_Unsent, asyncpg.PostgresError, ValueError, *LOST):
                outcomes = []
            again = {id(posting): outcome for posting, outcome in zip(keyed, outcomes, strict=False)}
        return [again.get(id(posting)) or OutcomeUnknown() for posting in postings]

    async def _send_queries(self, queries: Sequence[Query]) -> Sequence[Found | Exception]:
        try:
            return await self._look_up(queries)
        except (ValueError, asyncpg.PostgresError) as error:
            # As with postings: what can not be asked must not fail the others.
            if len(queries) == 1:
                return [_unsendable(error) if isinstance(error, ValueError) else error]
            return [(await self._send_queries([query]))[0] for query in queries]

    async def _look_up(self, queries: Sequence[Query]) -> list[Found | Exception]:
        parameters = [(i, *query) for i, query in enumerate(queries)]
        for attempt in range(TRIES):
            try:
                rows = await self._fetch(LOOKUP_SQL, parameters)
                break
            except ValueError:
                raise
            except (_Unsent, *LOST) as error:
                if attempt == TRIES - 1:
                    raise DatabaseUnavailable from error
        outcomes: list[Found | Exception] = [DatabaseUnavailable() for _ in queries]
        for position, version, is_due, customer, memberships, history in rows:
            try:
                if version != queries[position].config_version:
                    raise StaleConfiguration
                outcomes[position] = found(customer, is_due, memberships, history)
            except RegularsError as error:
                outcomes[position] = error
        return outcomes

    async def _fetch(self, sql: str, *parameters: list[Any]) -> list[Any]:
        """Run one statement. Raises _Unsent where it certainly did not reach the database."""
        try:
            connection = await self._pool.acquire(timeout=5)
        except (*LOST, TimeoutError, asyncpg.PostgresError) as error:
            raise _Unsent from error
        try:
            rows: list[Any] = await connection.fetch(sql, *parameters)
        except ValueError:
            raise
        except LOST:
            connection.terminate()  # nobody is to be given it again
            raise
        else:
            return rows
        finally:
            await self._pool.release(connection)


def _unsendable(error: ValueError) -> InvariantViolation:
    """Our bug: what a caller may send was to be checked long before. The message may hold his data and stays in the cause."""
    violation = InvariantViolation(f"a value for the database can not be sent: {type(error).__name__}")
    violation.__cause__ = error
    return violation


class _Unsent(Exception):
    """No connection to the database could be had."""
