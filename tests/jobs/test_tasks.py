# SPDX-License-Identifier: Apache-2.0
"""What the periodic tasks do, each called as the worker calls it."""

from __future__ import annotations

import asyncio
import mailbox
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from regulars.jobs import tasks
from regulars.jobs.asked import findings_of
from regulars.jobs.settlement import settle_due
from regulars.kit.db import unit_of_work
from regulars.request_log.models import LoggedRequest
from regulars.request_log.operations import drop_old_requests
from regulars.request_log.rules import first_id
from tests.client import Api
from tests.factories import make_account, make_campaign, make_customer, make_logged_request
from tests.till import RunAsOwner, Till, make_till


@pytest.fixture
def till(only_new_accounts: None, api: Api, run_as_owner: RunAsOwner) -> Till:
    till = make_till(api, run_as_owner)
    make_customer(till.made, code="c1", email="ann@example.org")
    return till


@pytest.fixture(autouse=True)
def _told_to_go_on() -> Iterator[None]:
    tasks.stopping.clear()
    yield
    tasks.stopping.clear()


def expire_after(till: Till, campaign: Any, months: int) -> None:
    till.set_up(
        "INSERT INTO campaigns_depreciations (rule_id, campaign_id, basis, interval_count, interval_unit, percentage_ppm,"
        " valid_from, account_id) VALUES (12, %s, 'per_transaction', %s, 'months', 1000000, '2020-01-01', %s)",
        campaign.id, months,
    )  # fmt: skip


def kinds(till: Till) -> list[str]:
    rows = till.run_as_owner("SELECT kind FROM ledger_entries WHERE account_id = %s ORDER BY id", till.made.id)
    return [row[0] for row in rows]


