# SPDX-License-Identifier: Apache-2.0
"""Reads an account's configuration over Django's connection, for everything that is not on the event loop."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from regulars.accounts.brands import BrandConfig
from regulars.accounts.directory import SNAPSHOT_BY_USER_SQL, SNAPSHOT_SQL, AccountConfig, account_config
from regulars.accounts.hosts import HostConfig, plain_host
from regulars.accounts.models import Account, Agency, Brand, Host
from regulars.errors import AccountNotFound, NotFound
from regulars.kit.secret import SecretUnreadable, decrypt


class AgencyNotFound(NotFound):
    """No agency of this id."""

    code = "agency_not_found"
    text = "agency is not valid: no such agency"


def _load(statement: str, argument: int | str) -> AccountConfig | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [argument])
        document: Any = cursor.fetchone()[0]
    if document is None:
        return None
    return account_config(json.loads(document) if isinstance(document, str) else document)


def get_account_config(account_id: int) -> AccountConfig:
    """
    Return the account's configuration as it is now. Needs no unit of work.

    Queries: 1.
    Raises:  AccountNotFound.
    """
    account = _load(SNAPSHOT_SQL, account_id)
    if account is None:
        raise AccountNotFound
    return account


def find_account_config_by_user(user_code: str) -> AccountConfig | None:
    """
    Return the configuration of the account that a user id belongs to (any case), or None. Needs no unit of work.

    Queries: 1.
    """
    return _load(SNAPSHOT_BY_USER_SQL, user_code)


def find_host(host: str) -> HostConfig | None:
    """
    Return whose own address a host is, as a request names it; None = nobody's. Needs no unit of work.

    Queries: 1. Source: sql/brands.sql; ADR-0014.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_host(%s)", [plain_host(host)])
        document: Any = cursor.fetchone()[0]
    if document is None:
        return None
    row = json.loads(document) if isinstance(document, str) else document
    return HostConfig(**{**row, "brand": BrandConfig(**row["brand"])})


def find_host_logo(host: HostConfig) -> bytes | None:
    """Return the PNG that a host shows as its logo, or None. Needs no unit of work. Queries: 1."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_host_logo(%s)", [host.host])
        logo: Any = cursor.fetchone()[0]
    return None if logo is None else bytes(logo)


@dataclass(frozen=True, slots=True)
class BrandRow:
    """What an account has set itself of its brand; "" = not set."""

    name: str = ""
    accent_colour: str = ""
    bar_colour: str = ""
    mail_name: str = ""
    mail_reply_to: str = ""
    logo: bytes | None = None


def get_brand(*, account: AccountConfig) -> BrandRow:
    """Return what an account has set of its brand. Queries: 1."""
    row = Brand.objects.filter(account_id=account.id).first()
    if row is None:
        return BrandRow()
    logo = None if row.logo is None else bytes(row.logo)
    return BrandRow(row.name, row.accent_colour, row.bar_colour, row.mail_name, row.mail_reply_to, logo)


@dataclass(frozen=True, slots=True)
class MailSender:
    """Whom an account's mails come from; "" = the business itself."""

    name: str
    reply_to: str


