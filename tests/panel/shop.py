# SPDX-License-Identifier: Apache-2.0
"""A shop with a past, for pages that show figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from regulars.kit.db import unit_of_work
from regulars.transactions.operations import record_activity, redeem
from regulars.transactions.redeem import points_spending
from regulars.transactions.terms import Terms
from tests.factories import MadeAccount, make_account, make_campaign, make_customer, make_user


def make_shop(**options: Any) -> MadeAccount:
    """Half a year of a café: two programmes, two stores, customers who come back."""
    began = datetime.now(UTC) - timedelta(days=170)
    alice = make_account(biz_name="Bean & Leaf", timezone="UTC", at=began, **options)
    make_campaign(alice, name="Coffee club", points_ratio_ppm=5_000_000, reward_ratio_ppm=20_000_000, at=began)
    make_campaign(alice, kind="giftcard", name="Gift cards", at=began)
    bob = make_user(alice, role="K", custom1="Downtown", at=began)
    club, card = alice.fresh().campaigns.values()
    people = [make_customer(alice, campaigns=(club, card), at=began) for _ in range(12)]
    account = alice.fresh()
    with unit_of_work(alice.id):
        for number, person in enumerate(people):
            for day in range(number * 9 + 1, 165, 11 + number * 3):
                at = datetime.now(UTC) - timedelta(days=165 - day)
                terms = Terms(occurred_at=at, recorded_at=at, customer_id=person.id)
                by = bob.user if day % 3 else alice.owner
                record_activity(account=account, by=by, campaign=club, terms=terms, amount_minor=450 + 60 * number + day)
                if day % 4 == 0:
                    redeem(account=account, by=by, campaign=club, terms=terms, spending=points_spending(10))
                if day % 5 == 0:
                    record_activity(account=account, by=by, campaign=card, terms=terms, amount_minor=2_000)
    return alice
