# SPDX-License-Identifier: Apache-2.0
"""How much accounts are used, as those see it who answer for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from regulars.kit.db import unit_of_work
from regulars.reports.rollups import roll_up
from regulars.reports.usage import Usage, get_usage
from tests.factories import MadeAccount, make_account, make_agency, make_campaign, make_customer, make_sale

SQL = Path(__file__).resolve().parents[2] / "benchmarks" / "sql"
MONTH_END = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
"""In Auckland December has begun."""


def usage(office: MadeAccount, made: MadeAccount, at: datetime) -> Usage:
    with unit_of_work(office.id):
        return get_usage(account=office.account, account_ids=[made.id], at=at)[made.id]


@pytest.mark.parametrize("is_rolled_up", [False, True])
def test_transactions_of_the_month_are_those_of_the_accounts_own_clock(is_rolled_up: bool) -> None:
    platform = make_account(kind="platform")
    alice = make_account(timezone="Pacific/Auckland", at=MONTH_END - timedelta(days=60))
    campaign = make_campaign(alice, at=MONTH_END - timedelta(days=60))
    customer = make_customer(alice, campaigns=(campaign,), at=MONTH_END - timedelta(days=60))
    for hours_before in (13, 12, 1, 0):
        make_sale(alice, customer, campaign, at=MONTH_END - timedelta(hours=hours_before))
    if is_rolled_up:
        roll_up(account=alice.fresh(), at=MONTH_END + timedelta(hours=1))  # six hours behind: the last two are newer
    found = usage(platform, alice, MONTH_END)
    assert (found.customers, found.campaigns, found.transactions) == (1, 1, 3)
    assert found.last_recorded_at == MONTH_END


def test_space_is_the_share_of_each_table(owner_connection: psycopg.Connection[tuple[object, ...]]) -> None:
    platform, alice = make_account(kind="platform"), make_account()
    campaign = make_campaign(alice)
    customer = make_customer(alice, campaigns=(campaign,))
    make_sale(alice, customer, campaign)
    # Statistics name the accounts with most rows; the tests before have left many.
    owner_connection.execute("SELECT set_config('regulars.keeps_no_changes', 'on', false)")
    values = {"account_id": alice.id, "first_code": 100_001, "count": 1_000, "at": MONTH_END}
    owner_connection.execute((SQL / "customers.sql").read_bytes(), values)
    owner_connection.execute("ANALYZE customers_customers, ledger_entries, users_users")
    found = usage(platform, alice, MONTH_END)
    row = owner_connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None
    assert 0 < (found.space_bytes or 0) < int(str(row[0]))


def test_an_office_sees_the_use_of_its_own_clients_alone() -> None:
    agency, stranger = make_agency(), make_account()
    own = make_account(agency_id=agency.account.agency[0] if agency.account.agency else None)
    with unit_of_work(agency.id):
        assert set(get_usage(account=agency.account, account_ids=[own.id, stranger.id], at=MONTH_END)) == {own.id}
    with unit_of_work(stranger.id), pytest.raises(Exception, match="no unit of work"), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_usage(%s, %s, %s)", [agency.id, [own.id], MONTH_END])
