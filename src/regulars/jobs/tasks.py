# SPDX-License-Identifier: Apache-2.0
"""
The periodic tasks (procrastinate; UTC). Jobs are a face: they ask the clock, open the units of work, and work account by
account inside each account's own scope.

Schedules are cron expressions; the sixth field is seconds. A task that still waits is not queued again (queueing_lock). Every
task may run twice at a time, on two machines, without harm; so a worker that died holds nothing up.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import cast

from django.db import DatabaseError, InterfaceError, connection
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from regulars.accounts.directory import AccountConfig
from regulars.accounts.queries import get_account_config
from regulars.changes.operations import drop_old_changes
from regulars.changes.rules import kept_days
from regulars.errors import AccountNotFound
from regulars.jobs.asked import backup_run, verify_run
from regulars.jobs.batches import go_on_with_batches, go_on_with_imports
from regulars.jobs.mail import send_due
from regulars.jobs.queries import (
    list_account_ids,
    list_accounts_moving,
    list_accounts_to_settle,
    list_accounts_with_batches,
    list_accounts_with_imports,
    list_accounts_with_mail,
)
from regulars.jobs.settlement import follow_pools, settle_due
from regulars.jobs.texts import send_texts_due
from regulars.jobs.webhooks import Teller
from regulars.kit.db import unit_of_work
from regulars.kit.metrics import SECONDS, Metric
from regulars.kit.public_address import PublicAddress
from regulars.messages.carriers import Carrier, MailOptions
from regulars.messages.operations import abandon_stale
from regulars.messages.settings import own_service
from regulars.messages.sign_in_help import answer_requests
from regulars.messages.text_carrier import TextOptions
from regulars.reports.rollups import renew_cohorts, roll_up
from regulars.request_log import operations as request_log
from regulars.transactions.batches.undo import forget_lines
from regulars.transactions.imports.operations import forget_imports
from regulars.upkeep.operations import note_run
from regulars.upkeep.runs import RunUnderWay
from regulars.users.security_log import NOBODYS, drop_old_events
from regulars.users.sessions import drop_old_sessions
from regulars.webhooks.deliveries import drop_old_deliveries
from regulars.webhooks.options import WebhookOptions

KEY_DAYS_DEFAULT = 30
"""How long an idempotency key is remembered (REGULARS_KEY_DAYS)."""

BATCH_IDLE_SECONDS = 15
"""A batch that its process has not touched for so long is taken over from it."""
UNDO_DAYS = 90
"""How long a batch can be undone: then what its lines did, and what customers were before, is forgotten."""
UNFINISHED_DAYS = 7
"""How long a file waits to be imported: then it is forgotten."""
REFUSED_DAYS = 30
"""How long the refused lines of a file are kept."""
FAILED_JOBS_HOURS = 30 * 24
NOTED_SECONDS = 60
"""That a task was done is noted at most so often; that it failed, always."""
RUNS = Metric("regulars_jobs_total", "counter", "Periodic tasks that were done or failed.", labels=("task", "outcome"))
RUN_TIME = Metric(
    "regulars_job_seconds", "histogram", "How long periodic tasks took.", labels=("task",), per_unit=SECONDS,
    bounds=tuple(int(seconds * SECONDS) for seconds in (0.01, 0.05, 0.25, 1, 5, 30, 120, 600, 3600)),
)  # fmt: skip
MAILS = Metric(
    "regulars_mails_total", "counter", "Mails that were sent, given up, or are to be tried again.", labels=("outcome",)
)

log = logging.getLogger("regulars.jobs")
stopping = threading.Event()
"""Set by the worker when it is told to stop: long tasks end after the step they are in."""
teller = Teller()


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def account_now(account: AccountConfig) -> datetime:
    """The account's own clock (a test clock may be ahead)."""
    return now() + timedelta(seconds=account.test_clock_offset_seconds)


def each_account(account_ids: Iterable[int]) -> Iterable[AccountConfig]:
    """Yield the configurations of accounts one by one, until the worker is told to stop."""
    for account_id in account_ids:
        if stopping.is_set():
            return
        try:
            yield get_account_config(account_id)
        except AccountNotFound:
            continue


