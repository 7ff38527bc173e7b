# SPDX-License-Identifier: Apache-2.0
"""Merging two records of one customer: identity, balances, mail, in one unit of work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.customers import merge as customers
from regulars.customers import queries
from regulars.customers.rows import CustomerRow
from regulars.errors import CustomerNotFound, InvalidParameter
from regulars.ledger import operations as ledger
from regulars.messages.models import OutboxMessage


@dataclass(frozen=True, slots=True)
class Merged:
    """The customer who stays, and the record that is gone, as it was."""

    customer: CustomerRow
    gone: CustomerRow


def merge_customers(*, account: AccountConfig, by: UserConfig, at: datetime, customer_id: int, gone_id: int) -> Merged:
    """
    Make one customer of two: ``customer_id`` stays with his own profile, and gets everything that ``gone_id`` has.

    Balances, lots and debts move by entries of kind move; nothing that was earned is lost or counted twice (I15). The other's
    code, card and earlier numbers find the customer who stays. Transactions of the record that is gone stay under it in the
    books; taken back, they are taken back from the customer who stays.

    Raises: CustomerNotFound, InvalidParameter("gone_id") where both are the same, StaleConfiguration, LockTimeout.
    Source: api.md 13 (our extension customer_merge).
    """
    if customer_id == gone_id:
        raise InvalidParameter("gone_id", "both are the same customer")
    customer = queries.get_customer(account=account, customer_id=customer_id)
    gone = queries.get_customer(account=account, customer_id=gone_id)
    ledger.move(
        account=account,
        from_customer_id=gone_id,
        to_customer_id=customer_id,
        by=by.id,
        at=at,
        description=f"Merged from {gone.code}.",
    )
    OutboxMessage.objects.filter(account_id=account.id, customer_id=gone_id).update(customer_id=customer_id)
    customers.absorb(account=account, customer_id=customer_id, gone=gone, by=by.id, at=at)
    return Merged(customer, gone)


def get_named(*, account: AccountConfig, code: str | None, card_number: str | None, name: str) -> int:
    """Return the id of the customer that a code, or else a card, names. Raises CustomerNotFound naming ``name``."""
    found = queries.find_customer_id(account=account, code=code, card_number=None if code else card_number)
    if found is None:
        raise CustomerNotFound(fields=(name,))
    return found
