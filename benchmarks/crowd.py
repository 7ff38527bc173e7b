# SPDX-License-Identifier: Apache-2.0
"""
A database with a great many customers, for the searches and the streamed answers: one account of 1,000,000 and others, ever
smaller, of 250,000 together; every customer of the great one with an opening balance, recorded by ``ledger_post()``.

Making it takes some minutes, so it stays in ``build/crowd-<customers>`` for the next run; `make clean` removes it.
"""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.dataset import OPENED_DAYS_AGO, SEED
from benchmarks.options import ROOT, BenchmarkError, say
from benchmarks.processes import Server
from benchmarks.rig import configure_django_as_owner, serve_regulars
from regulars.kit.embedded import EmbeddedPostgres

SQL = Path(__file__).with_name("sql")
FIRST_CODE = 1
OPENING_BATCH = 500
OTHERS = (0.1, 0.06, 0.04, 0.02, 0.015, 0.01, 0.004, 0.0008, 0.0002)
"""Sizes of the other accounts, as parts of the greatest."""
BUILT_WITH = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "8GB"}
"""Only while the data is made; what is measured is durable."""
READY = "ready.json"


@dataclass(frozen=True, slots=True)
class Business:
    """One account as the benchmarks use it."""

    code: str
    token: str
    account_id: int
    campaign: str
    customers: int

    def fields(self, call: str, **more: str) -> dict[str, str]:
        """Return the form of a call."""
        return {"type": call, "account_id": self.code, "user_id": self.code, "user_api_key": self.token, **more}


@dataclass(frozen=True, slots=True)
class Crowd:
    """The database while it runs; the greatest account comes first."""

    database: EmbeddedPostgres
    url: str
    key: str
    businesses: tuple[Business, ...]

    @contextlib.contextmanager
    def serving(self, **environment: str) -> Iterator[tuple[Server, str]]:
        """Serve it by one API worker, as behind a TLS proxy. Yields the server and the address of its API."""
        with contextlib.ExitStack() as stack:
            folder = self.database.data.parent
            yield serve_regulars(stack, folder, self.url, self.key, workers=1, secure=False, environment=environment)


@contextlib.contextmanager
def crowd(customers: int) -> Iterator[Crowd]:
    """Start the database, after making it where it is not there yet. ``customers``: of the greatest account."""
    folder = ROOT / "build" / f"crowd-{customers}"
    if not (folder / READY).exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
        _make(folder, customers)
    told = json.loads((folder / READY).read_text())
    database = EmbeddedPostgres(folder / "data", say=say)
    url = database.start()
    try:
        if "django" not in sys.modules:  # it was made by an earlier run, and the tables may have changed since
            configure_django_as_owner(url, told["key"])
        yield Crowd(database, url, told["key"], tuple(Business(**each) for each in told["businesses"]))
    finally:
        database.stop()


def _make(folder: Path, customers: int) -> None:
    started = time.monotonic()
    key = "only for the benchmark's made-up customers"
    database = EmbeddedPostgres(folder / "data", say=say, settings=BUILT_WITH)
    url = database.start()
    try:
        configure_django_as_owner(url, key)
        rng = random.Random(SEED)
        at = datetime.now(UTC) - timedelta(days=OPENED_DAYS_AGO)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET maintenance_work_mem = '1GB'")
            connection.execute("SELECT setseed(0.5)")
            sizes = [customers, *(max(int(customers * part), 1) for part in OTHERS)]
            with _without_search_indexes(connection):
                businesses = [_make_business(connection, number, size, at, rng) for number, size in enumerate(sizes, 1)]
            connection.execute("VACUUM ANALYZE")
            _open_balances(connection, businesses[0], at)
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")
    finally:
        from django.db import connections

        connections.close_all()
        database.stop()
    told = {"key": key, "businesses": [asdict(each) for each in businesses]}
    (folder / READY).write_text(json.dumps(told))
    (folder / READY).chmod(0o600)
    say(f"the data is there ({time.monotonic() - started:.0f} s)")


