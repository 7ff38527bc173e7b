# SPDX-License-Identifier: Apache-2.0
"""A worker's table of hosts: read once before the first call, then again beside the calls."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import orjson
import pytest

from regulars.api.hosts import Hosts
from regulars.errors import DatabaseUnavailable
from tests.client import Api
from tests.factories import make_account, make_host

TROUBLE: dict[int, Exception] = {
    2: DatabaseUnavailable(), 3: asyncpg.TooManyConnectionsError("full"), 4: asyncpg.InterfaceError("closed"),
    5: TimeoutError(),
}  # fmt: skip


def test_a_new_host_binds_the_calls_of_a_running_worker(api: Api) -> None:
    alice, carol = make_account(), make_account()
    host = make_host(alice)
    api.run(api.services.hosts.read())
    call = {"type": "account_info", **carol.credentials}
    assert api.send(api.request(call)._replace(host=f"{host}:8443")).error_code == "bad_credentials"
    assert api.send(api.request(call)._replace(host="other.example")).ok


def test_the_first_call_reads_and_the_worker_goes_on_reading_whatever_comes() -> None:
    asked, account, is_back = 0, make_account().account, asyncio.Event()

    async def fetch_value(_statement: str, _argument: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked in TROUBLE:
            raise TROUBLE[asked]
        if asked == 6:
            is_back.set()
        return orjson.dumps([{"host": f"h{asked}.example", "account_id": 0, "kind": "business", "agency_id": None}])

    async def run() -> None:
        hosts = Hosts(fetch_value, read_seconds=0.01)
        assert not hosts.are_known
        await hosts.begin()
        assert hosts.are_known
        assert not hosts.admits("h1.example", account)
        assert hosts.admits("h2.example", account)
        await asyncio.wait_for(is_back.wait(), 10)
        assert hosts.admits("h1.example", account), "another table has come, though one reading failed"
        await hosts.close()

    asyncio.run(run())
    assert asked >= 6


def test_without_the_hosts_no_call_with_credentials_is_carried_out() -> None:
    async def fetch_value(_statement: str, _argument: Any) -> Any:
        raise DatabaseUnavailable

    async def run() -> None:
        await Hosts(fetch_value).begin()

    with pytest.raises(DatabaseUnavailable):
        asyncio.run(run())
