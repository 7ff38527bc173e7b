# SPDX-License-Identifier: Apache-2.0
"""Whether a worker lives and can work, as balancers ask."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest
from django.db.migrations.loader import MigrationLoader

from regulars.api.health import APPLIED, Health, migrations_of_this_release
from tests.client import Api


def asked(api: Api, path: str, method: str = "GET") -> tuple[int, bytes]:
    response = api.run(api.services.health.response(path, is_head=method == "HEAD"))
    return response.status, response.body


def test_a_worker_on_a_database_of_this_release_is_ready(api: Api) -> None:
    assert asked(api, "/healthz") == (200, b"ok\n")
    assert asked(api, "/readyz") == (200, b"ok\n")
    assert asked(api, "/readyz", "HEAD") == (200, b"")


def test_the_migrations_of_this_release_are_those_that_django_finds() -> None:
    found = MigrationLoader(None).disk_migrations
    assert migrations_of_this_release() == {f"{app}.{name}" for app, name in found}


@pytest.mark.parametrize(
    ("outcome", "says"),
    [
        (OSError("gone"), b"the database does not answer\n"),
        (asyncpg.CannotConnectNowError("starting"), b"the database does not answer\n"),
        (asyncpg.UndefinedTableError("no django_migrations"), b"the database does not answer\n"),
        (["ledger.0001_initial"], b"migrations are missing\n"),
        (None, b"migrations are missing\n"),
    ],
)
def test_who_can_not_work_says_why_and_lives(api: Api, outcome: Any, says: bytes) -> None:
    async def fetch(_: str, __: Any) -> Any:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def both() -> tuple[Any, Any]:
        health = Health(fetch)
        return await health.response("/readyz", is_head=False), await health.response("/healthz", is_head=False)

    ready, live = api.run(both())
    assert (ready.status, ready.body) == (503, says)
    assert live.status == 200


def test_a_newer_database_is_no_trouble_for_older_code(api: Api) -> None:
    async def fetch(_: str, __: Any) -> Any:
        return [*migrations_of_this_release(), "ledger.9999_of_the_next_release"]

    async def ready() -> int:
        return (await Health(fetch).response("/readyz", is_head=False)).status

    assert api.run(ready()) == 200


def test_however_often_it_is_asked_the_database_is_asked_once(api: Api) -> None:
    statements: list[str] = []

    async def fetch(statement: str, _: Any) -> Any:
        statements.append(statement)
        await asyncio.sleep(0)
        return list(migrations_of_this_release())

    async def crowd() -> set[int]:
        health = Health(fetch)
        answers = await asyncio.gather(*(health.response("/readyz", is_head=False) for _ in range(50)))
        return {answer.status for answer in answers}

    assert api.run(crowd()) == {200}
    assert statements == [APPLIED]
