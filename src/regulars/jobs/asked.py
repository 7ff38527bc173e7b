# SPDX-License-Identifier: Apache-2.0
"""Verifying the books and backing up, with every step told (upkeep/runs.py): nightly, and when somebody asks for it."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection

from regulars.accounts.queries import get_account_config
from regulars.errors import AccountNotFound, InvariantViolation
from regulars.kit.db import unit_of_work
from regulars.ledger.verify import CHECKS, Finding, verify
from regulars.reports.lines import CHECKS as ROLL_UP_CHECKS
from regulars.upkeep.runs import BACKUP, VERIFY, begin_run, end_run, note_progress

ALL_CHECKS = (*CHECKS, *ROLL_UP_CHECKS)
TOLD_SECONDS = 1.0
"""How often it is told how far a verification is."""
FINDINGS_KEPT_MAX = 50

log = logging.getLogger("regulars.jobs")


def verify_run(*, account_ids: Sequence[int], should_stop: Callable[[], bool], run_id: int | None = None) -> str:
    """
    Verify the books of accounts, each check a unit of work of its account's, and return what came of it.

    Raises: RunUnderWay; InvariantViolation where they are broken, which marks the job as failed.
    """
    run = begin_run(name=VERIFY, at=_now(), run_id=run_id)
    found: list[list[object]] = []
    says, is_over = "", False
    try:
        broken, checked = _verify_all(run, account_ids, should_stop, found)
        is_over = checked == len(account_ids)
        says = f"{checked} accounts verified" if is_over else f"stopped after {checked} of {len(account_ids)} accounts"
        if broken:
            says = f"the books of {checked} accounts were checked: {broken} findings"
    except Exception as error:
        says = type(error).__name__
        raise
    finally:
        is_failure = bool(found) or not is_over
        end_run(run_id=run, at=_now(), says=says, is_failure=is_failure, details={"findings": found[:FINDINGS_KEPT_MAX]})
    if found:
        raise InvariantViolation(f"{says}, see the log")
    return says


def _verify_all(
    run_id: int, account_ids: Sequence[int], should_stop: Callable[[], bool], found: list[list[object]]
) -> tuple[int, int]:
    """Return how much is broken, and how many accounts were checked to the end; add what is broken to ``found``."""
    total, told = len(account_ids) * len(ALL_CHECKS), 0.0
    for number, account_id in enumerate(account_ids):
        code = _code_of(account_id)
        for step, check in enumerate(ALL_CHECKS):
            if should_stop():
                return len(found), number
            if time.monotonic() - told >= TOLD_SECONDS:
                told = time.monotonic()
                note_progress(run_id=run_id, at=_now(), done=number * len(ALL_CHECKS) + step, total=total)
            with unit_of_work(account_id), connection.cursor() as cursor:
                findings = verify(cursor, [account_id], checks=(check,))
            for finding in findings:
                found.append([code, finding.invariant, finding.says, len(finding.offences)])
                log.critical("account %s: %s is broken: %s %r", account_id, finding.invariant, finding.says, finding.offences)
    note_progress(run_id=run_id, at=_now(), done=total, total=total)
    return len(found), len(account_ids)


def findings_of(account_id: int) -> list[Finding]:
    """Return what is broken in one account's books; row-level security shows no other."""
    with unit_of_work(account_id), connection.cursor() as cursor:
        return verify(cursor, [account_id], checks=ALL_CHECKS)


def backup_run(*, run_id: int, stopping: threading.Event) -> str:
    """
    Make a backup in the data directory by ``regulars backup``, in a process of its own, which reads it to its end afterwards;
    return where it is. Told to stop, it ends the process and leaves no half file behind.
    """
    at = _now()
    run = begin_run(name=BACKUP, at=at, run_id=run_id)
    says, details, is_failure = "", {}, True
    try:
        folder = Path(os.environ["REGULARS_DATA"]) / "backups"
        folder.mkdir(mode=0o700, exist_ok=True)
        target = folder / f"regulars-{at:%Y%m%d-%H%M%S}.tar"
        command = [sys.executable, "-m", "regulars.cli.main", "backup", str(target), "--check", "--as-job"]
        code, words = _finished(command, stopping)
        if code == 0:
            details = json.loads(words.splitlines()[-1])
            is_failure = False
        says = str(target) if code == 0 else words.strip()[-400:] or "stopped"
    except Exception as error:
        says = type(error).__name__
        raise
    finally:
        end_run(run_id=run, at=_now(), says=says, is_failure=is_failure, details=details)
    return says


def _finished(command: list[str], stopping: threading.Event) -> tuple[int, str]:
    """Run a command to its end, or until we are told to stop; return its exit code and its last words."""
    # A group of its own: told to stop, pg_dump hears it as well, and what was written so far is removed.
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as process:  # fmt: skip
        while True:
            try:
                out, err = process.communicate(timeout=0.5)
            except subprocess.TimeoutExpired:
                if stopping.is_set():
                    os.killpg(process.pid, signal.SIGINT)
            else:
                return process.returncode, out if process.returncode == 0 else err


def _code_of(account_id: int) -> str:
    try:
        return get_account_config(account_id).code
    except AccountNotFound:
        return str(account_id)


def _now() -> datetime:
    return datetime.now(UTC)
