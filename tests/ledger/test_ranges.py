# SPDX-License-Identifier: Apache-2.0
"""Entries lie in ranges of their numbers (ADR-0028): what is there before stays as it was, what comes later goes on."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from regulars.jobs.tasks import make_ranges
from regulars.kit.db import unit_of_work
from regulars.ledger.operations import post, reverse
from regulars.ledger.schema import APP_ROLE
from tests.concurrency.workers import NOW, open_shop
from tests.databases import drop_database

Rows = Callable[..., list[tuple[Any, ...]]]
SPAN = 10_000_000


def _ranges(run_as_owner: Rows) -> list[str]:
    rows = run_as_owner(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'ledger_entries'::regclass ORDER BY 1"
    )
    return [name for (name,) in rows]


@pytest.fixture
def at_the_end_of_a_range(run_as_owner: Rows) -> int:
    """The first number of the next range; two more are left in this one."""
    ((last,),) = run_as_owner("SELECT last_value FROM ledger_entries_id_seq")
    first = (last // SPAN + 1) * SPAN
    run_as_owner("SELECT setval('ledger_entries_id_seq', %s)", first - 3)
    return first


def test_sales_go_from_one_range_into_the_next_and_what_was_sold_before_is_taken_back(
    at_the_end_of_a_range: int, run_as_owner: Rows
):
    first = at_the_end_of_a_range
    shop = open_shop(kinds=["points"], customer_count=1)
    customer = shop.customer_ids[0]
    with unit_of_work(shop.account.id):
        posted = [post(shop.account, shop.posting(customer, 10)) for _ in range(5)]
    assert [each.entry_id - first for each in posted] == [-2, -1, 0, 1, 2]
    with unit_of_work(shop.account.id):
        back = reverse(account=shop.account, entry_id=posted[0].entry_id, by=shop.made.owner.id, at=NOW, amount=10)
    assert back.balance == 40
    lying = run_as_owner(
        "SELECT tableoid::regclass::text, count(*) FROM ledger_entries WHERE account_id = %s GROUP BY 1 ORDER BY 1",
        shop.account.id,
    )
    number = first // SPAN
    assert lying == [(f"ledger_entries_{number - 1:05}", 2), (f"ledger_entries_{number:05}", 4)]


def test_room_is_made_ahead_once_and_each_range_is_fenced_as_the_others(run_as_owner: Rows):
    make_ranges()
    there = _ranges(run_as_owner)
    make_ranges()
    assert _ranges(run_as_owner) == there
    run_as_owner(
        "SELECT setval('ledger_entries_id_seq', last_value + ledger_numbers_left() - 2 * %s + 1) FROM ledger_entries_id_seq",
        SPAN,
    )
    make_ranges()
    (new,) = set(_ranges(run_as_owner)) - set(there)
    indexes = (
        "SELECT split_part(pg_get_indexdef(indexrelid), ' USING ', 2) FROM pg_index WHERE indrelid = %s::regclass ORDER BY 1"
    )
    shapes = {
        tuple(
            run_as_owner("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled = 'O' ORDER BY 1", name)
            + run_as_owner(indexes, name)
            + run_as_owner("SELECT has_table_privilege(%s, %s, 'SELECT')::text", APP_ROLE, name)
        )
        for name in (new, *there)
    }
    assert len(shapes) == 1, shapes
    (shape,) = shapes
    assert shape[:2] == (("ledger_entries_append_only",), ("ledger_entries_no_truncate",))
    assert len(shape) == 2 + 4 + 1
    assert shape[-1] == ("false",)


@pytest.fixture
def older_database(owner_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A database whose entries are one table, as before, with three of them."""
    from django.db import connection as django_connection

    django_connection.close()
    parts = urlsplit(owner_url)
    name = f"{parts.path[1:]}_older"
    template = parts.path[1:].rsplit("_", 1)[0] + "_template"
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
        url = urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                _make_older(connection)
                yield connection
        finally:
            drop_database(owner, name)


def _make_older(connection: psycopg.Connection[Any]) -> None:
    migration = importlib.import_module("regulars.ledger.migrations.0024_ranges")
    for (function,) in connection.execute(migration.FUNCTIONS).fetchall():
        connection.execute(f"DROP FUNCTION {function}".encode())
    connection.execute(
        """
        ALTER TABLE ledger_entries RENAME TO gone;
        ALTER TABLE gone RENAME CONSTRAINT ledger_entries_pkey TO gone_pkey;
        ALTER INDEX ledger_entries_reference RENAME TO gone_reference;
        CREATE TABLE ledger_entries (LIKE gone INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
        DROP TABLE gone;
        ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_pkey PRIMARY KEY (account_id, id);
        ALTER TABLE ledger_entries
            ADD CONSTRAINT ledger_entries_version_unique UNIQUE (account_id, customer_id, pool_id, item_id, version);
        CREATE INDEX ledger_entries_reference ON ledger_entries (account_id, reference) WHERE reference IS NOT NULL;
        CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE ON ledger_entries
            FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
        CREATE TRIGGER ledger_entries_no_truncate BEFORE TRUNCATE ON ledger_entries
            FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
        SELECT setval('ledger_entries_id_seq', 25000000);
        INSERT INTO ledger_entries (account_id, id, customer_id, campaign_id, pool_id, item_id, kind, amount, balance_after,
            version, user_id, description, occurred_at, recorded_at)
        SELECT 1, id, 1, 1, 1, 0, 'earn', 1, 1, id, 1, '', now(), now() FROM unnest(ARRAY[1, 2, 25000000]) id;
        """
    )


def test_what_an_older_database_has_becomes_the_first_range_as_it_lies(older_database: psycopg.Connection[Any]):
    migration = importlib.import_module("regulars.ledger.migrations.0024_ranges")
    connection = older_database
    ((file,),) = connection.execute("SELECT pg_relation_filenode('ledger_entries')").fetchall()
    editor = SimpleNamespace(connection=connection)
    for _ in range(2):  # it may be repeated
        migration.prove(None, editor)
        with connection.transaction():
            migration.exchange(None, editor)
        migration.go_on(None, editor)
    assert connection.execute("SELECT pg_relation_filenode('ledger_entries_00000')").fetchall() == [(file,)]
    ends = connection.execute(
        "SELECT inhrelid::regclass::text, ledger_range_end(inhrelid::regclass) FROM pg_inherits"
        " WHERE inhparent = 'ledger_entries'::regclass ORDER BY 1"
    ).fetchall()
    assert ends == [("ledger_entries_00000", 4 * SPAN), ("ledger_entries_00004", 5 * SPAN)]
    assert connection.execute("SELECT id FROM ledger_entries ORDER BY 1").fetchall() == [(1,), (2,), (25_000_000,)]
    with pytest.raises(psycopg.DatabaseError, match="never changed or deleted"):
        connection.execute("DELETE FROM ledger_entries")
    with pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute("INSERT INTO ledger_entries SELECT * FROM ledger_entries LIMIT 1")
    assert connection.execute("SELECT count(*) FROM pg_constraint WHERE conname = 'ledger_entries_range'").fetchall() == [(0,)]
    functions = connection.execute(
        "SELECT count(*) FROM pg_proc WHERE proname IN ('ledger_reverse_one', 'ledger_earned')"
    ).fetchall()
    assert functions == [(2,)]
