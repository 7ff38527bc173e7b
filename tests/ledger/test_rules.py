# SPDX-License-Identifier: Apache-2.0
"""Depreciations and fees as pure functions: what is lost, when, from which lots; and that it does not matter who asks when."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from regulars.accounts.directory import CampaignConfig, DepreciationConfig, FeeConfig
from regulars.ledger.rules import MOMENT, Loss, Lot, PoolState, Settlement, add_interval, lot_events, settle_pool

START = datetime(2026, 1, 31, 10, tzinfo=UTC)
ALL = 1_000_000
HALF = 500_000


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def campaign(
    depreciations: Sequence[DepreciationConfig] = (), fees: Sequence[FeeConfig] = (), campaign_id: int = 1, kind: str = "points"
) -> CampaignConfig:
    return CampaignConfig(
        id=campaign_id, number="1234567890123456", kind=kind, name="Points", description="", latitude="", longitude="",
        state="active", points_ratio_ppm=ALL, reward_ratio_ppm=None, amount_per_event_minor=0, rounding="down",
        carries_remainder=False, coalition_opt_out=False, two_tier_opt_out=False, pool_id=1, created_at=START,
        rewards={}, promotions={}, items={}, depreciations=tuple(depreciations), fees=tuple(fees),
    )  # fmt: skip


def aging(days: int, ppm: int = ALL, rule_id: int = 1, *, basis: str = "per_transaction", valid_from: float = -9999,
          valid_to: float | None = None, unit: str = "days") -> DepreciationConfig:  # fmt: skip
    return DepreciationConfig(rule_id, basis, days, unit, ppm, day(valid_from), None if valid_to is None else day(valid_to))


def fee(days: int, amount: int, rule_id: int = 50, *, valid_from: float = -9999, valid_to: float | None = None,
        unit: str = "days") -> FeeConfig:  # fmt: skip
    return FeeConfig(rule_id, days, unit, amount, "Fee", day(valid_from), None if valid_to is None else day(valid_to))


def lot(remaining: int, earned: float = 0, entry: int = 1, *, recorded: float | None = None, campaign_id: int = 1,
        exempt: float | None = None) -> Lot:  # fmt: skip
    return Lot(
        entry, entry, campaign_id, remaining, day(earned), day(earned if recorded is None else recorded),
        None if exempt is None else day(exempt), None,
    )  # fmt: skip


def state(*lots: Lot, active: float = 0, settled: float | None = None, opened: float | None = None) -> PoolState:
    first = min((each.earned_at for each in lots), default=START)
    return PoolState(
        first if opened is None else day(opened), day(active), day(active), day(active if settled is None else settled), lots
    )


def amounts(settlement: Settlement) -> list[tuple[str, datetime, int]]:
    return [(loss.kind, loss.at, loss.amount) for loss in settlement.losses]


# -- the calendar --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("at", "count", "unit", "expected"),
    [
        ("2026-01-31", 1, "months", "2026-02-28"),
        ("2028-01-31", 1, "months", "2028-02-29"),
        ("2026-01-31", 2, "months", "2026-03-31"),
        ("2026-01-31", 3, "months", "2026-04-30"),
        ("2026-12-31", 2, "months", "2027-02-28"),
        ("2026-11-30", 1, "months", "2026-12-30"),
        ("2026-11-30", 14, "months", "2028-01-30"),
        ("2028-02-29", 1, "years", "2029-02-28"),
        ("2028-02-29", 4, "years", "2032-02-29"),
        ("2096-02-29", 4, "years", "2100-02-28"),
        ("2026-02-28", 1, "days", "2026-03-01"),
        ("2028-02-28", 1, "days", "2028-02-29"),
        ("2026-12-31", 365, "days", "2027-12-31"),
    ],
)
def test_months_and_years_are_those_of_the_calendar(at: str, count: int, unit: str, expected: str) -> None:
    found = add_interval(datetime.fromisoformat(f"{at}T23:59:59.999999+00:00"), count, unit)
    assert found == datetime.fromisoformat(f"{expected}T23:59:59.999999+00:00")


@pytest.mark.parametrize("unit", ["days", "months", "years"])
def test_beyond_the_calendars_end_there_is_no_date(unit: str) -> None:
    assert add_interval(START, 10_000_000, unit) is None


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    st.integers(1, 400),
    st.sampled_from(["days", "months", "years"]),
)
def test_more_of_an_interval_is_later_and_keeps_the_day_of_the_month(at: datetime, count: int, unit: str) -> None:
    one, next_one = add_interval(at, count, unit), add_interval(at, count + 1, unit)
    assert one is not None
    assert next_one is not None
    assert at < one < next_one
    assert one.timetz() == at.timetz()
    if unit != "days":
        assert one.day == at.day or (one.day < at.day and (one + timedelta(days=1)).day == 1)


# -- per_transaction -----------------------------------------------------------------------------------------------
def test_each_earning_ages_by_itself() -> None:
    found = settle_pool([campaign([aging(30)])], state(lot(10, 0, 1), lot(20, 5, 2)), day(34))
    assert found.losses == (Loss("expire", 1, 1, day(30), 10, "Points expired.", ((1, 1, 10),)),)
    assert found.plan == ((2, 2, day(35)),)
    assert found.next_change_at == day(35)


def test_it_happens_at_its_very_instant() -> None:
    rules = [campaign([aging(30)])]
    assert settle_pool(rules, state(lot(10)), day(30) - MOMENT).losses == ()
    assert amounts(settle_pool(rules, state(lot(10)), day(30))) == [("expire", day(30), 10)]


def test_stacked_depreciations_take_one_after_the_other_each_its_share_of_what_is_left() -> None:
    rules = [campaign([aging(30, HALF, 1), aging(60, HALF, 2), aging(90, ALL, 3)])]
    assert amounts(settle_pool(rules, state(lot(25)), day(100))) == [
        ("expire", day(30), 12),
        ("expire", day(60), 6),
        ("expire", day(90), 7),
    ]


def test_money_that_expires_is_called_value() -> None:
    found = settle_pool([campaign([aging(30)], kind="giftcard")], state(lot(10)), day(30))
    assert found.losses[0].description == "Value expired."


def test_a_share_is_cut_toward_zero_for_each_earning() -> None:
    found = settle_pool([campaign([aging(30, HALF)])], state(lot(3, 0, 1), lot(5, 0, 2), lot(1, 0, 3)), day(30))
    assert found.losses == (Loss("expire", 1, 1, day(30), 3, "Points expired.", ((1, 1, 1), (2, 2, 2))),)


def test_a_sale_entered_late_is_not_gone_before_it_was_there() -> None:
    rules = [campaign([aging(30)])]
    late = lot(10, -400, recorded=0)
    assert lot_events(rules[0].depreciations, late) == [(day(0) + MOMENT, rules[0].depreciations[0])]
    assert settle_pool(rules, state(late), day(0)).losses == ()
    assert amounts(settle_pool(rules, state(late), day(1))) == [("expire", day(0) + MOMENT, 10)]


def test_months_count_from_the_day_of_earning() -> None:
    found = settle_pool([campaign([aging(1, unit="months")])], state(lot(10)), day(60))
    assert amounts(found) == [("expire", datetime(2026, 2, 28, 10, tzinfo=UTC), 10)]


# -- rules that come, change and go --------------------------------------------------------------------------------
def test_a_rule_added_later_takes_old_earnings_when_it_begins() -> None:
    rules = [campaign([aging(30, valid_from=100)])]
    assert amounts(settle_pool(rules, state(lot(10, 0, 1), lot(7, 90, 2)), day(100))) == [("expire", day(100), 10)]
    assert amounts(settle_pool(rules, state(lot(10, 0, 1), lot(7, 90, 2)), day(120))) == [
        ("expire", day(100), 10),
        ("expire", day(120), 7),
    ]


def test_a_rule_that_ended_takes_nothing_more_but_what_was_due_before() -> None:
    rules = [campaign([aging(30, valid_to=40)])]
    assert amounts(settle_pool(rules, state(lot(10, 0, 1), lot(7, 20, 2)), day(99))) == [("expire", day(30), 10)]
    assert settle_pool([campaign([aging(30, valid_to=30)])], state(lot(10)), day(99)).losses == ()


def test_a_changed_rule_takes_each_earning_once_by_the_version_of_its_day() -> None:
    rules = [campaign([aging(30, HALF, valid_to=40), aging(50, ALL, valid_from=40)])]
    # earned at 0: half by the first version; earned at 20: all by the second
    assert amounts(settle_pool(rules, state(lot(10, 0, 1), lot(7, 20, 2)), day(99))) == [
        ("expire", day(30), 5),
        ("expire", day(70), 7),
    ]


def test_a_rule_made_shorter_takes_what_is_over_due_when_it_begins() -> None:
    rules = [campaign([aging(300, valid_to=40), aging(10, valid_from=40)])]
    assert amounts(settle_pool(rules, state(lot(10)), day(99))) == [("expire", day(40), 10)]


# -- restored lots -------------------------------------------------------------------------------------------------
def test_what_came_back_from_a_redemption_keeps_its_expiry() -> None:
    restored = lot(10, 0, recorded=20, exempt=10)
    assert amounts(settle_pool([campaign([aging(30)])], state(restored, active=20), day(30))) == [("expire", day(30), 10)]


def test_what_came_back_after_its_expiry_goes_at_once() -> None:
    restored = lot(10, 0, recorded=40, exempt=10)
    assert amounts(settle_pool([campaign([aging(30)])], state(restored, active=40), day(41))) == [
        ("expire", day(40) + MOMENT, 10)
    ]


def test_what_was_lost_before_the_redemption_is_not_lost_again() -> None:
    restored = lot(10, 0, recorded=40, exempt=35)
    rules = [campaign([aging(30, HALF, 1), aging(60, ALL, 2)])]
    assert amounts(settle_pool(rules, state(restored, active=40), day(99))) == [("expire", day(60), 10)]


# -- last_transaction ----------------------------------------------------------------------------------------------
def test_an_idle_balance_loses_all_of_it_at_once() -> None:
    rules = [campaign([aging(30, HALF, basis="last_transaction")])]
    found = settle_pool(rules, state(lot(3, 0, 1), lot(4, 9, 2), active=10), day(99))
    assert found.losses == (Loss("expire", 1, 1, day(40), 3, "Points expired.", ((1, 1, 3),)),)
    assert found.next_change_at is None


def test_activity_restarts_the_clock() -> None:
    rules = [campaign([aging(30, basis="last_transaction")])]
    assert settle_pool(rules, state(lot(10), active=25), day(54)).losses == ()
    assert amounts(settle_pool(rules, state(lot(10), active=25), day(55))) == [("expire", day(55), 10)]


def test_in_a_shared_balance_an_idle_rule_takes_from_its_own_campaign() -> None:
    pool = [campaign([aging(30, basis="last_transaction")]), campaign(campaign_id=2)]
    found = settle_pool(pool, state(lot(10, 0, 1), lot(20, 0, 2, campaign_id=2)), day(30))
    assert found.losses[0].uses == ((1, 1, 10),)


def test_both_kinds_at_one_instant_take_age_first_then_idleness_then_fees() -> None:
    rules = [campaign([aging(30, HALF, 1), aging(30, HALF, 2, basis="last_transaction")], [fee(30, 4, 3)])]
    assert amounts(settle_pool(rules, state(lot(40)), day(30))) == [
        ("expire", day(30), 20),
        ("expire", day(30), 10),
        ("fee", day(30), 4),
    ]


# -- fees ----------------------------------------------------------------------------------------------------------
def test_a_fee_takes_at_most_what_is_there_from_the_soonest_to_expire() -> None:
    rules = [campaign([aging(90)], [fee(30, 15)])]
    found = settle_pool(rules, state(lot(20, 5, 2), lot(10, 0, 1)), day(60))
    assert [(loss.at, loss.uses) for loss in found.losses] == [
        (day(30), ((1, 1, 10), (2, 2, 5))),
        (day(60), ((2, 2, 15),)),
    ]
    assert found.next_change_at == day(90)


def test_monthly_fees_keep_the_day_of_the_first_activity() -> None:
    found = settle_pool([campaign([], [fee(1, 1, unit="months")])], state(lot(100)), datetime(2026, 6, 1, tzinfo=UTC))
    assert [(loss.at.month, loss.at.day) for loss in found.losses] == [(2, 28), (3, 31), (4, 30), (5, 31)]


def test_a_fee_counts_from_the_first_activity_but_begins_and_ends_with_its_rule() -> None:
    rules = [campaign([], [fee(10, 1, valid_from=25, valid_to=50)])]
    assert amounts(settle_pool(rules, state(lot(9)), day(99))) == [("fee", day(30), 1), ("fee", day(40), 1)]


@pytest.mark.parametrize("unit", ["days", "months", "years"])
def test_a_balance_opened_long_ago_is_planned_in_no_time(unit: str) -> None:
    rules = [campaign([], [fee(1, 1, unit=unit)])]
    old = dataclasses.replace(state(lot(5)), opened_at=datetime(1800, 2, 28, tzinfo=UTC))
    started = time.process_time()
    found = settle_pool(rules, old, day(0))
    assert time.process_time() - started < 0.02
    assert found.next_change_at is not None
    assert day(0) < found.next_change_at <= day(366)


# -- whoever asks, whenever ----------------------------------------------------------------------------------------
DAYS = st.integers(-40, 120)
VALID = st.one_of(st.just((-9999, None)), st.tuples(st.integers(-30, 60), st.one_of(st.none(), st.integers(1, 80)))).map(
    lambda pair: (pair[0], None if pair[1] is None else pair[0] + pair[1])
)
UNITS = st.sampled_from(["days", "days", "months"])


@st.composite
def depreciations(draw: st.DrawFn, first_id: int) -> list[DepreciationConfig]:
    rules = []
    for rule_id in range(first_id, first_id + draw(st.integers(0, 3))):
        unit = draw(UNITS)
        span = draw(st.integers(1, 50) if unit == "days" else st.integers(1, 2))
        share = draw(st.sampled_from([ALL, HALF, 333_333, 10_000]))
        basis = draw(st.sampled_from(["per_transaction", "last_transaction"]))
        since, until = draw(VALID)
        rules.append(aging(span, share, rule_id, basis=basis, unit=unit, valid_from=since, valid_to=until))
        if until is not None and draw(st.booleans()):  # changed: the same rule goes on otherwise
            rules.append(aging(span + draw(st.integers(0, 30)), ALL, rule_id, basis=basis, unit=unit, valid_from=until))
    return rules


@st.composite
def pools(draw: st.DrawFn) -> list[CampaignConfig]:
    result = []
    for number in range(1, draw(st.integers(1, 2)) + 1):
        fees = []
        for rule_id in range(100 * number + 50, 100 * number + 50 + draw(st.integers(0, 2))):
            since, until = draw(VALID)
            unit = draw(UNITS)
            span = draw(st.integers(2, 40)) if unit == "days" else 1
            fees.append(fee(span, draw(st.integers(1, 20)), rule_id, valid_from=since, valid_to=until, unit=unit))
        result.append(campaign(draw(depreciations(100 * number)), fees, number))
    return result


@st.composite
def states(draw: st.DrawFn) -> PoolState:
    lots = []
    for entry in range(1, draw(st.integers(1, 5)) + 1):
        earned = draw(st.integers(-40, 0))
        recorded = draw(st.integers(earned, 0))
        exempt = draw(st.one_of(st.none(), st.integers(earned, recorded)))
        lots.append(lot(draw(st.integers(1, 60)), earned, entry, recorded=recorded, campaign_id=draw(st.integers(1, 2)),
                        exempt=exempt))  # fmt: skip
    active = max(each.earned_at for each in lots)
    return PoolState(
        min(each.earned_at for each in lots), active, max(each.created_at for each in lots),
        max(each.created_at for each in lots), tuple(lots),
    )  # fmt: skip


def booked(before: PoolState, settlement: Settlement, until: datetime) -> PoolState:
    """What ledger_settle() leaves in the tables: lots less what was used, planned anew, the used up ones gone."""
    used: dict[tuple[int, int], int] = {}
    for loss in settlement.losses:
        assert sum(amount for _, _, amount in loss.uses) == loss.amount > 0
        for origin, number, amount in loss.uses:
            assert amount > 0
            used[origin, number] = used.get((origin, number), 0) + amount
    planned = {(origin, number): at for origin, number, at in settlement.plan}
    lots = []
    for each in before.lots:
        name = (each.origin_entry_id, each.id)
        remaining = each.remaining - used.pop(name, 0)
        assert remaining >= 0
        if remaining:
            lots.append(dataclasses.replace(each, remaining=remaining, expires_at=planned.get(name, each.expires_at)))
    assert not used
    return dataclasses.replace(before, settled_until=until, lots=tuple(lots))


def total(pool_state: PoolState) -> int:
    return sum(each.remaining for each in pool_state.lots)


@given(pools(), states(), st.lists(st.integers(0, 130 * 24), min_size=1, max_size=6).map(sorted))
def test_settling_in_many_steps_equals_settling_at_once(
    pool: list[CampaignConfig], before: PoolState, hours: list[int]
) -> None:
    untils = [day(hour / 24) for hour in hours]
    at_once = settle_pool(pool, before, untils[-1])
    losses: list[Loss] = []
    current, last = before, None
    for until in untils:
        last = settle_pool(pool, current, until)
        losses += last.losses
        current = booked(current, last, until)
    assert last is not None
    assert tuple(losses) == at_once.losses
    assert current == booked(before, at_once, untils[-1])
    assert last.next_change_at == at_once.next_change_at


@given(pools(), states(), DAYS)
def test_what_is_lost_and_what_is_left_add_up(pool: list[CampaignConfig], before: PoolState, number: int) -> None:
    found = settle_pool(pool, before, day(number))
    after = booked(before, found, day(number))
    assert total(before) == total(after) + sum(loss.amount for loss in found.losses)
    assert [loss.at for loss in found.losses] == sorted(loss.at for loss in found.losses)
    assert all(before.settled_until < loss.at <= day(number) for loss in found.losses)


@given(pools(), states(), st.integers(0, 60), st.integers(0, 60))
def test_nothing_happens_before_the_next_change_that_was_announced(
    pool: list[CampaignConfig], before: PoolState, first: int, more: int
) -> None:
    found = settle_pool(pool, before, day(first))
    later = settle_pool(pool, booked(before, found, day(first)), day(first + more))
    if later.losses:
        assert found.next_change_at is not None
        assert later.losses[0].at >= found.next_change_at
    for lot_planned in booked(before, found, day(first)).lots:
        if lot_planned.expires_at is not None:
            assert found.next_change_at is not None
            assert day(first) < found.next_change_at <= lot_planned.expires_at


@given(pools(), states(), st.integers(0, 60), st.integers(1, 100))
def test_a_fee_takes_the_soonest_to_expire_first(
    pool: list[CampaignConfig], before: PoolState, number: int, amount: int
) -> None:
    aged = [dataclasses.replace(each, fees=()) for each in pool]
    current = booked(before, settle_pool(aged, before, day(number)), day(number))
    quiet = settle_pool(aged, current, day(number + 1))
    assume(current.lots and not quiet.losses)
    due = dataclasses.replace(aged[0], fees=(fee(1, amount, valid_from=number + 0.5, valid_to=number + 1.5),))
    found = settle_pool([due, *aged[1:]], dataclasses.replace(current, opened_at=day(number)), day(number + 1))
    (taken,) = found.losses
    uses = {origin: used for origin, _, used in taken.uses}
    in_order = sorted(booked(current, quiet, day(number + 1)).lots, key=lambda each: each.order)
    left = [each.remaining - uses.get(each.origin_entry_id, 0) for each in in_order]
    touched = [each.origin_entry_id in uses for each in in_order]
    assert taken.amount == min(amount, total(current))
    # Used up, ..., used up, perhaps one in part, untouched, ..., untouched.
    assert touched == sorted(touched, reverse=True)
    assert all(rest == 0 for rest, was in list(zip(left, touched, strict=True))[: max(sum(touched) - 1, 0)])
