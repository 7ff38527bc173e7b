# SPDX-License-Identifier: Apache-2.0
"""
Thirty-two tills, mixed calls, and what may die dies: workers, PostgreSQL, everything. No acknowledged write is lost, none
is doubled, and every balance is what the tills computed from the answers they got.

``make torture`` runs the long form (REGULARS_TORTURE_CALLS=100000); ``make test`` a short one.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from regulars.ledger.verify import verify
from tests.torture.service import Process, Service, eventually_gone
from tests.torture.till import KINDS, Effect, Line, Shared, Till

CALL_COUNT = int(os.environ.get("REGULARS_TORTURE_CALLS", "2400"))
TILL_COUNT = 32
WORKER_COUNT = 2
SHARED_CUSTOMERS = 24
ROUNDS = min(max(CALL_COUNT // 20_000, 1), 5)
"""How often everything dies in turn."""
BACK_SECONDS_MAX = 10.0
RUN_SECONDS_MAX = 120 + CALL_COUNT / 100
GROWTH_KB_MAX = 24 * 1024
GROWTH_CALLS_MIN = 20_000
"""Fewer calls say nothing about memory."""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path, WORKER_COUNT)
    try:
        made.start()
        yield made
    finally:
        made.destroy()


def _shared(service: Service, run: str) -> Shared:
    account = service.ready["accounts"][0]
    owner = account["owner"]
    credentials = {"user_id": owner["user_id"], "user_api_key": owner["user_api_key"], "account_id": account["account_id"]}
    with psycopg.connect(service.ready["database_url"]) as connection:
        row = connection.execute(
            "SELECT i.id FROM campaigns_items i JOIN campaigns_campaigns c USING (account_id)"
            " WHERE c.id = i.campaign_id AND c.number = %s ORDER BY i.id", [account["campaigns"]["buyx"]],
        ).fetchone()  # fmt: skip
    assert row is not None
    return Shared(service.port, credentials, account["campaigns"], str(row[0]), [], run)


async def _back(service: Service, shared: Shared) -> float:
    """Return the seconds until a look-up is answered again, on a new connection each time, and all workers are there."""
    started = time.monotonic()
    request = {
        **shared.credentials, "output": "JSON", "type": "customer_info", "code": shared.codes[0],
        "campaign_id": shared.campaigns["points"],
    }  # fmt: skip
    while True:
        line = Line(shared.port)
        try:
            _, answer = await line.ask(request)
            if answer["status"] == "success" and len(await asyncio.to_thread(service.workers)) == WORKER_COUNT:
                return time.monotonic() - started
        except (OSError, EOFError):
            pass
        finally:
            line.close()
        assert time.monotonic() - started < 3 * BACK_SECONDS_MAX, "the service does not come back"
        await asyncio.sleep(0.05)


async def _until_done(shared: Shared, count: float) -> None:
    while shared.answered_count < count:  # noqa: ASYNC110 - tills count, they do not signal
        await asyncio.sleep(0.02)


async def _storm(service: Service, shared: Shared, call_count: int, blows: list[Callable[[], Awaitable[None]]]) -> list[float]:
    """Strike when so and so much of the load is done; the last quarter is calm. Return how long each recovery took."""
    seconds = []
    for number, blow in enumerate(blows, 1):
        await _until_done(shared, call_count * 0.75 * number / (len(blows) + 1))
        await blow()
        seconds.append(await _back(service, shared))
    return seconds


async def _memory(service: Service, shared: Shared, call_count: int) -> tuple[dict[int, int], dict[int, int]]:
    """Return the workers' memory (KB by process) when the calm begins and when the load is done."""
    samples = []
    for share in (0.8, 0.995):
        await _until_done(shared, call_count * share)
        samples.append({each.pid: each.rss_kb for each in await asyncio.to_thread(service.workers)})
    return samples[0], samples[1]


