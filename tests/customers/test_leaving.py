# SPDX-License-Identifier: Apache-2.0
"""An enrolment is taken back where nothing was recorded under it; who has a history stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from regulars.errors import NotFound, Refused
from regulars.kit.db import unit_of_work
from regulars.ledger.books import Query
from regulars.ledger.models import Entry
from regulars.ledger.operations import look_up
from regulars.ledger.verify import verify
from regulars.reports.customer_list import Asked, iterate_lines
from regulars.transactions.leave import leave_campaign
from regulars.transactions.operations import record_activity
from regulars.transactions.terms import Terms
from tests.factories import NOW, MadeAccount, make_account, make_campaign, make_coalition, make_customer

LATER = NOW + timedelta(days=1)


def leave(account: MadeAccount, customer_id: int, campaign: Any) -> None:
    with unit_of_work(account.id):
        config = account.fresh()
        leave_campaign(
            account=config, by=account.owner, at=LATER, customer_id=customer_id, campaign=config.campaigns[campaign.number]
        )


def standing(account: MadeAccount, customer_id: int) -> tuple[set[int], int]:
    """The campaigns he is in, and how many lines his history shows."""
    with unit_of_work(account.id):
        config = account.fresh()
        query = Query(config.id, config.version, LATER, customer_id=customer_id, history_limit=100, history_across=True)
        found = look_up(config, query)
    return {row.campaign_id for row in found.memberships}, len(found.history)


def sell(account: MadeAccount, customer_id: int, campaign: Any) -> None:
    with unit_of_work(account.id):
        config = account.fresh()
        terms = Terms(occurred_at=LATER, recorded_at=LATER, customer_id=customer_id)
        record_activity(
            account=config, by=account.owner, campaign=config.campaigns[campaign.number], terms=terms, amount_minor=500
        )


@pytest.mark.parametrize("is_shared", [False, True])
def test_who_only_joined_leaves_and_may_come_again(owner_connection: Any, is_shared: bool) -> None:
    account = make_account()
    club, shop = make_campaign(account, name="Club"), make_campaign(account, name="Shop")
    if is_shared:
        make_coalition(account)
    amy = make_customer(account, campaigns=(club, shop))
    sell(account, amy.id, shop)
    assert standing(account, amy.id) == ({club.id, shop.id}, 3)
    leave(account, amy.id, club)
    assert standing(account, amy.id) == ({shop.id}, 2)
    with unit_of_work(account.id):
        assert Entry.objects.filter(account_id=account.id, customer_id=amy.id, kind="activation").count() == 2
        config = account.fresh()
    assert not list(iterate_lines(account=config, asked=Asked(campaign=config.campaigns[club.number]), at=LATER))
    with owner_connection.cursor() as cursor:
        assert verify(cursor, [account.id]) == []
    sell(account, amy.id, club)
    assert standing(account, amy.id)[0] == {club.id, shop.id}


def test_who_has_a_history_stays_and_who_is_not_in_it_is_told() -> None:
    account, other = make_account(), make_account()
    club, shop = make_campaign(account, name="Club"), make_campaign(account, name="Shop")
    amy = make_customer(account, campaigns=(club,))
    sell(account, amy.id, club)
    with pytest.raises(Refused, match="history"):
        leave(account, amy.id, club)
    with pytest.raises(NotFound, match="not in this campaign"):
        leave(account, amy.id, shop)
    carols = make_campaign(other)
    with pytest.raises(NotFound):
        leave(other, amy.id, carols)
    assert standing(account, amy.id) == ({club.id}, 2)
