# SPDX-License-Identifier: Apache-2.0
"""
A database with a great many customers, for searches, streamed answers, pages and whatever else is measured at that size: one
account of SCALE x 1,000,000 with 40 months of sales (history.py), 20,500,000 entries; and others, ever smaller, of a quarter
as many customers together.

Making it takes some minutes, so it stays in ``build/crowd-<customers>`` for the next run; `make clean` removes it.
"""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.dataset import SEED
from benchmarks.history import EXPIRES_YEARS, SPENT_MINOR, SPENT_POINTS, History, Shop, month_starts
from benchmarks.options import ROOT, BenchmarkError, say
from benchmarks.processes import Server
from benchmarks.rig import configure_django_as_owner, serve_regulars
from regulars.kit.embedded import EmbeddedPostgres

SQL = Path(__file__).with_name("sql")
FIRST_CODE = 1
TILLS = 8
OWNER_PASSWORD = "crowd_owner_12"
WHOLE = 1_000_000
"""Customers of the greatest account where SCALE is 1."""
LEDGER = ("ledger_entries", "ledger_lots", "ledger_lot_uses", "ledger_balances", "ledger_memberships")
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
    money_campaign: str
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
    last_month: date
    """The month that the sales end in: its first day."""

    @contextlib.contextmanager
    def serving(self, **environment: str) -> Iterator[tuple[Server, str]]:
        """Serve it by one API worker, as behind a TLS proxy. Yields the server and the address of its API."""
        with contextlib.ExitStack() as stack:
            folder = self.database.data.parent
            yield serve_regulars(stack, folder, self.url, self.key, workers=1, secure=False, environment=environment)


def customers_from(environment: Mapping[str, str]) -> int:
    """Return how many customers SCALE asks for: 1 is 1,000,000. Raises BenchmarkError."""
    raw = environment.get("SCALE", "") or "1"
    try:
        customers = round(float(raw) * WHOLE)
    except (ValueError, OverflowError):
        customers = 0
    if not 2_000 <= customers <= 10 * WHOLE:
        raise BenchmarkError("SCALE must be a number from 0.002 to 10: millions of customers")
    return customers


def folder_of(customers: int) -> Path:
    """Return where the database of so many customers is."""
    return ROOT / "build" / f"crowd-{customers}"


@contextlib.contextmanager
def crowd(customers: int) -> Iterator[Crowd]:
    """Start the database, after making it where it is not there yet. ``customers``: of the greatest account."""
    folder = folder_of(customers)
    if not (folder / READY).exists():
        # A process of its own: Django is set up there for a server that is another one afterwards.
        subprocess.run([sys.executable, "-m", "benchmarks.crowd", str(customers)], check=True, cwd=ROOT)
    told = json.loads((folder / READY).read_text())
    database = EmbeddedPostgres(folder / "data", say=say)
    url = database.start()
    try:
        configure_django_as_owner(url, told["key"])  # the tables may have changed since
        businesses = tuple(Business(**each) for each in told["businesses"])
        yield Crowd(database, url, told["key"], businesses, date.fromisoformat(told["last_month"]))
    finally:
        database.stop()


