# SPDX-License-Identifier: Apache-2.0
"""Goes on with the files and the batches of one account that nobody else carries out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import DataError, IntegrityError, ProgrammingError

from regulars.accounts.directory import AccountConfig
from regulars.transactions.batches.carrying import carry_on, give_up, list_open_batches
from regulars.transactions.imports import carrying as imports

BUGS = (AssertionError, AttributeError, ValueError, TypeError, LookupError, ArithmeticError)

log = logging.getLogger("regulars.jobs")


def go_on_with_batches(
    *, account: AccountConfig, clock: Callable[[], datetime], idle_seconds: int, should_stop: Callable[[], bool]
) -> int:
    """
    Carry out, or undo, what was handed over or left behind; return how many batches were touched.

    A batch that meets a fault of ours is marked as failed and does not come again; what it did stays, and can be undone.
    """
    touched = 0
    for batch_id in list_open_batches(account_id=account.id, idle_seconds=idle_seconds):
        if should_stop():
            break
        touched += 1
        try:
            carry_on(account_id=account.id, batch_id=batch_id, clock=clock, should_stop=should_stop)
        except (*BUGS, DataError, IntegrityError, ProgrammingError):
            log.critical("account %s: batch %s can not go on", account.id, batch_id, exc_info=True)
            give_up(account_id=account.id, batch_id=batch_id, at=clock())
    return touched


def go_on_with_imports(*, account: AccountConfig, clock: Callable[[], datetime], should_stop: Callable[[], bool]) -> int:
    """Read, try and begin the files that wait, and tidy up after those that are done; return how many were touched."""
    touched = 0
    for import_id in imports.list_open_imports(account_id=account.id):
        if should_stop():
            break
        touched += 1
        try:
            imports.carry_on(account_id=account.id, import_id=import_id, clock=clock, should_stop=should_stop)
        except (*BUGS, DataError, IntegrityError, ProgrammingError):
            log.critical("account %s: file %s can not go on", account.id, import_id, exc_info=True)
            imports.give_up(account_id=account.id, import_id=import_id)
    return touched
