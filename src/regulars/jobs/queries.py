# SPDX-License-Identifier: Apache-2.0
"""Which accounts and customers have work waiting. Across accounts only ids are read."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.models import Q

from regulars.accounts.directory import AccountConfig
from regulars.ledger.models import Balance


def _ids(statement: str, *parameters: datetime | int) -> tuple[int, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return tuple(int(row[0]) for row in cursor.fetchall())


def list_account_ids() -> tuple[int, ...]:
    """Return the ids of all accounts. Queries: 1."""
    return _ids("SELECT accounts_list()")


def list_accounts_with_mail(at: datetime) -> tuple[int, ...]:
    """Return the accounts whose outbox may hold mails that are due. Queries: 1."""
    return _ids("SELECT jobs_accounts_with_mail(%s)", at)


def list_accounts_to_settle(at: datetime) -> tuple[int, ...]:
    """Return the accounts where depreciations or fees may be due. Queries: 1."""
    return _ids("SELECT jobs_accounts_to_settle(%s)", at)


def list_accounts_with_batches(idle_seconds: int) -> tuple[int, ...]:
    """Return the accounts with a batch that waits for the jobs, or that nobody has touched for a while. Queries: 1."""
    return _ids("SELECT transactions_accounts_with_batches(%s)", idle_seconds)


def list_accounts_with_imports() -> tuple[int, ...]:
    """Return the accounts with a file that waits for the jobs. Queries: 1."""
    return _ids("SELECT transactions_accounts_with_imports()")


def list_accounts_moving() -> tuple[int, ...]:
    """Return the accounts whose balances still follow a change of the coalition. Queries: 1."""
    return _ids("SELECT jobs_accounts_moving()")


def list_customers_due(
    *, account: AccountConfig, at: datetime, after: int, limit: int, with_replanned: bool
) -> tuple[int, ...]:
    """
    Return customers with balances that depreciations or fees change by ``at``, in order of id, beginning after ``after``.

    ``with_replanned``: also those whose plan was made under older rules. Queries: 1.
    """
    wanted = Q(next_change_at__lte=at)
    if with_replanned:
        wanted |= ~Q(rules_version=account.rules_version)
    rows = Balance.objects.filter(wanted, account_id=account.id, customer_id__gt=after)
    return tuple(rows.order_by("customer_id").values_list("customer_id", flat=True).distinct()[:limit])
