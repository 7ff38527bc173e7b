# SPDX-License-Identifier: Apache-2.0
"""The job that brings the customers of a large account to where their campaigns' balances are now."""

from __future__ import annotations

import pytest

from regulars.accounts.codes import make_code
from regulars.coalition.operations import following
from regulars.jobs import tasks
from tests.client import Api
from tests.factories import NOW, make_campaign, make_customer
from tests.till import RunAsOwner, make_till


def test_the_job_moves_who_was_left_and_reports_wait_until_then(
    api: Api, run_as_owner: RunAsOwner, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks.stopping.clear()
    till = make_till(api, run_as_owner)
    north, south = make_campaign(till.made), make_campaign(till.made)
    for number in range(3):
        make_customer(till.made, code=f"c{number}", campaigns=(north, south), openings=(100, number + 1))
    monkeypatch.setattr(following, "AT_ONCE_MAX", 0)
    answer = till.call("account_update", activation_code=make_code(module="coalition", at=NOW))
    assert (answer.at("coalition_switch/status"), till.made.fresh().is_moving) == ("moving", True)
    refused = till.call("reports", report="customers_balances", coalition_balance="coalition_points")
    assert (refused.error_code, refused.text) == (
        "balances_moving", "Balances are being moved between campaigns. Please try again in a few minutes.",
    )  # fmt: skip
    blocked = till.call("campaign_update", action="campaign", campaign_id=south.number, coalition_opt_out="Y")
    assert blocked.error_code == "balances_moving"
    assert till.balance(north, "c0") == "101", "who is asked for is moved at once"
    tasks.move_balances()
    assert not till.made.fresh().is_moving
    rows = till.call("reports", report="customers_balances", coalition_balance="coalition_points").json["customers"]
    assert [row["balance"] for row in rows] == ["101", "102", "103"]
    assert tasks.move_balances() == "0 customers moved"


def test_the_job_ends_when_the_worker_is_told_to_stop(
    api: Api, run_as_owner: RunAsOwner, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = make_till(api, run_as_owner)
    campaign = make_campaign(till.made)
    make_customer(till.made, code="c1", campaigns=(campaign,), openings=(7,))
    monkeypatch.setattr(following, "AT_ONCE_MAX", 0)
    assert till.call("account_update", activation_code=make_code(module="coalition", at=NOW)).ok
    tasks.stopping.set()
    try:
        assert tasks.move_balances() == "0 customers moved"
    finally:
        tasks.stopping.clear()
    assert till.made.fresh().is_moving
    assert tasks.move_balances() != "0 customers moved"
    assert not till.made.fresh().is_moving
