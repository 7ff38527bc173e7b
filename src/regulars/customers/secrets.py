# SPDX-License-Identifier: Apache-2.0
"""Compares customers' passwords and PINs with what is on record; wrong PINs are counted, and too many lock the PIN."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Case, F, Q, Value, When

from regulars.accounts.directory import AccountConfig
from regulars.customers import queries
from regulars.customers.models import Customer
from regulars.customers.rules import PIN_FAILURES_MAX, PIN_LOCK_SECONDS
from regulars.errors import (
    CustomerNotRegistered,
    NoCustomerMatches,
    NoSecretOnRecord,
    PinLocked,
    SecretMismatch,
    SeveralCustomersMatch,
)
from regulars.kit.phones import phone_forms
from regulars.users.passwords import verify_password


def check_secrets(
    *,
    account: AccountConfig,
    at: datetime,
    code: str = "",
    card_number: str = "",
    username: str = "",
    phone: str = "",
    password: str = "",
    pin: str = "",
) -> int:
    """
    Return the id of the customer whom everything given names and whose password and PIN are the ones given.

    At least one of code, card_number and username, and one of password and pin, must be there.

    Raises: NoCustomerMatches, SeveralCustomersMatch, CustomerNotRegistered, NoSecretOnRecord, SecretMismatch, PinLocked.
    Source: api.md 7 validate_customer_password.
    """
    customer = _named(account, code, card_number, username, phone)
    if password:
        if not customer.password_hash:
            verify_password("", password)
            raise NoSecretOnRecord if customer.is_registered else CustomerNotRegistered
        if not verify_password(customer.password_hash, password):
            raise SecretMismatch
    if pin:
        if not customer.pin_hash:
            verify_password("", pin)
            raise NoSecretOnRecord("No PIN exists in the record")
        if is_pin_locked(customer, at):
            raise PinLocked
        if not holds_pin(account=account, customer=customer, pin=pin, at=at):
            raise SecretMismatch("PINs do not match")
    customer_id: int = customer.id
    return customer_id


def is_pin_locked(customer: Customer, at: datetime) -> bool:
    """Whether too many wrong PINs were tried a short while ago."""
    return customer.pin_locked_until is not None and customer.pin_locked_until > at


def holds_pin(*, account: AccountConfig, customer: Customer, pin: str, at: datetime) -> bool:
    """
    Whether a PIN is the customer's. A locked one never is, and a wrong one counts towards the lock.

    Writes: on a wrong PIN 1 customer; the error raised for it must be one that keeps changes.
    """
    if not customer.pin_hash or is_pin_locked(customer, at):
        return False
    if verify_password(customer.pin_hash, pin):
        if customer.pin_failures:
            Customer.objects.filter(account_id=account.id, id=customer.id).update(pin_failures=0)
        return True
    _count_wrong_pin(account.id, customer.id, at)
    return False


def _count_wrong_pin(account_id: int, customer_id: int, at: datetime) -> None:
    is_last = Q(pin_failures__gte=PIN_FAILURES_MAX - 1)
    Customer.objects.filter(account_id=account_id, id=customer_id).update(
        pin_locked_until=Case(
            When(is_last, then=Value(at + timedelta(seconds=PIN_LOCK_SECONDS))), default=F("pin_locked_until")
        ),
        pin_failures=Case(When(is_last, then=Value(0)), default=F("pin_failures") + 1),
    )


def _named(account: AccountConfig, code: str, card_number: str, username: str, phone: str) -> Customer:
    query = Customer.objects.filter(account_id=account.id, deleted_at__isnull=True)
    if code:
        query = query.filter(id=queries.find_id_by_code(account=account, code=code) or 0)
    if card_number:
        customer_id = queries.find_customer_id(account=account, card_number=card_number)
        if customer_id is None and len(query.filter(_contact(card_number))[:2]) > 1:
            # They share the address or number that was typed in place of a card.
            raise SeveralCustomersMatch
        query = query.filter(id=customer_id or 0)
    if username:
        query = query.filter(username=username)
    if phone:
        query = query.filter(_phone(phone))
    customers = list(query.order_by("id")[:2])
    if not customers:
        raise NoCustomerMatches
    if len(customers) > 1:
        raise SeveralCustomersMatch
    return customers[0]


def _contact(text: str) -> Q:
    return Q(email__iexact=text) if "@" in text else _phone(text)


def _phone(text: str) -> Q:
    forms = phone_forms(text)
    condition = Q(phone=text)
    if forms.digits:
        condition |= Q(phone_digits=forms.digits) | Q(phone_national=forms.national)
    return condition
