# SPDX-License-Identifier: Apache-2.0
"""
Opening agencies and the accounts under them, by the users of an agency's own account or of the platform owner's (ADR-0011).

Runs inside the unit of work of the account of whoever asks; what is made is made in the new account's own, in the same
transaction. Here, above campaigns and users, because settings are copied with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.operations import copy_account_settings, insert_agency
from regulars.accounts.queries import (
    AgencyNotFound,
    get_account_config,
    list_accounts_under,
    refuse_unknown_agency,
)
from regulars.campaigns.operations.copying import copy_campaigns
from regulars.errors import (
    AccessError,
    AgencyTokenMissing,
    InvalidParameter,
    InvariantViolation,
    PermissionDenied,
)
from regulars.kit.db import unit_of_work
from regulars.users.access import require
from regulars.users.opening import CreatedAccount, create_account


class AccountNotOfAgency(AccessError):
    """The account named is not under the agency, or there is none of that name."""

    code = "account_not_of_agency"
    text = "The account does not belong to the agency"


@dataclass(frozen=True, slots=True)
class OpenedAgency:
    """A new agency with its own account."""

    agency_id: int
    name: str
    email: str
    opened: CreatedAccount


def open_agency(
    *,
    account: AccountConfig | None,
    by: UserConfig | None,
    at: datetime,
    name: str,
    email: str,
    code: str,
    password: str = "",
    currency: str = "USD",
    timezone: str = "UTC",
    language: str = "en",
) -> OpenedAgency:
    """
    Make an agency and its own account, whose users act for it; its owner's user id is ``code``.

    ``account`` and ``by`` None = the operator at the machine, who asks nobody.

    Writes: 1 agency, 1 account, 1 user.
    Raises: AgencyTokenMissing, PermissionDenied; InvalidParameter; UserIdTaken.
    Source: api.md 13; ADR-0011.
    """
    if account is not None:
        require_office(account, by, "manage_agencies", ("platform",))
    agency_id = insert_agency(name=name, email=email, at=at)
    opened = create_account(
        code=code, biz_name=name, at=at, password=password, currency=currency, timezone=timezone, language=language,
        state="active", kind="agency", agency_id=agency_id, client_email=email,
    )  # fmt: skip
    return OpenedAgency(agency_id, name, email, opened)


def open_account(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    code: str,
    biz_name: str,
    agency_id: int | None = None,
    password: str = "",
    currency: str | None = None,
    timezone: str | None = None,
    language: str | None = None,
    country: str = "",
    is_active: bool = False,
    copy_from: str | None = None,
    profile: Mapping[str, Any] | None = None,
) -> CreatedAccount:
    """
    Open a business's account with its owner, on trial unless ``is_active``.

    An agency's accounts are under it; the platform owner says which agency, or none. ``copy_from``: the code of an account
    under the same agency whose data fields, campaigns, rewards, promotions, items, depreciations, fees, colours, currency,
    language and time zone the new one gets; not its users, customers, modules, name, logo, or passwords of services. What is
    given wins, but the currency can not differ. Without a copy, currency, time zone and language are those of the asking
    account.

    Writes: 1 account, 1 user; a copy of the settings.
    Raises: AgencyTokenMissing, PermissionDenied; AgencyNotFound; AccountNotOfAgency; InvalidParameter; UserIdTaken.
    Source: api.md 4, 13; concepts.md 1, 10; ADR-0011.
    """
    require_office(account, by, "manage_accounts", ("agency", "platform"))
    agency_id = _agency_of(account, agency_id)
    source = None if copy_from is None else _source(account, agency_id, copy_from)
    settings = account if source is None else source
    if source is not None and currency not in (None, source.currency.code):
        raise InvalidParameter("currency", f"settings are copied with their amounts of money, in {source.currency.code}")
    opened = create_account(
        code=code,
        biz_name=biz_name,
        at=at,
        password=password,
        currency=currency or settings.currency.code,
        timezone=timezone or settings.timezone,
        language=language or settings.language,
        country=country,
        state="active" if is_active else "trial",
        agency_id=agency_id,
        **(profile or {}),
    )
    if source is None:
        return opened
    with unit_of_work(opened.account.id):
        copy_account_settings(source=source, account_id=opened.account.id, at=at)
        copy_campaigns(source=source, account_id=opened.account.id, at=at)
        fresh = get_account_config(opened.account.id)
    return CreatedAccount(account=fresh, owner=fresh.users[code.lower()], token=opened.token)


def require_office(account: AccountConfig, by: UserConfig | None, permission: str, offices: tuple[str, ...]) -> None:
    """The same as the edge asks (Call.offices), for every face."""
    if by is None:
        raise InvariantViolation("an account acts by one of its users")
    if account.kind == "business":
        raise AgencyTokenMissing
    if account.kind not in offices:
        raise PermissionDenied
    require(by, permission)


def _agency_of(account: AccountConfig, agency_id: int | None) -> int | None:
    """Return the agency that the new account is under. Raises AgencyNotFound, the same for another's and for none."""
    if account.kind == "agency":
        own = account.agency[0] if account.agency else None
        if agency_id not in (None, own):
            raise AgencyNotFound(fields=("agency",))
        return own
    if agency_id is not None:
        refuse_unknown_agency(agency_id)
    return agency_id


def _source(account: AccountConfig, agency_id: int | None, code: str) -> AccountConfig:
    """Return the account to copy from: a business that the asking one may see, under the same agency as the new one."""
    for row in list_accounts_under(account=account):
        if row.code.lower() == code.lower() and row.kind == "business" and row.agency_id == agency_id:
            return get_account_config(row.id)
    raise AccountNotOfAgency(fields=("copy_from",))
