# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks load by COPY is what the ledger would have written: the books are in order, and go on."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from benchmarks.crowd import Business, customers_from, live, make_business, roll_up_all
from benchmarks.history import MONTHS, month_starts
from benchmarks.options import BenchmarkError
from regulars.accounts.queries import get_account_config
from regulars.kit.db import unit_of_work
from regulars.ledger.operations import post
from regulars.ledger.verify import CHECKS, verify
from regulars.reports.lines import CHECKS as ROLL_UP_CHECKS
from regulars.transactions.record import sale_posting
from regulars.transactions.terms import Terms

NOW = datetime.now(UTC)
CUSTOMERS = 240


@pytest.fixture(scope="module")
def business(owner_url: str) -> Business:
    with psycopg.connect(owner_url, autocommit=True) as connection:
        opened = month_starts(NOW)[0] - timedelta(days=32)
        made = make_business(connection, 1, CUSTOMERS, opened, random.Random(1))
        live(connection, owner_url, made, NOW)
    roll_up_all(made, NOW)
    return made


def test_the_books_and_their_roll_ups_are_in_order_and_selling_goes_on(
    business: Business, owner_connection: psycopg.Connection[Any]
):
    with owner_connection.cursor() as cursor:
        assert verify(cursor, [business.account_id], checks=(*CHECKS, *ROLL_UP_CHECKS)) == []
    kinds = dict(
        owner_connection.execute(
            "SELECT kind, count(*) FROM ledger_entries WHERE account_id = %s GROUP BY 1", [business.account_id]
        ).fetchall()
    )
    assert sum(kinds.values()) == sum(CUSTOMERS * (month + 1) // MONTHS for month in range(MONTHS))
    assert kinds["redeem"] > 200
    assert kinds["reverse"] > 2
    account = get_account_config(business.account_id)
    terms = Terms(occurred_at=NOW, recorded_at=NOW, customer_id=_newest_customer(account.id))
    prepared = sale_posting(
        account=account, by=account.users[account.code], campaign=account.campaigns[business.campaign], terms=terms,
        amount_minor=1999,
    )  # fmt: skip
    with unit_of_work(account.id):
        assert post(account, prepared.posting).amount == 19


@pytest.mark.parametrize("scale", ["0", "0.001", "11", "-1", "nan", "many"])
def test_a_scale_that_can_not_be_is_refused(scale: str):
    with pytest.raises(BenchmarkError, match="SCALE"):
        customers_from({"SCALE": scale})


def _newest_customer(account_id: int) -> int:
    from regulars.customers.models import Customer

    with unit_of_work(account_id):
        return int(Customer.objects.filter(account_id=account_id).latest("id").id)
