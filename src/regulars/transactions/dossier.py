# SPDX-License-Identifier: Apache-2.0
"""All that is held about one customer, for himself (GDPR, article 15): plain values that a face writes as JSON. Reads only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.fields import list_fields
from regulars.customers import queries
from regulars.customers.cards import list_numbers
from regulars.customers.models import Customer
from regulars.errors import CustomerNotFound
from regulars.ledger import operations as ledger
from regulars.ledger.models import Entry
from regulars.messages.models import OutboxMessage
from regulars.transactions.receipts import UNIT_OF
from regulars.webhooks.models import Delivery

DATA = (
    "code", "card_number", "first_name", "last_name", "phone", "email", "street1", "street2", "city", "state", "postal_code",
    "country", "custom_date", "username",
)  # fmt: skip
ENTRIES_MAX = 100_000
MESSAGES_MAX = 10_000


def collect_dossier(*, account: AccountConfig, by: UserConfig, at: datetime, code: str) -> dict[str, Any]:
    """
    Return everything the account holds about a customer: his data, the numbers that find him, his balances, every entry of
    his and of records that became part of his, the mail to him, what programs were told of him. Of passwords and PINs only
    whether there is one.

    ``is_complete`` is false where campaigns that the user may not see were left out, or there is more than the newest
    ENTRIES_MAX entries. What is due is booked before, as by any look-up.

    Units:   amounts as text in the campaign's unit; points in time as ISO 8601 in UTC.
    Queries: 8 to 10, and those of settling.
    Raises:  CustomerNotFound, StaleConfiguration.
    """
    customer_id = queries.find_id_by_code(account=account, code=code)
    if customer_id is None:
        raise CustomerNotFound(fields=("code",))
    row = Customer.objects.get(account_id=account.id, id=customer_id)
    found = ledger.look_up_balances(account, [customer_id], at)[customer_id]
    labels = {each.name: each.label for each in list_fields(account=account, owner="customer")}
    records = queries.list_record_ids(account=account, customer_id=customer_id)
    entries, is_whole = _entries(account, by, records)
    held = [each for each in found.memberships if _is_seen(account, by, each.campaign_id)]
    told = Delivery.objects.filter(account_id=account.id, customer_id__in=records).order_by("-id")[:MESSAGES_MAX]
    messages = OutboxMessage.objects.filter(account_id=account.id, customer_id__in=records).order_by("-id")[:MESSAGES_MAX]
    return {
        "account": account.profile["biz_name"] or account.code,
        "written_at": at.isoformat(),
        "is_complete": is_whole and len(held) == len(found.memberships),
        "data": {name: getattr(row, name) for name in DATA},
        "has_password": bool(row.password_hash),
        "has_pin": bool(row.pin_hash),
        "is_registered": row.is_registered,
        "recorded_at": row.created_at.isoformat(),
        "changed_at": row.updated_at.isoformat(),
        "erased_at": row.erased_at.isoformat() if row.erased_at else None,
        "custom_fields": [
            {"label": labels.get(f"custom_field_{number}", number), "value": value} for number, value in row.fields.items()
        ],
        "further_numbers": [
            {"kind": number.kind, "number": number.value} for number in list_numbers(account=account, customer_id=customer_id)
        ],
        "campaigns": [
            {
                **_campaign(account, each.campaign_id),
                "item": _item(account, each.campaign_id, each.item_id),
                "balance": _amount(account, each.campaign_id, each.balance),
                "joined_at": each.joined_at.isoformat(),
            }
            for each in held
        ],
        "entries": entries,
        "messages": [
            {
                "kind": message.kind, "to": message.recipient, "subject": message.subject, "text": message.body,
                "written_at": message.created_at.isoformat(),
                "sent_at": message.sent_at.isoformat() if message.sent_at else None,
            }
            for message in messages
        ],
        "webhooks": [
            {"event": row.event_id, "kind": row.kind, "collected_at": row.created_at.isoformat(), "content": row.payload}
            for row in told
        ],
    }  # fmt: skip


def _entries(account: AccountConfig, by: UserConfig, records: list[int]) -> tuple[list[dict[str, Any]], bool]:
    """The newest entries, oldest first, and whether that is all of them."""
    rows = list(Entry.objects.filter(account_id=account.id, customer_id__in=records).order_by("-id")[: ENTRIES_MAX + 1])
    seen = [row for row in rows[:ENTRIES_MAX] if _is_seen(account, by, row.campaign_id)]
    shown = [
        {
            "id": row.id,
            **_campaign(account, row.campaign_id),
            "item": _item(account, row.campaign_id, row.item_id),
            "kind": row.kind,
            "amount": _amount(account, row.campaign_id, row.amount),
            "balance_after": _amount(account, row.campaign_id, row.balance_after),
            "purchase": account.currency.text(row.purchase_minor) if row.purchase_minor is not None else None,
            "description": row.description,
            "fields": row.fields or {},
            "reference": row.reference,
            "occurred_at": row.occurred_at.isoformat(),
            "recorded_at": row.recorded_at.isoformat(),
        }
        for row in reversed(seen)
    ]
    return shown, len(rows) <= ENTRIES_MAX and len(seen) == len(rows)


def _is_seen(account: AccountConfig, by: UserConfig, campaign_id: int) -> bool:
    """A deleted campaign is nobody's secret: what he had in it is his."""
    campaign = account.campaigns_by_id.get(campaign_id)
    return by.may_see(campaign) if campaign is not None else by.campaigns_access == "all"


def _campaign(account: AccountConfig, campaign_id: int) -> dict[str, Any]:
    campaign = account.campaigns_by_id.get(campaign_id)
    if campaign is None:
        return {"campaign": "deleted", "unit": ""}
    return {"campaign": campaign.name, "unit": UNIT_OF.get(campaign.kind, account.currency.code)}


def _item(account: AccountConfig, campaign_id: int, item_id: int) -> str | None:
    if not item_id:
        return None
    campaign = account.campaigns_by_id.get(campaign_id)
    item = campaign.items.get(item_id) if campaign is not None else None
    return item.description if item is not None else "deleted"


def _amount(account: AccountConfig, campaign_id: int, amount: int) -> str:
    campaign = account.campaigns_by_id.get(campaign_id)
    return account.currency.text(amount) if campaign is not None and campaign.is_money else str(amount)
