# SPDX-License-Identifier: Apache-2.0
"""
Writes customers: enrol, edit, register, erase. Only who they are; what they have is the ledger's.

Each runs in the caller's unit of work. A customer's row is locked before it is changed. Uniqueness is the database's
(named constraints): of two tills that enrol the same card at once, one wins and the other gets the conflict.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Value
from django.db.models.functions import Lower

from regulars.accounts.directory import AccountConfig
from regulars.accounts.models import Account
from regulars.accounts.rules import check_values
from regulars.customers import queries
from regulars.customers.models import Alias, Customer, FieldValue
from regulars.customers.rows import CustomerRow
from regulars.customers.rules import (
    CODE_DIGITS,
    COLUMNS,
    TRIAL_CUSTOMERS_MAX,
    CardRequest,
    CustomerErased,
    Profile,
    check_code,
    check_profile,
    columns_of,
    indexed_values,
    merged_fields,
    random_digits_needed,
)
from regulars.errors import (
    CardInUse,
    CustomerExists,
    CustomerNotFound,
    MissingParameter,
    NotUnique,
    NumberNotGenerated,
    RegularsError,
    TrialLimitReached,
    UsernameTaken,
)
from regulars.kit.ids import RANDOM, random_digits
from regulars.users.passwords import hash_password

RESTORED = (*COLUMNS, "phone_digits", "phone_national", "password_hash", "pin_hash", "is_registered", "fields")
"""The columns that editing may change."""
BLANK: Mapping[str, Any] = {
    **dict.fromkeys((*COLUMNS, "phone_digits", "phone_national", "password_hash", "pin_hash"), ""), "fields": {},
    "is_registered": False, "pin_failures": 0, "pin_locked_until": None, "password_failures": 0, "password_locked_until": None,
}  # fmt: skip
"""A row that does not tell who it is, but for the code."""
TRIES_MAX = 20
"""How many random numbers are tried before we say that there seem to be none left."""


def new_card_number(*, account: AccountConfig, request: CardRequest, rng: random.Random = RANDOM) -> str:
    """
    Return a made-up card number that is nobody's code or card. It is not kept: who uses it first has it.

    Queries: 2 for each number tried, at most 20 numbers.
    Raises:  InvalidParameter, NumberNotGenerated.
    """
    needed = random_digits_needed(request)
    for _ in range(TRIES_MAX):
        number = f"{request.prefix}{random_digits(needed, rng)}{request.suffix}"
        if not queries.is_number_taken(account=account, number=number):
            return number
    raise NumberNotGenerated


def enrol(
    *,
    account: AccountConfig,
    profile: Profile,
    by: int,
    at: datetime,
    code: str = "",
    card: CardRequest | None = None,
    wants_random_code: bool = False,
    rng: random.Random = RANDOM,
) -> CustomerRow:
    """
    Add a customer and return him as recorded.

    Without ``code`` the card number becomes the code, unless ``wants_random_code`` or there is no card: then it is 16
    random digits. ``card`` asks for a made-up card number where the profile has none.

    Writes:  1 customer, 0..n field values. Locks the account's row while it is in trial mode.
    Raises:  CustomerExists, CardInUse, UsernameTaken, NotUnique, TrialLimitReached, NumberNotGenerated,
             InvalidParameter, MissingParameter, Problems.
    Source:  api.md 7 record_customer; concepts.md 1, 7.
    """
    columns = new_columns(account, profile)
    fields = columns["fields"]
    _refuse_beyond_trial(account)
    if card is not None and not columns.get("card_number"):
        columns["card_number"] = new_card_number(account=account, request=card, rng=rng)
    card_number = columns.get("card_number", "")
    if card_number:
        check_code(card_number, "card_number")
        if queries.find_id_by_card(account=account, card_number=card_number) is not None:
            raise CardInUse(fields=("card_number",))
    chosen, taken = _choose_code(account, code, "" if wants_random_code else card_number, rng)
    columns |= secrets_of(profile) | {"code": chosen, "created_at": at, "updated_at": at}
    with _conflicts(account, 0, fields, taken), transaction.atomic():
        customer = Customer.objects.create(account_id=account.id, **columns)
        write_field_values(account, {customer.id: fields})
    return queries.row_of(customer)


def new_columns(account: AccountConfig, profile: Profile) -> dict[str, Any]:
    """
    Return what a new customer's row says, but for code, secrets and a card number to be made.

    Raises: InvalidParameter, MissingParameter, Problems.
    """
    check_profile(profile)
    values = check_values(account.customer_fields, profile.fields, currency=account.currency, is_complete=True)
    columns: dict[str, Any] = columns_of(profile, account)
    return columns | {"fields": merged_fields({}, values)}


def edit(*, account: AccountConfig, customer_id: int, profile: Profile, by: int, at: datetime) -> CustomerRow:
    """
    Change what the profile names of a customer, and return him as recorded.

    Writes:  1 customer, 0..n field values. Locks the customer's row.
    Raises:  CustomerNotFound, CustomerErased, CardInUse, UsernameTaken, NotUnique, InvalidParameter, MissingParameter,
             Problems.
    """
    check_profile(profile)
    customer = locked_to_change(account, customer_id)
    return _change(account, customer, profile, at)


def register(*, account: AccountConfig, customer_id: int, profile: Profile, by: int, at: datetime) -> CustomerRow:
    """
    Let a member take over a card that was issued: the profile brings at least a password.

    Raises:  CardInUse where the card has a member already; MissingParameter("password"); as edit().
    Source:  api.md 7 record_customer, customer_action=register.
    """
    if not profile.password:
        raise MissingParameter("password")
    check_profile(profile)
    customer = locked_to_change(account, customer_id)
    if customer.is_registered or customer.password_hash:
        raise CardInUse(fields=("card_number",))
    return _change(account, customer, profile, at)


def restore(*, account: AccountConfig, customer_id: int, former: Mapping[str, Any], unless_changed_since: datetime) -> bool:
    """
    Write a customer's former row back, unless somebody has changed him since; return whether it was written.

    ``former``: the columns of ``RESTORED`` and ``updated_at``, as the row had them: then it never was changed.
    Raises: CustomerNotFound; CardInUse, UsernameTaken, NotUnique where somebody else has by now what was his.
    """
    customer = locked(account, customer_id)
    if customer.updated_at != unless_changed_since:
        return False
    columns = {name: former[name] for name in RESTORED}
    columns["updated_at"] = datetime.fromisoformat(former["updated_at"])
    _write(account, customer, columns, rewrites_values=True)
    return True


def erase(*, account: AccountConfig, customer_id: int, by: int, at: datetime) -> str:
    """
    Take away everything that tells who the customer is, free code, card and username, and return the code.

    The row stays for the books, which name its id. Balances are the ledger's to close before this.

    Raises: CustomerNotFound.
    """
    code = locked(account, customer_id).code
    forget_numbers(account, customer_id)
    Customer.objects.filter(account_id=account.id, id=customer_id).update(**BLANK, code="", updated_at=at, deleted_at=at)
    return code


def forget_numbers(account: AccountConfig, customer_id: int) -> None:
    """Let nothing that a customer had before, and no field of his, find him any more."""
    Alias.objects.filter(account_id=account.id, customer_id=customer_id).delete()
    FieldValue.objects.filter(account_id=account.id, customer_id=customer_id).delete()


def locked(account: AccountConfig, customer_id: int) -> Customer:
    """Return a live customer, locked. Raises CustomerNotFound."""
    customer = (
        Customer.objects.select_for_update(no_key=True)
        .filter(account_id=account.id, id=customer_id, deleted_at__isnull=True)
        .first()
    )
    if customer is None:
        raise CustomerNotFound
    return customer


def locked_to_change(account: AccountConfig, customer_id: int) -> Customer:
    """Return a live customer, locked, whose data may be written. Raises CustomerNotFound, CustomerErased."""
    customer = locked(account, customer_id)
    if customer.erased_at is not None:
        raise CustomerErased
    return customer


def changed_columns(account: AccountConfig, customer: Customer, profile: Profile, at: datetime) -> dict[str, Any]:
    """Return what a profile changes of a customer's row. Raises: InvalidParameter, MissingParameter, Problems."""
    changed = check_values(account.customer_fields, profile.fields, currency=account.currency)
    columns: dict[str, Any] = columns_of(profile, account, phone=customer.phone, country=customer.country)
    return columns | secrets_of(profile) | {"fields": merged_fields(customer.fields, changed), "updated_at": at}


