# SPDX-License-Identifier: Apache-2.0
"""
The data of a run, the same for every contestant in number and shape.

Accounts, users, campaigns, rewards are made by Regulars' own operations; customers by one INSERT per account; opening
balances by ``ledger_post()`` itself, a few hundred at a time, as the owner. So `regulars verify` is clean before the first
measurement, and the generator can not drift from the schema. The rivals' tables are filled by INSERT ... generate_series.
"""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.options import BenchmarkError, Options, say
from benchmarks.pgbench import fill_in
from benchmarks.wrk import Target
from regulars.accounts.directory import AccountConfig, CampaignConfig, UserConfig
from regulars.ledger.books import Posting, Query
from regulars.ledger.wire import POSTING_FIELDS

SQL = Path(__file__).with_name("sql")
FIRST_CODE = 100_001
SEED = 20_240_229
OPENING_BATCH = 200
OPENED_DAYS_AGO = 30
HOT_AMOUNT_MINOR = 1000
"""The one amount that the hot card's sales have: 10.00, which is HOT_POINTS points."""
HOT_POINTS = 10
FULL_FIELDS = 24
"""Custom fields of the account whose receipts are of 4 KB."""


@dataclass(frozen=True, slots=True)
class Shop:
    """One account as its tills know it."""

    account: AccountConfig
    by: UserConfig
    token: str
    points: CampaignConfig
    first_code: int
    last_code: int

    def fields(self, call: str, **more: str) -> dict[str, str]:
        """Return the form of a call, all but the customer's code and the amount."""
        return {
            "type": call,
            "account_id": self.account.code,
            "user_id": self.by.code,
            "user_api_key": self.token,
            **more,
        }

    def target(self, call: str, *, only_first: bool = False, **more: str) -> Target:
        """Return what wrk needs to make this call for random customers, or for the first alone."""
        last = self.first_code if only_first else self.last_code
        return Target(self.first_code, last, self.fields(call, **more))


def make_shops(url: str, options: Options) -> list[Shop]:
    """Make the accounts with their customers and opening balances. Django is set up as the owner of ``url``."""
    from regulars.accounts.queries import get_account_config  # these need a configured Django
    from regulars.users.opening import create_account

    per_account = options.customers // options.accounts
    rng = random.Random(SEED)
    opened_at = datetime.now(UTC) - timedelta(days=OPENED_DAYS_AGO)
    shops = []
    with psycopg.connect(url, autocommit=True) as connection:
        for number in range(1, options.accounts + 1):
            started = time.monotonic()
            created = create_account(
                code=f"bench{number:03}", biz_name=f"Benchmark Bakery {number}", at=opened_at, currency="EUR",
                timezone="Europe/Vienna", state="active", rng=rng,
            )  # fmt: skip
            _make_campaigns(created.account, opened_at, rng)
            account = get_account_config(created.account.id)
            by = account.users[created.owner.code.lower()]
            points = next(campaign for campaign in account.campaigns.values() if campaign.kind == "points")
            shop = Shop(account, by, created.token, points, FIRST_CODE, FIRST_CODE + per_account - 1)
            values = {"account_id": account.id, "first_code": FIRST_CODE, "count": per_account, "at": opened_at}
            connection.execute((SQL / "customers.sql").read_bytes(), values)
            shops.append(shop)
            say(f"account {number} of {options.accounts}: {per_account} customers ({time.monotonic() - started:.1f} s)")
        # What a database that has run for a minute knows by itself (the ledger's tables are still empty: not yet).
        connection.execute("ANALYZE customers_customers")
        for number, shop in enumerate(shops, 1):
            started = time.monotonic()
            if number == 2:
                connection.execute("ANALYZE")
            _open_balances(connection, shop, opened_at)
            say(f"account {number} of {options.accounts}: their opening balances ({time.monotonic() - started:.1f} s)")
    return shops


def make_talkative_shop(url: str, customers: int) -> Shop:
    """
    Make one more account like the others whose customers have every field filled, FULL_FIELDS of its own among them: its
    receipts are of about 4 KB.
    """
    from regulars.accounts.operations import define_field
    from regulars.accounts.queries import get_account_config
    from regulars.kit.db import unit_of_work
    from regulars.users.opening import create_account

    rng, at = random.Random(SEED + 1), datetime.now(UTC) - timedelta(days=OPENED_DAYS_AGO)
    made = create_account(
        code="benchfull",
        biz_name="Benchmark Bakery",
        at=at,
        currency="EUR",
        timezone="Europe/Vienna",
        state="active",
        rng=rng,
    )
    _make_campaigns(made.account, at, rng)
    with unit_of_work(made.account.id):
        for number in range(2, FULL_FIELDS + 1):
            define_field(account=made.account, owner="customer", number=number, label=f"Question {number}")
    account = get_account_config(made.account.id)
    points = next(campaign for campaign in account.campaigns.values() if campaign.kind == "points")
    full = Shop(account, account.users[made.owner.code.lower()], made.token, points, FIRST_CODE, FIRST_CODE + customers - 1)
    answers = {str(number): f"An answer to question {number} of some words" for number in range(1, FULL_FIELDS + 1)}
    with psycopg.connect(url, autocommit=True) as connection:
        values = {"account_id": account.id, "first_code": FIRST_CODE, "count": customers, "at": at}
        connection.execute((SQL / "customers.sql").read_bytes(), values)
        connection.execute(
            "UPDATE customers_customers SET fields = %s, street2 = 'Second floor', state = 'Vienna' WHERE account_id = %s",
            (json.dumps(answers), account.id),
        )
        connection.execute("VACUUM ANALYZE customers_customers")
        _open_balances(connection, full, at)
    return full


