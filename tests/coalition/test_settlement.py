# SPDX-License-Identifier: Apache-2.0
"""Settlement below the faces: rounding, concurrency, what is read."""

from __future__ import annotations

import re
import threading
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from regulars.coalition.operations import close_settlement, closing
from regulars.coalition.periods import get_statement, list_settlements
from regulars.coalition.positions import Flow, cost_of, debts_between, positions_of
from regulars.errors import LockTimeout
from regulars.kit.db import unit_of_work
from regulars.kit.units import currency
from regulars.transactions.operations import record_activity
from regulars.transactions.terms import Terms
from tests.factories import NOW, MadeAccount, make_account, make_campaign, make_coalition, make_customer

USD, JPY, KWD = currency("USD"), currency("JPY"), currency("KWD")
FLOWS = st.builds(
    Flow, st.integers(1, 6), st.integers(1, 6), st.sampled_from(["redeemed", "set_off"]), st.booleans(),
    st.integers(-(10**12), 10**12),
)  # fmt: skip


@given(flows=st.lists(FLOWS, max_size=60), cost=st.integers(0, 10**12), money=st.sampled_from([USD, JPY, KWD]))
def test_whatever_was_honoured_the_positions_add_up_to_zero(flows: list[Flow], cost: int, money: Any) -> None:
    debts = debts_between(flows, cost, money)
    positions = positions_of(range(1, 7), debts)
    assert sum(position.net_minor for position in positions) == 0
    assert all(debt.amount_minor > 0 and debt.debtor_id != debt.creditor_id for debt in debts)
    pairs = [frozenset((debt.debtor_id, debt.creditor_id)) for debt in debts]
    assert len(pairs) == len(set(pairs))


@pytest.mark.parametrize(
    ("points", "cost", "money", "minor"),
    [(60, 12_500, USD, 75), (11, 12_500, USD, 14), (2, 12_500, USD, 3), (-2, 12_500, USD, -3), (1, 4_999, USD, 0),
     (1, 5_000, USD, 1), (1, 500_000, JPY, 1), (1, 499_999, JPY, 0), (1, 500, KWD, 1), (0, 10**12, USD, 0)],
)  # fmt: skip
def test_a_cost_is_rounded_half_away_from_zero(points: int, cost: int, money: Any, minor: int) -> None:
    assert cost_of(points, cost, money) == minor


def test_the_worked_table_of_the_decision() -> None:
    north, south, east = 1, 2, 3
    flows = [
        Flow(north, south, "redeemed", False, 60), Flow(south, east, "redeemed", False, 41),
        Flow(east, south, "redeemed", False, 30), Flow(east, north, "redeemed", False, 2),
    ]  # fmt: skip
    positions = positions_of((north, south, east), debts_between(flows, 12_500, USD))
    assert [position.net_minor for position in positions] == [-72, 61, 11]


@pytest.fixture
def mall() -> MadeAccount:
    made = make_account()
    for name in ("North", "South"):
        make_campaign(made, name=name, points_ratio_ppm=1_000_000)
    make_coalition(made)
    return made


def sell(made: MadeAccount, customer_id: int, days: int, count: int = 1) -> None:
    with unit_of_work(made.id):
        account = made.fresh()
        for _ in range(count):
            at = NOW + timedelta(days=days)
            record_activity(
                account=account, by=made.owner, campaign=next(iter(account.campaigns.values())), amount_minor=100,
                terms=Terms(occurred_at=at, recorded_at=at, customer_id=customer_id),
            )  # fmt: skip


def close(made: MadeAccount, days: int) -> Any:
    at = NOW + timedelta(days=days)
    with unit_of_work(made.id):
        day = at.astimezone(made.fresh().zone).date() - timedelta(days=1)
        return close_settlement(account=made.fresh(), by=made.owner, at=at, last_date=day, point_cost_ppm=10_000)


def test_the_numbers_of_queries_are_those_said(mall: MadeAccount) -> None:
    sell(mall, make_customer(mall).id, 0)
    with unit_of_work(mall.id):
        account = mall.fresh()
        at = NOW + timedelta(days=2)
        for expected, call in (
            (4, lambda: get_statement(account=account, at=at, point_cost_ppm=1)),
            (9, lambda: close_settlement(account=account, by=None, at=at, last_date=date(2026, 11, 23), point_cost_ppm=1)),
            (2, lambda: list_settlements(account=account)),
        ):
            with CaptureQueriesContext(connection) as captured:
                call()
            assert len(captured) == expected


def plan_of(made: MadeAccount, days: int) -> str:
    """How the open statement's two large queries are carried out, with what they really read."""
    with unit_of_work(made.id):
        account, at = made.fresh(), NOW + timedelta(days=days)
        with CaptureQueriesContext(connection) as captured:
            get_statement(account=account, at=at)
        large = [query["sql"] for query in captured if "WITH lines" in query["sql"]]
        assert len(large) == 2
        with connection.cursor() as cursor:
            lines = []
            for text in large:
                cursor.execute("EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) " + text.replace("%", "%%"), [])
                lines += [row[0] for row in cursor.fetchall()]
    return "\n".join(lines)


def test_the_open_period_is_read_by_index_and_not_the_whole_book(mall: MadeAccount, run_as_owner: Any) -> None:
    customers = [make_customer(mall).id for _ in range(4)]
    for customer_id in customers:
        sell(mall, customer_id, 0, 400)
    close(mall, 2)
    sell(mall, customers[0], 2, 10)
    run_as_owner("ANALYZE ledger_entries")
    run_as_owner("ANALYZE ledger_lots")
    run_as_owner("ANALYZE ledger_lot_uses")
    plan = plan_of(mall, 3)
    scanned = [line for line in plan.splitlines() if "Seq Scan on ledger_entries" in line]
    costs = [float(each) for line in scanned for each in re.findall(r"cost=\S+?\.\.(\S+)", line)]
    assert all(cost < 2 for cost in costs), plan  # ranges with next to nothing in them
    assert "Seq Scan on ledger_lots" not in plan, plan
    assert "(account_id = " in plan
    assert "(id >= " in plan
    read = [
        float(line.split("actual rows=")[1].split()[0])
        for line in plan.splitlines()
        if "actual rows" in line and "ledger_" in line
    ]
    assert max(read) <= 12, plan


def test_closing_waits_for_who_is_writing_and_counts_what_he_wrote(mall: MadeAccount, owner_url: str) -> None:
    customer_id = make_customer(mall).id
    with psycopg.connect(owner_url) as other:
        sell(mall, customer_id, 0)
        other.execute("SELECT 1 FROM customers_customers WHERE id = %s FOR NO KEY UPDATE", [customer_id])
        released = threading.Timer(0.4, other.commit)
        released.start()
        made = close(mall, 2)
        assert not released.is_alive()
        released.join()
    assert [line.issued for line in made.lines] == [1]


def test_closing_gives_up_where_somebody_writes_for_too_long(
    mall: MadeAccount, owner_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer_id = make_customer(mall).id
    monkeypatch.setattr(closing, "POLLS_MAX", 5)
    with psycopg.connect(owner_url) as other:
        other.execute("SELECT 1 FROM customers_customers WHERE id = %s FOR NO KEY UPDATE", [customer_id])
        with pytest.raises(LockTimeout):
            close(mall, 2)
        other.rollback()
    assert close(mall, 2).lines == ()
