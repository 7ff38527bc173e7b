# SPDX-License-Identifier: Apache-2.0
"""
An agency's users inside the accounts of its clients: guests, with what their role gives them at the agency (ADR-0024).

To the client's account a guest is a user of its own, so that what he does is recorded under a number of that account, as
``bob@north_agency``; the row is marked deleted from the first day: it is in no list, signs in nowhere, has no token.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.queries import AccountRow, get_account_config, list_accounts_under
from regulars.errors import AccountNotFound, AccountSuspended, AgencyTokenMissing, PermissionDenied
from regulars.kit.db import unit_of_work
from regulars.users.access import require
from regulars.users.models import User, Visit

VISITS_MAX = 500


@dataclass(frozen=True, slots=True)
class Guest:
    """A client's account with the agency's user as he is in it; ``visit_id`` is of the visit that has begun."""

    account: AccountConfig
    user: UserConfig
    visit_id: int = 0


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One visit of an agency's user. ``ended_at`` None: he did not say good-bye, or is still there."""

    user_code: str
    name: str
    began_at: datetime
    ended_at: datetime | None


def list_clients(*, office: AccountConfig, by: UserConfig) -> tuple[AccountRow, ...]:
    """
    Return the businesses under an agency, in the order they were opened.

    Queries: 1.
    Raises:  AgencyTokenMissing, PermissionDenied.
    """
    _require_agency(office, by)
    return tuple(row for row in list_accounts_under(account=office) if row.kind == "business")


def begin_visit(*, office: AccountConfig, by: UserConfig, at: datetime, code: str) -> Guest:
    """
    Let an agency's user into a client's account, and note there that he came.

    Runs in the agency's unit of work; what is written is written in the client's own, inside it.

    Queries: 5 to 7.
    Raises:  AgencyTokenMissing, PermissionDenied; AccountNotFound, the same for a stranger's account and for none;
             AccountSuspended.
    Source:  ADR-0024.
    """
    found = [row for row in list_clients(office=office, by=by) if row.code.lower() == code.lower()]
    if not found:
        raise AccountNotFound
    client = get_account_config(found[0].id)
    if client.state == "suspended":
        raise AccountSuspended
    with unit_of_work(client.id):
        guest_id = _welcome(office, by, at, client)
        visit = Visit.objects.create(account_id=client.id, user_id=guest_id, began_at=at)
    return Guest(get_account_config(client.id), _as_guest(office, by, guest_id), visit.id)


def find_guest(*, office: AccountConfig, by: UserConfig, client: AccountConfig) -> UserConfig | None:
    """
    Return an agency's user as he is in a client's account; None where he may be there no more: another role, the client
    went to another agency, is suspended, or was never entered.

    Runs in the client's unit of work. Queries: 1.
    """
    try:
        _require_agency(office, by)
    except (AgencyTokenMissing, PermissionDenied):
        return None
    if client.kind != "business" or client.state == "suspended" or _agency_id(client) != _agency_id(office):
        return None
    guest_id = _guests(client).filter(agency_user_id=by.id).values_list("id", flat=True).first()
    return None if guest_id is None else _as_guest(office, by, guest_id)


def find_user_who_acts(*, account: AccountConfig, user_id: int) -> UserConfig | None:
    """
    Return the user who had something done that goes on without him: one of the account, or a guest of its agency with the
    role he had when he came last. None where he may do nothing any more.

    Queries: 0, for a guest 1.
    """
    user = account.users_by_id.get(user_id)
    if user is not None:
        return user
    row = _guests(account).filter(id=user_id, agency_id=_agency_id(account)).first()
    if row is None:
        return None
    return UserConfig(
        id=row.id, code=row.code, role=row.role, is_owner=False, first_name=row.first_name, last_name=row.last_name,
        custom1="", language=row.language, language_custom=row.language_custom, timezone=row.timezone,
        campaigns_access=row.campaigns_access, allowed_campaign_ids=frozenset(), token_hash=b"", previous_token_hash=None,
        previous_token_until=None, duplicate_guard="off", duplicate_guard_seconds=row.duplicate_guard_seconds, has_pin=False,
    )  # fmt: skip


