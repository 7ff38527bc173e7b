# SPDX-License-Identifier: Apache-2.0
"""
The request log of one worker (ADR-0009): requests are noted in memory and written together a moment later.

Noting never waits and never fails a call. What can not be written is tried again; when too much waits, the next requests are
not logged but counted, and an entry of the account says how many.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import asyncpg
import orjson

from regulars.accounts.directory import AccountConfig
from regulars.api.access_log import TROUBLE, log_bug
from regulars.api.exchange import Request, Response, Streamed
from regulars.api.log_masks import ANSWER_BYTES_MAX, shown_answer, shown_error, shown_fields
from regulars.api.rates import Buckets
from regulars.errors import OperationalError
from regulars.ledger.writer import LOST
from regulars.request_log.rules import ROWS_LOST, entry_id

if TYPE_CHECKING:
    from regulars.api.entry import Answer

APPEND = "SELECT request_log_append($1, $2, $3, $4, $5)"
FLUSH_SECONDS = 0.5
BATCH = 500
WAITING_MAX = 10_000
"""Requests noted and not yet written; beyond it they are counted only."""
RETRY_SECONDS, RETRY_SECONDS_MAX = 1.0, 30.0
CLOSING_SECONDS_MAX = 5.0
ANSWERS_PER_MINUTE, ANSWERS_AT_ONCE = 12, 20
"""Of each account, how many good answers are kept with what they said; of the others, their size. Errors always say it."""
REFUSED_PER_MINUTE, REFUSED_AT_ONCE = 60, 100
"""Of each user, how many requests with wrong credentials are logged: nobody floods another's log."""

LOGGED_PER_MINUTE, LOGGED_AT_ONCE = 12_000, 2_000
"""Of each worker, good requests and failed ones each: beyond it they are counted only, so that a flood costs no more."""
LOST_SAID_PER_MINUTE = 6

Row = tuple[int, int, str, str, str]
"""account_id, id, call, code, details."""
Noted = tuple[int, int, str, str, str, str, int, int, int, str, str | Response, str]
"""account_id, id, call, request_id, user_code, client, http_status, duration_us, answer_bytes, fields (JSON), answer, code."""
NOT_YET_KNOWN = 0
"""In place of an account's id where only a user was named: it is looked up when the row is written."""