def _change(account: AccountConfig, customer: Customer, profile: Profile, at: datetime) -> CustomerRow:
    columns = changed_columns(account, customer, profile, at)
    card_number = columns.get("card_number", "")
    if card_number and card_number != customer.card_number:
        check_code(card_number, "card_number")
        if queries.find_id_by_card(account=account, card_number=card_number) not in (None, customer.id):
            raise CardInUse(fields=("card_number",))
    _write(account, customer, columns, rewrites_values=bool(profile.fields))
    return queries.row_of(customer)


def _write(account: AccountConfig, customer: Customer, columns: dict[str, Any], *, rewrites_values: bool) -> None:
    """Write columns of a locked customer. Raises the conflict that a broken constraint means."""
    for name, value in columns.items():
        setattr(customer, name, value)
    fields = customer.fields
    with _conflicts(account, customer.id, fields, CardInUse(fields=("card_number",))), transaction.atomic():
        Customer.objects.filter(account_id=account.id, id=customer.id).update(**columns)
        if rewrites_values:
            FieldValue.objects.filter(account_id=account.id, customer_id=customer.id).delete()
            write_field_values(account, {customer.id: fields})


def _refuse_beyond_trial(account: AccountConfig) -> None:
    if account.state != "trial":
        return
    # The row is the lock: of two enrolments at once the second counts after the first has committed.
    state = Account.objects.select_for_update(no_key=True).values_list("state", flat=True).get(id=account.id)
    if state == "trial":
        count = Customer.objects.filter(account_id=account.id, deleted_at__isnull=True).count()
        if count >= TRIAL_CUSTOMERS_MAX:
            raise TrialLimitReached


