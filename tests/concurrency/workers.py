# SPDX-License-Identifier: Apache-2.0
"""
A shop and several API workers on it: real connections, real pools, the services that granian's workers run.

``Shop`` writes postings as the rules do; ``workers`` opens the services of several workers in one event loop.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import psycopg
from django.db import connection

from regulars.accounts.directory import AccountConfig
from regulars.api.options import Options
from regulars.api.services import Services, open_services
from regulars.customers.operations import enrol
from regulars.customers.rules import Profile
from regulars.kit.db import unit_of_work
from regulars.ledger.books import Posting
from regulars.ledger.rules import plan_for
from tests.factories import NOW, MadeAccount, make_account, make_campaign, make_item

T = TypeVar("T")
KINDS = ("points", "giftcard", "events", "earned", "buyx")
TEST_SECONDS_MAX = 60


@dataclass
class Shop:
    """An account with a campaign of each kind asked for and some customers. ``account`` is the snapshot postings carry."""

    made: MadeAccount
    account: AccountConfig
    campaign_ids: dict[str, int]
    item_id: int
    customer_ids: tuple[int, ...]

    def reload(self) -> None:
        self.account = self.made.fresh()

    def posting(self, customer: int, amount: int, /, *, kind: str = "points", at: datetime = NOW, **changes: Any) -> Posting:
        """Return an earning (or, with a negative amount, a redemption) in the campaign of a kind."""
        campaign = self.account.campaigns_by_id[self.campaign_ids[kind]]
        plan = plan_for(self.account, campaign, changes.get("occurred_at", at), at)
        posting = Posting(
            account_id=self.account.id,
            config_version=self.account.version,
            kind="earn" if amount > 0 else "redeem",
            campaign_id=campaign.id,
            pool_id=campaign.pool_id,
            amount=amount,
            user_id=self.made.owner.id,
            occurred_at=at,
            recorded_at=at,
            rules_version=plan.rules_version,
            customer_id=customer,
            item_id=self.item_id if kind == "buyx" else 0,
            expires_at=plan.expires_at if amount > 0 else None,
            next_change_at=plan.next_change_at,
        )
        return posting._replace(**changes)

    def keyed(self, key: str, customer: int, amount: int, /, **changes: Any) -> Posting:
        """Return a posting under an idempotency key, with the fingerprint of its content."""
        content = repr((customer, amount, sorted(changes)))
        return self.posting(
            customer, amount, idempotency_key=key, fingerprint=hashlib.sha256(content.encode()).digest(),
            context=json.dumps({"till": 7}), **changes,
        )  # fmt: skip


def open_shop(*, kinds: Iterable[str] = ("points",), customer_count: int = 4, **options: Any) -> Shop:
    """Make an account with campaigns and customers; ``options`` as make_account()."""
    made = make_account(**options)
    campaign_ids = {kind: make_campaign(made, kind=kind).id for kind in kinds}
    item_id = 0
    if "buyx" in campaign_ids:
        item_id = make_item(made, made.fresh().campaigns_by_id[campaign_ids["buyx"]])
    account = made.fresh()
    with unit_of_work(made.id):
        customer_ids = tuple(
            enrol(account=account, profile=Profile(card_number=f"77{number:04}"), by=made.owner.id, at=NOW).id
            for number in range(customer_count)
        )
    return Shop(made, account, campaign_ids, item_id, customer_ids)


@asynccontextmanager
async def workers(database_url: str, role: str, count: int = 2) -> AsyncIterator[list[Services]]:
    """Open the services of ``count`` API workers, and close them in order."""
    opened = [
        await open_services(Options(database_url=database_url, database_role=role, pool_size=4, thread_count=2))
        for _ in range(count)
    ]
    try:
        yield opened
    finally:
        for services in opened:
            await services.close()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, which comes in bounded time."""

    async def bounded() -> T:
        return await asyncio.wait_for(work, TEST_SECONDS_MAX)

    return asyncio.run(bounded())


async def outcomes(calls: Iterable[Coroutine[Any, Any, T]]) -> list[T | BaseException]:
    """Run calls at once and return what each returned or raised."""
    return await asyncio.gather(*calls, return_exceptions=True)


def in_threads(works: Iterable[Callable[[], T]], thread_count: int = 4) -> list[T | Exception]:
    """Run functions in threads, each with a database connection of its own; return what each returned or raised."""

    def one(work: Callable[[], T]) -> T | Exception:
        try:
            return work()
        except Exception as error:  # noqa: BLE001 - the caller looks at it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(thread_count) as pool:
        return list(pool.map(one, works))


WRITTEN_LATER = {"request_log_entries"}
"""What the API of an earlier test may still write beside (ADR-0009); nothing that is posted goes there."""


def checksums(cursor: psycopg.Cursor[Any]) -> dict[str, str]:
    """Return a checksum of each table's rows, all of them, but of tables WRITTEN_LATER."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    names = [row[0] for row in cursor.fetchall() if row[0] not in WRITTEN_LATER]
    result = {}
    for name in names:
        cursor.execute(
            f"SELECT count(*) || ':' || coalesce(md5(string_agg(t::text, E'\\n' ORDER BY t::text)), '') FROM {name} t"
        )
        row = cursor.fetchone()
        assert row is not None
        result[name] = row[0]
    return result
