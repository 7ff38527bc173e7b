# SPDX-License-Identifier: Apache-2.0
"""
What events say (docs/guides/webhooks.md).

Amounts are text in the campaign's unit, as the API writes them; ids are text; instants are ISO 8601 in UTC. Transactions name a
customer by his numbers only; events about customers have his data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from regulars.accounts.directory import AccountConfig
from regulars.campaigns.models import Campaign
from regulars.customers.models import Customer
from regulars.ledger.models import Deletion, Entry

UNITS = {"points": "points", "events": "events", "buyx": "units"}
"""Of whole-number balances; the others are money."""
DATA = (
    "first_name", "last_name", "phone", "email", "street1", "street2", "city", "state", "postal_code", "country", "custom_date",
    "username",
)  # fmt: skip
CHANGED = {"fields": "custom_fields", "password_hash": "password", "pin_hash": "pin"}
"""Columns that payloads call otherwise; of secrets only that they changed is told."""


@dataclass(frozen=True, slots=True)
class Event:
    """One fact, ready to be told. ``at``: by the installation's clock, which orders facts of different tables."""

    id: str
    kind: str
    at: datetime
    customer_id: int | None
    payload: str


@dataclass(frozen=True, slots=True)
class Names:
    """What stands for the numbers in the books. ``customers`` are those who stay, by every record that became part of them."""

    account: AccountConfig
    campaigns: Mapping[int, Campaign]
    users: Mapping[int, str]
    customers: Mapping[int, Customer]


def payload(account: AccountConfig, *, event_id: str, kind: str, at: datetime, data: Mapping[str, Any]) -> str:
    """Return the JSON of an event."""
    document = {"id": event_id, "type": kind, "timestamp": instant(at), "account_id": account.code, "data": data}
    return orjson.dumps(document).decode()


def instant(at: datetime) -> str:
    """Return an instant as ISO 8601 in UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def transaction(names: Names, entry: Entry, contribution: Entry | None = None) -> dict[str, Any]:
    """Return an earning or a redemption as it was recorded; ``contribution``: its share for the second tier."""
    campaign = names.campaigns.get(entry.campaign_id)
    told: dict[str, Any] = {
        "id": str(entry.id),
        "campaign": _campaign(campaign),
        "amount": _amount(names, campaign, entry.amount),
        "balance": _amount(names, campaign, entry.balance_after),
        "unit": _unit(names, campaign),
        "purchase": _money(names, entry.purchase_minor),
        "description": entry.description,
        "reference": entry.reference,
        "user": names.users.get(entry.user_id),
        "occurred_at": instant(entry.occurred_at),
        "recorded_at": instant(entry.recorded_at),
        "item": _part(names, entry, "items", entry.item_id),
        "reward": _part(names, entry, "rewards", entry.reward_id),
        "promotion": _part(names, entry, "promotions", entry.promotion_id),
        "custom_fields": entry.fields or {},
        "contribution": None,
    }
    if contribution is not None:
        to = names.campaigns.get(contribution.campaign_id)
        told["contribution"] = {
            "campaign": _campaign(to),
            "amount": _amount(names, to, contribution.amount),
            "balance": _amount(names, to, contribution.balance_after),
        }
    return told


def reversal(names: Names, entry: Entry) -> dict[str, Any]:
    """Return the line that took a transaction back: what it changed of the balance, and the balance right after it."""
    campaign = names.campaigns.get(entry.campaign_id)
    return {
        "id": str(entry.id),
        "amount": _amount(names, campaign, entry.amount),
        "balance": _amount(names, campaign, entry.balance_after),
        "purchase": _money(names, entry.purchase_minor),
        "description": entry.description,
        "user": names.users.get(entry.user_id),
        "recorded_at": instant(entry.recorded_at),
    }


def deletion(names: Names, row: Deletion) -> dict[str, Any]:
    """Return who deleted a transaction, and when."""
    return {"user": names.users.get(row.user_id), "recorded_at": instant(row.recorded_at)}


def customer_numbers(names: Names, customer_id: int) -> dict[str, Any]:
    """Return the numbers by which the account's programs know a customer; of one who is deleted only ours."""
    row = names.customers.get(customer_id)
    if row is None or row.deleted_at is not None:
        return {"profile_uid": str(row.id if row else customer_id)}
    return {"profile_uid": str(row.id), "code": row.code, "card_number": row.card_number}


def customer_data(names: Names, customer_id: int) -> dict[str, Any]:
    """Return a customer's data as they are now; nothing but his number where he is deleted."""
    told = customer_numbers(names, customer_id)
    row = names.customers.get(customer_id)
    if row is None or row.deleted_at is not None:
        return told
    told |= {name: getattr(row, name) for name in DATA}
    return told | {
        "custom_fields": row.fields,
        "is_registered": row.is_registered,
        "created_at": instant(row.created_at),
    }


def changed_names(before: Iterable[str], after: Iterable[str]) -> list[str]:
    """Return what of a customer's data was changed, as payloads call it."""
    return sorted({CHANGED.get(name, name) for name in (*before, *after)})


def _campaign(campaign: Campaign | None) -> dict[str, str] | None:
    return None if campaign is None else {"id": campaign.number, "name": campaign.name, "type": campaign.kind}


def _unit(names: Names, campaign: Campaign | None) -> str:
    return UNITS.get(campaign.kind if campaign else "", names.account.currency.code)


def _amount(names: Names, campaign: Campaign | None, amount: int) -> str:
    is_money = campaign is not None and campaign.kind not in UNITS
    return names.account.currency.text(amount) if is_money else str(amount)


def _money(names: Names, amount_minor: int | None) -> dict[str, str] | None:
    if amount_minor is None:
        return None
    currency = names.account.currency
    return {"amount": currency.text(amount_minor), "currency": currency.code}


def _part(names: Names, entry: Entry, of: str, number: int | None) -> dict[str, str | None] | None:
    """An item, a reward or a promotion by its id; its name while it is not deleted."""
    if not number:
        return None
    campaign = names.account.campaigns_by_id.get(entry.campaign_id)
    found = getattr(campaign, of).get(number) if campaign else None
    return {"id": str(number), "description": found.description if found else None}