class RequestLog:
    """One per event loop. ``append`` runs APPEND; ``find_account`` finds the account that a user id belongs to."""

    def __init__(
        self,
        append: Callable[..., Awaitable[object]],
        find_account: Callable[[str], Awaitable[AccountConfig | None]],
        buckets: Buckets,
        waiting_max: int = WAITING_MAX,
    ) -> None:
        self._append = append
        self._find_account = find_account
        self._buckets = buckets
        self._waiting_max = waiting_max
        self._waiting: deque[Noted] = deque()
        self._lost: dict[int, int] = {}
        """By account: how many were not logged since its log said so."""
        self._tick = 0
        self._writer: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._unwritten_count = 0
        """Of the batch that was given up when the worker stopped."""
        self.lost_count = 0
        """Requests that were not logged since the worker started."""

    def note(self, request: Request, answer: Answer, response: Response | Streamed, duration_us: int) -> None:
        """Note one answered request; of one that is sent piece by piece, that it began. Units: microseconds."""
        account = answer.account
        if account is not None:
            if not account.request_log_days:
                return
            is_over = self._buckets.take(("logged", answer.error is None), LOGGED_PER_MINUTE, LOGGED_AT_ONCE) is not None
            if is_over or len(self._waiting) >= self._waiting_max:
                self._lose(account.id)
                return
            account_id, user_code = account.id, answer.user.code if answer.user is not None else ""
        elif answer.code in ("bad_credentials", "rate_limited") and len(self._waiting) < self._waiting_max:
            account_id, user_code = NOT_YET_KNOWN, answer.fields.get("user_id", "")
            if self._buckets.take(("refused", user_code.lower()), REFUSED_PER_MINUTE, REFUSED_AT_ONCE) is not None:
                return
        else:
            return
        self._tick += 1
        size = len(response.body) if isinstance(response, Response) else 0
        said: str | Response = ""
        if answer.error is not None:
            said = shown_error(answer.error)
        elif (
            isinstance(response, Response)
            and size <= ANSWER_BYTES_MAX
            and (self._buckets.take(("answers", account_id), ANSWERS_PER_MINUTE, ANSWERS_AT_ONCE) is None)
        ):
            said = response  # read when it is written
        self._waiting.append(
            (
                account_id,
                entry_id(time.time_ns() // 1_000, self._tick),
                answer.call.type if answer.call is not None else "",
                answer.request_id,
                user_code,
                request.client[:45],
                response.status,
                duration_us,
                size,
                shown_fields(answer.fields),
                said,
                answer.code,
            )
        )
        if self._writer is None:
            self._writer = asyncio.get_running_loop().create_task(self._write())

    async def written(self) -> None:
        """Wait until all that was noted so far is written."""
        if self._writer is not None:
            await asyncio.shield(self._writer)

    async def close(self) -> None:
        """Write what waits, as far as that is possible in a few seconds."""
        self._closing.set()
        if self._writer is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._writer, CLOSING_SECONDS_MAX)
        left = len(self._waiting) + self._unwritten_count
        if left:
            TROUBLE.warning("request log: the worker stops; %d requests are not logged", left)

    def _lose(self, account_id: int) -> None:
        self.lost_count += 1
        self._lost[account_id] = self._lost.get(account_id, 0) + 1

    async def _write(self) -> None:
        """Write what waits, a moment after the first of it was noted, until nothing does."""
        try:
            while self._waiting or self._lost:
                if len(self._waiting) < BATCH:
                    await self._rest(FLUSH_SECONDS)
                rows = await self._take()
                retry = RETRY_SECONDS
                while rows and not await self._is_written(rows):
                    if self._closing.is_set():
                        self._unwritten_count = len(rows)
                        return
                    await self._rest(retry)
                    retry = min(2 * retry, RETRY_SECONDS_MAX)
        except Exception as error:  # noqa: BLE001 - the edge of a task of its own: the log is not worth a worker
            log_bug("request log", error)
        finally:
            self._writer = None

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)

    async def _take(self) -> list[Row]:
        """Return the next rows as they are to be written; those of users nobody knows are left out."""
        rows: list[Row] = []
        for _ in range(min(BATCH, len(self._waiting))):
            noted = self._waiting.popleft()
            if noted[0] == NOT_YET_KNOWN:
                rows += await self._owned(noted)
            else:
                rows.append(_row(noted))
        is_said = self._closing.is_set() or self._buckets.take(("said", "lost"), LOST_SAID_PER_MINUTE, 1) is None
        if self._lost and is_said and len(self._waiting) < self._waiting_max:
            lost, self._lost = self._lost, {}
            TROUBLE.warning("request log: %d requests were not logged", sum(lost.values()))
            rows += [self._lost_row(account_id, count) for account_id, count in lost.items()]
        return rows

    async def _owned(self, noted: Noted) -> list[Row]:
        """Return the row of a request with wrong credentials with the account whose user was named, if there is one."""
        named = noted[4]
        try:
            account = await self._find_account(named)
        except (*LOST, OperationalError, TimeoutError):
            return []
        user = account.users.get(named.lower()) if account is not None else None
        if account is None or user is None or not account.request_log_days:
            return []
        return [_row((account.id, *noted[1:4], user.code, *noted[5:]))]

    def _lost_row(self, account_id: int, count: int) -> Row:
        self._tick += 1
        number, fields = entry_id(time.time_ns() // 1_000, self._tick), f'{{"requests":"{count}"}}'
        return _row((account_id, number, "", "", "", "", 0, 0, 0, fields, "", ROWS_LOST))

    async def _is_written(self, rows: list[Row]) -> bool:
        try:
            await self._append(APPEND, *map(list, zip(*rows, strict=True)))
        except (*LOST, asyncpg.PostgresError, TimeoutError) as error:
            TROUBLE.warning("request log: %d requests wait (%s)", len(rows) + len(self._waiting), type(error).__name__)
            return False
        return True


def _row(noted: Noted) -> Row:
    """Return a row as it is written; a good answer is read and masked only now."""
    account_id, number, call, request_id, user_code, client, status, duration_us, size, fields, said, code = noted
    answer = orjson.dumps(said if isinstance(said, str) else shown_answer(said)).decode() if said else '""'
    # What needs no escaping is put together by hand; a document for each row would cost as much as the rest.
    details = f'["{request_id}","{user_code}",{orjson.dumps(client).decode()},{status},{duration_us},{size},{fields},{answer}]'
    return account_id, number, call, code, details
