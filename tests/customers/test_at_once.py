# SPDX-License-Identifier: Apache-2.0
"""Two tills at once: one wins, the other is told why not."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from regulars.customers.models import Customer
from regulars.customers.rules import Profile
from regulars.errors import CardInUse, CustomerExists, NotUnique, RegularsError, TrialLimitReached, UsernameTaken
from regulars.kit.db import unit_of_work
from regulars.ledger.models import Entry
from regulars.transactions.enrol import Joining, edit_customer, enrol_customer
from tests.factories import NOW, MadeAccount, make_account, make_campaign, make_customer, make_field

TILLS = 4


def at_once(work: Callable[[int], object]) -> list[object]:
    """Run ``work`` on each till's own connection at the same moment; return results or errors."""
    together = Barrier(TILLS)

    def run(till: int) -> object:
        try:
            connection.ensure_connection()
            together.wait(timeout=30)
            return work(till)
        except RegularsError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(TILLS) as pool:
        return list(pool.map(run, range(TILLS)))


def enrol(account: MadeAccount, *, code: str = "", **profile):
    with unit_of_work(account.id):
        return enrol_customer(account=account.fresh(), by=account.owner, at=NOW, profile=Profile(**profile), code=code)


@pytest.mark.parametrize(
    ("profile", "error"),
    [
        ({"code": "c1"}, CustomerExists),
        ({"card_number": "7001"}, CardInUse),
        ({"username": "amy"}, UsernameTaken),
        ({"fields": {2: "x"}}, NotUnique),
    ],
)
def test_of_those_who_enrol_the_same_one_wins(profile, error):
    account = make_account()
    make_field(account, number=2, unique=True)
    results = at_once(lambda till: enrol(account, **profile))
    assert sorted(type(result).__name__ for result in results) == sorted(["Enrolled", *[error.__name__] * (TILLS - 1)])
    with unit_of_work(account.id):
        assert Customer.objects.filter(account_id=account.id).count() == 1


def test_a_trial_account_never_gets_an_eleventh_customer():
    account = make_account(state="trial")
    for _ in range(9):
        make_customer(account)
    results = at_once(lambda till: enrol(account))
    assert sum(isinstance(result, TrialLimitReached) for result in results) == TILLS - 1
    with unit_of_work(account.id):
        assert Customer.objects.filter(account_id=account.id).count() == 10


def test_a_campaign_is_joined_once():
    account = make_account()
    campaign = make_campaign(account)
    make_customer(account, code="c1")
    config = account.fresh()

    def join(till: int) -> object:
        with unit_of_work(account.id):
            return edit_customer(
                account=config, by=account.owner, at=NOW, profile=Profile(), code="c1", joins=(Joining(campaign, 100),)
            )

    assert not [result for result in at_once(join) if isinstance(result, RegularsError)]
    with unit_of_work(account.id):
        kinds = Entry.objects.filter(account_id=account.id).order_by("id").values_list("kind", flat=True)
        assert list(kinds) == ["activation", "earn"]
