# SPDX-License-Identifier: Apache-2.0
"""Verifications and backups: asked for once at a time, told about while they run, kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from regulars.errors import InvariantViolation
from regulars.jobs import asked, tasks
from regulars.upkeep.models import Run
from regulars.upkeep.runs import STALE, RunRow, RunUnderWay, ask_run, begin_run, end_run, list_runs, note_progress
from tests.factories import make_account, make_campaign, make_customer, make_sale

AT = datetime(2026, 12, 1, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_runs(run_as_owner: Callable[..., list[tuple[object, ...]]]) -> Iterator[None]:
    tasks.stopping.clear()
    Run.objects.all().delete()
    yield
    tasks.stopping.clear()
    Run.objects.all().delete()
    run_as_owner("DELETE FROM procrastinate_jobs WHERE task_name IN ('verify_now', 'back_up_now')")


def latest(name: str = "verify", at: datetime = AT) -> RunRow:
    return list_runs(name=name, at=at)[0]


def test_a_run_that_is_asked_for_is_queued_once(run_as_owner: Callable[..., list[tuple[object, ...]]]) -> None:
    run_id = ask_run(name="verify", at=AT, by="owner")
    jobs = "SELECT args->>'run_id' FROM procrastinate_jobs WHERE task_name = 'verify_now'"
    assert run_as_owner(jobs) == [(str(run_id),)]
    with pytest.raises(RunUnderWay), transaction.atomic():
        ask_run(name="verify", at=AT, by="somebody")
    assert run_as_owner(jobs) == [(str(run_id),)]
    ask_run(name="backup", at=AT, by="owner")
    assert (latest().state, latest().asked_by, latest("backup").state) == ("waiting", "owner", "waiting")


def test_a_run_goes_from_waiting_to_done_and_begins_once() -> None:
    run_id = ask_run(name="verify", at=AT, by="owner")
    begin_run(name="verify", at=AT, run_id=run_id)
    with pytest.raises(RunUnderWay):
        begin_run(name="verify", at=AT, run_id=run_id)
    note_progress(run_id=run_id, at=AT, done=3, total=10)
    assert (latest().state, latest().done, latest().total) == ("running", 3, 10)
    end_run(run_id=run_id, at=AT, says="well", is_failure=False, details={"findings": []})
    end_run(run_id=run_id, at=AT, says="late", is_failure=True)
    assert (latest().state, latest().says) == ("done", "well")
    begin_run(name="verify", at=AT)


def test_a_run_whose_process_died_holds_nothing_up() -> None:
    begin_run(name="verify", at=AT)
    later = AT + STALE + timedelta(seconds=1)
    assert latest(at=later).state == "failed"
    assert "the server stopped" in latest(at=later).says
    with pytest.raises(RunUnderWay), transaction.atomic():
        begin_run(name="verify", at=AT + STALE)
    begin_run(name="verify", at=later)
    assert [run.state for run in list_runs(name="verify", at=later)] == ["running", "failed"]


def test_the_books_are_verified_when_it_is_asked_for(only_new_accounts: None) -> None:
    for _ in range(2):
        alice = make_account()
        campaign = make_campaign(alice)
        make_sale(alice, make_customer(alice, campaigns=(campaign,)), campaign)
    now = datetime.now(UTC)
    assert tasks.verify_now(ask_run(name="verify", at=now, by="owner")) == "2 accounts verified"
    run = latest(at=now)
    assert (run.state, run.done, run.total, run.details) == ("done", run.total, 2 * len(asked.ALL_CHECKS), {"findings": []})
    assert tasks.verify_books() == "2 accounts verified", "the nightly one is kept, too"
    assert (latest(at=now).asked_by, len(list_runs(name="verify", at=now))) == ("", 2)


def test_what_is_broken_is_kept_and_fails(only_new_accounts: None, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = make_account()
    broken = asked.Finding("I1", "every balance is the sum of its entries", ((1, 2), (3, 4)))

    def verify(_cursor: Any, _accounts: Any, checks: Any) -> list[asked.Finding]:
        return [broken] if checks == (asked.ALL_CHECKS[0],) else []

    monkeypatch.setattr(asked, "verify", verify)
    with pytest.raises(InvariantViolation, match="1 findings"):
        tasks.verify_books()
    run = latest(at=datetime.now(UTC))
    assert (run.state, run.details["findings"]) == ("failed", [[alice.code, "I1", broken.says, 2]])


def test_a_verification_that_is_stopped_proves_nothing(only_new_accounts: None) -> None:
    make_account()
    tasks.stopping.set()
    tasks.verify_books()
    assert (latest(at=datetime.now(UTC)).state, latest(at=datetime.now(UTC)).says) == (
        "failed",
        "stopped after 0 of 1 accounts",
    )


def test_a_backup_is_made_in_the_data_directory_and_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGULARS_DATA", str(tmp_path))
    now = datetime.now(UTC)
    said = tasks.back_up_now(ask_run(name="backup", at=now, by="owner"))
    run = latest("backup", at=datetime.now(UTC))
    (file,) = (tmp_path / "backups").iterdir()
    assert (run.state, said, run.details["file"], run.details["is_checked"]) == ("done", str(file), str(file), True)
    assert run.details["size_bytes"] == file.stat().st_size
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_backup_that_fails_says_why_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGULARS_DATA", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nowhere")
    tasks.back_up_now(ask_run(name="backup", at=datetime.now(UTC), by="owner"))
    run = latest("backup", at=datetime.now(UTC))
    assert run.state == "failed"
    assert "pg_dump failed" in run.says
    assert list((tmp_path / "backups").iterdir()) == []