def get_mail_sender(*, account: AccountConfig) -> MailSender:
    """Return whom the account's mails come from, by its own brand, else its agency's. Queries: 1."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_mail_sender(%s)", [account.id])
        document: Any = cursor.fetchone()[0]
    return MailSender(*(json.loads(document) if isinstance(document, str) else document))


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """Under which names an account is known to services, and whether a password is kept."""

    mailchimp_username: str
    sms_username: str
    has_mailchimp_password: bool
    has_sms_password: bool


def get_services(*, account: AccountConfig) -> ServiceRow:
    """Return what the account has set up for services; passwords are not read. Queries: 1."""
    row = (
        Account.objects.filter(id=account.id)
        .annotate(has_mailchimp=Q(mailchimp_password_encrypted__isnull=False), has_sms=Q(sms_password_encrypted__isnull=False))
        .values_list("mailchimp_username", "sms_username", "has_mailchimp", "has_sms")
        .get()
    )
    return ServiceRow(*row)


def get_text_credentials(*, account: AccountConfig) -> tuple[str, str]:
    """
    Return name and password under which the account is known to its text gateway, "" where there is none. For sending alone.

    Queries: 1.
    """
    name, sealed = Account.objects.filter(id=account.id).values_list("sms_username", "sms_password_encrypted").get()
    if sealed is None:
        return name, ""
    try:
        return name, decrypt(bytes(sealed), owner=f"account:{account.id}:sms_password").decode()
    except SecretUnreadable:  # under another installation key: the gateway then says what it thinks of no password
        return name, ""


@dataclass(frozen=True, slots=True)
class HostRow:
    """A mapped host as the operator's list shows it; ``agency_id`` is of an agency's host alone."""

    host: str
    account_code: str
    agency_id: int | None


def list_hosts() -> tuple[HostRow, ...]:
    """Return all mapped hosts, by name. For the operator, as the owner of the tables. Queries: 2."""
    rows = list(Host.objects.order_by("host").values_list("host", "account_id"))
    accounts = {row.id: row for row in Account.objects.filter(id__in={account_id for _, account_id in rows})}
    found = ((host, accounts[account_id]) for host, account_id in rows)
    return tuple(HostRow(host, each.code, each.agency_id if each.kind == "agency" else None) for host, each in found)


def list_own_hosts(*, account: AccountConfig) -> tuple[str, ...]:
    """Return the hosts that are the account's own, by name. Queries: 1."""
    return tuple(Host.objects.filter(account_id=account.id).order_by("host").values_list("host", flat=True))


def get_agency_account_id(agency_id: int) -> int:
    """
    Return the id of an agency's own account. For the operator, as the owner of the tables.

    Queries: 1. Raises: AgencyNotFound, also for an agency that has no account of its own.
    """
    found = Account.objects.filter(kind="agency", agency_id=agency_id).values_list("id", flat=True).first()
    if found is None:
        raise AgencyNotFound(fields=("agency",))
    return int(found)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as an agency's list shows it."""

    id: int
    code: str
    kind: str
    agency_id: int | None
    biz_name: str
    state: str
    currency: str
    language: str
    timezone: str
    client_email: str
    contact_first_name: str
    contact_last_name: str
    contact_phone: str
    biz_city: str
    biz_country: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """An agency with its own account ("" = it has none yet) and how many businesses are under it."""

    id: int
    name: str
    email: str
    account_code: str
    account_count: int
    created_at: datetime


def refuse_unknown_agency(agency_id: int) -> None:
    """Raise AgencyNotFound where there is no agency of this id. Queries: 1."""
    if not Agency.objects.filter(id=agency_id).exists():
        raise AgencyNotFound(fields=("agency",))


def list_accounts_under(*, account: AccountConfig) -> tuple[AccountRow, ...]:
    """
    Return all accounts that the users of an agency's account, or of the platform owner's, may see, in the order they were
    made: those of the agency, its own included; or all. Of a business: none.

    Queries: 1. Source: sql/agencies.sql; ADR-0011.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_under(%s)", [account.id])
        return tuple(AccountRow(*row) for row in cursor.fetchall())


def list_agency_names(*, account: AccountConfig) -> dict[int, str]:
    """Return all agencies' names by their ids, for the platform owner's account; of any other: none. Queries: 1 or 0."""
    if account.kind != "platform":
        return {}
    return dict(Agency.objects.order_by("name", "id").values_list("id", "name"))


def list_agencies(*, account: AccountConfig) -> tuple[AgencyRow, ...]:
    """
    Return the agencies that the users of an account may see, in the order they were made: the platform owner's all, an
    agency's itself, a business's none.

    Queries: 2.
    """
    seen = list_accounts_under(account=account)
    agencies = Agency.objects.order_by("id")
    if account.kind != "platform":
        agencies = agencies.filter(id=account.agency[0] if account.kind == "agency" and account.agency else 0)
    own = {row.agency_id: row.code for row in seen if row.kind == "agency"}
    counts: dict[int | None, int] = {}
    for row in seen:
        if row.kind == "business":
            counts[row.agency_id] = counts.get(row.agency_id, 0) + 1
    return tuple(
        AgencyRow(each.id, each.name, each.email, own.get(each.id, ""), counts.get(each.id, 0), each.created_at)
        for each in agencies
    )
