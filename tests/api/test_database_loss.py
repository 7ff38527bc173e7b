# SPDX-License-Identifier: Apache-2.0
"""Connections that die while they lie idle are replaced without anybody noticing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from regulars.api.options import Options
from tests.client import Api
from tests.factories import make_account, make_campaign, make_customer

Run = Callable[..., list[tuple[object, ...]]]


@pytest.fixture
def own_api() -> Iterator[Api]:
    client = Api(Options(os.environ["DATABASE_URL"], "regulars_app", has_access_log=False, thread_count=1))
    yield client
    client.close()


def _own_pid() -> int:
    """The server's process of this thread's connection (also of one that died since); 0 where there is none."""
    held = connection.connection
    return 0 if held is None or held.closed else int(held.info.backend_pid)


async def backends_of(api: Api) -> list[int]:
    """Return the process ids of every connection of a client: its event loop's and its thread's."""
    services = api.services
    held = [await services.pool.acquire() for _ in range(services.options.pool_size)]
    pids = [one.get_server_pid() for one in held]
    for one in held:
        await services.pool.release(one)
    return [*pids, await services.threads.run(_own_pid)]


def test_calls_of_both_kinds_survive_the_loss_of_idle_connections(own_api: Api, run_as_owner: Run) -> None:
    made = make_account()
    campaign = make_campaign(made)
    make_customer(made, code="c1")
    till = own_api.as_(**made.credentials)
    calls: tuple[dict[str, str], ...] = (
        {"call_type": "record_activity", "campaign_id": campaign.number, "code": "c1", "amount": "1"},
        {"call_type": "customer_info", "code": "c1"},
        {"call_type": "account_info"},
        {"call_type": "customer_search"},
        {"call_type": "record_customer", "customer_action": "edit", "code": "c1", "first_name": "Amy"},
        {"call_type": "user_login", "user_password": made.password},
    )
    for fields in calls:
        assert till.call(**fields).ok
    for fields in calls:
        pids = own_api.run(backends_of(own_api))
        run_as_owner("SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) AS pid", pids)
        time.sleep(0.1)
        answer = till.call(**fields)
        assert answer.ok, (fields, answer)


def test_a_password_signs_in_and_a_wrong_one_does_not(own_api: Api) -> None:
    made = make_account()
    good = own_api.call("user_login", user_id=made.code, user_password=made.password)
    assert good.at("account/user_api_key") == made.token
    for user, password in ((made.code, "wrong"), (made.code, made.token), ("nobody_here", made.password)):
        answer = own_api.call("user_login", user_id=user, user_password=password)
        assert answer.error_code == "bad_credentials"
    assert own_api.call("user_login", user_id=made.code).text == "Missing parameter: user_password"
