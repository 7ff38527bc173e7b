# SPDX-License-Identifier: Apache-2.0
"""Long answers: flat memory, the same bytes, one moment, and nothing left behind (ADR-0016)."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from regulars.api.calls import customers_found
from regulars.api.entry import handle
from regulars.api.exchange import Request, Response, Streamed
from regulars.api.streams import StreamCut, Streams
from regulars.kit.db import unit_of_work
from regulars.protocol import chunks
from regulars.reports.customers import FETCH
from tests.client import Api
from tests.factories import NOW, MadeAccount, make_account, make_campaign, make_customer, make_field

MANY = 4_000
LONG = 3_000
FORMATS: list[dict[str, str]] = [{}, {"output": "JSON"}, {"output": "JSON", "callback": "cb", "condensed": "yes"}]
CALLS: list[dict[str, str]] = [
    {"type": "customer_search"},
    {"type": "customer_search", "first_name": "Name", "include_balances": "Y"},
    {"type": "customer_find", "find_customer": "name"},
    {"type": "reports", "report": "customers_all"},
]


@pytest.fixture(scope="module")
def shop() -> MadeAccount:
    account = make_account()
    insert_many(account)
    return account


def insert_many(account: MadeAccount) -> None:
    """4,000 customers with 3,000 characters each, by one statement."""
    from django.db import connection

    with unit_of_work(account.id), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_customers (account_id, code, card_number, first_name, last_name, phone, phone_digits,"
            " phone_national, email, street1, street2, city, state, postal_code, country, custom_date, username, password_hash,"
            " pin_hash, pin_failures, is_registered, fields)"
            " SELECT %s, 'n' || n, '', 'Name', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', 0, false,"
            " jsonb_build_object('1', repeat('7', %s)) FROM generate_series(1, %s) n",
            [account.id, LONG, MANY],
        )


def request_of(api: Api, account: MadeAccount, fields: dict[str, str]) -> Request:
    return api.request({**account.credentials, **fields}, None)


async def body_of(api: Api, response: Response | Streamed, once: Callable[[], None] | None = None) -> bytes:
    if isinstance(response, Response):
        return response.body
    pieces = []
    try:
        async for piece in response.chunks:
            pieces.append(piece)
            if once is not None:
                await api.services.threads.run(once)
                once = None
    finally:
        await response.aclose()
    return b"".join(pieces)


def answer(api: Api, request: Request, once: Callable[[], None] | None = None) -> tuple[type, bytes]:
    """The kind of the response and its body; ``once`` is done when the first piece has come."""

    async def whole() -> tuple[type, bytes]:
        response = await handle(request, replace(api.services, clock=lambda: NOW))
        return type(response), await body_of(api, response, once)

    return api.run(whole())


def open_transactions(run_as_owner: Callable[..., list[tuple[Any]]]) -> int:
    (row,) = run_as_owner(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%%'"
        " AND pid <> pg_backend_pid()"
    )
    return int(row[0])


@pytest.mark.parametrize("fields", CALLS)
@pytest.mark.parametrize("form", FORMATS)
def test_a_streamed_answer_is_the_other_byte_for_byte(api, shop, monkeypatch, fields, form):
    request = request_of(api, shop, fields | form)
    kind, streamed = answer(api, request)
    monkeypatch.setattr(chunks, "ROWS_HELD_MAX", 10**6)
    other, whole = answer(api, request)
    assert (kind, other) == (Streamed, Response)
    assert streamed == whole
    assert streamed.count(b"7" * LONG) >= MANY
    assert api.services.streams.count == 0


def test_memory_stays_flat(api, shop):
    request = request_of(api, shop, {"type": "reports", "report": "customers_all"})
    answer(api, request)  # what is loaded once is loaded

    async def taken() -> int:
        response = await handle(request, api.services)
        assert isinstance(response, Streamed)
        size = 0
        async for piece in response.chunks:
            size += len(piece)
        await response.aclose()
        return size

    tracemalloc.start()
    try:
        size = api.run(taken())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size > MANY * LONG
    # The rows read ahead, and a fetch of the cursor as text and as values.
    held = (chunks.ROWS_HELD_MAX + 3 * FETCH) * LONG
    assert peak < held * 1.2 < size, f"{peak} bytes were held for an answer of {size}"


def test_all_of_a_report_is_of_one_moment(api, run_as_owner):
    account = make_account()
    insert_many(account)
    request = request_of(api, account, {"type": "reports", "report": "customers_all"})

    def change() -> None:
        run_as_owner("UPDATE customers_customers SET last_name = 'Changed' WHERE account_id = %s", account.id)

    kind, body = answer(api, request, change)
    assert kind is Streamed
    assert body.count(b"<customer_code>") == MANY
    assert b"Changed" not in body
    assert open_transactions(run_as_owner) == 0


def test_a_list_with_balances_goes_on_when_the_configuration_changes(api):
    account = make_account()
    campaign = make_campaign(account)
    make_customer(account, code="first", first_name="Name", campaigns=(campaign,), openings=(7,))
    insert_many(account)
    make_customer(account, code="last", first_name="Name", campaigns=(campaign,), openings=(9,))
    request = request_of(api, account, {"type": "customer_search", "first_name": "name", "include_balances": "Y"})
    kind, body = answer(api, request, lambda: make_field(account))
    assert kind is Streamed
    assert body.count(b"<code>") == MANY + 2
    assert body.index(b"<balance>7</balance>") < body.index(b"<code>n1</code>") < body.index(b"<balance>9</balance>")


def test_what_breaks_in_the_middle_is_cut_and_gives_everything_back(api, shop, monkeypatch, run_as_owner):
    from regulars.api.calls import report_customers

    shown = report_customers.customer_line
    count = 0

    def breaks(*values: Any) -> Any:
        nonlocal count
        count += 1
        if count > 2_500:
            raise ZeroDivisionError
        return shown(*values)

    monkeypatch.setattr(report_customers, "customer_line", breaks)
    with pytest.raises(StreamCut):
        answer(api, request_of(api, shop, {"type": "reports", "report": "customers_all"}))
    assert count > 2_500
    assert api.services.streams.count == 0
    assert open_transactions(run_as_owner) == 0


def test_a_reader_who_leaves_gives_everything_back(api, shop, run_as_owner):
    async def leave() -> int:
        response = await handle(request_of(api, shop, {"type": "reports", "report": "customers_all"}), api.services)
        assert isinstance(response, Streamed)
        async for _ in response.chunks:
            break
        held = await asyncio.to_thread(open_transactions, run_as_owner)
        await response.aclose()
        await response.aclose()
        return held

    assert api.run(leave()) == 1
    assert api.services.streams.count == 0
    assert open_transactions(run_as_owner) == 0


def test_only_so_many_at_once_and_only_for_so_long(api, shop, run_as_owner):
    request = request_of(api, shop, {"type": "reports", "report": "customers_all", "output": "JSON"})

    async def two() -> tuple[bytes, int]:
        services = replace(api.services, streams=Streams(api.services.threads, 1, 0.0))
        first = await handle(request, services)
        second = await handle(request, services)
        assert isinstance(first, Streamed)
        assert isinstance(second, Response)
        with pytest.raises(StreamCut):
            await body_of(api, first)
        return second.body, second.status

    body, status = api.run(two())
    assert status == 503
    assert b'"overloaded"' in body
    assert open_transactions(run_as_owner) == 0


def test_a_head_request_reads_nothing_on(api, shop, run_as_owner):
    request = request_of(api, shop, {"type": "reports", "report": "customers_all"})._replace(method="HEAD")
    assert answer(api, request) == (Response, b"")
    assert api.services.streams.count == 0
    assert open_transactions(run_as_owner) == 0


def test_nobody_is_shown_balances_any_more_once_he_is_gone(api, monkeypatch):
    account = make_account()
    insert_many(account)
    monkeypatch.setattr(customers_found, "get_account_config", lambda _: replace(account.fresh(), users={}))
    request = request_of(api, account, {"type": "customer_search", "include_balances": "Y"})
    with pytest.raises(StreamCut):
        answer(api, request, lambda: make_field(account))
