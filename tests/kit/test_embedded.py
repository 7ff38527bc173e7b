# SPDX-License-Identifier: Apache-2.0
"""The tests' own server is the embedded one, and the application's role is bound."""

from __future__ import annotations

import asyncio

import asyncpg
from django.db import connection


def test_django_connects_as_the_application_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('server_version_num')::int >= 150000")
        assert cursor.fetchone() == ("regulars_app", True)


def test_asyncpg_reaches_the_same_database(database_url: str, app_role: str) -> None:
    async def ask() -> tuple[str, str]:
        link = await asyncpg.connect(database_url, server_settings={"role": app_role})
        try:
            row = await link.fetchrow("SELECT current_user, current_database()")
            assert row is not None
            return row[0], row[1]
        finally:
            await link.close()

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert asyncio.run(ask()) == ("regulars_app", cursor.fetchone()[0])


def test_the_owner_sees_past_the_role(run_as_owner: object) -> None:
    assert run_as_owner("SELECT count(*) >= 0 FROM django_migrations") == [(True,)]  # type: ignore[operator]
