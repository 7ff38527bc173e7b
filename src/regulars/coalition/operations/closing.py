# SPDX-License-Identifier: Apache-2.0
"""Closing a period of settlement between stores."""

from __future__ import annotations

from datetime import date, datetime

from django.db import connection

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.models import Account
from regulars.coalition.figures import Range, get_figures
from regulars.coalition.frozen import Statement, frozen
from regulars.coalition.models import Settlement
from regulars.coalition.periods import (
    check_point_cost,
    find_last_settlement,
    midnight_after,
    open_range,
    refuse_without_module,
    statement_of,
)
from regulars.coalition.positions import debts_between
from regulars.errors import InvalidParameter, LockTimeout

POLLS_MAX = 250
"""How often it looks whether writers are done, 20 ms apart: five seconds."""

_WRITERS = """
SELECT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND relation IN ('customers_customers'::regclass, 'ledger_entries'::regclass)
  AND mode IN ('RowShareLock', 'RowExclusiveLock') AND pid <> pg_backend_pid()
"""
"""Who may have taken a number of an entry: each writer of the books locks the customer's row first (ADR-0005)."""


def close_settlement(
    *, account: AccountConfig, by: UserConfig | None, at: datetime, last_date: date, point_cost_ppm: int | None = None
) -> Statement:
    """
    Close the period up to the end of ``last_date`` and keep its figures for ever: what is recorded or taken back later counts
    in the period that is open then, whatever its date.

    A period begins where the last one ended; the first one with the first entry. Entries are counted by when they happened,
    [begin, end) in the account's time zone. It waits, at most five seconds, for sales that are being recorded just now; none
    waits for it.

    Units:   point_cost_ppm in millionths of a currency unit for a point; None = as in the last closed period.
    Writes:  1 settlement. No entry.
    Queries: 9, and two more for each 20 ms that it waits.
    Raises:  ModuleNotActivated, MissingParameter("point_cost"), InvalidParameter("date_end" or "point_cost"), LockTimeout.
    Source:  ADR-0018.
    """
    refuse_without_module(account)
    if last_date >= at.astimezone(account.zone).date():
        raise InvalidParameter("date_end", "the day is not over yet")
    last_entry_id = _last_entry_id(account)
    _wait_for_writers()
    Account.objects.select_for_update(no_key=True).only("id").get(id=account.id)  # of two who close at once one waits
    before = find_last_settlement(account=account)
    if before is not None and last_date <= before.last_date:
        raise InvalidParameter("date_end", f"closed up to {before.last_date.isoformat()} already")
    cost = check_point_cost(point_cost_ppm, before)
    ends_at = midnight_after(last_date, account.zone)
    begin = open_range(before, ends_at)
    last_entry_id = max(last_entry_id, before.last_entry_id if before else 0)
    over = Range(begin.starts_at, ends_at, begin.first_id, begin.closed_id, last_entry_id)
    figures = get_figures(account=account, over=over)
    made = Settlement.objects.create(
        account_id=account.id, first_date=begin.first_date, last_date=last_date, ends_at=ends_at, point_cost_ppm=cost,
        figures=frozen(figures.lines, figures.flows, debts_between(figures.flows, cost, account.currency)),
        user_id=by.id if by else 0, closed_at=at, last_entry_id=last_entry_id,
        next_entry_id=_next_entry_id(account, over),
    )  # fmt: skip
    return statement_of(made)


def _last_entry_id(account: AccountConfig) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM ledger_entries WHERE account_id = %s", [account.id])
        ((last,),) = cursor.fetchall()
    return int(last)


def _next_entry_id(account: AccountConfig, over: Range) -> int:
    """The first entry that a later period may count: dated after this one, or not there when this one was closed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(min(id), %(last)s + 1) FROM ledger_entries"
            " WHERE account_id = %(account)s AND id >= %(first)s AND id <= %(last)s AND occurred_at >= %(ends_at)s",
            {"account": account.id, "first": over.first_id, "last": over.last_id, "ends_at": over.ends_at},
        )
        ((following,),) = cursor.fetchall()
    return int(following)


def _wait_for_writers() -> None:
    """
    Wait until whoever was writing to the books has committed or given up: then no entry up to the last seen is still to come.

    Raises: LockTimeout.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WRITERS)
        waiting = {row[0] for row in cursor.fetchall()}
        for _ in range(POLLS_MAX):
            if not waiting:
                return
            cursor.execute("SELECT pg_sleep_for('20 milliseconds')")
            cursor.execute(_WRITERS)
            waiting &= {row[0] for row in cursor.fetchall()}
    raise LockTimeout