def key_days(environment: dict[str, str] | None = None) -> int:
    """Return for how many days keys are kept. Raises ValueError naming the variable."""
    raw = (os.environ if environment is None else environment).get("REGULARS_KEY_DAYS", "") or str(KEY_DAYS_DEFAULT)
    if not (raw.isascii() and raw.isdecimal()) or not 1 <= int(raw) <= 3650:
        raise ValueError("REGULARS_KEY_DAYS must be a whole number from 1 to 3650")
    return int(raw)


def send_mail() -> str:
    """Send the mails that are due, account by account: over an account's own mail service, else over the installation's."""
    options = MailOptions.from_environment()
    shared = options.carrier()
    sent = unserved = 0
    is_down = False
    try:
        for account in each_account(list_accounts_with_mail(now())):
            with unit_of_work(account.id):
                own = own_service(account=account, options=options)
            if own is None and (shared is None or is_down):
                unserved += 1
                continue
            carrier, sender = own or (cast(Carrier, shared), options.sender)
            try:
                count = send_due(account=account, at=account_now(account), carrier=carrier, sender=sender)
            finally:
                if own is not None:
                    carrier.close()
            sent += count.sent
            for outcome, number in (("sent", count.sent), ("given_up", count.abandoned), ("retry", count.to_be_retried)):
                MAILS.add(number, outcome)
            if count.abandoned:
                log.warning("account %s: %s mails can not be delivered", account.id, count.abandoned)
            if count.is_carrier_down:
                whose = "the mail service" if own is None else f"account {account.id}: its own mail service"
                log.warning("%s can not be reached; mails wait", whose)
                is_down |= own is None
    finally:
        if shared is not None:
            shared.close()
    return "no mail service is set up" if shared is None and unserved and not sent else f"{sent} sent"


def send_texts() -> str:
    """Send the texts that are due, each account's over its own gateway."""
    options = TextOptions.from_environment()
    sent = 0
    for account in each_account(list_accounts_with_mail(now())):
        count = send_texts_due(account=account, at=account_now(account), options=options, should_stop=stopping.is_set)
        sent += count.sent
        if count.abandoned:
            log.warning("account %s: %s texts can not be delivered", account.id, count.abandoned)
        if count.is_carrier_down:
            log.warning("account %s: its text gateway can not be reached, or refuses it; texts wait", account.id)
    return f"{sent} sent"


def answer_forgetful() -> str:
    """Put the mails into outboxes that people ask for who have forgotten a password or user id."""
    return f"{answer_requests(at=now(), public=PublicAddress.from_environment())} answered"


def deliver_webhooks() -> str:
    """Collect what happened for whoever is to be told, and send what is due. While a run is under way another does nothing."""
    options = WebhookOptions.from_environment()
    told = teller.tell(clock=now, account_clock=account_now, should_stop=stopping.is_set, allows_private=options.allows_private)
    return "under way" if told is None else f"{told.delivered} delivered, {told.failed} failed"


def settle_balances() -> str:
    """Book the depreciations and fees that have come due since the last time."""
    settled = 0
    for account in each_account(list_accounts_to_settle(now())):
        settled += settle_due(account=account, at=account_now(account), should_stop=stopping.is_set)
    return f"{settled} customers settled"


def move_balances() -> str:
    """Let balances follow where an account became a coalition or a campaign came or went, and many customers are concerned."""
    moved = 0
    for account_id in list_accounts_moving():
        moved += follow_pools(account_id=account_id, now=account_now, should_stop=stopping.is_set)
    return f"{moved} customers moved"


def replan_balances() -> str:
    """Nightly: also settle balances that nobody touched since depreciations or fees were changed."""
    settled = 0
    for account in each_account(list_account_ids()):
        settled += settle_due(account=account, at=account_now(account), with_replanned=True, should_stop=stopping.is_set)
    return f"{settled} customers settled"


