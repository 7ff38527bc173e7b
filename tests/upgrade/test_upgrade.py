# SPDX-License-Identifier: Apache-2.0
"""
A shop that began with the first schema there was comes up to today's: same entries, same balances, same tokens, books in order.

``first.tar`` is a backup of the demo business by the commit that ``first.json`` names, before any table was changed:

    git worktree add --detach /tmp/first COMMIT && cd /tmp/first && make setup
    .venv/bin/regulars demo --data data && .venv/bin/regulars backup first.tar --data data

``first.json`` holds what DIGEST and BALANCES said of it then.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from regulars.api.options import Options
from regulars.kit.embedded import EmbeddedPostgres
from regulars.kit.environment import APP_ROLE
from regulars.ledger.verify import verify
from tests.cli.rig import regulars
from tests.client import Api

FOLDER = Path(__file__).parent
FIRST: dict[str, Any] = json.loads((FOLDER / "first.json").read_text())
DIGEST = """
SELECT count(*)::int, md5(string_agg(
    concat_ws('|', account_id, id, campaign_id, customer_id, kind, amount, extract(epoch FROM recorded_at)), ','
    ORDER BY account_id, id)) FROM ledger_entries
"""
BALANCES = """
SELECT concat_ws('/', a.code, c.code, b.pool_id, b.item_id), b.balance FROM ledger_balances b
JOIN accounts_accounts a ON a.id = b.account_id
JOIN customers_customers c ON c.account_id = b.account_id AND c.id = b.customer_id WHERE b.balance <> 0 ORDER BY 1
"""


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement.encode()).fetchall()


@dataclass(frozen=True)
class Upgraded:
    """The first schema's database, restored and brought to today's, and what stood in it then. ``url``: its owner's."""

    url: str
    digest: list[Any]
    balances: dict[str, int]


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    data = tmp_path_factory.mktemp("upgrade") / "data"
    done = regulars("restore", FOLDER / "first.tar", "--data", data)
    assert done.returncode == 0, done.stderr
    assert "The books are in order." in done.stderr
    assert "Applying" in done.stderr
    with EmbeddedPostgres(data) as server:
        yield Upgraded(server.url(), list(rows(server.url(), DIGEST)[0]), dict(rows(server.url(), BALANCES)))


def test_nothing_that_was_recorded_has_changed(upgraded: Upgraded) -> None:
    assert upgraded.digest == FIRST["digest"]
    assert FIRST["digest"][0] > 400
    assert upgraded.balances == FIRST["balances"]
    assert len(FIRST["balances"]) > 50


def test_who_could_sell_sells_on_where_he_was(upgraded: Upgraded) -> None:
    api = Api(Options(upgraded.url, APP_ROLE, has_access_log=False, thread_count=1))
    try:
        till = api.as_(**FIRST["till"])
        before = till.call("customer_balance", **FIRST["customer"])
        assert before.ok, before
        assert before.at("campaign/customer/balance") == FIRST["balance"]
        sold = till.call("record_activity", **FIRST["customer"], amount="10.00", idempotency_key="after the upgrade")
        assert sold.ok, sold
        assert till.call("record_activity", **FIRST["customer"], amount="10.00", idempotency_key="after the upgrade").ok
        earned = int(sold.at("receipt/transaction/recorded/points"))
        after = till.call("customer_balance", **FIRST["customer"])
        assert int(after.at("campaign/customer/balance")) == int(FIRST["balance"]) + earned
    finally:
        api.close()
    with psycopg.connect(upgraded.url) as connection, connection.cursor() as cursor:
        assert verify(cursor) == []
