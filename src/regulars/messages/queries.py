# SPDX-License-Identifier: Apache-2.0
"""Gathers what a mail or a text about a transaction says."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.accounts.directory import AccountConfig, CampaignConfig
from regulars.campaigns.models import Campaign
from regulars.campaigns.rules import free_available
from regulars.customers.models import Customer
from regulars.ledger.models import Entry, Reversal
from regulars.messages.rules import Mail, written
from regulars.messages.settings import find_mail_text

UNITS = {"points": "points", "events": "events", "buyx": "units"}


@dataclass(frozen=True, slots=True)
class AboutTransaction:
    """What can be written about one transaction. ``values``: by placeholder (rules.PLACEHOLDERS)."""

    campaign: CampaignConfig
    customer: Customer
    values: dict[str, str]


def transaction_mail(*, account: AccountConfig, entry_id: int) -> Mail | None:
    """
    Return the mail about one transaction, with the balance it left behind; None where there is nothing to write about.

    Queries: 4 or 5.
    """
    about = transaction_values(account=account, entry_id=entry_id)
    if about is None:
        return None
    mine = Campaign.objects.filter(account_id=account.id, id=about.campaign.id)
    texts = mine.values_list("mail_subject", "mail_body").first()
    subject, body = texts or ("", "")
    if not subject or not body:
        own = find_mail_text(account=account, kinds=("transaction",))
        if own is not None:
            subject, body = subject or own.subject, body or own.body
    return written(
        about.values,
        recipient=about.customer.email,
        reply_to=account.profile["client_email"],
        subject=subject,
        body=body,
    )


def transaction_values(*, account: AccountConfig, entry_id: int) -> AboutTransaction | None:
    """
    Return what can be written about one transaction, with the balance it left behind; None where the transaction was deleted,
    its campaign is gone, or the customer is.

    Queries: 3.
    """
    entry = Entry.objects.filter(account_id=account.id, id=entry_id).first()
    if entry is None:
        return None
    campaign = account.campaigns_by_id.get(entry.campaign_id)
    customer = Customer.objects.filter(account_id=account.id, id=entry.customer_id, deleted_at__isnull=True).first()
    if campaign is None or customer is None:
        return None
    if Reversal.objects.filter(account_id=account.id, entry_id=entry.id, is_deleted=True).exists():
        return None
    return AboutTransaction(campaign, customer, _values(account, campaign, entry, customer))


def _values(account: AccountConfig, campaign: CampaignConfig, entry: Entry, customer: Customer) -> dict[str, str]:
    chosen = (
        campaign.items.get(entry.item_id)
        or campaign.rewards.get(entry.reward_id or 0)
        or campaign.promotions.get(entry.promotion_id or 0)
    )
    purchase = entry.purchase_minor
    return {
        "business": account.profile["biz_name"] or account.code,
        "campaign": campaign.name,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "name": f"{customer.first_name} {customer.last_name}".strip() or "customer",
        "card_number": customer.card_number,
        "date": entry.occurred_at.astimezone(account.zone).strftime("%Y-%m-%d %H:%M"),
        "description": entry.description or (chosen.description if chosen else "") or campaign.name,
        "amount": _amount(account, campaign, entry.amount),
        "purchase": "" if purchase is None else f"{account.currency.text(purchase)} {account.currency.code}",
        "balance": _amount(account, campaign, entry.balance_after),
        "rewards": _rewards(campaign, entry),
    }


def _amount(account: AccountConfig, campaign: CampaignConfig, amount: int) -> str:
    if campaign.is_money:
        return f"{account.currency.text(amount)} {account.currency.code}"
    return f"{amount} {UNITS[campaign.kind]}"


def _rewards(campaign: CampaignConfig, entry: Entry) -> str:
    """What can be had for the balance now, a line each; empty where nothing can."""
    item = campaign.items.get(entry.item_id)
    if item is not None:
        free = free_available(entry.balance_after, item.level)
        return f"Free now: {free} x {item.description}\n" if free else ""
    affordable = sorted(
        (reward for reward in campaign.rewards.values() if reward.level <= entry.balance_after),
        key=lambda reward: (reward.level, reward.id),
    )
    if not affordable:
        return ""
    return "\n".join(["You can choose from:", *(f"- {reward.description} ({reward.level})" for reward in affordable)]) + "\n"
