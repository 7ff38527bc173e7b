# SPDX-License-Identifier: Apache-2.0
"""
Changes of an account itself. Run inside the account's unit of work; afterwards the AccountConfig in hand is stale.

Opening an account, with its owner, is users/opening.py: accounts know nothing of users.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.utils import IntegrityError

from regulars.accounts.brands import check_accent, check_address, check_colour, check_line
from regulars.accounts.directory import PROFILE_COLUMNS, AccountConfig, FieldConfig
from regulars.accounts.hosts import check_host
from regulars.accounts.lengths import checked_length
from regulars.accounts.localisation import parse_country, parse_currency, parse_language, parse_time_zone
from regulars.accounts.logos import logo_png
from regulars.accounts.models import Account, Agency, Brand, Field, Host
from regulars.accounts.queries import get_brand, refuse_unknown_agency
from regulars.accounts.rules import (
    CALLS_PER_MINUTE_MAX,
    REQUEST_LOG_DAYS_MAX,
    UNKNOWN_CARDS_MAX,
    check_account_code,
    check_count,
    check_definition,
)
from regulars.errors import Conflict, FieldExists, InvalidParameter, NotFound, UserIdTaken
from regulars.kit.db import unit_of_work
from regulars.kit.secret import encrypt

STATES = ("trial", "active", "suspended")


class HostTaken(Conflict):
    """The host is somebody's own already; it must be removed before it can be another's."""

    code = "host_taken"
    text = "The host belongs to an account already"


class HostNotFound(NotFound):
    """The host is nobody's own."""

    code = "host_not_found"
    text = "host is not valid: it is nobody's own"


