# SPDX-License-Identifier: Apache-2.0
"""The configurations a process holds: loaded once, never given stale, never too many."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from regulars.api.snapshots import BY_ACCOUNT, BY_USER, Snapshots
from regulars.kit.db import unit_of_work
from regulars.users.operations import update_user
from tests.client import Api
from tests.factories import NOW, MadeAccount, make_account, make_user


class Counted:
    """The database's answers, counted by statement."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.asked: list[str] = []

    async def __call__(self, statement: str, argument: Any) -> Any:
        self.asked.append(statement)
        return await self.api.services.pool.fetchval(statement, argument)


@pytest.fixture
def counted(api: Api) -> Counted:
    return Counted(api)


def change_something(made: MadeAccount) -> None:
    with unit_of_work(made.id):
        update_user(account=made.fresh(), by=None, at=NOW, code=made.code, custom1="Front desk")


def test_an_account_is_loaded_once_for_all_its_users(api: Api, counted: Counted) -> None:
    made = make_account()
    clerk = make_user(made)
    snapshots = Snapshots(counted)
    first = api.run(snapshots.for_user(made.code))
    assert first is not None
    assert api.run(snapshots.for_user(clerk.code.upper())) is first
    assert counted.asked == [BY_USER]
    assert api.run(snapshots.for_user("nobody_here")) is None


def test_a_change_makes_it_stale_and_a_reload_current(api: Api, counted: Counted) -> None:
    made = make_account()
    snapshots = Snapshots(counted)
    old = api.run(snapshots.for_user(made.code))
    assert old is not None
    assert api.run(snapshots.is_current(old))
    change_something(made)
    assert not api.run(snapshots.is_current(old))
    new = api.run(snapshots.reload(old))
    assert new is not None
    assert new.version > old.version
    assert new.users[made.code.lower()].custom1 == "Front desk"
    assert api.run(snapshots.is_current(new))


def test_many_who_reload_at_once_load_once_or_twice(api: Api, counted: Counted) -> None:
    made = make_account()
    snapshots = Snapshots(counted)
    old = api.run(snapshots.for_user(made.code))
    assert old is not None
    change_something(made)

    async def all_at_once() -> list[Any]:
        return await asyncio.gather(*(snapshots.reload(old) for _ in range(50)))

    assert all(new.version > old.version for new in api.run(all_at_once()))
    assert counted.asked.count(BY_ACCOUNT) <= 2


def test_a_reload_never_gives_what_was_loaded_before_it_was_asked_for(api: Api) -> None:
    made = make_account()
    other = Counted(api)
    is_read, release = asyncio.Event(), asyncio.Event()

    async def slow_first(statement: str, argument: Any) -> Any:
        document = await other(statement, argument)
        if other.asked.count(BY_ACCOUNT) == 1 and statement == BY_ACCOUNT:
            is_read.set()
            await release.wait()
        return document

    snapshots = Snapshots(slow_first)

    async def story() -> Any:
        old = await snapshots.for_user(made.code)
        assert old is not None
        early = asyncio.create_task(snapshots.reload(old))
        await is_read.wait()
        await asyncio.to_thread(_change_in_thread, made)
        late = asyncio.create_task(snapshots.reload(old))
        await asyncio.sleep(0.05)
        release.set()
        return old, await early, await late, await snapshots.for_user(made.code)

    old, early, late, held = api.run(story())
    assert early.version == old.version
    assert late.version > old.version
    assert held is late


def _change_in_thread(made: MadeAccount) -> None:
    from django.db import connection

    change_something(made)
    connection.close()


def test_no_more_accounts_are_held_than_allowed(api: Api, counted: Counted) -> None:
    made = [make_account() for _ in range(4)]
    snapshots = Snapshots(counted, accounts_max=2)
    for one in made:
        assert api.run(snapshots.for_user(one.code)) is not None
    assert counted.asked == [BY_USER] * 4
    api.run(snapshots.for_user(made[3].code))
    assert counted.asked == [BY_USER] * 4
    api.run(snapshots.for_user(made[0].code))
    assert counted.asked == [BY_USER] * 5
