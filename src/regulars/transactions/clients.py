# SPDX-License-Identifier: Apache-2.0
"""
An account as those see and change it who answer for it: its agency, and the platform owner (ADR-0011, ADR-0024).

Runs in the unit of work of whoever asks; an account's own rows are read and written in the account's own, inside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.operations import change_state, place_under_agency
from regulars.accounts.queries import (
    AccountRow,
    AgencyRow,
    BrandRow,
    get_account_config,
    get_brand,
    list_accounts_under,
    list_agencies,
    list_own_hosts,
)
from regulars.errors import AccountNotFound, AccountNotPermitted, InvalidParameter, PermissionDenied
from regulars.kit.db import unit_of_work
from regulars.kit.unchanged import UNCHANGED, Unchanged
from regulars.transactions.agencies import require_office
from regulars.users.guests import VisitRow, list_visits

BOTH = ("agency", "platform")
VISITS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Client:
    """One account. ``brand``: what it has set itself; ``visits``: the latest of its agency's users, for the agency."""

    row: AccountRow
    config: AccountConfig
    hosts: tuple[str, ...]
    brand: BrandRow
    visits: tuple[VisitRow, ...]


def list_clients_and_offices(*, account: AccountConfig, by: UserConfig) -> tuple[AccountRow, ...]:
    """
    Return the businesses of an agency, in the order they were opened; for the platform owner all of the installation.

    Queries: 1.
    Raises:  AgencyTokenMissing, PermissionDenied.
    """
    require_office(account, by, "list_accounts", BOTH)
    return tuple(row for row in list_accounts_under(account=account) if row.kind == "business")


def list_all_agencies(*, account: AccountConfig, by: UserConfig) -> tuple[AgencyRow, ...]:
    """Return the agencies, for the platform owner. Queries: 2. Raises: AgencyTokenMissing, PermissionDenied."""
    require_office(account, by, "list_agencies", ("platform",))
    return list_agencies(account=account)


def get_client(*, account: AccountConfig, by: UserConfig, code: str) -> Client:
    """
    Return an account that is under an agency, or any but the platform owner's, for the platform owner.

    Queries: 5 to 7.
    Raises:  AgencyTokenMissing, PermissionDenied; AccountNotFound, the same for a stranger's and for none.
    """
    require_office(account, by, "list_accounts", BOTH)
    row = _row_under(account, code)
    if row is None or row.kind == "platform" or (row.kind == "agency" and account.kind == "agency"):
        raise AccountNotFound
    config = get_account_config(row.id)
    with unit_of_work(row.id, is_snapshot=True):
        visits = list_visits(account=config, limit=VISITS_SHOWN) if account.kind == "agency" else ()
        return Client(row, config, list_own_hosts(account=config), get_brand(account=config), visits)


def update_client(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    code: str,
    agency_id: int | Unchanged | None = UNCHANGED,
    state: str | None = None,
) -> AccountRow:
    """
    Put a business under another agency (None: under none), suspend an account, or let it work again; return it as it is then.

    For the platform owner's users; an agency's take their own clients out of trial, no more. The account's own hosts, brand
    and users stay as they are; what it has not set is shown as its new agency's from then on, at whose host its users sign in,
    and the users of the one before see nothing of it any more. An agency's own account can be suspended: that stops its people,
    not its clients.

    Units:  ``state``: trial, active or suspended.
    Writes: the account's row, in a unit of work of its own.
    Raises: AgencyTokenMissing, PermissionDenied, also for an office's own account; AccountNotPermitted for a stranger's and for
            none of that name; AgencyNotFound; InvalidParameter("agency") for an agency's own account.
    Source: api.md 4 account_update; ADR-0024.
    """
    require_office(account, by, "manage_accounts", BOTH)
    row = _row_under(account, code)
    if row is None:
        raise AccountNotPermitted
    if row.kind == "platform":
        raise PermissionDenied
    if account.kind == "agency":
        _refuse_more_than_activating(row, agency_id, state)
    with unit_of_work(row.id):
        target = get_account_config(row.id)
        if not isinstance(agency_id, Unchanged):
            if target.kind == "agency":
                raise InvalidParameter("agency", "an agency's own account stays with it")
            place_under_agency(account=target, agency_id=agency_id)
        if state is not None:
            change_state(account=target, state=state)
    changed = _row_under(account, code)
    assert changed is not None
    return changed


def _refuse_more_than_activating(row: AccountRow, agency_id: int | Unchanged | None, state: str | None) -> None:
    if row.kind != "business" or not isinstance(agency_id, Unchanged):
        raise PermissionDenied(fields=("agency",))
    if state is not None and (row.state, state) not in (("trial", "active"), (state, state)):
        raise PermissionDenied(fields=("state",))


def _row_under(account: AccountConfig, code: str) -> AccountRow | None:
    return next((row for row in list_accounts_under(account=account) if row.code.lower() == code.lower()), None)
