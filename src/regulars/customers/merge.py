# SPDX-License-Identifier: Apache-2.0
"""One person, two records: who he is, after they became one. What he has is the ledger's to move before this."""

from __future__ import annotations

from datetime import datetime

from regulars.accounts.directory import AccountConfig
from regulars.customers.models import Alias, Customer
from regulars.customers.operations import erase
from regulars.customers.rows import CustomerRow


def absorb(*, account: AccountConfig, customer_id: int, gone: CustomerRow, by: int, at: datetime) -> None:
    """
    Erase the record ``gone``; its code, its card and its earlier numbers lead to the other customer from now on.

    Writes: 1 customer, 0 to 2 aliases, and the aliases it had.
    Raises: CustomerNotFound.
    """
    Alias.objects.filter(account_id=account.id, customer_id=gone.id).update(customer_id=customer_id)
    numbers = [("code", gone.code), ("card", gone.card_number)]
    erase(account=account, customer_id=gone.id, by=by, at=at)
    Alias.objects.bulk_create(
        Alias(account_id=account.id, kind=kind, value=value, customer_id=customer_id)
        for kind, value in numbers
        if value and not _is_own(account, kind, value)
    )


def _is_own(account: AccountConfig, kind: str, value: str) -> bool:
    """Whether a living customer has the number itself: then it needs no alias, and must not have one."""
    column = {"code": "code", "card": "card_number"}[kind]
    return Customer.objects.filter(account_id=account.id, deleted_at__isnull=True, **{column: value}).exists()
