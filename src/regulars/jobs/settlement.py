# SPDX-License-Identifier: Apache-2.0
"""Books depreciations and fees that are due, customer by customer, so that reports need not wait for somebody to ask."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from regulars.accounts.directory import AccountConfig
from regulars.accounts.queries import get_account_config
from regulars.coalition.operations import follow
from regulars.errors import LockTimeout, StaleConfiguration
from regulars.jobs.queries import list_customers_due
from regulars.kit.db import unit_of_work
from regulars.ledger.operations import settle

PAGE = 500

log = logging.getLogger("regulars.jobs")


def settle_due(
    *,
    account: AccountConfig,
    at: datetime,
    with_replanned: bool = False,
    should_stop: Callable[[], bool] = lambda: False,
) -> int:
    """
    Settle every customer of an account who has something due by ``at``; return how many.

    Each customer is a unit of work of its own: nothing waits long for a lock, and a customer whose lock is held by others is
    left for the next time. ``should_stop`` is asked between two customers.
    """
    settled = after = 0
    while True:
        with unit_of_work(account.id):
            customers = list_customers_due(account=account, at=at, after=after, limit=PAGE, with_replanned=with_replanned)
        for customer_id in customers:
            if should_stop():
                return settled
            try:
                account = _settle_one(account, customer_id, at)
                settled += 1
            except (LockTimeout, StaleConfiguration):
                log.info("account %s: customer %s is busy, settled later", account.id, customer_id)
        if len(customers) < PAGE:
            return settled
        after = customers[-1]


def _settle_one(account: AccountConfig, customer_id: int, at: datetime) -> AccountConfig:
    """Settle one customer; return the configuration it was done under, loaded anew where it had changed."""
    try:
        with unit_of_work(account.id):
            settle(account=account, customer_id=customer_id, at=at)
    except StaleConfiguration:
        account = get_account_config(account.id)
        with unit_of_work(account.id):
            settle(account=account, customer_id=customer_id, at=at)
    return account


def follow_pools(*, account_id: int, now: Callable[[AccountConfig], datetime], should_stop: Callable[[], bool]) -> int:
    """
    Bring all balances of an account to where its campaigns are now, some customers per unit of work; return of how many.

    Where somebody holds a customer, or the configuration changes meanwhile, the rest comes the next time.
    """
    moved = 0
    while not should_stop():
        account = get_account_config(account_id)
        try:
            with unit_of_work(account_id):
                count = follow(account=account, at=now(account))
        except (LockTimeout, StaleConfiguration):
            log.info("account %s: balances are in use, moved later", account_id)
            break
        if not count:
            break
        moved += count
    return moved