def _choose_code(account: AccountConfig, code: str, card_number: str, rng: random.Random) -> tuple[str, RegularsError]:
    """Return the new customer's code and what to say where somebody else turns out to have it."""
    if code:
        check_code(code)
        if queries.find_id_by_code(account=account, code=code) is not None:
            raise CustomerExists(fields=("code",))
        return code, CustomerExists(fields=("code",))
    if card_number:
        if queries.find_id_by_code(account=account, code=card_number) is not None:
            raise CardInUse(fields=("card_number",))
        return card_number, CardInUse(fields=("card_number",))
    return new_card_number(account=account, request=CardRequest(CODE_DIGITS), rng=rng), NumberNotGenerated()


def secrets_of(profile: Profile) -> dict[str, Any]:
    """Return the columns of password and PIN. Who has a password is registered; who loses it is not."""
    columns: dict[str, Any] = {}
    if profile.password is not None:
        columns["password_hash"] = hash_password(profile.password) if profile.password else ""
        columns |= {"is_registered": bool(profile.password), "password_failures": 0, "password_locked_until": None}
    if profile.pin is not None:
        columns |= {"pin_hash": hash_password(profile.pin) if profile.pin else "", "pin_failures": 0, "pin_locked_until": None}
    return columns


def write_field_values(account: AccountConfig, fields_by_customer: Mapping[int, Mapping[str, str]]) -> None:
    """Write what look-ups and uniqueness go by, for customers who have none of it yet. Raises IntegrityError."""
    values = [
        (customer_id, *value) for customer_id, fields in fields_by_customer.items() for value in indexed_values(account, fields)
    ]
    if not values:
        return
    # lower() of the database, because look-ups compare with it.
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_field_values (account_id, customer_id, number, value, is_unique)"
            " SELECT %s, v.customer_id, v.number, left(lower(v.value), 255), v.is_unique"
            " FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::bool[]) AS v (customer_id, number, value, is_unique)",
            [account.id, *([value[part] for value in values] for part in range(4))],
        )


def _taken_field(account: AccountConfig, customer_id: int, fields: Mapping[str, str]) -> str:
    """Return the name of the field whose value somebody else has; the database does not say under row-level security."""
    for number, value, is_unique in indexed_values(account, fields):
        others = FieldValue.objects.filter(account_id=account.id, number=number, value=Lower(Value(value)), is_unique=True)
        if is_unique and others.exclude(customer_id=customer_id).exists():
            return f"custom_field_{number}"
    return "custom_field"


@contextmanager
def _conflicts(
    account: AccountConfig, customer_id: int, fields: Mapping[str, str], code_taken: RegularsError
) -> Iterator[None]:
    """Turn a broken named constraint into the conflict it means. ``code_taken``: what a taken code is called here."""
    try:
        yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        constraint = getattr(diagnosis, "constraint_name", None)
        if constraint == "customers_customers_code_unique":
            raise code_taken from error
        if constraint == "customers_customers_card_unique":
            raise CardInUse(fields=("card_number",)) from error
        if constraint == "customers_customers_username_unique":
            raise UsernameTaken(fields=("username",)) from error
        if constraint == "customers_field_values_unique":
            raise NotUnique(_taken_field(account, customer_id, fields)) from error
        raise