def _make_campaigns(account: AccountConfig, at: datetime, rng: random.Random) -> None:
    """Five campaigns with rewards, promotions and items, and a few more users: an account as a real shop's."""
    from regulars.campaigns.operations import add_item, add_promotion, add_reward, create_campaign
    from regulars.kit.db import unit_of_work
    from regulars.users.operations import create_user

    by = next(user for user in account.users.values() if user.is_owner)
    who: dict[str, Any] = {"account": account, "by": by, "at": at}
    with unit_of_work(account.id):
        points = create_campaign(
            **who, kind="points", name="Points", points_ratio_ppm=1_000_000, reward_ratio_ppm=100_000_000, rng=rng
        )
        for level in (100, 250, 500, 1000):
            add_reward(**who, campaign_id=points.id, level=level, description=f"Breakfast for {level} points")
        for factor in (2, 3):
            add_promotion(
                **who,
                campaign_id=points.id,
                operation="x",
                description=f"{factor} times the points",
                multiplier_ppm=factor * 1_000_000,
            )
        create_campaign(**who, kind="giftcard", name="Gift card", rng=rng)
        events = create_campaign(**who, kind="events", name="Visits", rng=rng)
        add_reward(**who, campaign_id=events.id, level=10, description="A free coffee")
        create_campaign(**who, kind="earned", name="Cash back", amount_per_event_minor=50, rng=rng)
        buyx = create_campaign(**who, kind="buyx", name="Ten and one", default_item_level=10, rng=rng)
        for item in ("Espresso", "Croissant"):
            add_item(**who, campaign_id=buyx.id, description=item, identifier=item.lower())
        for number in (1, 2, 3):
            create_user(**who, code=f"{account.code}_till{number}", role="M", rng=rng)


def _open_balances(connection: psycopg.Connection[Any], shop: Shop, at: datetime) -> None:
    statement = (SQL / "opening.sql").read_bytes()
    for kind in ("points", "giftcard"):
        campaign = next(each for each in shop.account.campaigns.values() if each.kind == kind)
        template = json.dumps(sale_of(shop, campaign, at)._asdict(), default=datetime.isoformat)
        for first in range(shop.first_code, shop.last_code + 1, OPENING_BATCH):
            last = min(first + OPENING_BATCH - 1, shop.last_code)
            values = {
                "template": template,
                "least": 100,
                "is_purchase": kind == "points",
                "first_code": first,
                "last_code": last,
            }
            row = connection.execute(statement, values).fetchone()
            if row is None or row[0] != last - first + 1:
                raise BenchmarkError(f"the opening balances of {shop.account.code} could not all be recorded: {row}")


def sale_of(shop: Shop, campaign: CampaignConfig, at: datetime) -> Posting:
    """Return the posting of an ordinary sale, computed by the code that record_activity uses; code and amounts are examples."""
    from regulars.transactions.record import sale_posting
    from regulars.transactions.terms import Terms

    terms = Terms(occurred_at=at, recorded_at=at, code=str(shop.first_code))
    return sale_posting(account=shop.account, by=shop.by, campaign=campaign, terms=terms, amount_minor=1000).posting


# -- the same as pgbench scripts -----------------------------------------------------------------------------------
def write_post_scripts(shops: list[Shop], folder: Path) -> list[Path]:
    """Write one script per account that posts sales of random customers (contestant d)."""
    at = datetime.now(UTC)
    scripts = []
    for shop in shops:
        posting = sale_of(shop, shop.points, at)
        assert posting.calculation is not None, "a sale says what it was computed from"
        literals = {name: _literal(getattr(posting, name)) for name in POSTING_FIELDS}
        literals |= {
            "code": ":code",
            "amount": ":points",
            "purchase_minor": ":cents",
            "occurred_at": "now()",
            "recorded_at": "now()",
        }
        if posting.remainder is not None:
            literals["remainder"] = "0"
        calculation = ", ".join(map(_literal, posting.calculation))
        values = ["0", *(literals[name] for name in POSTING_FIELDS)]
        scripts.append(_script("post", shop, folder, values, calculation=calculation))
    return scripts


def write_lookup_scripts(shops: list[Shop], folder: Path) -> list[Path]:
    """Write one script per account that looks random customers up (contestant dl)."""
    scripts = []
    for shop in shops:
        query = Query(shop.account.id, shop.account.version, datetime.now(UTC), code=str(shop.first_code))
        literals = {name: _literal(value) for name, value in query._asdict().items()}
        literals |= {"code": ":code", "at": "now()"}
        scripts.append(_script("lookup", shop, folder, ["0", *(literals[name] for name in Query._fields)]))
    return scripts


def _script(name: str, shop: Shop, folder: Path, literals: list[str], **more: str) -> Path:
    values = {"first_code": shop.first_code, "last_code": shop.last_code, "values": ", ".join(literals), **more}
    return fill_in(SQL / f"{name}.sql", folder / f"{name}_{shop.account.id}.sql", values)


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool | int):
        return str(value).lower()
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'"
    return "'" + str(value).replace("'", "''") + "'"


# -- the plain tables ----------------------------------------------------------------------------------------------
def make_plain_tables(url: str, options: Options) -> None:
    """Make and fill the two tables of contestant e in a database of their own."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute((SQL / "plain_schema.sql").read_bytes())
        connection.execute("INSERT INTO balances SELECT n, 100, now() FROM generate_series(1, %s) n", (options.customers,))
        connection.execute("VACUUM ANALYZE")


def write_plain_script(options: Options, folder: Path) -> Path:
    """Write the script of contestant e."""
    return fill_in(SQL / "plain_sale.sql", folder / "plain_sale.sql", {"customers": options.customers})
