# SPDX-License-Identifier: Apache-2.0
"""The numbers that find a customer: his code and card, what he had before, further cards. Run inside the unit of work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from regulars.accounts.directory import AccountConfig
from regulars.customers import queries
from regulars.customers.models import Alias, Customer
from regulars.customers.operations import locked_to_change
from regulars.customers.rules import check_code
from regulars.errors import CardInUse, LimitReached, NotFound

CARDS_MAX = 50
"""Most numbers besides his own that find one customer."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number that finds the customer besides his own code and card. ``kind``: card or code."""

    kind: str
    value: str


def list_numbers(*, account: AccountConfig, customer_id: int) -> tuple[Number, ...]:
    """Return the further cards of a customer and the numbers he had before; cards first. Queries: 1."""
    rows = Alias.objects.filter(account_id=account.id, customer_id=customer_id).order_by("kind", "value")
    return tuple(Number(kind, value) for kind, value in rows.values_list("kind", "value"))


def add_card(*, account: AccountConfig, customer_id: int, card_number: str, by: int, at: datetime) -> None:
    """
    Let one more card find a customer; the card he has stays. What he has already is added again without harm.

    Writes: 1 alias; locks the customer's row.
    Raises: CustomerNotFound, CustomerErased, InvalidParameter("card_number"), CardInUse, LimitReached.
    """
    check_code(card_number, "card_number")
    customer = locked_to_change(account, customer_id)
    if card_number == customer.card_number:
        return
    owner = queries.find_id_by_card(account=account, card_number=card_number)
    if owner == customer_id:
        return
    if owner is not None:
        raise CardInUse(fields=("card_number",))
    if Alias.objects.filter(account_id=account.id, customer_id=customer_id).count() >= CARDS_MAX:
        raise LimitReached(f"A customer can have at most {CARDS_MAX} further numbers.", fields=("card_number",))
    try:
        with transaction.atomic():
            Alias.objects.create(account_id=account.id, kind="card", value=card_number, customer_id=customer_id)
    except IntegrityError as error:
        raise CardInUse(fields=("card_number",)) from error
    Customer.objects.filter(account_id=account.id, id=customer_id).update(updated_at=at)


def end_number(*, account: AccountConfig, customer_id: int, number: Number, by: int, at: datetime) -> None:
    """
    Let a lost card, or a number a customer had before, find him no more. His own code and card are not ended so.

    Writes: 1 alias; locks the customer's row.
    Raises: CustomerNotFound, CustomerErased, NotFound.
    """
    locked_to_change(account, customer_id)
    numbers = Alias.objects.filter(account_id=account.id, kind=number.kind, value=number.value, customer_id=customer_id)
    if not numbers.delete()[0]:
        raise NotFound("This customer has no such number.", fields=("card_number",))
    Customer.objects.filter(account_id=account.id, id=customer_id).update(updated_at=at)