def test_mails_leave_into_the_directory(till: Till, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGULARS_MAIL_DIR", str(tmp_path / "mail"))
    till.sold(make_campaign(till.made), amount="5", send_transaction_email="Y")
    tasks.send_mail()
    subjects = [mail["Subject"] for mail in mailbox.Maildir(tmp_path / "mail")]
    assert len(subjects) >= 1
    assert tasks.send_mail() == "0 sent"


def test_mails_wait_where_no_mail_service_is_set_up(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REGULARS_MAIL_DIR", raising=False)
    monkeypatch.delenv("REGULARS_SMTP_URL", raising=False)
    till.sold(make_campaign(till.made), amount="5", send_transaction_email="Y")
    assert tasks.send_mail() == "no mail service is set up"
    waiting = till.run_as_owner("SELECT attempt_count, sent_at FROM messages_outbox WHERE account_id = %s", till.made.id)
    assert waiting == [(0, None)]


def test_due_depreciations_are_booked_without_anybody_asking(till: Till) -> None:
    campaign = make_campaign(till.made)
    expire_after(till, campaign, months=6)
    till.sold(campaign, amount="5")
    tasks.settle_balances()
    assert kinds(till) == ["earn"], "nothing is due yet"
    till.set_up("UPDATE accounts_accounts SET test_clock_offset_seconds = %s WHERE id = %s", 200 * 86_400)
    tasks.settle_balances()
    assert kinds(till) == ["earn", "expire"]
    tasks.settle_balances()
    assert kinds(till) == ["earn", "expire"]


def test_balances_that_nobody_touched_are_planned_again_by_night(till: Till) -> None:
    campaign = make_campaign(till.made)
    till.sold(campaign, amount="5")
    expire_after(till, campaign, months=6)
    at = datetime.now(UTC) + timedelta(days=200)
    account = till.made.fresh()
    assert settle_due(account=account, at=at) == 0, "its plan was made before there was a rule"
    assert settle_due(account=account, at=at, with_replanned=True) == 1
    assert kinds(till) == ["earn", "expire"]
    assert settle_due(account=account, at=at, with_replanned=True) == 0


def test_settling_goes_through_all_customers_and_stops_when_told(till: Till) -> None:
    campaign = make_campaign(till.made)
    expire_after(till, campaign, months=6)
    for number in range(5):
        make_customer(till.made, code=f"m{number}")
        till.sold(campaign, f"m{number}", amount="5")
    at = datetime.now(UTC) + timedelta(days=200)
    account = till.made.fresh()
    asked = iter([False, False, True])
    assert settle_due(account=account, at=at, should_stop=lambda: next(asked)) == 2
    assert settle_due(account=account, at=at) == 3


def test_a_customer_held_by_others_is_left_for_the_next_time(
    till: Till, owner_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = make_campaign(till.made)
    expire_after(till, campaign, months=6)
    make_customer(till.made, code="c2")
    till.sold(campaign, amount="5")
    till.sold(campaign, "c2", amount="5")
    monkeypatch.setattr("regulars.kit.db.LOCK_TIMEOUT", "50ms")
    at = datetime.now(UTC) + timedelta(days=200)
    with psycopg.connect(owner_url) as other:
        other.execute("SELECT 1 FROM customers_customers WHERE account_id = %s AND code = 'c1' FOR UPDATE", (till.made.id,))
        assert settle_due(account=till.made.fresh(), at=at) == 1
        other.rollback()
    assert settle_due(account=till.made.fresh(), at=at) == 1


def test_old_keys_are_forgotten_and_young_ones_kept(till: Till) -> None:
    campaign = make_campaign(till.made)
    till.sold(campaign, amount="5", idempotency_key="old")
    till.sold(campaign, amount="5", idempotency_key="young")
    till.set_up("UPDATE ledger_keys SET created_at = now() - interval '31 days' WHERE key = 'old' AND account_id = %s")
    tasks.purge()
    assert till.run_as_owner("SELECT key FROM ledger_keys WHERE account_id = %s", till.made.id) == [("young",)]


def test_the_books_are_verified_account_by_account(till: Till) -> None:
    till.sold(make_campaign(till.made), amount="5")
    assert findings_of(till.made.id) == []
    assert tasks.verify_books() == "1 accounts verified"


def test_a_worker_that_is_told_to_stop_begins_no_further_account(till: Till) -> None:
    tasks.stopping.set()
    assert list(tasks.each_account([till.made.id])) == []


@pytest.mark.parametrize("value", ["0", "-1", "many", "99999"])
def test_a_wrong_number_of_days_is_named(value: str) -> None:
    with pytest.raises(ValueError, match="REGULARS_KEY_DAYS"):
        tasks.key_days({"REGULARS_KEY_DAYS": value})


def test_requests_are_dropped_when_their_accounts_days_are_over(till: Till, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regulars.request_log.operations.BATCH", 3)
    other = make_account()
    now = datetime.now(UTC)
    for made in (till.made, other):
        for hours in (1, 30, 50, 24 * 8, 24 * 9, 24 * 20, 24 * 60, 24 * 70):
            make_logged_request(made, at=now - timedelta(hours=hours))
    till.set_up("UPDATE accounts_accounts SET request_log_days = 2 WHERE id = %s")

    def left(account_id: int) -> int:
        return int(till.run_as_owner("SELECT count(*) FROM request_log_entries WHERE account_id = %s", account_id)[0][0])

    assert tasks.drop_old_requests().endswith(" logged requests dropped")
    assert (left(till.made.id), left(other.id)) == (2, 3)
    till.set_up("UPDATE accounts_accounts SET request_log_days = 0 WHERE id = %s")
    tasks.drop_old_requests()
    assert (left(till.made.id), left(other.id)) == (0, 3)


def test_an_account_keeps_so_many_requests_at_most(till: Till) -> None:
    now = datetime.now(UTC)
    for minutes in range(10):
        make_logged_request(till.made, at=now - timedelta(minutes=minutes))
    with unit_of_work(till.made.id):
        assert drop_old_requests(account=till.made.account, at=now, entries_max=4) == 6
        assert drop_old_requests(account=till.made.account, at=now, entries_max=4) == 0
        newest = LoggedRequest.objects.filter(account_id=till.made.id).order_by("id").first()
    assert newest is not None
    assert newest.id == first_id(now - timedelta(minutes=3))


def test_when_a_task_was_done_or_failed_is_noted_for_monitoring(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    noted = "SELECT succeeded_at IS NOT NULL, failed_at IS NOT NULL, says FROM upkeep_last_runs WHERE name = 'of_this_test'"

    async def good() -> str:
        return "3 sent"

    async def bad() -> str:
        raise ZeroDivisionError("about a customer")

    monkeypatch.setattr(tasks, "_noted_at", {})
    before = dict(tasks.RUNS._slots)
    try:
        assert asyncio.run(tasks.run_noted("of_this_test", good)) == "3 sent"
        assert till.run_as_owner(noted) == [(True, False, "3 sent")]
        with pytest.raises(ZeroDivisionError):
            asyncio.run(tasks.run_noted("of_this_test", bad))
        assert till.run_as_owner(noted) == [(True, True, "ZeroDivisionError")]
        till.run_as_owner("DELETE FROM upkeep_last_runs WHERE name = 'of_this_test'")
        assert asyncio.run(tasks.run_noted("of_this_test", good)) == "3 sent"
        assert till.run_as_owner(noted) == [], "what is done every few seconds is noted once a minute"
    finally:
        till.run_as_owner("DELETE FROM upkeep_last_runs WHERE name = 'of_this_test'")
    assert tasks.RUNS._slots.keys() - before.keys() == {("of_this_test", "done"), ("of_this_test", "failed")}
