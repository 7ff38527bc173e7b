# SPDX-License-Identifier: Apache-2.0
"""What a list of campaigns says beside their names: the same as counting every entry, as far as it looks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from regulars.campaigns.queries import get_campaign
from regulars.kit.db import unit_of_work
from regulars.ledger.models import Entry
from regulars.reports import campaign_figures
from regulars.reports.campaign_figures import Figures, Held, Recent, count_held, list_recent
from regulars.transactions.operations import record_activity, redeem
from regulars.transactions.queries import get_transaction
from regulars.transactions.redeem import Spending
from regulars.transactions.reverse import delete_transaction
from regulars.transactions.terms import Terms
from tests.factories import NOW, Cast, MadeUser, make_cast, make_customer, make_user


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def sell(cast: Cast, customer: int, amount_minor: int, days_ago: float) -> int:
    account, at = cast.alice.fresh(), NOW - timedelta(days=days_ago)
    with unit_of_work(account.id):
        terms = Terms(occurred_at=at, recorded_at=at, customer_id=customer)
        record_activity(
            account=account, by=cast.alice.owner, campaign=account.campaigns_by_id[cast.club.id], terms=terms,
            amount_minor=amount_minor,
        )  # fmt: skip
        return Entry.objects.filter(account_id=account.id).latest("id").id


def recent(cast: Cast, by: MadeUser | None = None) -> Recent | None:
    account = cast.alice.fresh()
    with unit_of_work(account.id):
        who = by.user if by else cast.alice.owner
        return list_recent(account=account, by=who, campaigns=account.campaigns.values(), at=NOW)


def test_the_last_thirty_days_by_campaign(cast: Cast) -> None:
    one, two = make_customer(cast.alice).id, make_customer(cast.alice).id
    sell(cast, one, 5_000, 40)
    sell(cast, one, 300, 10)
    sell(cast, two, 200, 9)
    deleted = sell(cast, two, 700, 8)
    account = cast.alice.fresh()
    with unit_of_work(account.id):
        terms = Terms(occurred_at=NOW, recorded_at=NOW, customer_id=one)
        redeem(
            account=account, by=cast.alice.owner, campaign=account.campaigns_by_id[cast.club.id], terms=terms,
            spending=Spending(120),
        )  # fmt: skip
        recorded = get_transaction(account=account, by=cast.alice.owner, entry_id=deleted)
        delete_transaction(account=account, by=cast.alice.owner, at=NOW, recorded=recorded)
    found = recent(cast)
    assert found is not None
    assert found.figures == {cast.club.id: Figures(2, 1, 500, 120, 2), cast.other.id: Figures()}
    assert (found.since, found.is_bounded) == (NOW - timedelta(days=30), False)


def test_a_large_account_says_how_far_back_it_looks(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = make_customer(cast.alice).id
    for days_ago in (5, 4, 3):
        sell(cast, customer, 100, days_ago)
    monkeypatch.setattr(campaign_figures, "SCANNED_MAX", 2)
    found = recent(cast)
    assert found is not None
    assert (found.figures[cast.club.id].earning_count, found.since, found.is_bounded) == (2, NOW - timedelta(days=4), True)


def test_who_may_not_see_reports_sees_no_figures_and_a_manager_only_those_of_his_campaigns(cast: Cast) -> None:
    assert recent(cast, cast.bob) is None
    manager = make_user(cast.alice, role="M", campaigns_access="some", allowed_campaign_ids=[cast.club.id])
    found = recent(cast, manager)
    assert found is not None
    assert set(found.figures) == {cast.club.id}


def test_what_would_be_lost_with_a_campaign(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for amount_minor in (300, 200):
        sell(cast, make_customer(cast.alice).id, amount_minor, 1)
    account = cast.alice.fresh()
    club = get_campaign(account=account, by=cast.alice.owner, number=cast.club.number)
    with unit_of_work(account.id):
        assert count_held(account=account, campaign=club) == Held(2, 500, is_bounded=False)
        assert count_held(account=account, campaign=account.campaigns_by_id[cast.other.id]) == Held(0, 0, is_bounded=False)
        monkeypatch.setattr(campaign_figures, "SCANNED_MAX", 1)
        assert count_held(account=account, campaign=club).is_bounded
    with unit_of_work(cast.carol.id):
        assert count_held(account=cast.carol.account, campaign=club) == Held(0, 0, is_bounded=False)
