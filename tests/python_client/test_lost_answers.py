# SPDX-License-Identifier: Apache-2.0
"""Connections break at random between client and server, and between server and database: no sale lost, none doubled."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from regulars.client import AsyncClient, Client, OutcomeUnknown, Retry
from tests.clients.server import granian
from tests.concurrency.lossy_proxy import LossyProxy
from tests.factories import MadeAccount, make_account, make_campaign, make_customer
from tests.python_client.cutting_proxy import CuttingProxy

RunAsOwner = Callable[..., list[tuple[Any, ...]]]
SALES = 120
TILLS = 6
PATIENT = Retry(seconds_max=60, pause_seconds=0.01, pause_seconds_max=0.1)
PLAIN = {"allow_plain_http": True, "trust_env": False, "headers": {"X-Forwarded-Proto": "https"}, "retry": PATIENT}
"""As a proxy that ends TLS; the server of these tests trusts 127.0.0.1."""


@pytest.fixture(scope="module")
def plain_port() -> Iterator[int]:
    with granian(REGULARS_BEHIND_PROXY="127.0.0.1") as running:
        yield running.port


@pytest.fixture
def shop() -> tuple[MadeAccount, str]:
    made = make_account()
    club = make_campaign(made, points_ratio_ppm=1_000_000)
    make_customer(made, code="c1")
    return made, club.number


def recorded(run_as_owner: RunAsOwner, made: MadeAccount) -> Counter[str]:
    """Return how often each sale, told apart by its text, stands in the books."""
    rows = run_as_owner("SELECT description FROM ledger_entries WHERE account_id = %s AND kind = 'earn'", made.id)
    return Counter(text for (text,) in rows)


def sell(client: Any, campaign: str, number: int) -> Any:
    return client.record_activity(campaign_id=campaign, code="c1", amount=1 + number % 7, authorization=f"sale {number}")


def test_threads_sell_each_sale_once_whatever_is_cut(plain_port: int, shop, run_as_owner: RunAsOwner) -> None:
    made, campaign = shop
    with (
        CuttingProxy(plain_port, seed=1) as proxy,
        Client(f"http://127.0.0.1:{proxy.port}", **PLAIN, **made.credentials) as client,
        ThreadPoolExecutor(TILLS) as pool,
    ):
        answers = list(pool.map(lambda number: sell(client, campaign, number), range(SALES)))
        enrolled = list(pool.map(lambda n: client.record_customer_new(code=f"new{n}").customer.code, range(30)))
    assert min(proxy.fates.values()) > 3, proxy.fates
    assert sum(answer.sent.attempts for answer in answers) > SALES * 1.5
    assert recorded(run_as_owner, made) == Counter(f"sale {number}" for number in range(SALES))
    assert len({answer.receipt.transaction.id for answer in answers}) == SALES
    paid = sum(1 + number % 7 for number in range(SALES))
    assert run_as_owner("SELECT sum(balance) FROM ledger_balances WHERE account_id = %s", made.id) == [(paid,)]
    assert enrolled == [f"new{n}" for n in range(30)]
    assert run_as_owner("SELECT count(*) FROM customers_customers WHERE account_id = %s", made.id) == [(31,)]


def test_asyncio_sells_each_sale_once_whatever_is_cut(plain_port: int, shop, run_as_owner: RunAsOwner) -> None:
    made, campaign = shop

    async def work() -> list[Any]:
        async with AsyncClient(f"http://127.0.0.1:{proxy.port}", **PLAIN, **made.credentials) as client:
            return await asyncio.gather(*(sell(client, campaign, number) for number in range(SALES)))

    with CuttingProxy(plain_port, seed=2) as proxy:
        answers = asyncio.run(work())
    assert min(proxy.fates.values()) > 3, proxy.fates
    assert recorded(run_as_owner, made) == Counter(f"sale {number}" for number in range(SALES))
    assert len({answer.receipt.transaction.id for answer in answers}) == SALES


def test_without_keys_no_sale_is_doubled_and_what_is_unknown_is_said(plain_port: int, shop, run_as_owner: RunAsOwner) -> None:
    made, campaign = shop
    answered: Counter[str] = Counter()
    unknown = 0
    with (
        CuttingProxy(plain_port, seed=3) as proxy,
        Client(f"http://127.0.0.1:{proxy.port}", sends_keys=False, **PLAIN, **made.credentials) as client,
    ):
        for number in range(SALES):
            try:
                sell(client, campaign, number)
                answered[f"sale {number}"] = 1
            except OutcomeUnknown:
                unknown += 1
    books = recorded(run_as_owner, made)
    assert set(books.values()) == {1}
    assert answered <= books  # each that was answered is there once; of the others some are
    assert len(answered) + unknown == SALES
    assert len(answered) < len(books) < SALES


def test_an_unknown_outcome_is_found_out_under_its_key(plain_port: int, shop, run_as_owner: RunAsOwner) -> None:
    made, campaign = shop
    options = {**PLAIN, "retry": Retry(seconds_max=0), **made.credentials}
    with (
        CuttingProxy(plain_port, seed=4, weights=(0, 0, 0, 1, 0)) as proxy,
        Client(f"http://127.0.0.1:{proxy.port}", **options) as client,
        pytest.raises(OutcomeUnknown) as caught,
    ):
        client.record_activity(campaign_id=campaign, code="c1", amount=3)
    with Client(f"http://127.0.0.1:{plain_port}", **options) as client:
        found = client.record_activity(campaign_id=campaign, code="c1", amount=3, idempotency_key=caught.value.idempotency_key)
    assert found.receipt.transaction.balance.points == "3"
    assert run_as_owner("SELECT count(*) FROM ledger_entries WHERE account_id = %s AND kind = 'earn'", made.id) == [(1,)]


@contextlib.contextmanager
def losing_answers(database_url: str, rng: random.Random) -> Iterator[LossyProxy]:
    """A way to PostgreSQL on which answers are lost by chance until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def lose(proxy: LossyProxy) -> None:
        while True:
            await asyncio.sleep(rng.uniform(0.15, 0.4))  # a new connection takes a tenth of that
            proxy.lose_next_answer()

    async def start() -> tuple[LossyProxy, asyncio.Task[None]]:
        proxy = await LossyProxy(database_url).__aenter__()
        return proxy, asyncio.create_task(lose(proxy))

    async def stop() -> None:
        losing.cancel()
        await proxy.__aexit__(None, None, None)

    proxy, losing = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def test_answers_that_the_database_gave_and_the_server_never_got(owner_url: str, shop, run_as_owner: RunAsOwner) -> None:
    made, campaign = shop
    with (
        losing_answers(owner_url, random.Random(5)) as lossy,
        granian(REGULARS_BEHIND_PROXY="127.0.0.1", DATABASE_URL=lossy.url) as server,
        CuttingProxy(server.port, seed=5, weights=(8, 1, 1, 1, 1)) as proxy,
        Client(f"http://127.0.0.1:{proxy.port}", **PLAIN, **made.credentials) as client,
        ThreadPoolExecutor(TILLS) as pool,
    ):
        sales = pool.map(lambda number: sell(client, campaign, number), range(SALES))
        enrolments = pool.map(lambda n: client.record_customer_new(code=f"new{n}").customer.code, range(40))
        assert len({sale.receipt.transaction.id for sale in sales}) == SALES
        assert list(enrolments) == [f"new{n}" for n in range(40)]
        sold = SALES
        while lossy.lost_count <= 3 and sold < 10 * SALES:  # how many are lost depends on the time they take
            sell(client, campaign, sold)
            sold += 1
        assert lossy.lost_count > 3
    assert recorded(run_as_owner, made) == Counter(f"sale {number}" for number in range(sold))
    assert run_as_owner("SELECT count(*) FROM customers_customers WHERE account_id = %s", made.id) == [(41,)]