def end_visit(*, client_id: int, visit_id: int, at: datetime) -> None:
    """Note that a visit is over. Opens the client's unit of work itself. Queries: 1."""
    with unit_of_work(client_id):
        Visit.objects.filter(account_id=client_id, id=visit_id, ended_at__isnull=True).update(ended_at=at)


def list_visits(*, account: AccountConfig, limit: int = VISITS_MAX) -> tuple[VisitRow, ...]:
    """Return the latest visits of agencies' users, the last first. Queries: 2."""
    rows = list(Visit.objects.filter(account_id=account.id).order_by("-id")[:limit])
    guests = {row.id: row for row in _guests(account).filter(id__in={row.user_id for row in rows})}
    return tuple(
        VisitRow(
            guests[row.user_id].code,
            f"{guests[row.user_id].first_name} {guests[row.user_id].last_name}".strip(),
            row.began_at,
            row.ended_at,
        )
        for row in rows
    )


# -- parts -----------------------------------------------------------------------------------------------------------
def _require_agency(office: AccountConfig, by: UserConfig) -> None:
    if office.kind == "business":
        raise AgencyTokenMissing
    if office.kind != "agency":
        raise PermissionDenied  # the platform owner sees which accounts there are, not what is in them
    require(by, "list_accounts")


def _agency_id(account: AccountConfig) -> int | None:
    return None if account.agency is None else account.agency[0]


def _guests(account: AccountConfig) -> QuerySet[User]:
    return User.objects.filter(account_id=account.id, agency_user_id__isnull=False)


def _campaigns_access(by: UserConfig) -> str:
    """The agency's campaigns are not the client's: a user who is kept from all there is kept from all here."""
    return "all" if by.is_owner or by.campaigns_access == "all" else "none"


def _as_guest(office: AccountConfig, by: UserConfig, guest_id: int) -> UserConfig:
    return replace(
        by, id=guest_id, code=guest_code(office, by), is_owner=False, campaigns_access=_campaigns_access(by),
        allowed_campaign_ids=frozenset(), custom1="", token_hash=b"", previous_token_hash=None, previous_token_until=None,
        has_pin=False,
    )  # fmt: skip


def guest_code(office: AccountConfig, by: UserConfig) -> str:
    """Return under which name a guest stands in a client's books; no user id has an ``@``."""
    return f"{by.code}@{office.code}"


def _welcome(office: AccountConfig, by: UserConfig, at: datetime, client: AccountConfig) -> int:
    """Write the guest's row, or what of it has changed, and return its number."""
    values = {
        "code": guest_code(office, by), "role": by.role, "first_name": by.first_name, "last_name": by.last_name,
        "language": by.language, "timezone": by.timezone, "campaigns_access": _campaigns_access(by),
        "agency_id": _agency_id(office),
    }  # fmt: skip
    row = _guests(client).filter(agency_user_id=by.id).first()
    if row is None:
        # Somebody of this user id who was erased at the agency: his books keep his number, the name is the new one's.
        User.objects.filter(account_id=client.id, code=values["code"]).update(code=Concat(Cast("id", CharField()), Value("@")))
        try:
            with transaction.atomic():
                # A token that nobody was ever told: the column wants one.
                made = User.objects.create(
                    account_id=client.id, agency_user_id=by.id, token_hash=sha256(secrets.token_bytes(32)).digest(),
                    token_encrypted=b"", created_at=at, deleted_at=at, **values,
                )  # fmt: skip
        except IntegrityError:  # he came by two windows at once
            row = _guests(client).filter(agency_user_id=by.id).first()
            if row is None:
                raise
        else:
            return int(made.id)
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if changed:
        User.objects.filter(account_id=client.id, id=row.id).update(**changed)
    return int(row.id)