async def _load(
    service: Service, shared: Shared, call_count: int, blows: list[Callable[[], Awaitable[None]]]
) -> tuple[list[float], tuple[dict[int, int], dict[int, int]]]:
    tills = [Till(shared, number) for number in range(TILL_COUNT)]
    try:
        async with asyncio.timeout(RUN_SECONDS_MAX), asyncio.TaskGroup() as opening:
            for till in tills:
                opening.create_task(till.open())
        shared.codes += [till.own + "x" for till in tills[:SHARED_CUSTOMERS]]
        async with asyncio.timeout(RUN_SECONDS_MAX), asyncio.TaskGroup() as opening:
            for till, code in zip(tills, shared.codes, strict=False):
                opening.create_task(till._enrol(code))
        async with asyncio.timeout(RUN_SECONDS_MAX), asyncio.TaskGroup() as working:
            for till in tills:
                working.create_task(till.work(call_count // TILL_COUNT))
            total = call_count // TILL_COUNT * TILL_COUNT
            storm = working.create_task(_storm(service, shared, total, blows))
            memory = working.create_task(_memory(service, shared, total))
        return storm.result(), memory.result()
    finally:
        for till in tills:
            till.close()


# -- the judgement -------------------------------------------------------------------------------------------------
def _check_books(database_url: str, shared: Shared) -> None:
    with psycopg.connect(database_url) as connection, connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # minutes of load have outdated what the planner knows
        assert verify(cursor) == []
        posted = {each.key: each for each in shared.effects if each.reverses is None}
        cursor.execute(
            "SELECT e.idempotency_key, e.id, e.amount, c.code, g.kind FROM ledger_entries e"
            " JOIN customers_customers c ON c.account_id = e.account_id AND c.id = e.customer_id"
            " JOIN campaigns_campaigns g ON g.account_id = e.account_id AND g.id = e.campaign_id"
            " WHERE starts_with(e.idempotency_key, %s) AND e.kind IN ('earn', 'redeem')", [shared.run],
        )  # fmt: skip
        found = cursor.fetchall()
        assert len(found) == len(posted), "an acknowledged write is lost, doubled, or there without an acknowledgement"
        for key, entry_id, amount, code, kind in found:
            assert posted[key] == Effect(key, entry_id, code, kind, amount)
        _check_reversals(cursor, shared)
        cursor.execute("SELECT code FROM customers_customers WHERE starts_with(code, %s)", [shared.run])
        assert sorted(row[0] for row in cursor.fetchall()) == sorted(shared.enrolled)
        cursor.execute("SELECT count(*) FROM ledger_keys WHERE key = ANY(%s)", [shared.refused_keys])
        assert cursor.fetchone() == (0,), "a refused call has kept its key"
        _check_balances(cursor, shared)


def _check_reversals(cursor: psycopg.Cursor[Any], shared: Shared) -> None:
    acknowledged = Counter({each.transaction_id: each.amount for each in shared.effects if each.reverses is not None})
    cursor.execute(
        "SELECT r.id, r.amount FROM ledger_entries r JOIN ledger_entries e USING (account_id)"
        " WHERE e.id = r.reverses_id AND starts_with(e.idempotency_key, %s)", [shared.run],
    )  # fmt: skip
    assert dict(cursor.fetchall()) == dict(acknowledged)


def _check_balances(cursor: psycopg.Cursor[Any], shared: Shared) -> None:
    computed: Counter[tuple[str, str]] = Counter()
    for effect in shared.effects:
        computed[effect.code, effect.kind] += effect.amount
    cursor.execute(
        "SELECT c.code, g.kind, b.balance FROM ledger_balances b"
        " JOIN customers_customers c ON c.account_id = b.account_id AND c.id = b.customer_id"
        " JOIN campaigns_campaigns g ON g.account_id = b.account_id AND g.id = b.pool_id WHERE starts_with(c.code, %s)",
        [shared.run],
    )
    recorded = {(code, kind): balance for code, kind, balance in cursor.fetchall() if balance}
    assert recorded == {name: amount for name, amount in computed.items() if amount}


# -- the blows -----------------------------------------------------------------------------------------------------
def _blows(service: Service, rounds: int) -> list[Callable[[], Awaitable[None]]]:
    rng = random.Random(5)

    async def worker() -> None:
        service.kill(rng.choice(await asyncio.to_thread(service.workers)))

    async def backend() -> None:
        service.kill(rng.choice(await asyncio.to_thread(service.backends)))

    async def postmaster() -> None:
        service.kill(await asyncio.to_thread(service.postmaster))

    async def everything() -> None:
        had: list[Process] = await asyncio.to_thread(service.kill_everything)
        assert await eventually_gone(had) == [], "processes outlive their supervisor"
        await asyncio.to_thread(service.start)

    return [worker, backend, postmaster, everything, worker] * rounds


def test_nothing_acknowledged_is_lost_or_doubled_whatever_dies(service: Service) -> None:
    shared = _shared(service, "torture")
    is_long = CALL_COUNT >= GROWTH_CALLS_MIN
    started = time.monotonic()
    seconds, (before, after) = asyncio.run(_load(service, shared, CALL_COUNT, _blows(service, ROUNDS)))
    took = time.monotonic() - started
    print(
        f"\n{shared.answered_count} calls in {took:.0f} s ({shared.answered_count / took:.0f}/s), back after"
        f" {', '.join(f'{each:.1f}' for each in seconds)} s; retried {dict(shared.retries)}; refused {dict(shared.refusals)};"
        f" memory in KB {before} -> {after}"
    )
    _check_books(service.ready["database_url"], shared)
    assert {effect.kind for effect in shared.effects} == set(KINDS)
    assert any(effect.reverses is not None for effect in shared.effects)
    assert shared.retries, "nothing died: the test shows nothing"
    assert max(seconds) < BACK_SECONDS_MAX
    if is_long:
        assert before.keys() == after.keys(), "a worker died in the calm"
        assert all(after[pid] - before[pid] < GROWTH_KB_MAX for pid in before)
    had = service.descendants()
    assert service.stop() == 0
    assert asyncio.run(eventually_gone(had)) == []
