# SPDX-License-Identifier: Apache-2.0
"""What one worker's event loop works with: made when it starts, ended in order when it stops."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg

from regulars.api.blocking import CallThreads, settle_customer
from regulars.api.body_timer import BodyTimer
from regulars.api.health import Health
from regulars.api.hosts import Hosts
from regulars.api.large import LargeBodies
from regulars.api.limits import Limits
from regulars.api.options import Options
from regulars.api.request_log import RequestLog
from regulars.api.snapshots import Snapshots
from regulars.api.streams import Streams
from regulars.errors import DatabaseUnavailable
from regulars.ledger.writer import LOST, CoalescingLedger

STATEMENT_SECONDS_MAX = 30.0
READ_TRIES = 2
LOG_SECONDS_MAX = 10.0


def system_clock() -> datetime:
    """The time, in UTC. The edge alone asks for it."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Services:
    """Everything ``entry`` needs; belongs to one event loop."""

    options: Options
    pool: asyncpg.Pool
    ledger: CoalescingLedger
    snapshots: Snapshots
    hosts: Hosts
    threads: CallThreads
    limits: Limits
    request_log: RequestLog
    log_pool: asyncpg.Pool
    """One connection, so that the log never waits for those of the calls, nor they for it."""
    bodies: BodyTimer
    long_threads: CallThreads
    """For calls that take long (batches), so that the others need not wait for them."""
    large_bodies: LargeBodies
    streams: Streams
    health: Health
    clock: Callable[[], datetime] = system_clock

    async def close(self) -> None:
        """Wait until every answer that is owed was made, then close the connections."""
        await self.ledger.drain()
        await self.threads.close()
        await self.long_threads.close()
        await self.hosts.close()
        await self.request_log.close()
        await self.log_pool.close()
        await self.pool.close()


async def open_services(options: Options, clock: Callable[[], datetime] = system_clock) -> Services:
    """
    Return the services of this event loop; connections open when they are needed.

    The pool's reset query is off: it costs a third of a call, and no statement of ours leaves a session changed.
    """
    pool = await asyncpg.create_pool(
        options.database_url,
        min_size=0,  # a worker starts though the database is away; its calls say so
        max_size=options.pool_size,
        reset=_leave_as_is,
        command_timeout=STATEMENT_SECONDS_MAX,
        server_settings=_server_settings(options),
    )
    threads = CallThreads(options.thread_count, options.queue_max)

    async def book_what_is_due(account_id: int, customer_id: int, at: datetime) -> None:
        await threads.run(functools.partial(settle_customer, account_id, customer_id, at))

    async def fetch_value(statement: str, argument: Any) -> Any:
        return await _read(pool, statement, argument)

    log_pool = await _open_log_pool(options)
    snapshots, limits = Snapshots(fetch_value), Limits(options.calls_per_minute)
    return Services(
        options=options,
        pool=pool,
        ledger=CoalescingLedger(pool, book_what_is_due),
        snapshots=snapshots,
        hosts=Hosts(fetch_value),
        threads=threads,
        limits=limits,
        request_log=RequestLog(log_pool.execute, snapshots.for_user, limits.buckets),
        log_pool=log_pool,
        bodies=BodyTimer(options.body_seconds_max),
        long_threads=CallThreads(options.long_thread_count, options.queue_max),
        large_bodies=LargeBodies(),
        health=Health(fetch_value),
        streams=Streams(threads, options.streams_max, options.stream_seconds_max),
        clock=clock,
    )


def _server_settings(options: Options) -> dict[str, str]:
    settings = {"application_name": "regulars-api", "timezone": "UTC", "jit": "off"}
    if options.database_role:
        settings["role"] = options.database_role
    return settings


async def _open_log_pool(options: Options) -> asyncpg.Pool:
    """The request log's own connection: its commits are not waited for to reach the disk, and a slow one is given up."""
    return await asyncpg.create_pool(
        options.database_url,
        min_size=0,
        max_size=1,
        reset=_leave_as_is,
        command_timeout=LOG_SECONDS_MAX,
        timeout=LOG_SECONDS_MAX,
        server_settings=_server_settings(options) | {"synchronous_commit": "off"},
    )


async def _leave_as_is(_: object) -> None:
    """The pool's reset: nothing."""


async def _read(pool: asyncpg.Pool, statement: str, argument: Any) -> Any:
    """Run a reading statement; once more where the connection had died while it lay idle."""
    for attempt in range(READ_TRIES):
        try:
            return await pool.fetchval(statement, argument)
        except (*LOST, TimeoutError) as error:
            if attempt == READ_TRIES - 1:
                raise DatabaseUnavailable from error
    raise DatabaseUnavailable
