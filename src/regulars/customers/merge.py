# SPDX-License-Identifier: Apache-2.0
"""One person, two records: who he is, after they became one. What he has is the ledger's to move before this."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from regulars.accounts.directory import AccountConfig
from regulars.customers.models import Alias, Customer
from regulars.customers.operations import erase, locked_to_change
from regulars.customers.queries import get_customer
from regulars.customers.rows import CustomerRow
from regulars.customers.rules import check_code
from regulars.errors import CardInUse


def absorb(*, account: AccountConfig, customer_id: int, gone: CustomerRow, by: int, at: datetime) -> None:
    """
    Erase the record ``gone``; its code, its card and its earlier numbers lead to the other customer from now on.

    Writes: 1 customer, 0 to 2 aliases, and the aliases it had.
    Raises: CustomerNotFound; CustomerErased for either whose personal data were erased: numbers would lead to him again.
    """
    for each in sorted((customer_id, gone.id)):
        locked_to_change(account, each)
    Alias.objects.filter(account_id=account.id, customer_id=gone.id).update(customer_id=customer_id)
    numbers = [("code", gone.code), ("card", gone.card_number)]
    erase(account=account, customer_id=gone.id, by=by, at=at)
    Customer.objects.filter(account_id=account.id, id=gone.id).update(merged_into_id=customer_id)
    Alias.objects.bulk_create(
        Alias(account_id=account.id, kind=kind, value=value, customer_id=customer_id)
        for kind, value in numbers
        if value and not _is_own(account, kind, value)
    )


def _is_own(account: AccountConfig, kind: str, value: str) -> bool:
    """Whether a living customer has the number itself: then it needs no alias, and must not have one."""
    column = {"code": "code", "card": "card_number"}[kind]
    return Customer.objects.filter(account_id=account.id, deleted_at__isnull=True, **{column: value}).exists()


def replace_numbers(
    *, account: AccountConfig, customer_id: int, code: str | None, card_number: str | None, at: datetime
) -> CustomerRow:
    """
    Give a customer a new code, a new card, or both (None = as it is). The old ones find him from now on, too.

    Raises: CustomerNotFound, CustomerErased, InvalidParameter, CardInUse where somebody else has it.
    """
    customer = locked_to_change(account, customer_id)
    for kind, column, value in (("code", "code", code), ("card", "card_number", card_number)):
        old = getattr(customer, column)
        if value is None or value == old:
            continue
        check_code(value, column)
        try:
            with transaction.atomic():
                Customer.objects.filter(account_id=account.id, id=customer_id).update(**{column: value, "updated_at": at})
        except IntegrityError as error:
            raise CardInUse(fields=(column,)) from error
        Alias.objects.filter(account_id=account.id, kind=kind, value=value, customer_id=customer_id).delete()
        if old:
            Alias.objects.create(account_id=account.id, kind=kind, value=old, customer_id=customer_id)
    return get_customer(account=account, customer_id=customer_id)
