# SPDX-License-Identifier: Apache-2.0
"""A timeline says beforehand what the books say afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.accounts.directory import DepreciationConfig, FeeConfig
from regulars.ledger.timeline import Earning, campaigns_of_pool, monthly_earnings, timeline, with_rule
from tests.ledger.counter import Counter, Rows, day, open_counter
from tests.ledger.test_rules import ALL, HALF, START, aging, campaign, fee

MONTH = timedelta(days=30)


@pytest.fixture
def counter(run_as_owner: Rows) -> Counter:
    return open_counter(run_as_owner)


def _steps(counter: Counter, earnings: list[tuple[int, float]], until: float) -> list[tuple[str, float, int]]:
    account = counter.shop.account
    one = account.campaigns_by_id[counter.shop.campaign_ids["points"]]
    found = timeline(campaigns_of_pool(account, one), one, [Earning(day(on), amount) for amount, on in earnings], day(until))
    return [(step.kind, round((step.at - day(0)) / timedelta(days=1), 3), step.amount) for step in found]


@pytest.mark.parametrize("earnings", [[(1000, 0)], [(1000, 0), (500, 20)], [(100, n * 30) for n in range(12)]])
def test_a_timeline_is_what_the_ledger_books(counter: Counter, earnings: list[tuple[int, float]]) -> None:
    counter.ages(60, 25)
    counter.ages(4, 50, unit="months")
    counter.ages(90, basis="last_transaction")
    counter.fee(1, 7, unit="months")
    expected = _steps(counter, earnings, 730)
    for amount, on in earnings:
        counter.earn(amount, on)
    counter.balance(730)
    assert counter.lines("earn", "expire", "fee") == expected
    assert {kind for kind, _, _ in expected} >= {"earn", "expire", "fee"}


def test_a_balance_without_rules_stays() -> None:
    (only,) = timeline([campaign()], campaign(), [Earning(START, 1000)], START + 24 * MONTH)
    assert (only.kind, only.amount, only.balance) == ("earn", 1000, 1000)


def test_a_rule_that_is_only_a_draft_is_in_it() -> None:
    draft = with_rule(campaign(), aging(30, HALF, rule_id=0, valid_from=0))
    steps = timeline([draft], draft, [Earning(START, 1000)], START + 3 * MONTH)
    assert [(step.kind, step.amount, step.balance) for step in steps] == [("earn", 1000, 1000), ("expire", -500, 500)]


def test_a_changed_rule_takes_the_place_of_its_old_version() -> None:
    old = campaign([aging(30, ALL, rule_id=7)], [fee(30, 5, rule_id=8)])
    changed = with_rule(with_rule(old, aging(60, ALL, rule_id=7, valid_from=0)), fee(45, 9, rule_id=8, valid_from=0))
    steps = timeline([changed], changed, [Earning(START, 100)], START + 3 * MONTH)
    assert [(step.kind, step.amount, (step.at - START).days) for step in steps[1:]] == [("fee", -9, 45), ("expire", -91, 60)]


def test_a_month_without_the_day_has_the_earning_on_its_last() -> None:
    dates = [each.at.strftime("%m-%d") for each in monthly_earnings(datetime(2027, 1, 31, tzinfo=UTC), 5, 3)]
    assert dates == ["01-31", "02-28", "03-31"]


_RULES = st.builds(
    lambda days, ppm, rule_id, basis: aging(days, ppm, rule_id, basis=basis),
    st.integers(1, 400), st.integers(1, ALL), st.integers(1, 9), st.sampled_from(["per_transaction", "last_transaction"]),
)  # fmt: skip
_FEES = st.builds(fee, st.integers(1, 200), st.integers(1, 300), st.integers(10, 19))
_EARNED = st.lists(st.tuples(st.integers(0, 700), st.integers(1, 5000)), min_size=1, max_size=12)


@given(
    st.lists(_RULES, max_size=3, unique_by=lambda rule: rule.rule_id),
    st.lists(_FEES, max_size=2, unique_by=lambda rule: rule.rule_id),
    _EARNED,
)
def test_steps_add_up_in_order_and_never_go_below_nothing(
    rules: list[DepreciationConfig], fees: list[FeeConfig], earned: list[tuple[int, int]]
) -> None:
    one = campaign(rules, fees)
    until = START + 24 * MONTH
    steps = timeline([one], one, [Earning(START + timedelta(days=on), amount) for on, amount in earned], until)
    balance = 0
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        balance += step.amount
        assert step.balance == balance >= 0
        assert step.at <= (following.at if following else until)
    assert sum(step.amount for step in steps if step.kind == "earn") == sum(amount for _, amount in earned)
