# SPDX-License-Identifier: Apache-2.0
"""Balances follow their campaigns to another pool, customer by customer, each under his own lock (ADR-0013)."""

from __future__ import annotations

from datetime import datetime

from regulars.accounts.directory import AccountConfig
from regulars.accounts.models import Account
from regulars.accounts.queries import get_account_config
from regulars.campaigns.models import Campaign
from regulars.coalition.rules import BalancesMoving
from regulars.errors import StaleConfiguration
from regulars.ledger import operations as ledger

AT_ONCE_MAX = 100
"""So many customers follow within the change itself; where there are more, the job and each customer's next sale do it."""
STEP = 50
"""Customers of one unit of work of the job: none of them waits for longer than those take."""


def follow(*, account: AccountConfig, at: datetime, limit: int = STEP) -> int:
    """
    Bring the balances of up to ``limit`` customers to where their campaigns are now; return of how many. Repeat until 0.

    Writes: two entries per campaign of each customer, his lots and balances; locks one customer after the other.
    Raises: LockTimeout, StaleConfiguration.
    """
    customers = ledger.list_unmoved(account=account, limit=limit)
    for customer_id in customers:
        ledger.settle(account=account, customer_id=customer_id, at=at)
    if not customers and account.is_moving:
        Account.objects.filter(id=account.id).update(is_moving=False)
    return len(customers)


def lock_pools(account: AccountConfig, at: datetime) -> AccountConfig:
    """
    Let nobody else change the account's pools until the unit of work ends, and the last change be complete first.

    Raises: StaleConfiguration; BalancesMoving where many balances still follow the last change; LockTimeout.
    """
    campaigns = Campaign.objects.select_for_update(no_key=True).filter(account_id=account.id).order_by("id")
    list(campaigns.values_list("id"))  # in the order of every other change: campaigns, then the account, then customers
    version = Account.objects.select_for_update(no_key=True).values_list("config_version", flat=True).get(id=account.id)
    if version != account.version:
        raise StaleConfiguration
    if len(ledger.list_unmoved(account=account, limit=AT_ONCE_MAX + 1)) > AT_ONCE_MAX:
        raise BalancesMoving
    follow(account=account, at=at, limit=AT_ONCE_MAX)
    return account


def follow_change(account_id: int, at: datetime) -> bool:
    """Move the balances of a small account at once; return whether all are where they belong. Else the job is told."""
    account = get_account_config(account_id)
    is_complete = len(ledger.list_unmoved(account=account, limit=AT_ONCE_MAX + 1)) <= AT_ONCE_MAX
    if is_complete:
        follow(account=account, at=at, limit=AT_ONCE_MAX)
    if account.is_moving is is_complete:
        Account.objects.filter(id=account_id).update(is_moving=not is_complete)
    return is_complete
