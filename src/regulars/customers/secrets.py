# SPDX-License-Identifier: Apache-2.0
"""Compares customers' passwords and PINs with what is on record; wrong ones are counted, and too many lock them."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Q

from regulars.accounts.directory import AccountConfig
from regulars.customers import queries
from regulars.customers.models import Customer
from regulars.customers.rules import FAILURES_MAX, SECRET_LOCK_SECONDS
from regulars.errors import (
    CustomerNotRegistered,
    NoCustomerMatches,
    NoSecretOnRecord,
    PasswordLocked,
    PinLocked,
    SecretMismatch,
    SeveralCustomersMatch,
)
from regulars.kit.phones import phone_forms
from regulars.users.passwords import verify_password

log = logging.getLogger("regulars.customers")

Kind = Literal["password", "pin"]


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

    Raises: NoCustomerMatches, SeveralCustomersMatch, CustomerNotRegistered, NoSecretOnRecord, SecretMismatch, PasswordLocked,
            PinLocked.
    Source: api.md 7 validate_customer_password.
    """
    customer = _named(account, code, card_number, username, phone)
    if password:
        if not customer.password_hash:
            verify_password("", password)
            raise NoSecretOnRecord if customer.is_registered else CustomerNotRegistered
        _require(account, customer, "password", password, at)
    if pin:
        if not customer.pin_hash:
            verify_password("", pin)
            raise NoSecretOnRecord("No PIN exists in the record")
        _require(account, customer, "pin", pin, at)
    customer_id: int = customer.id
    return customer_id


def _require(account: AccountConfig, customer: Customer, kind: Kind, given: str, at: datetime) -> None:
    outcome = compare_secret(account=account, customer_id=customer.id, kind=kind, given=given, at=at)
    if outcome == "locked":
        raise PasswordLocked if kind == "password" else PinLocked
    if outcome == "differs":
        raise SecretMismatch if kind == "password" else SecretMismatch("PINs do not match")


def compare_secret(
    *, account: AccountConfig, customer_id: int, kind: Kind, given: str, at: datetime
) -> Literal["matches", "differs", "locked"]:
    """
    Compare a password or PIN with the customer's. A wrong one counts towards the lock, a right one ends the count.

    The customer's row is locked meanwhile, so that tries at the same time are counted one after the other. An error raised
    for a wrong one must be one that keeps changes.

    Queries: 1, and 1 where the count changes. A locked secret is not compared at all.
    """
    row = (
        Customer.objects.select_for_update(no_key=True)
        .filter(account_id=account.id, id=customer_id, deleted_at__isnull=True)
        .values(f"{kind}_hash", f"{kind}_failures", f"{kind}_locked_until")
        .first()
    )
    if row is None or not row[f"{kind}_hash"]:
        verify_password("", given)
        return "differs"
    failures, locked_until = row[f"{kind}_failures"], row[f"{kind}_locked_until"]
    if locked_until is not None and locked_until > at:
        return "locked"
    matches = verify_password(row[f"{kind}_hash"], given)
    changes: dict[str, object] = {f"{kind}_failures": 0 if matches else failures + 1}
    if not matches and failures + 1 >= FAILURES_MAX[kind]:
        changes = {f"{kind}_failures": 0, f"{kind}_locked_until": at + timedelta(seconds=SECRET_LOCK_SECONDS)}
        log.warning("account %s: a customer's %s is locked after too many wrong ones", account.code, kind)
    if not matches or failures:
        Customer.objects.filter(account_id=account.id, id=customer_id).update(**changes)
    return "matches" if matches else "differs"


def _named(account: AccountConfig, code: str, card_number: str, username: str, phone: str) -> Customer:
    query = Customer.objects.filter(account_id=account.id, deleted_at__isnull=True)
    if code:
        query = query.filter(id=queries.find_id_by_code(account=account, code=code) or 0)
    if card_number:
        customer_id = queries.find_customer_id(account=account, card_number=card_number)
        if customer_id is None and _is_shared(account, card_number):
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


def _is_shared(account: AccountConfig, text: str) -> bool:
    """Whether an e-mail address or phone number is that of several customers."""
    wanted = {"column": "phone", "value": text, "match": "exact", "digits": queries.digits_of(text)}
    if "@" in text:
        wanted = {"column": "email", "value": text, "match": "exact_any_case"}
    return queries.search_ids(account=account, wanted={"fields": [wanted]}, need=1).seen > 1


def _phone(text: str) -> Q:
    forms = phone_forms(text)
    condition = Q(phone=text)
    if forms.digits:
        condition |= Q(phone_digits=forms.digits) | Q(phone_national=forms.national)
    return condition
