# SPDX-License-Identifier: Apache-2.0
"""A person's data go, the books stay: with his balances closed (deleting), or as they are (erasing)."""

from __future__ import annotations

from datetime import datetime

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.customers import operations as customers
from regulars.customers import queries
from regulars.customers.forgetting import forget_person
from regulars.errors import CustomerNotFound
from regulars.ledger import operations as ledger
from regulars.messages.models import OutboxMessage
from regulars.webhooks.operations import forget_customers


def delete_customer(*, account: AccountConfig, by: UserConfig, at: datetime, code: str) -> str:
    """
    Close a customer's balances, erase who he was, and return the code he had. Code, cards and username are free again.

    Entries stay, named by a number that leads to nobody (I6, I15); no call shows them under a customer any more. What people
    wrote beside them goes. Mail to him that waits is not sent; mail that was sent loses its text and address.

    Writes: 1 entry for each balance that is not zero, 1 customer, the texts of his entries, his mail, deliveries about him.
    Raises: CustomerNotFound, LockTimeout.
    Source: api.md 7 customer_delete.
    """
    customer_id = queries.find_id_by_code(account=account, code=code)
    if customer_id is None:
        raise CustomerNotFound(fields=("code",))
    ledger.close_customer(account=account, customer_id=customer_id, by=by.id, at=at)
    records = queries.list_record_ids(account=account, customer_id=customer_id)
    ledger.forget_person(account=account, customer_ids=records)
    _forget_mail(account, customer_id)
    old_code = customers.erase(account=account, customer_id=customer_id, by=by.id, at=at)
    forget_customers(account=account, customer_ids=records)
    return old_code


def erase_personal_data(*, account: AccountConfig, by: UserConfig, at: datetime, code: str) -> str:
    """
    Take away all that tells who a customer is, change no balance and no total, and return the code his record has now.

    The record stays, nameless, under a random code: what it has is still owed, and is counted in every report as before.
    Nothing that led to the person finds it; it takes no new data and is merged with no other. What people wrote beside his
    transactions goes too, also in records that were merged into his. It cannot be undone.

    Writes: 1 customer, the texts of his entries, his mail, deliveries about him. No entry, no balance.
    Raises: CustomerNotFound, CustomerErased, NumberNotGenerated, LockTimeout.
    Source: ADR-0022; I15.
    """
    customer_id = queries.find_id_by_code(account=account, code=code)
    if customer_id is None:
        raise CustomerNotFound(fields=("code",))
    new_code = forget_person(account=account, customer_id=customer_id, by=by.id, at=at)
    records = queries.list_record_ids(account=account, customer_id=customer_id)
    ledger.forget_person(account=account, customer_ids=records)
    for record_id in records:
        _forget_mail(account, record_id)
    forget_customers(account=account, customer_ids=records)
    return new_code


def _forget_mail(account: AccountConfig, customer_id: int) -> None:
    """Mail that waits is not sent; mail that was sent loses its text and address."""
    messages = OutboxMessage.objects.filter(account_id=account.id, customer_id=customer_id)
    messages.filter(sent_at__isnull=True).delete()
    messages.update(recipient="", subject="", body="", last_error="")
