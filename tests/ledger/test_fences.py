# SPDX-License-Identifier: Apache-2.0
"""The second fence, by raw SQL in the role of the application: other accounts are not there, books can not be written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql

from regulars.campaigns.operations import add_depreciation, add_fee
from regulars.coalition.operations import close_settlement, switch_coalition
from regulars.customers.segments import save_segment
from regulars.kit.db import unit_of_work
from regulars.ledger.operations import post, reverse
from regulars.ledger.schema import LEDGER_TABLES, OPERATOR_TABLES, TENANT_TABLES
from regulars.messages.settings import set_mail_text
from regulars.messages.text_carrier import TextOptions
from regulars.messages.text_rules import Gateway
from regulars.messages.texting import set_gateway
from regulars.reports.rollups import renew_cohorts, roll_up
from regulars.transactions.batches.columns import Columns
from regulars.transactions.batches.intake import receive
from regulars.transactions.batches.options import ActivityImport
from regulars.transactions.imports.operations import bring_file
from regulars.users.devices import remember_device
from regulars.users.forgotten import issue_password_link
from regulars.users.models import Visit
from regulars.users.sessions import begin_session
from regulars.webhooks.operations import EndpointValues, add_endpoint, send_test
from regulars.webhooks.options import WebhookOptions
from tests.concurrency.workers import NOW, Shop, open_shop
from tests.factories import (
    make_brand,
    make_coalition,
    make_field,
    make_host,
    make_logged_request,
    make_promotion,
    make_reward,
    make_second_factor,
)

Rows = Callable[..., list[tuple[Any, ...]]]
SCOPED = (*TENANT_TABLES, *LEDGER_TABLES, *OPERATOR_TABLES)


@dataclass(frozen=True)
class Two:
    """Two accounts with a row in (nearly) every table each."""

    own: Shop
    other: Shop


def _filled() -> Shop:
    shop = open_shop(kinds=["points", "buyx"], customer_count=2)
    campaign = shop.account.campaigns_by_id[shop.campaign_ids["points"]]
    make_reward(shop.made, campaign)
    make_promotion(shop.made, campaign)
    make_field(shop.made)
    make_host(shop.made)
    make_brand(shop.made)
    make_second_factor(shop.made)
    who = {"account": shop.made.account, "user": shop.made.owner}
    with unit_of_work(shop.made.id):
        begin_session(**who, at=NOW)
        remember_device(**who, at=NOW)
        issue_password_link(account=shop.made.account, user_id=shop.made.owner.id, at=NOW)
        set_mail_text(account=shop.made.account, at=NOW, kind="welcome", subject="Hello", body="Welcome")
        gateway = Gateway("https://sms.example.com/", body="to={to}\ntext={text}")
        set_gateway(account=shop.made.account, at=NOW, gateway=gateway, username="", password=None, options=TextOptions())
    where = {"by": shop.made.owner, "at": NOW, "campaign_id": campaign.id}
    with unit_of_work(shop.made.id):
        add_depreciation(
            account=shop.made.fresh(), **where, basis="per_transaction", interval_count=1, interval_unit="years",
            percentage_ppm=1_000_000,
        )  # fmt: skip
        add_fee(account=shop.made.fresh(), **where, interval_count=1, interval_unit="years", amount=1, description="Fee")
    shop.reload()
    customer = shop.customer_ids[0]
    make_logged_request(shop.made)
    with unit_of_work(shop.made.id):
        earned = post(shop.account, shop.keyed("k", customer, 10))
        post(shop.account, shop.posting(customer, -4))
        reverse(account=shop.account, entry_id=earned.entry_id, by=shop.made.owner.id, at=NOW, amount=1)
        deleted = post(shop.account, shop.posting(customer, 3))
        reverse(account=shop.account, entry_id=deleted.entry_id, by=shop.made.owner.id, at=NOW, is_delete=True)
        endpoint = add_endpoint(
            account=shop.account, by=shop.made.owner, at=NOW, options=WebhookOptions(),
            values=EndpointValues("Shop", "https://shop.example.com/", ("transaction.recorded",)),
        )  # fmt: skip
        send_test(account=shop.account, by=shop.made.owner, at=NOW, endpoint_id=endpoint.id)
        importing = ActivityImport(Columns("pipe", ("campaign_id", "code", "amount")))
        receive(
            account=shop.account, by=shop.made.owner, at=NOW, importing=importing, lines=[(1, "1|2|3")], parameter="data",
            allows_undo=True,
        )  # fmt: skip
        bring_file(account=shop.account, by=shop.made.owner, at=NOW, kind="customers", chunks=[b"code\n1\n"])
    make_coalition(shop.made)
    with unit_of_work(shop.made.id):
        Visit.objects.create(account_id=shop.made.id, user_id=shop.made.owner.id, began_at=NOW)
        save_segment(account=shop.made.fresh(), by=shop.made.owner, at=NOW, name="Amys", filters={"first_name": "Amy"})
        switch_coalition(account=shop.made.fresh(), by=shop.made.owner, at=NOW, on=False)
        close_settlement(
            account=shop.made.fresh(), by=shop.made.owner, at=NOW, last_date=NOW.date() - timedelta(days=3), point_cost_ppm=1
        )
    shop.reload()
    roll_up(account=shop.account, at=NOW + timedelta(days=1))
    renew_cohorts(account=shop.account, at=NOW + timedelta(days=1))
    return shop


@pytest.fixture(scope="module")
def two() -> Two:
    return Two(_filled(), _filled())


@pytest.fixture
def app(owner_url: str, app_role: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A connection as the serving processes have it, in autocommit, without a scope."""
    with psycopg.connect(owner_url, autocommit=True, options=f"-c role={app_role}") as connection:
        yield connection