def continue_batches() -> str:
    """Go on with files that people brought, with batches too long for an answer, and with those whose process died."""
    touched = files = 0
    for account in each_account(list_accounts_with_imports()):
        files += go_on_with_imports(account=account, clock=partial(account_now, account), should_stop=stopping.is_set)
    for account in each_account(list_accounts_with_batches(BATCH_IDLE_SECONDS)):
        touched += go_on_with_batches(
            account=account, clock=partial(account_now, account), idle_seconds=BATCH_IDLE_SECONDS, should_stop=stopping.is_set
        )
    return f"{files} files, {touched} batches"


def changes_days() -> int:
    """Return for how many days changes are kept (REGULARS_CHANGES_DAYS; 0 = for ever). Raises ValueError."""
    return kept_days(os.environ.get("REGULARS_CHANGES_DAYS", ""))


def purge() -> str:
    """Nightly: forget old idempotency keys and deliveries, and give up mails that were never sent."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_purge_keys(%s)", [now() - timedelta(days=key_days())])
        row = cursor.fetchone()
    _drop_events(NOBODYS, 1)
    abandoned = 0
    for account in each_account(list_account_ids()):
        with unit_of_work(account.id):
            abandoned += abandon_stale(account=account, at=account_now(account))
            forget_lines(account=account, before=account_now(account) - timedelta(days=UNDO_DAYS))
            forget_imports(
                account=account,
                unfinished_before=account_now(account) - timedelta(days=UNFINISHED_DAYS),
                refused_before=account_now(account) - timedelta(days=REFUSED_DAYS),
            )
            drop_old_sessions(account=account, at=now())
            drop_old_deliveries(account=account, before=now() - timedelta(days=WebhookOptions.from_environment().days))
        _drop_events(account.id, changes_days())
        while not stopping.is_set():
            with unit_of_work(account.id):
                if not drop_old_changes(account=account, at=now(), days=changes_days()):
                    break
    return f"{row[0] if row else 0} keys forgotten, {abandoned} mails given up"


def _drop_events(account_id: int, days: int) -> None:
    """Drop what happened to people's access longer ago than so many days (0 = never)."""
    while days and not stopping.is_set():
        with unit_of_work(account_id):
            if not drop_old_events(account_id=account_id, before=now() - timedelta(days=days)):
                return


def drop_old_requests() -> str:
    """Hourly: drop what the request logs no longer keep."""
    dropped = 0
    for account in each_account(list_account_ids()):
        while not stopping.is_set():
            with unit_of_work(account.id):
                count = request_log.drop_old_requests(account=account, at=now())
            dropped += count
            if not count:
                break
    return f"{dropped} logged requests dropped"


def roll_up_reports() -> str:
    """Hourly: bring the dashboards' days and cohorts up to what was recorded some hours ago."""
    steps = cohorts = 0
    for account in each_account(list_account_ids()):
        steps += roll_up(account=account, at=account_now(account), should_stop=stopping.is_set)
        cohorts += renew_cohorts(account=account, at=account_now(account))
    return f"{steps} steps, {cohorts} cohorts"


