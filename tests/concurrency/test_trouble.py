# SPDX-License-Identifier: Apache-2.0
"""Held locks, full queues, lost connections and callers who leave: each fails or waits for himself alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
import pytest

from regulars.errors import LockTimeout, OutcomeUnknown, Overloaded
from regulars.kit.db import unit_of_work
from regulars.ledger import operations
from regulars.ledger.books import Posted, Posting, Query
from regulars.ledger.writer import POST_WAITING_SQL, POSTINGS_MAX, WAITING_MAX
from tests.concurrency.lossy_proxy import LossyProxy
from tests.concurrency.workers import NOW, Shop, in_threads, outcomes, run, workers

Make = Callable[..., Shop]
HOLD = "SELECT 1 FROM customers_customers WHERE account_id = %s AND id = %s FOR UPDATE"
LOCK_SECONDS_MAX = 3.0


async def _timed(call: Any) -> tuple[Any, float]:
    started = time.monotonic()
    try:
        return await call, time.monotonic() - started
    except Exception as error:  # noqa: BLE001 - the test looks at it
        return error, time.monotonic() - started


def test_a_held_customer_delays_his_own_calls_alone(open_shop: Make, owner_url: str, app_role: str) -> None:
    shop = open_shop(customer_count=9)
    held, *others = shop.customer_ids

    async def work() -> tuple[list[Any], list[Any]]:
        async with workers(owner_url, app_role, 2) as tills:
            for till in tills:
                await till.ledger.post(shop.posting(others[0], 1))
            mine, theirs = [], []
            for n in range(40):
                ledger = tills[n % 2].ledger
                theirs.append(asyncio.create_task(_timed(ledger.post(shop.posting(others[n % 8], 1)))))
                if n % 10 == 0:
                    mine.append(asyncio.create_task(_timed(ledger.post(shop.posting(held, 1)))))
                await asyncio.sleep(0.005)
            return await asyncio.gather(*mine), await asyncio.gather(*theirs)

    with psycopg.connect(owner_url) as holder:
        holder.execute(HOLD, [shop.account.id, held])
        mine, theirs = run(work())
    assert {type(result) for result, _ in theirs} == {Posted}
    assert max(seconds for _, seconds in theirs) < 0.8 * LOCK_SECONDS_MAX
    assert {type(result) for result, _ in mine} == {LockTimeout}
    assert max(seconds for _, seconds in mine) < 4 * LOCK_SECONDS_MAX

    async def again() -> Posted:
        async with workers(owner_url, app_role, 1) as (till,):
            return await till.ledger.post(shop.posting(held, 1))

    assert run(again()).balance == 1


def test_a_customer_held_for_a_moment_is_waited_for(open_shop: Make, owner_url: str, app_role: str) -> None:
    shop = open_shop(customer_count=1)
    (held,) = shop.customer_ids

    async def work() -> list[Any]:
        async with workers(owner_url, app_role, 2) as tills:
            calls = [asyncio.create_task(tills[n % 2].ledger.post(shop.posting(held, 1))) for n in range(20)]
            await asyncio.sleep(0.3)
            assert not any(call.done() for call in calls)
            await asyncio.to_thread(holder.rollback)
            return await asyncio.gather(*calls)

    with psycopg.connect(owner_url) as holder:
        holder.execute(HOLD, [shop.account.id, held])
        assert sorted(result.balance for result in run(work())) == list(range(1, 21))


def test_a_plain_caller_gives_up_on_a_held_customer(
    open_shop: Make, owner_url: str, table_checksums: Callable[[], dict[str, str]]
) -> None:
    shop = open_shop(customer_count=1)
    (held,) = shop.customer_ids

    def post() -> Posted:
        with unit_of_work(shop.account.id):
            return operations.post(shop.account, shop.posting(held, 1))

    before = table_checksums()
    with psycopg.connect(owner_url) as holder:
        holder.execute(HOLD, [shop.account.id, held])
        started = time.monotonic()
        (result,) = in_threads([post], 1)
    assert isinstance(result, LockTimeout)
    assert time.monotonic() - started < 3 * LOCK_SECONDS_MAX
    assert table_checksums() == before


def test_batches_in_opposite_orders_never_deadlock(open_shop: Make, owner_url: str, app_role: str, run_as_owner: Any) -> None:
    shop = open_shop(customer_count=12)

    def row(position: int, posting: Posting) -> tuple[Any, ...]:
        return (position, *posting[:-1])

    def batch(turn: int, worker: int) -> list[Posting]:
        """The same customers and the same keys for all workers, each in an order of its own."""
        postings = [shop.keyed(f"{turn}-{n}", customer, 1) for n, customer in enumerate(shop.customer_ids)]
        postings += [shop.posting(customer, 1) for customer in shop.customer_ids]
        return (postings, postings[::-1], postings[7:] + postings[:7])[worker]

    async def waiting(till: Any, worker: int) -> None:
        for turn in range(15):
            rows = await till.pool.fetch(
                POST_WAITING_SQL, [row(n, posting) for n, posting in enumerate(batch(turn, worker))], None
            )
            assert {result["status"] for _, result, _ in rows} <= {"ok", "replay"}

    async def coalesced(till: Any, worker: int) -> None:
        for turn in range(15):
            results = await outcomes(till.ledger.post(posting) for posting in batch(turn, worker))
            assert {type(result) for result in results} == {Posted}

    async def work() -> None:
        async with workers(owner_url, app_role, 3) as tills:
            await asyncio.gather(*(job(till, n) for n, till in enumerate(tills) for job in (waiting, coalesced)))

    deadlocks = "SELECT pg_stat_force_next_flush(), deadlocks FROM pg_stat_database WHERE datname = current_database()"
    before = run_as_owner(deadlocks)[0][1]
    started = time.monotonic()
    run(work())
    assert time.monotonic() - started < 30
    assert run_as_owner(deadlocks)[0][1] == before
    rows = run_as_owner("SELECT balance FROM ledger_balances WHERE account_id = %s", shop.account.id)
    # each key once, and each unkeyed posting of three workers, two ways, in every turn
    assert [row[0] for row in rows] == [15 + 15 * 3 * 2] * 12


def test_beyond_the_queue_a_call_is_refused_at_once_and_nothing_else_suffers(
    open_shop: Make, owner_url: str, app_role: str, run_as_owner: Any
) -> None:
    shop = open_shop(customer_count=3)

    async def work() -> list[Any]:
        async with workers(owner_url, app_role, 1) as (till,):
            return await outcomes(till.ledger.post(shop.posting(shop.customer_ids[n % 3], 1)) for n in range(WAITING_MAX + 100))

    results = run(work())
    assert sum(isinstance(result, Posted) for result in results) == WAITING_MAX
    assert sum(isinstance(result, Overloaded) for result in results) == 100
    assert run_as_owner("SELECT sum(balance) FROM ledger_balances WHERE account_id = %s", shop.account.id) == [(WAITING_MAX,)]


def test_callers_who_leave_do_not_disturb_the_others(open_shop: Make, owner_url: str, app_role: str, run_as_owner: Any) -> None:
    shop = open_shop(customer_count=4)

    async def work() -> list[Any]:
        async with workers(owner_url, app_role, 2) as tills:
            calls = [
                asyncio.create_task(tills[n % 2].ledger.post(shop.posting(shop.customer_ids[n % 4], 1, description=f"{n}")))
                for n in range(4 * POSTINGS_MAX)
            ]
            for n, call in enumerate(calls):
                if n % 3 == 0:
                    await asyncio.sleep(0)
                    call.cancel()
            return await asyncio.gather(*calls, return_exceptions=True)

    results = run(work())
    stayed = {f"{n}" for n in range(len(results)) if n % 3 != 0}
    assert all(isinstance(results[int(n)], Posted) for n in stayed)
    assert any(isinstance(result, asyncio.CancelledError) for result in results)
    rows = run_as_owner("SELECT description, count(*) FROM ledger_entries WHERE account_id = %s GROUP BY 1", shop.account.id)
    assert {count for _, count in rows} == {1}
    assert stayed <= {name for name, _ in rows}


def test_look_ups_of_callers_who_leave_do_not_disturb_the_others(open_shop: Make, owner_url: str, app_role: str) -> None:
    shop = open_shop(customer_count=4)
    query = Query(account_id=shop.account.id, config_version=shop.account.version, at=NOW, customer_id=shop.customer_ids[0])

    async def work() -> list[Any]:
        async with workers(owner_url, app_role, 1) as (till,):
            calls = [asyncio.create_task(till.ledger.look_up(query)) for _ in range(200)]
            await asyncio.sleep(0)
            for call in calls[::2]:
                call.cancel()
            broken = query._replace(customer_id=None, card_number="\x00")
            rest = await outcomes([till.ledger.look_up(broken), till.ledger.look_up(query)])
            assert isinstance(rest[0], Exception)
            assert rest[1].customer.id == query.customer_id
            return await asyncio.gather(*calls[1::2])

    assert {result.customer.id for result in run(work())} == {shop.customer_ids[0]}


def test_a_table_that_is_being_changed_is_waited_for_and_then_given_up(
    open_shop: Make, owner_url: str, app_role: str, table_checksums: Callable[[], dict[str, str]]
) -> None:
    shop = open_shop(customer_count=3)
    before = table_checksums()

    async def work() -> list[Any]:
        async with workers(owner_url, app_role, 1) as (till,):
            return await outcomes(till.ledger.post(shop.posting(customer, 1)) for customer in shop.customer_ids)

    with psycopg.connect(owner_url) as migration:
        migration.execute("LOCK TABLE customers_customers IN ACCESS EXCLUSIVE MODE")
        results = run(work())
    assert {type(result) for result in results} == {LockTimeout}
    assert table_checksums() == before


# -- the connection breaks ---------------------------------------------------------------------------------------------
def test_an_answer_lost_after_the_commit_is_unknown_without_a_key_and_right_with_one(
    open_shop: Make, database_url: str, app_role: str, run_as_owner: Any
) -> None:
    shop = open_shop(customer_count=3)
    plain, keyed, failing = shop.customer_ids

    async def work() -> list[Any]:
        async with LossyProxy(database_url) as proxy, workers(proxy.url, app_role, 1) as (till,):
            await outcomes(till.ledger.post(shop.posting(customer, 1)) for customer in shop.customer_ids)
            proxy.lose_next_answer()
            results = await outcomes(
                [
                    till.ledger.post(shop.posting(plain, 10)),
                    till.ledger.post(shop.keyed("a", keyed, 10)),
                    till.ledger.post(shop.keyed("b", failing, -10)),
                ]
            )
            assert proxy.lost_count == 1
            return results

    unknown, right, refused = run(work())
    assert isinstance(unknown, OutcomeUnknown)
    assert (right.amount, right.balance, right.is_replay) == (10, 11, True)
    assert type(refused).__name__ == "InsufficientBalance"
    rows = run_as_owner("SELECT customer_id, balance FROM ledger_balances WHERE account_id = %s", shop.account.id)
    assert dict(rows) == {plain: 11, keyed: 11, failing: 1}


def test_a_connection_that_has_died_and_not_hung_up_is_left_at_once(open_shop: Make, database_url: str, app_role: str) -> None:
    shop = open_shop(customer_count=2)
    plain, keyed = shop.customer_ids
    query = Query(account_id=shop.account.id, config_version=shop.account.version, at=NOW, customer_id=plain)

    async def work() -> list[Any]:
        async with LossyProxy(database_url) as proxy, workers(proxy.url, app_role, 1) as (till,):
            await outcomes(till.ledger.post(shop.posting(customer, 1)) for customer in shop.customer_ids)
            results = []
            for call in (
                till.ledger.post(shop.posting(plain, 10)),
                till.ledger.post(shop.keyed("a", keyed, 10)),
                till.ledger.look_up(query),
            ):
                proxy.announce_crash()
                await asyncio.sleep(0.05)
                results += await outcomes([call])
            return results

    unknown, right, found = run(work())
    assert isinstance(unknown, OutcomeUnknown | Posted)
    assert (right.amount, right.balance) == (10, 11)
    assert found.customer.id == plain


@pytest.mark.parametrize("is_keyed", [False, True])
def test_a_backend_killed_in_mid_batch(
    is_keyed: bool, open_shop: Make, owner_url: str, app_role: str, run_as_owner: Any
) -> None:
    shop = open_shop(customer_count=2)
    held, free = shop.customer_ids
    posting = shop.keyed("sale-1", held, 10) if is_keyed else shop.posting(held, 10)
    waiting = (
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'regulars-api'"
        " AND wait_event_type = 'Lock'"
    )

    def kill_and_release(holder: psycopg.Connection[Any]) -> None:
        deadline = time.monotonic() + LOCK_SECONDS_MAX
        while not (rows := run_as_owner(waiting)):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert run_as_owner("SELECT pg_terminate_backend(%s)", rows[0][0]) == [(True,)]
        holder.rollback()

    async def work(holder: psycopg.Connection[Any]) -> list[Any]:
        async with workers(owner_url, app_role, 1) as (till,):
            call = asyncio.create_task(_timed(till.ledger.post(posting)))
            await asyncio.to_thread(kill_and_release, holder)
            (result, _), other = await asyncio.gather(call, till.ledger.post(shop.posting(free, 1)))
            return [result, other]

    with psycopg.connect(owner_url) as holder:
        holder.execute(HOLD, [shop.account.id, held])
        result, other = run(work(holder))
    assert other.balance == 1
    rows = dict(run_as_owner("SELECT customer_id, balance FROM ledger_balances WHERE account_id = %s", shop.account.id))
    if is_keyed:
        assert (result.amount, result.balance, rows[held]) == (10, 10, 10)
    else:
        assert isinstance(result, OutcomeUnknown)
        assert held not in rows


def test_connections_killed_while_idle_are_replaced_unnoticed(
    open_shop: Make, owner_url: str, app_role: str, run_as_owner: Any
) -> None:
    shop = open_shop(customer_count=1)
    (customer,) = shop.customer_ids

    async def work() -> list[Any]:
        async with workers(owner_url, app_role, 1) as (till,):
            await till.ledger.post(shop.posting(customer, 1))
            await asyncio.to_thread(
                run_as_owner,
                "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'regulars-api'",
            )
            await asyncio.sleep(0.2)
            return await outcomes(till.ledger.post(shop.posting(customer, 1)) for _ in range(10))

    assert sorted(result.balance for result in run(work())) == list(range(2, 12))


def test_an_orderly_stop_answers_everybody_first(open_shop: Make, owner_url: str, app_role: str) -> None:
    shop = open_shop(customer_count=2)

    async def work() -> list[Any]:
        calls: list[asyncio.Task[Posted]] = []
        async with workers(owner_url, app_role, 2) as tills:
            calls += [
                asyncio.create_task(tills[n % 2].ledger.post(shop.posting(shop.customer_ids[n % 2], 1))) for n in range(300)
            ]
            await asyncio.sleep(0)
        assert all(call.done() for call in calls)
        return await asyncio.gather(*calls)

    assert {type(result) for result in run(work())} == {Posted}


def test_a_key_held_by_a_slow_transaction_makes_only_its_own_call_wait(open_shop: Make, owner_url: str, app_role: str) -> None:
    """The same key on two customers is a caller's mistake; it must not become the others' delay for long."""
    shop = open_shop(customer_count=2)
    other, bystander = shop.customer_ids

    async def work() -> list[Any]:
        async with workers(owner_url, app_role, 1) as (till,):
            return await outcomes([till.ledger.post(shop.keyed("k", other, 1)), till.ledger.post(shop.posting(bystander, 1))])

    with psycopg.connect(owner_url) as holder:
        holder.execute(
            "INSERT INTO ledger_keys (account_id, key, fingerprint, created_at) VALUES (%s, 'k', 'x', now())", [shop.account.id]
        )
        results = run(work())
        holder.rollback()
    assert isinstance(results[0], LockTimeout)
    assert results[1].balance == 1
    assert in_threads([partial(run, work())], 1)[0][0].balance == 1