def _scope(app: psycopg.Connection[Any], shop: Shop) -> None:
    app.execute("SELECT set_config('regulars.account_id', %s, false)", [str(shop.account.id)])


def _accounts_seen(app: psycopg.Connection[Any], table: str) -> set[int]:
    column = "id" if table == "accounts_accounts" else "account_id"
    query = sql.SQL("SELECT DISTINCT {} FROM {}").format(sql.Identifier(column), sql.Identifier(table))
    return {row[0] for row in app.execute(query)}


def test_every_table_that_belongs_to_accounts_is_fenced(run_as_owner: Rows) -> None:
    rows = run_as_owner(
        "SELECT c.relname, c.relrowsecurity, (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) FROM pg_class c"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'account_id' AND NOT a.attisdropped"
        " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'users_logins'"
    )
    assert {name for name, _, _ in rows} >= set(SCOPED)
    assert [name for name, is_fenced, policies in rows if not is_fenced or policies != 1] == []


@pytest.mark.parametrize("table", [*SCOPED, "accounts_accounts"])
def test_without_a_scope_nothing_is_there(table: str, two: Two, app: psycopg.Connection[Any]) -> None:
    assert _accounts_seen(app, table) == set()


@pytest.mark.parametrize("table", [*SCOPED, "accounts_accounts"])
def test_in_a_scope_only_its_own_rows_are_there(
    table: str, two: Two, app: psycopg.Connection[Any], owner_connection: psycopg.Connection[Any]
) -> None:
    _scope(app, two.own)
    own = {two.own.account.id} & _accounts_seen(owner_connection, table)
    assert _accounts_seen(app, table) == own
    if table not in ("customers_aliases", "customers_field_values", "messages_outbox"):
        assert own, "the test has no row in this table"


def test_the_fence_can_not_be_switched_off(two: Two, app: psycopg.Connection[Any]) -> None:
    app.execute("SET row_security = off")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("SELECT * FROM ledger_entries")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("ALTER TABLE ledger_entries DISABLE TRIGGER ALL")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("DROP POLICY ledger_entries_scope ON ledger_entries")


@pytest.mark.parametrize("table", [*LEDGER_TABLES, *OPERATOR_TABLES])
@pytest.mark.parametrize("statement", ["INSERT INTO {t} SELECT * FROM {t}", "UPDATE {t} SET account_id = account_id",
                                       "DELETE FROM {t}", "TRUNCATE {t}"])  # fmt: skip
def test_the_application_can_not_write_the_books(statement: str, table: str, two: Two, app: psycopg.Connection[Any]) -> None:
    _scope(app, two.own)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(statement.format(t=table).encode())


def test_the_inner_functions_of_the_ledger_write_nothing_for_the_application(two: Two, app: psycopg.Connection[Any]) -> None:
    _scope(app, two.own)
    own, customer, pool = two.own.account.id, two.own.customer_ids[0], two.own.campaign_ids["points"]
    for call in (
        f"SELECT ledger_take_lots({own}, {customer}, {pool}, 0, 1, 1, now(), NULL)",
        f"SELECT ledger_reverse_one(e, 1, NULL, 1, '', now(), false) FROM ledger_entries e WHERE account_id = {own}",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(call.encode())


@pytest.mark.parametrize(
    "table", ["customers_customers", "campaigns_campaigns", "users_users", "accounts_fields", "request_log_entries"]
)
def test_another_accounts_rows_can_neither_be_made_nor_changed(
    table: str, two: Two, app: psycopg.Connection[Any], run_as_owner: Rows
) -> None:
    _scope(app, two.own)
    own, other = two.own.account.id, two.other.account.id
    assert app.execute(f"UPDATE {table} SET account_id = account_id WHERE account_id = {other}".encode()).rowcount == 0
    assert app.execute(f"DELETE FROM {table} WHERE account_id = {other}".encode()).rowcount == 0
    before = run_as_owner(f"SELECT count(*) FROM {table} WHERE account_id = {other}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(f"UPDATE {table} SET account_id = {other} WHERE account_id = {own}".encode())
    columns = ", ".join(
        f"{other}" if row[0] == "account_id" else f'"{row[0]}"'
        for row in run_as_owner(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position",
            table,
        )
    )
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(f"INSERT INTO {table} SELECT {columns} FROM {table} WHERE account_id = {own}".encode())
    assert run_as_owner(f"SELECT count(*) FROM {table} WHERE account_id = {other}") == before


@pytest.mark.parametrize("statement", ["UPDATE ledger_entries SET amount = amount + 1", "DELETE FROM ledger_entries",
                                       "TRUNCATE ledger_entries"])  # fmt: skip
def test_not_even_the_owner_changes_an_entry(statement: str, two: Two, run_as_owner: Rows) -> None:
    with pytest.raises(psycopg.DatabaseError, match="never changed or deleted") as caught:
        run_as_owner(statement)
    assert caught.value.sqlstate == "RG006"