@contextlib.contextmanager
def _without_search_indexes(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Drop the two great indexes while rows come in, and make them again exactly as they were."""
    rows = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'customers_customers' AND indexdef LIKE '%USING gin%'"
    ).fetchall()
    for name, _ in rows:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    yield
    for name, definition in rows:
        started = time.monotonic()
        connection.execute(definition)
        size = connection.execute("SELECT pg_size_pretty(pg_relation_size(%s::regclass))", [name]).fetchone()
        say(f"index {name}: {size[0] if size else '?'} ({time.monotonic() - started:.0f} s)")


def _make_business(connection: psycopg.Connection[Any], number: int, size: int, at: datetime, rng: random.Random) -> Business:
    from regulars.accounts.operations import define_field
    from regulars.accounts.queries import get_account_config
    from regulars.campaigns.operations import create_campaign
    from regulars.kit.db import unit_of_work
    from regulars.users.opening import create_account

    started = time.monotonic()
    created = create_account(
        code=f"crowd{number:02}", biz_name=f"Crowd {number}", at=at, currency="EUR", country="AT", timezone="Europe/Vienna",
        state="active", rng=rng,
    )  # fmt: skip
    account = created.account
    with unit_of_work(account.id):
        define_field(account=account, owner="customer", number=2, label="Membership number", searchable=True)
        campaign = create_campaign(
            account=account, by=created.owner, at=at, kind="points", name="Points", points_ratio_ppm=1_000_000, rng=rng
        )
    values: Mapping[str, Any] = {"account_id": account.id, "first_code": FIRST_CODE, "count": size, "at": at}
    connection.execute((SQL / "crowd.sql").read_bytes(), values)
    connection.execute(
        "INSERT INTO customers_field_values (account_id, customer_id, number, value, is_unique)"
        " SELECT account_id, id, 2, lower(fields ->> '2'), false FROM customers_customers WHERE account_id = %s",
        [account.id],
    )
    say(f"account {account.code}: {size} customers ({time.monotonic() - started:.0f} s)")
    return Business(account.code, created.token, get_account_config(account.id).id, campaign.number, size)


def _open_balances(connection: psycopg.Connection[Any], business: Business, at: datetime) -> None:
    """One sale of every customer: by customer id, which the first account's are numbered by from 1 on."""
    from regulars.accounts.queries import get_account_config
    from regulars.transactions.record import sale_posting
    from regulars.transactions.terms import Terms

    started = time.monotonic()
    account = get_account_config(business.account_id)
    by = account.users[business.code]
    terms = Terms(occurred_at=at, recorded_at=at, code="1")
    posting = sale_posting(
        account=account, by=by, campaign=account.campaigns[business.campaign], terms=terms, amount_minor=1000
    ).posting
    template = json.dumps(posting._asdict(), default=datetime.isoformat)
    statement = (SQL / "crowd_opening.sql").read_bytes()
    for first in range(FIRST_CODE, FIRST_CODE + business.customers, OPENING_BATCH):
        last = min(first + OPENING_BATCH, FIRST_CODE + business.customers) - 1
        row = connection.execute(statement, {"template": template, "first_code": first, "last_code": last}).fetchone()
        if row is None or row[0] != last - first + 1:
            raise BenchmarkError(f"the opening balances of {business.code} could not all be recorded: {row}")
        if first in (FIRST_CODE + OPENING_BATCH, FIRST_CODE + 20 * OPENING_BATCH):  # the ledger's tables were empty
            connection.execute("ANALYZE")
            connection.execute("DISCARD PLANS")
        if (first - FIRST_CODE) % 100_000 == 0:
            say(f"{first - FIRST_CODE} sales ({time.monotonic() - started:.0f} s)")
    say(f"account {business.code}: a sale of every customer ({time.monotonic() - started:.0f} s)")
