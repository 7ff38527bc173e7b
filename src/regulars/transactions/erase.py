# SPDX-License-Identifier: Apache-2.0
"""Deleting a customer: personal data go, the books stay."""

from __future__ import annotations

from datetime import datetime

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.customers import operations as customers
from regulars.customers import queries
from regulars.errors import CustomerNotFound
from regulars.ledger import operations as ledger
from regulars.messages.models import OutboxMessage


def delete_customer(*, account: AccountConfig, by: UserConfig, at: datetime, code: str) -> str:
    """
    Close a customer's balances, erase who he was, and return the code he had. Code, cards and username are free again.

    Entries stay, named by a number that leads to nobody (I6, I15); no call shows them under a customer any more. Mail to
    him that waits is not sent; mail that was sent loses its text and address.

    Writes: 1 entry for each balance that is not zero, 1 customer, his mail.
    Raises: CustomerNotFound, LockTimeout.
    Source: api.md 7 customer_delete.
    """
    customer_id = queries.find_id_by_code(account=account, code=code)
    if customer_id is None:
        raise CustomerNotFound(fields=("code",))
    ledger.close_customer(account=account, customer_id=customer_id, by=by.id, at=at)
    messages = OutboxMessage.objects.filter(account_id=account.id, customer_id=customer_id)
    messages.filter(sent_at__isnull=True).delete()
    messages.update(recipient="", subject="", body="", last_error="")
    return customers.erase(account=account, customer_id=customer_id, by=by.id, at=at)
