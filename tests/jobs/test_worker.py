# SPDX-License-Identifier: Apache-2.0
"""The worker as a process: it does the work, and ends in order when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.client import Api
from tests.factories import make_campaign, make_customer
from tests.till import RunAsOwner, make_till

SECONDS_MAX = 40


def start(**variables: str) -> subprocess.Popen[str]:
    environment = {**os.environ, **variables}
    return subprocess.Popen([sys.executable, "-m", "regulars.jobs.worker"], env=environment, stderr=subprocess.PIPE, text=True)


def test_it_sends_mail_and_ends_in_order_on_sigterm(api: Api, run_as_owner: RunAsOwner, tmp_path: Path) -> None:
    till = make_till(api, run_as_owner)
    make_customer(till.made, code="c1", email="ann@example.org")
    till.sold(make_campaign(till.made), amount="5", send_transaction_email="Y")
    worker = start(REGULARS_MAIL_DIR=str(tmp_path / "mail"))
    try:
        deadline = time.monotonic() + SECONDS_MAX
        sent = "SELECT sent_at IS NOT NULL FROM messages_outbox WHERE account_id = %s"
        while run_as_owner(sent, till.made.id) != [(True,)]:
            assert worker.poll() is None, worker.stderr.read() if worker.stderr else ""
            assert time.monotonic() < deadline, "no mail was sent"
            time.sleep(0.2)
        assert any((tmp_path / "mail" / "new").iterdir())
        worker.send_signal(signal.SIGTERM)
        _, said = worker.communicate(timeout=SECONDS_MAX)
    finally:
        worker.kill()
        worker.wait()
    assert worker.returncode == 0, said
    assert "Traceback" not in said
    assert run_as_owner("SELECT count(*) FROM procrastinate_workers") == [(0,)], "it signed off"


def test_a_worker_that_was_killed_holds_nothing_up(api: Api, run_as_owner: RunAsOwner, tmp_path: Path) -> None:
    till = make_till(api, run_as_owner)
    make_customer(till.made, code="c1", email="ann@example.org")
    run_as_owner(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args, status)"
        " VALUES ('default', 'send_mail', 'send_mail', '{\"timestamp\": 1}', 'doing')"
    )
    till.sold(make_campaign(till.made), amount="5", send_transaction_email="Y")
    worker = start(REGULARS_MAIL_DIR=str(tmp_path / "mail"))
    try:
        deadline = time.monotonic() + SECONDS_MAX
        sent = "SELECT sent_at IS NOT NULL FROM messages_outbox WHERE account_id = %s"
        while run_as_owner(sent, till.made.id) != [(True,)]:
            assert time.monotonic() < deadline, "no mail was sent"
            time.sleep(0.2)
    finally:
        worker.send_signal(signal.SIGINT)
        worker.communicate(timeout=SECONDS_MAX)
    assert worker.returncode == 0


def test_it_goes_on_after_its_database_connections_broke(api: Api, run_as_owner: RunAsOwner, tmp_path: Path) -> None:
    till = make_till(api, run_as_owner)
    make_customer(till.made, code="c1", email="ann@example.org")
    campaign = make_campaign(till.made)
    worker = start(REGULARS_MAIL_DIR=str(tmp_path / "mail"), PGAPPNAME="test-jobs")
    unsent = "SELECT count(*) FROM messages_outbox WHERE account_id = %s AND sent_at IS NULL"
    broken = 0
    try:
        for is_second in (False, True):
            till.sold(campaign, amount="5", send_transaction_email="Y")
            deadline = time.monotonic() + SECONDS_MAX
            while run_as_owner(unsent, till.made.id) != [(0,)]:
                assert worker.poll() is None, "it gave up"
                assert time.monotonic() < deadline, "no mail was sent"
                time.sleep(0.2)
            if not is_second:
                ended = run_as_owner(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test-jobs'"
                )
                broken = len(ended)
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.communicate(timeout=SECONDS_MAX)
    assert broken >= 1
    assert worker.returncode == 0


@pytest.mark.parametrize("variable", ["REGULARS_SMTP_URL", "REGULARS_MAIL_FROM", "REGULARS_KEY_DAYS"])
def test_a_wrong_setting_stops_the_start_with_a_sentence_that_names_it(variable: str) -> None:
    worker = start(**{variable: "nonsense"})
    _, said = worker.communicate(timeout=SECONDS_MAX)
    assert worker.returncode == 64
    assert variable in said
    assert "Traceback" not in said