def _make(folder: Path, customers: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    started = time.monotonic()
    key = "only for the benchmark's made-up customers"
    database = EmbeddedPostgres(folder / "data", say=say, settings=BUILT_WITH)
    url = database.start()
    try:
        configure_django_as_owner(url, key)
        rng = random.Random(SEED)
        now = datetime.now(UTC)
        at = month_starts(now)[0] - timedelta(days=32)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET maintenance_work_mem = '1GB'")
            connection.execute("SELECT setseed(0.5)")
            sizes = [customers, *(max(int(customers * part), 1) for part in OTHERS)]
            with without_indexes(connection, ("customers_customers",), "gin"):
                businesses = [make_business(connection, number, size, at, rng) for number, size in enumerate(sizes, 1)]
            with without_indexes(connection, LEDGER):
                live(connection, url, businesses[0], now)
            timed("VACUUM ANALYZE", lambda: connection.execute("VACUUM ANALYZE"))
            roll_up_all(businesses[0], now)
            connection.execute("VACUUM ANALYZE reports_days, reports_cohorts")
            connection.execute("CHECKPOINT")
    finally:
        from django.db import connections

        connections.close_all()
        database.stop()
    last_month = month_starts(now, 1)[0].date().isoformat()
    told = {"key": key, "businesses": [asdict(each) for each in businesses], "last_month": last_month}
    (folder / READY).write_text(json.dumps(told))
    (folder / READY).chmod(0o600)
    say(f"the data is there ({time.monotonic() - started:.0f} s)")


def timed(what: str, work: Callable[[], object]) -> float:
    """Do something, say how long it took, and return that in seconds."""
    started = time.monotonic()
    work()
    seconds = time.monotonic() - started
    say(f"{what} ({seconds:.1f} s)")
    return seconds


_INDEXES = """
SELECT c.relname, i.relname, k.conname,
       CASE WHEN k.oid IS NULL THEN replace(pg_get_indexdef(i.oid), ' ON ONLY ', ' ON ') ELSE pg_get_constraintdef(k.oid) END
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid JOIN pg_am m ON m.oid = i.relam
LEFT JOIN pg_inherits p ON p.inhrelid = c.oid LEFT JOIN pg_constraint k ON k.conindid = i.oid AND k.contype = 'u'
WHERE coalesce(p.inhparent, c.oid)::regclass::text = ANY(%s) AND NOT x.indisprimary AND NOT i.relispartition
  AND (%s = '' OR m.amname = %s)
ORDER BY 1, 2
"""


@contextlib.contextmanager
def without_indexes(connection: psycopg.Connection[Any], tables: Sequence[str], method: str = "") -> Iterator[None]:
    """Drop all indexes of some tables but their primary keys while rows come in, and make them again exactly as they were."""
    rows = connection.execute(_INDEXES, (list(tables), method, method)).fetchall()
    for table, index, constraint, _ in rows:
        statement = "DROP INDEX {0}" if constraint is None else "ALTER TABLE {1} DROP CONSTRAINT {0}"
        connection.execute(sql.SQL(statement).format(sql.Identifier(index), sql.Identifier(table)))
    yield
    for table, index, constraint, definition in rows:
        statement = "{2}" if constraint is None else "ALTER TABLE {1} ADD CONSTRAINT {0} {2}"
        made = sql.SQL(statement).format(sql.Identifier(index), sql.Identifier(table), sql.SQL(definition))
        timed(f"index {index}", partial(connection.execute, made))


def make_business(connection: psycopg.Connection[Any], number: int, size: int, at: datetime, rng: random.Random) -> Business:
    from regulars.accounts.operations import define_field
    from regulars.accounts.queries import get_account_config
    from regulars.campaigns.operations import add_depreciation, add_fee, add_item, add_promotion, add_reward, create_campaign
    from regulars.kit.db import unit_of_work
    from regulars.users.opening import create_account
    from regulars.users.operations import create_user

    started = time.monotonic()
    created = create_account(
        code=f"crowd{number:02}", biz_name=f"Crowd {number}", at=at, currency="EUR", country="AT", timezone="Europe/Vienna",
        state="active", rng=rng, password=OWNER_PASSWORD,
    )  # fmt: skip
    account = created.account
    who: dict[str, Any] = {"account": account, "by": created.owner, "at": at}
    with unit_of_work(account.id):
        define_field(account=account, owner="customer", number=2, label="Membership number", searchable=True)
        campaign = create_campaign(
            **who, kind="points", name="Points", points_ratio_ppm=1_000_000, rounding="down", carries_remainder=False, rng=rng
        )
        add_reward(**who, campaign_id=campaign.id, level=SPENT_POINTS, description="Breakfast for two")
        add_depreciation(
            **who, campaign_id=campaign.id, basis="per_transaction", interval_count=EXPIRES_YEARS, interval_unit="years",
            percentage_ppm=1_000_000,
        )  # fmt: skip
        money = create_campaign(**who, kind="giftcard", name="Gift card", rng=rng)
        add_promotion(**who, campaign_id=campaign.id, operation="x", description="Twice the points", multiplier_ppm=2_000_000)
        club = create_campaign(**who, kind="points", name="Club", points_ratio_ppm=1_000_000, rng=rng)
        add_fee(**who, campaign_id=club.id, interval_count=1, interval_unit="years", amount=5, description="Upkeep")
        items = create_campaign(**who, kind="buyx", name="Ten and one", default_item_level=10, rng=rng)
        add_item(**who, campaign_id=items.id, description="Espresso", identifier="espresso")
        create_campaign(**who, kind="events", name="Visits", rng=rng)
        for till in range(1, TILLS + 1):
            create_user(**who, code=f"{account.code}_till{till}", role="M", custom1=f"Store {(till + 1) // 2}", rng=rng)
    values: Mapping[str, Any] = {
        "account_id": account.id, "first_code": FIRST_CODE, "count": size, "at": at,
        "until": datetime.now(UTC) - timedelta(days=64),
    }  # fmt: skip
    connection.execute((SQL / "crowd.sql").read_bytes(), values)
    connection.execute(
        "INSERT INTO customers_field_values (account_id, customer_id, number, value, is_unique)"
        " SELECT account_id, id, 2, lower(fields ->> '2'), false FROM customers_customers WHERE account_id = %s",
        [account.id],
    )
    say(f"account {account.code}: {size} customers ({time.monotonic() - started:.0f} s)")
    return Business(account.code, created.token, get_account_config(account.id).id, campaign.number, money.number, size)


def live(connection: psycopg.Connection[Any], url: str, business: Business, now: datetime) -> None:
    """Write all sales of an account's customers, who are numbered without gaps."""
    from regulars.accounts.queries import get_account_config
    from regulars.transactions.record import sale_posting
    from regulars.transactions.redeem import money_spending, redemption_posting, reward_spending
    from regulars.transactions.terms import Terms

    account = get_account_config(business.account_id)
    points = account.campaigns[business.campaign]
    money = account.campaigns[business.money_campaign]
    row = connection.execute(
        "SELECT min(id), count(*), max(id) - min(id) + 1 FROM customers_customers WHERE account_id = %s", [account.id]
    ).fetchone()
    if row is None or row[1] != row[2]:
        raise BenchmarkError(f"the customers of {account.code} are not numbered without gaps: {row}")
    terms = Terms(occurred_at=now, recorded_at=now, code="1")
    who: dict[str, Any] = {"account": account, "by": account.users[account.code], "terms": terms}
    (reward,) = points.rewards.values()
    shop = Shop(
        account, tuple(user for user in account.users.values() if not user.is_owner), points, money, row[0], row[1],
        sale=sale_posting(**who, campaign=points, amount_minor=1000).posting,
        spending=redemption_posting(**who, campaign=points, spending=reward_spending(reward)).posting,
        loading=sale_posting(**who, campaign=money, amount_minor=1000).posting,
        paying=redemption_posting(**who, campaign=money, spending=money_spending(account, SPENT_MINOR)).posting,
    )  # fmt: skip
    last = connection.execute("SELECT coalesce(max(id), 0) FROM ledger_entries").fetchone()
    assert last is not None
    history = History(shop, now, last[0] + 1)
    connection.execute("SELECT ledger_make_ranges(%s)", [3 + history.last_entry // 10_000_000])
    timed("entries, lots, balances, memberships", lambda: history.write(url))
    connection.execute("SELECT setval('ledger_entries_id_seq', %s)", [history.last_entry])


def roll_up_all(business: Business, now: datetime) -> None:
    """What the hourly job does."""
    from regulars.accounts.queries import get_account_config
    from regulars.reports.rollups import renew_cohorts, roll_up

    account = get_account_config(business.account_id)
    timed("roll-ups by day", lambda: roll_up(account=account, at=now))
    timed("cohorts", lambda: renew_cohorts(account=account, at=now))


if __name__ == "__main__":
    _make(folder_of(int(sys.argv[1])), int(sys.argv[1]))
