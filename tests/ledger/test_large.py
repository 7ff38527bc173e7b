# SPDX-License-Identifier: Apache-2.0
"""What is asked of one customer costs what is his, however large the rest of the account is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from regulars.kit.db import unit_of_work
from regulars.ledger.explain import PAGE_SQL
from regulars.ledger.operations import post, reverse
from tests.concurrency.workers import NOW, Shop, open_shop

Rows = Callable[..., list[tuple[Any, ...]]]
OTHERS = 60_000
PAGES_MAX = 300
"""Of 8 KiB, that may be looked at; OTHERS rows are on as many and more."""


@pytest.fixture
def crowded(run_as_owner: Rows) -> Iterator[Shop]:
    """A shop with one customer's sales, and a great many deletions and lots of others, which are gone afterwards."""
    shop = open_shop(kinds=["points"], customer_count=1)
    with unit_of_work(shop.account.id):
        sales = [post(shop.account, shop.posting(shop.customer_ids[0], 10)) for _ in range(5)]
        post(shop.account, shop.posting(shop.customer_ids[0], -10))
        reverse(account=shop.account, entry_id=sales[2].entry_id, by=shop.made.owner.id, at=NOW, amount=5)
    far = 10**12
    run_as_owner(
        "INSERT INTO ledger_reversals"
        " (account_id, entry_id, reversed_amount, reversed_purchase_minor, is_deleted, last_entry_id)"
        " SELECT %s, %s + n, 1, 0, true, %s + n FROM generate_series(1, %s) n", shop.account.id, far, far, OTHERS
    )  # fmt: skip
    run_as_owner(
        "INSERT INTO ledger_lots (account_id, origin_entry_id, id, customer_id, pool_id, item_id, campaign_id, issued,"
        " remaining, earned_at, created_at)"
        " SELECT %s, %s + n, %s + n, %s + n, 1, 0, 1, 1, 0, now(), now() FROM generate_series(1, %s) n",
        shop.account.id, far, far, far, OTHERS,
    )  # fmt: skip
    run_as_owner("ANALYZE ledger_reversals, ledger_lots")
    yield shop
    run_as_owner("DELETE FROM ledger_reversals WHERE account_id = %s AND entry_id > %s", shop.account.id, far)
    run_as_owner("DELETE FROM ledger_lots WHERE account_id = %s AND origin_entry_id > %s", shop.account.id, far)


def _pages_read(run_as_owner: Rows, statement: str, *values: Any) -> int:
    run_as_owner(statement, *values)  # the catalogue is read the first time
    plan = "\n".join(str(line) for (line,) in run_as_owner(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {statement}", *values))
    planned = plan.split("Planning:")[0]
    return sum(int(count) for count in re.findall(r"(?:hit|read)=(\d+)", planned.split("\n  ->")[0]))


def test_a_history_costs_the_same_however_much_was_deleted_of_others(crowded: Shop, run_as_owner: Rows):
    statement = "SELECT ledger_history_of(%s, %s, NULL, true, 50)"
    assert _pages_read(run_as_owner, statement, crowded.account.id, crowded.customer_ids[0]) < PAGES_MAX


def test_an_explanation_costs_the_same_however_many_lots_others_have(crowded: Shop, run_as_owner: Rows):
    values = (crowded.account.id, crowded.customer_ids[0], crowded.campaign_ids["points"], 0, 100, 0)
    assert len(run_as_owner(PAGE_SQL, *values)) == 7
    assert _pages_read(run_as_owner, PAGE_SQL, *values) < PAGES_MAX