def allocate_account_id() -> int:
    """
    Return the number of an account that is about to be made, so that its unit of work can be opened first.

    Queries: 1.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('accounts_accounts', 'id'))")
        return int(cursor.fetchone()[0])


def insert_account(
    *,
    account_id: int,
    code: str,
    biz_name: str,
    currency: str,
    timezone: str,
    language: str,
    country: str,
    state: str,
    profile: dict[str, str],
    agency_id: int | None,
    is_demo: bool,
    at: datetime,
    kind: str = "business",
) -> None:
    """
    Write the row of a new account and the one customer field that every account has (custom_field_1).

    ``profile``: contact_first_name, biz_city and the like, by column name.

    Queries: 2, in a savepoint.
    Raises:  InvalidParameter, UserIdTaken.
    """
    check_account_code(code)
    if state not in STATES:
        raise InvalidParameter("state", "one of " + ", ".join(STATES))
    known = {name: checked_length(Account, name, value) for name, value in profile.items()}
    row = Account(
        id=account_id,
        code=code,
        biz_name=checked_length(Account, "biz_name", biz_name),
        currency=parse_currency(currency).code,
        timezone=parse_time_zone(timezone),
        language=parse_language(language),
        biz_country=parse_country(country, name="biz_country") if country else "",
        state=state,
        agency_id=agency_id,
        kind=kind,
        is_demo=is_demo,
        created_at=at,
        **known,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            Field.objects.create(account_id=account_id, owner="customer", number=1, label="Custom Field", type="Text")
    except IntegrityError as error:
        if "accounts_accounts_code_unique" in str(error):
            raise UserIdTaken(fields=("account_id",)) from None
        raise


def insert_agency(*, name: str, email: str, at: datetime) -> int:
    """
    Write a new agency and return its id. Whoever asks was checked.

    Queries: 1.
    Raises:  InvalidParameter naming agency_name or agency_email.
    """
    if not name:
        raise InvalidParameter("agency_name", "it must not be empty")
    checked_length(Agency, "name", name, name="agency_name")
    if not email:
        raise InvalidParameter("agency_email", "it must not be empty")
    checked_length(Agency, "email", check_address("agency_email", email), name="agency_email")
    return int(Agency.objects.create(name=name, email=email, created_at=at).id)


def add_host(*, account_id: int, host: str, at: datetime) -> str:
    """
    Make a host an account's own address (an agency's: give its own account), and return it as it is kept.

    For the operator alone, as the owner of the tables: who has a name is not ours to know (ADR-0014).

    Queries: 1, in a savepoint.
    Raises:  InvalidParameter, HostTaken; both name ``host``.
    """
    name = check_host(host)
    try:
        with transaction.atomic():
            Host.objects.create(account_id=account_id, host=name, created_at=at)
    except IntegrityError as error:
        if "accounts_hosts" in str(error):
            raise HostTaken(fields=("host",)) from None
        raise
    return name


def remove_host(*, host: str) -> None:
    """
    Let a host be nobody's own again. For the operator alone.

    Queries: 1.
    Raises:  HostNotFound.
    """
    if not Host.objects.filter(host=host.strip().removesuffix(".").lower()).delete()[0]:
        raise HostNotFound(fields=("host",))


def set_brand(*, account: AccountConfig, at: datetime, changes: Mapping[str, str], logo: bytes | None = None) -> None:
    """
    Change how an account shows itself: name, accent_colour, bar_colour, mail_name, mail_reply_to by ``changes``, "" = as its
    agency; ``logo`` is a PNG or JPEG file, b"" takes it away, None leaves it. Whoever asks was checked.

    Queries: 2.
    Raises:  InvalidParameter.
    Source:  ADR-0014.
    """
    values: dict[str, Any] = {
        name: checked_length(Brand, name, _BRAND_CHECKS[name](name, value), name=name) for name, value in changes.items()
    }
    if logo is not None:
        values["logo"] = logo_png(logo) if logo else None
    Brand.objects.update_or_create(account_id=account.id, defaults={**values, "changed_at": at})


_BRAND_CHECKS: dict[str, Callable[[str, str], str]] = {
    "name": check_line,
    "accent_colour": check_accent,
    "bar_colour": check_colour,
    "mail_name": check_line,
    "mail_reply_to": check_address,
}


def copy_account_settings(*, source: AccountConfig, account_id: int, at: datetime) -> None:
    """
    Give a new account another's data fields, labels of predefined fields, rounding of contributions, and colours. Name, logo
    and sender of mails are the other business's own.

    Runs in the new account's unit of work. Queries: 5 or 6. Source: ADR-0011.
    """
    with unit_of_work(source.id):
        row = Account.objects.get(id=source.id)
        brand = get_brand(account=source)
    if brand.accent_colour or brand.bar_colour:
        Brand.objects.create(
            account_id=account_id, accent_colour=brand.accent_colour, bar_colour=brand.bar_colour, changed_at=at
        )
    Account.objects.filter(id=account_id).update(
        predefined_fields=row.predefined_fields, contribution_rounding=row.contribution_rounding
    )
    Field.objects.filter(account_id=account_id).delete()
    Field.objects.bulk_create(
        Field(
            account_id=account_id, owner=each.owner, number=each.number, label=each.label, type=each.type, show=each.show,
            required=each.required, unique=each.unique, searchable=each.searchable, choices=list(each.choices),
        )
        for each in source.fields
    )  # fmt: skip


_TEXTS = (*PROFILE_COLUMNS, "mailchimp_username", "sms_username")
_SEALED = ("mailchimp_password", "sms_password")
SEALED_LENGTH_MAX = 128


def update_account(
    *, account: AccountConfig, profile: Mapping[str, str], currency: str | None = None, state: str | None = None
) -> None:
    """
    Change an account's profile: biz_*, contact_*, client_email and the like, biz_online (Y or N), language, timezone, the names
    and passwords of its mail and text services, and as whole numbers request_log_days, calls_per_minute ("" = as the
    installation says) and unknown_cards_per_minute. Whoever asks, and whether the currency may change, was checked.

    Queries: 1.
    Raises:  InvalidParameter.
    """
    changes: dict[str, Any] = {}
    for name, value in profile.items():
        if name in _TEXTS:
            changes[name] = checked_length(Account, name, value)
        elif name in _SEALED:
            changes[f"{name}_encrypted"] = _sealed(account, name, value)
        elif name == "biz_online":
            changes[name] = value == "Y"
        else:
            changes[name] = _PARSED[name](value)
    if changes.get("biz_country"):
        changes["biz_country"] = parse_country(changes["biz_country"], name="biz_country")
    if currency is not None:
        changes["currency"] = parse_currency(currency).code
    if state is not None:
        changes["state"] = state
    if changes:
        Account.objects.filter(id=account.id).update(**changes)


_PARSED: dict[str, Callable[[str], Any]] = {
    "language": parse_language,
    "timezone": parse_time_zone,
    "request_log_days": lambda text: check_count("request_log_days", text, 0, REQUEST_LOG_DAYS_MAX),
    "calls_per_minute": lambda text: check_count("calls_per_minute", text, 1, CALLS_PER_MINUTE_MAX) if text else None,
    "unknown_cards_per_minute": lambda text: check_count("unknown_cards_per_minute", text, 0, UNKNOWN_CARDS_MAX),
}


def _sealed(account: AccountConfig, name: str, password: str) -> bytes | None:
    if len(password) > SEALED_LENGTH_MAX:
        raise InvalidParameter(name, f"at most {SEALED_LENGTH_MAX} characters")
    return encrypt(password.encode(), owner=f"account:{account.id}:{name}") if password else None


def change_state(*, account: AccountConfig, state: str) -> None:
    """
    Take an account out of trial, suspend it, or let it work again.

    Queries: 1.
    Raises:  InvalidParameter.
    """
    if state not in STATES:
        raise InvalidParameter("state", "one of " + ", ".join(STATES))
    Account.objects.filter(id=account.id).update(state=state)


def place_under_agency(*, account: AccountConfig, agency_id: int | None) -> None:
    """
    Put a business under an agency, or under none. Whoever asks was checked.

    Queries: 1 or 2.
    Raises:  AgencyNotFound.
    """
    if agency_id is not None:
        refuse_unknown_agency(agency_id)
    Account.objects.filter(id=account.id, kind="business").update(agency_id=agency_id)


SECOND_FACTOR_CHOICES = ("nobody", "managers", "everybody")


def set_sign_in_rules(*, account: AccountConfig, second_factor_for: str, remembers_devices: bool) -> None:
    """
    Say who of an account must have a second factor in the panel, and whether browsers may be remembered. Whoever asks was
    checked; browsers that are remembered are for users/devices.py to forget.

    Queries: 1.
    Raises:  InvalidParameter.
    Source:  ADR-0025.
    """
    if second_factor_for not in SECOND_FACTOR_CHOICES:
        raise InvalidParameter("second_factor_for", "one of " + ", ".join(SECOND_FACTOR_CHOICES))
    Account.objects.filter(id=account.id).update(second_factor_for=second_factor_for, remembers_devices=remembers_devices)


def define_field(
    *,
    account: AccountConfig,
    owner: str,
    number: int,
    label: str,
    type: str = "Text",  # noqa: A002 - the field's own word (api.md 6)
    show: bool = False,
    required: bool = False,
    unique: bool = False,
    searchable: bool = False,
    choices: tuple[str, ...] = (),
) -> FieldConfig:
    """
    Add a custom field of customers, transactions or rewards.

    Queries: 1, in a savepoint.
    Raises:  InvalidParameter, MissingParameter, FieldExists.
    Source:  api.md 6.
    """
    definition = check_definition(
        FieldConfig(
            owner=owner, number=number, label=label, type=type, show=show, required=required, unique=unique,
            searchable=searchable, choices=choices,
        )
    )  # fmt: skip
    try:
        with transaction.atomic():
            Field.objects.create(
                account_id=account.id, owner=owner, number=number, label=label, type=type, show=show, required=required,
                unique=unique, searchable=searchable, choices=list(choices),
            )  # fmt: skip
    except IntegrityError as error:
        if "accounts_fields_number_unique" in str(error):
            raise FieldExists(f"custom_field_{number} already exists", fields=(f"custom_field_{number}",)) from None
        raise
    return definition
