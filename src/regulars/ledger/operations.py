# SPDX-License-Identifier: Apache-2.0
"""The ledger for everything that is not hot: the same SQL functions, called in the current unit of work."""

from __future__ import annotations

from datetime import datetime

from regulars.accounts.directory import AccountConfig
from regulars.ledger.books import Posted, Posting, Reversed


def post(posting: Posting) -> Posted:
    """
    Record one posting.

    Raises: StaleConfiguration, CustomerNotFound, InsufficientBalance, UnexpectedBalance, KeyReused, LockTimeout.
    """
    raise NotImplementedError


def reverse(
    *,
    account: AccountConfig,
    entry_id: int,
    by: int,
    at: datetime,
    amount: int | None = None,
    purchase_minor: int | None = None,
    description: str = "",
    is_delete: bool = False,
) -> Reversed:
    """
    Take an earning or a redemption back, whole or in part; lots come back with their expiry.

    Units:  amount in the entry's own unit, positive; None = all that is left. purchase_minor in currency minor units:
            take back in proportion to this part of the purchase instead.
    Raises: TransactionNotFound, AlreadyReversed, InvalidParameter("amount") where more than is left is asked for.
    """
    raise NotImplementedError


def settle(*, account: AccountConfig, customer_id: int, at: datetime) -> None:
    """Book the depreciations and fees of a customer's balances that are due by ``at``, and plan the next."""
    raise NotImplementedError


def close_customer(*, account: AccountConfig, customer_id: int, by: int, at: datetime) -> None:
    """Bring every balance of a customer to zero by entries (the customer is being deleted)."""
    raise NotImplementedError
