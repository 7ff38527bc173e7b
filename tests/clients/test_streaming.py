# SPDX-License-Identifier: Apache-2.0
"""Long answers over real sockets: read whole, read slowly, broken off (ADR-0016)."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from lxml import etree

from regulars.kit.db import unit_of_work
from tests.clients.server import Server, granian, uvicorn
from tests.factories import MadeAccount, make_account

MANY = 6_000
LONG = 3_000


@pytest.fixture(scope="module", params=["granian", "uvicorn"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    start = {"granian": granian, "uvicorn": uvicorn}[request.param]
    with start(REGULARS_BEHIND_PROXY="127.0.0.1") as running:
        yield running


@pytest.fixture(scope="module")
def shop() -> MadeAccount:
    from django.db import connection

    account = make_account()
    with unit_of_work(account.id), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_customers (account_id, code, card_number, first_name, last_name, phone, phone_digits,"
            " phone_national, email, street1, street2, city, state, postal_code, country, custom_date, username, password_hash,"
            " pin_hash, pin_failures, is_registered, fields)"
            " SELECT %s, 'n' || n, '', 'Name', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', 0, false,"
            " jsonb_build_object('1', repeat('7', %s)) FROM generate_series(1, %s) n",
            [account.id, LONG, MANY],
        )
    return account


def begun(server: Server, account: MadeAccount) -> socket.socket:
    """A connection on which the beginning of a long answer has come, and that reads no more than it must."""
    body = urlencode({**account.credentials, "type": "reports", "report": "customers_all"}).encode()
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(60)
    connection.connect(("127.0.0.1", server.port))
    connection.sendall(
        b"POST / HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto: https\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
    return connection


def rest(connection: socket.socket) -> bytes:
    """All that still comes, until the other side closes, cuts, or has nothing more to say."""
    pieces = []
    try:
        while piece := connection.recv(1 << 20):
            pieces.append(piece)
            if piece.endswith(b"0\r\n\r\n"):
                break
    except ConnectionResetError:
        pass
    return b"".join(pieces)


def transactions(run_as_owner: Callable[..., list[tuple[Any, ...]]]) -> list[int]:
    """The database's processes that hold a report's transaction open."""
    rows = run_as_owner(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_xmin IS NOT NULL"
        " AND state LIKE 'idle in transaction%%'"
    )
    return [int(row[0]) for row in rows]


def until(check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("form", [{}, {"output": "JSON"}])
def test_all_of_it_comes(server: Server, shop: MadeAccount, form: dict[str, str]) -> None:
    with httpx2.Client(base_url=server.url, headers={"X-Forwarded-Proto": "https"}, timeout=120, trust_env=False) as client:
        for fields in ({"type": "reports", "report": "customers_all"}, {"type": "customer_search"}):
            answer = client.post("/", data={**shop.credentials, **fields, **form})
            assert answer.status_code == 200
            if form:
                assert len(json.loads(answer.content)["customers"]) == MANY
            else:
                assert len(list(etree.fromstring(answer.content).iter("customer"))) == MANY


def test_a_reader_who_stops_stops_the_reading_and_one_who_leaves_ends_it(
    server: Server, shop: MadeAccount, run_as_owner: Callable[..., list[tuple[Any, ...]]]
) -> None:
    with begun(server, shop):
        time.sleep(1)
        assert len(transactions(run_as_owner)) == 1, "what nobody takes is not read"
    until(lambda: not transactions(run_as_owner))


def test_a_broken_answer_is_cut_off(
    server: Server, shop: MadeAccount, run_as_owner: Callable[..., list[tuple[Any, ...]]]
) -> None:
    with begun(server, shop) as connection:
        until(lambda: bool(transactions(run_as_owner)))
        for pid in transactions(run_as_owner):
            run_as_owner("SELECT pg_terminate_backend(%s)", pid)
        body = rest(connection)
    assert b"</response>" not in body
    assert not body.endswith(b"0\r\n\r\n"), "it must not look like a whole answer"
