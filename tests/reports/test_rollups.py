# SPDX-License-Identifier: Apache-2.0
"""The roll-ups of dashboards: whatever happens before, between and after they are made, they and the rest are the books."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from regulars.jobs import tasks
from regulars.kit.db import unit_of_work
from regulars.ledger.verify import verify
from regulars.reports import rollups
from regulars.reports.figures import Figures, Sums, days_before, get_activity, get_figures, value_minor
from regulars.reports.lines import CHECKS
from regulars.reports.models import Cohort, Day, Progress
from regulars.reports.rollups import renew_cohorts, roll_up
from regulars.reports.rules import Span
from tests.client import Api
from tests.factories import MadeAccount, make_account, make_campaign, make_customer, make_user
from tests.till import RunAsOwner, Till, make_till


@pytest.fixture
def till(api: Api, run_as_owner: RunAsOwner) -> Till:
    till = make_till(api, run_as_owner, timezone="America/New_York", at=datetime.now(UTC) - timedelta(days=120))
    for number in range(6):
        make_customer(till.made, code=f"c{number}", at=datetime.now(UTC) - timedelta(days=119))
    return till


def figures(made: MadeAccount, days: int = 40) -> Figures:
    account = made.fresh()
    today = datetime.now(account.zone).date()
    span = Span(today - timedelta(days=days - 1), today, account.zone)
    with unit_of_work(made.id):
        return get_figures(account=account, by=made.owner, campaigns=tuple(account.campaigns.values()), span=span)


def activity(made: MadeAccount) -> Any:
    with unit_of_work(made.id):
        return get_activity(account=made.fresh())


def rolled_entries(made: MadeAccount) -> int:
    with unit_of_work(made.id):
        return Progress.objects.get(account_id=made.id).entry_id


def forget(made: MadeAccount) -> None:
    """Throw the roll-ups away."""
    with unit_of_work(made.id):
        for model in (Day, Cohort, Progress):
            model.objects.filter(account_id=made.id).delete()


def is_right(made: MadeAccount) -> bool:
    with unit_of_work(made.id), connection.cursor() as cursor:
        return verify(cursor, [made.id], checks=CHECKS) == []


def at_days_ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S")


def trade(till: Till, rng: random.Random, club: Any, card: Any, times: int) -> None:
    """Sell, load, redeem and take back, at random, on days of the last weeks."""
    taken_back: list[tuple[str, str]] = []
    for _ in range(times):
        code, when = f"c{rng.randrange(6)}", at_days_ago(rng.uniform(0, 80))
        what = rng.randrange(6)
        if what <= 2:
            taken_back.append((till.sold(club, code, amount=f"{rng.randrange(1, 90)}.50", transaction_time=when), code))
        elif what == 3:
            till.sold(card, code, amount="20", transaction_time=when)
        elif what == 4:
            till.redeem(club, code, custom_points_redeem="30")
        elif taken_back:
            number, code = taken_back.pop(rng.randrange(len(taken_back)))
            call = rng.choice(["transaction_reverse", "transaction_delete"])
            assert take_back(till, call, number, club, code).ok


def test_what_is_rolled_up_and_what_is_newer_are_together_the_books(till: Till, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rollups, "STEP_ENTRIES", 7)
    rng = random.Random(7)
    club = make_campaign(till.made, name="Club", points_ratio_ppm=2_000_000, at=datetime.now(UTC) - timedelta(days=119))
    card = make_campaign(till.made, kind="giftcard", name="Card", at=datetime.now(UTC) - timedelta(days=119))
    trade(till, rng, club, card, 25)
    later = datetime.now(UTC) + rollups.BEHIND
    alone = figures(till.made)
    assert alone.total.now.sales > 0
    assert alone.owed[club.id] == int(sum_of(till, club))
    assert roll_up(account=till.made.fresh(), at=later - timedelta(hours=7)) == 0, "what is new waits"
    assert roll_up(account=till.made.fresh(), at=later) > 2
    assert renew_cohorts(account=till.made.fresh(), at=later)
    assert is_right(till.made)
    assert figures(till.made) == alone
    kept = rolled_entries(till.made)
    trade(till, rng, club, card, 15)  # takes back what is rolled up, too
    both = figures(till.made)
    assert rolled_entries(till.made) == kept
    roll_up(account=till.made.fresh(), at=datetime.now(UTC) + rollups.BEHIND)
    assert is_right(till.made)
    assert figures(till.made) == both
    assert not renew_cohorts(account=till.made.fresh(), at=later), "not before they are a day old"
    assert renew_cohorts(account=till.made.fresh(), at=later + timedelta(days=1))
    kept_activity = activity(till.made)
    assert is_right(till.made)
    forget(till.made)
    assert figures(till.made) == both
    assert activity(till.made).cohorts == kept_activity.cohorts


def take_back(till: Till, call: str, number: str, campaign: Any, code: str) -> Any:
    which = {"campaign_id": campaign.number, "code": code} if call == "transaction_delete" else {}
    return till.call(call, transaction_id=number, **which)


def sum_of(till: Till, campaign: Any) -> Any:
    return till.run_as_owner("SELECT coalesce(sum(balance), 0) FROM ledger_balances WHERE pool_id = %s", campaign.id)[0][0]


def test_a_sale_taken_back_or_deleted_leaves_no_trace_on_its_day(till: Till):
    club = make_campaign(till.made, points_ratio_ppm=1_000_000, at=datetime.now(UTC) - timedelta(days=119))
    till.sold(club, "c1", amount="10", transaction_time=at_days_ago(3))
    before = figures(till.made)
    for call in ("transaction_reverse", "transaction_delete"):
        sold = till.sold(club, "c1", amount="25", transaction_time=at_days_ago(3))
        assert figures(till.made).total.now.sales_minor == 3_500
        assert take_back(till, call, sold, club, "c1").ok
        assert figures(till.made) == before
    assert before.by_campaign[club.id].now == Sums(sales=1, sales_minor=1_000, issued=10, changed=10)


def test_another_time_zone_makes_everything_again(till: Till):
    club = make_campaign(till.made, points_ratio_ppm=1_000_000, at=datetime.now(UTC) - timedelta(days=119))
    till.sold(club, "c1", amount="10", transaction_time=at_days_ago(5))
    later = datetime.now(UTC) + rollups.BEHIND
    roll_up(account=till.made.fresh(), at=later)
    till.set_up("UPDATE accounts_accounts SET timezone = 'Pacific/Kiritimati' WHERE id = %s")
    assert figures(till.made).total.now.sales == 1, "the old days are not looked at"
    roll_up(account=till.made.fresh(), at=later)
    with unit_of_work(till.made.id):
        assert Progress.objects.get(account_id=till.made.id).zone == "Pacific/Kiritimati"
    assert is_right(till.made)
    assert figures(till.made).total.now.sales == 1


def test_verify_finds_a_roll_up_that_is_not_what_the_books_say(till: Till, run_as_owner: Callable[..., Any]):
    club = make_campaign(till.made, points_ratio_ppm=1_000_000, at=datetime.now(UTC) - timedelta(days=119))
    till.sold(club, "c1", amount="10")
    roll_up(account=till.made.fresh(), at=datetime.now(UTC) + rollups.BEHIND)
    assert is_right(till.made)
    for change in (
        "UPDATE reports_days SET issued = issued + 1 WHERE account_id = %s",
        "DELETE FROM reports_days WHERE account_id = %s",
        "INSERT INTO reports_cohorts VALUES (%s, '2026-01-01', '2026-02-01', 3)",
    ):
        run_as_owner(change, till.made.id)
        assert not is_right(till.made), change
        forget(till.made)
        roll_up(account=till.made.fresh(), at=datetime.now(UTC) + rollups.BEHIND)
        assert is_right(till.made)


def test_the_job_rolls_up_every_account(only_new_accounts, till: Till):
    club = make_campaign(till.made, at=datetime.now(UTC) - timedelta(days=119))
    till.sold(club, "c1", amount="10")
    tasks.stopping.clear()
    tasks.roll_up_reports()
    assert is_right(till.made)


def test_a_user_of_one_campaign_sees_its_figures_only_and_a_stranger_none(till: Till):
    made = till.made
    club = make_campaign(made, name="Club", points_ratio_ppm=1_000_000)
    other = make_campaign(made, name="Other", points_ratio_ppm=1_000_000)
    till.sold(club, "c1", amount="10")
    till.sold(other, "c1", amount="100")
    bob = make_user(made, role="M", campaigns_access="some", allowed_campaign_ids=[club.id])
    account = bob.account
    today = datetime.now(account.zone).date()
    span = Span(today, today, account.zone)
    with unit_of_work(made.id):
        seen = get_figures(account=account, by=bob.user, campaigns=tuple(account.campaigns.values()), span=span)
    assert (seen.total.now.sales_minor, list(seen.owed)) == (1_000, [club.id])
    charlie = make_account()
    assert figures(charlie).total.now == Sums()
    with unit_of_work(charlie.id):
        stolen = get_figures(account=charlie.account, by=charlie.owner, campaigns=(club,), span=span)
    assert stolen.total.now == Sums()


def test_stores_are_told_apart_by_the_location_of_who_sold(till: Till, api: Api):
    club = make_campaign(till.made, points_ratio_ppm=1_000_000)
    bob = make_user(till.made, role="K", custom1="Downtown")
    till.sold(club, "c1", amount="10")
    api.as_(**bob.credentials).call("record_activity", campaign_id=club.number, code="c2", amount="5")
    places = figures(till.made).by_place
    assert (places[""].now.sales_minor, places["Downtown"].now.sales_minor) == (1_000, 500)


def test_customers_return_in_the_months_after_their_first(till: Till):
    club = make_campaign(till.made, at=datetime.now(UTC) - timedelta(days=119))
    for code, days in (("c1", 75), ("c1", 1), ("c2", 1), ("c3", 75)):
        till.sold(club, code, amount="10", transaction_time=at_days_ago(days))
    found = activity(till.made)
    zone = till.made.account.zone
    now, then = ((datetime.now(zone) - timedelta(days=days)).date().replace(day=1) for days in (1, 75))
    assert (found.active(then), found.returning(then)) == (2, 0)
    assert (found.active(now), found.returning(now)) == (2, 1)
    assert found.at is None


@pytest.mark.parametrize(
    ("kind", "cost_ppm", "expected"),
    [("points", 10_000, 123), ("points", None, None), ("giftcard", 10_000, 12_345), ("buyx", 10_000, None)],
)
def test_what_is_owed_is_worth_the_cost_of_a_point_or_what_the_campaign_pays(kind: str, cost_ppm: Any, expected: Any):
    made = make_account()
    campaign = make_campaign(made, kind=kind)
    owed = 123 if kind == "points" else 12_345
    assert value_minor(account=made.account, campaign=campaign, owed=owed, point_cost_ppm=cost_ppm) == expected


def test_the_days_before_are_as_many():
    span = Span(date(2026, 3, 1), date(2026, 3, 31), UTC)
    assert days_before(span) == Span(date(2026, 1, 29), date(2026, 2, 28), UTC)