def make_ranges() -> str:
    """Every ten minutes: room for further entries, and what their queries are planned by (ADR-0028)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_make_ranges()")
        made = cursor.fetchone()
        cursor.execute("SELECT ledger_refresh_statistics()")
    return f"{made[0] if made else 0} ranges made"


def verify_books() -> str:
    """Nightly: check the invariants of every account. Raises InvariantViolation, which marks the job as failed."""
    try:
        return verify_run(account_ids=tuple(list_account_ids()), should_stop=stopping.is_set)
    except RunUnderWay:
        return "somebody has asked for it, and it is under way"


def verify_now(run_id: int) -> str:
    """When it is asked for: the same."""
    return verify_run(account_ids=tuple(list_account_ids()), should_stop=stopping.is_set, run_id=run_id)


def back_up_now(run_id: int) -> str:
    """When it is asked for: back up into the data directory."""
    return backup_run(run_id=run_id, stopping=stopping)


async def tidy_queue() -> str:
    """Nightly: drop the jobs of workers that died (each comes again by its schedule), and old failures."""
    stalled = list(await app.job_manager.get_stalled_jobs())
    for job in stalled:
        await app.job_manager.finish_job(job=job, status=Status.FAILED, delete_job=True)
    await app.job_manager.delete_old_jobs(nb_hours=FAILED_JOBS_HOURS, include_failed=True, include_aborted=True)
    return f"{len(stalled)} stalled jobs dropped"


def _in_a_thread(work: Callable[[], str]) -> Callable[[], Awaitable[str]]:
    """Each task has a thread of its own, so that mails leave while the books are verified."""

    def run() -> str:
        try:
            return work()
        finally:
            connection.close()

    async def task() -> str:
        return await asyncio.to_thread(run)

    return task


SCHEDULE: tuple[tuple[str, str, Callable[[], Awaitable[str]]], ...] = (
    ("send_mail", "* * * * * */5", _in_a_thread(send_mail)),
    ("send_texts", "* * * * * */5", _in_a_thread(send_texts)),
    ("answer_forgetful", "* * * * * */3", _in_a_thread(answer_forgetful)),
    ("continue_batches", "* * * * * */2", _in_a_thread(continue_batches)),
    ("deliver_webhooks", "* * * * * */2", _in_a_thread(deliver_webhooks)),
    ("move_balances", "* * * * * */10", _in_a_thread(move_balances)),
    ("settle_balances", "7 * * * *", _in_a_thread(settle_balances)),
    ("replan_balances", "23 2 * * *", _in_a_thread(replan_balances)),
    ("purge", "41 2 * * *", _in_a_thread(purge)),
    ("drop_old_requests", "37 * * * *", _in_a_thread(drop_old_requests)),
    ("make_ranges", "*/10 * * * *", _in_a_thread(make_ranges)),
    ("roll_up_reports", "29 * * * *", _in_a_thread(roll_up_reports)),
    ("verify_books", "11 3 * * *", _in_a_thread(verify_books)),
    ("tidy_queue", "53 3 * * *", tidy_queue),
)
"""Name, cron expression, and what is run."""


_noted_at: dict[str, float] = {}
"""By task: when it was last noted that it was done, in seconds of a clock of no date."""


async def run_noted(name: str, work: Callable[[], Awaitable[str]]) -> str:
    """Run a task; count it, and note for monitoring when it was done or failed. Raises what it raises."""
    began, says, is_failure = time.monotonic(), "", False
    try:
        says = await work()
    except Exception as error:
        says, is_failure = type(error).__name__, True
        raise
    finally:
        took = time.monotonic() - began
        RUNS.add(1, name, "failed" if is_failure else "done")
        RUN_TIME.observe(int(took * SECONDS), name)
        if is_failure or began - _noted_at.get(name, -NOTED_SECONDS) >= NOTED_SECONDS:
            _noted_at[name] = began
            await asyncio.to_thread(_note, name, int(took * 1000), says, is_failure)
    return says


def _note(name: str, took_ms: int, says: str, is_failure: bool) -> None:
    try:
        with connection.cursor() as cursor:
            note_run(cursor, name=name, at=now(), took_ms=took_ms, says=says, is_failure=is_failure)
    except (DatabaseError, InterfaceError) as error:
        log.warning("that %s ran could not be noted: %s", name, type(error).__name__)
    finally:
        connection.close()


ASKED: tuple[tuple[str, Callable[[int], str]], ...] = (("verify_now", verify_now), ("back_up_now", back_up_now))
"""Tasks that are done when somebody asks for a run (upkeep/runs.py), and what is done for it."""


def register(application: App) -> None:
    """Make the tasks known to procrastinate, once per process."""
    for asked, carry_out in ASKED:

        async def once(run_id: int, name: str = asked, carry_out: Callable[[int], str] = carry_out) -> str:
            return await run_noted(name, _in_a_thread(partial(carry_out, run_id)))

        application.task(name=asked)(once)
    for name, cron, work in SCHEDULE:

        async def task(timestamp: int, name: str = name, work: Callable[[], Awaitable[str]] = work) -> str:
            return await run_noted(name, work)

        application.periodic(cron=cron)(application.task(name=name, queueing_lock=name)(task))
