# SPDX-License-Identifier: Apache-2.0
"""Mailing a customer what he has."""

from __future__ import annotations

from datetime import datetime

from regulars.accounts.directory import AccountConfig, CampaignConfig, UserConfig
from regulars.errors import InvalidParameter
from regulars.kit.addresses import is_address
from regulars.messages.models import OutboxMessage
from regulars.messages.operations import queue_mail
from regulars.messages.rules import filled
from regulars.messages.settings import OWN_TEXTS, find_mail_text
from regulars.transactions.counter import get_at_counter
from regulars.transactions.receipts import UNIT_OF
from regulars.transactions.standing import Standing


def mail_balances(*, account: AccountConfig, by: UserConfig, at: datetime, customer_id: int) -> str:
    """
    Mail a customer the balances of the campaigns he is in (of those that ``by`` may see) and return the address it goes to.

    Once more while it still waits changes nothing.

    Queries: 5 to 7. Raises: CustomerNotFound; InvalidParameter("email") where there is no address; StaleConfiguration.
    """
    seen = get_at_counter(account=account, by=by, at=at, customer_id=customer_id)
    customer = seen.customer
    if not is_address(customer.email):
        raise InvalidParameter("email", text="The customer has no e-mail address.")
    waiting = OutboxMessage.objects.filter(
        account_id=account.id, kind="balances", customer_id=customer.id, sent_at__isnull=True, abandoned_at__isnull=True
    )
    if waiting.exists():
        return customer.email
    text = find_mail_text(account=account, kinds=("balances",))
    subject, body = (text.subject, text.body) if text else OWN_TEXTS["balances"]
    joined = [place.standing for place in seen.places if place.standing.is_joined]
    values = {
        "business": account.profile["biz_name"] or account.code,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "name": f"{customer.first_name} {customer.last_name}".strip() or "customer",
        "card_number": customer.card_number,
        "balances": "\n".join(line for standing in joined for line in _lines(account, standing)),
    }
    queue_mail(
        account=account, kind="balances", customer_id=customer.id, recipient=customer.email, subject=filled(subject, values),
        body=filled(body, values), at=at,
    )  # fmt: skip
    return customer.email


def _lines(account: AccountConfig, standing: Standing) -> list[str]:
    """A line for the campaign, and one for each item that is free and each reward within reach."""
    campaign = standing.campaign
    lines = [f"{campaign.name}: {_amount(account, campaign, standing.balance)}"]
    lines += [f"- {each.free_available} x {each.item.description}" for each in standing.items if each.free_available]
    lines += [f"- {each.reward.description} ({each.reward.level})" for each in standing.rewards if not each.needed]
    return lines


def _amount(account: AccountConfig, campaign: CampaignConfig, amount: int) -> str:
    if campaign.is_money:
        return f"{account.currency.text(amount)} {account.currency.code}"
    return f"{amount} {UNIT_OF[campaign.kind]}"
