# SPDX-License-Identifier: Apache-2.0
"""The receipt of a transaction once more, from the books: to be shown, printed or mailed again."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from regulars.accounts.directory import AccountConfig, CampaignConfig, UserConfig
from regulars.campaigns.rules import free_available, needed_for_free
from regulars.customers.queries import find_survivor_id, get_customer
from regulars.customers.rows import CustomerRow
from regulars.errors import TransactionNotFound
from regulars.ledger.models import Entry, Reversal
from regulars.transactions.queries import KINDS
from regulars.transactions.receipts import Frame, frame_for


@dataclass(frozen=True, slots=True)
class KeptReceipt:
    """
    One transaction as the books have it, under the names that things have now.

    Units: amount (signed) and balance_after in the campaign's unit; ``reversed_amount`` positive; ``second_tier``: points given
    and the balance there after it.
    """

    entry_id: int
    frame: Frame
    campaign: CampaignConfig
    customer: CustomerRow
    user_id: int
    amount: int
    balance_after: int
    reversed_amount: int
    second_tier: tuple[int, int] | None
    subject: str
    """The reward, item or promotion, as it is called now; "" = none."""

    @property
    def left(self) -> int:
        """How much can still be taken back, positive."""
        return abs(self.amount) - self.reversed_amount

    @property
    def needed_for_free(self) -> int | None:
        """buyx: units still to buy before an item was free, right after it; None where nothing is counted so."""
        return needed_for_free(self.balance_after, self.frame.item_level) if self.frame.item_level else None

    @property
    def free_available(self) -> int | None:
        """buyx: items that could be had for free right after it."""
        return free_available(self.balance_after, self.frame.item_level) if self.frame.item_level else None


def get_receipt(*, account: AccountConfig, by: UserConfig, entry_id: int) -> KeptReceipt:
    """
    Return the receipt of an earning or a redemption.

    Queries: 6. Raises: TransactionNotFound; also for a deleted one, for campaigns that are on hold or not among the user's, and
    for deleted customers.
    """
    entry = Entry.objects.filter(account_id=account.id, id=entry_id, kind__in=KINDS).first()
    campaign = account.campaigns_by_id.get(entry.campaign_id) if entry is not None else None
    if entry is None or campaign is None or campaign.state != "active" or not by.may_see(campaign):
        raise TransactionNotFound(fields=("transaction_id",))
    taken = Reversal.objects.filter(account_id=account.id, entry_id=entry.id).first()
    customer_id = find_survivor_id(account=account, customer_id=entry.customer_id)
    if customer_id is None or (taken is not None and taken.is_deleted):
        raise TransactionNotFound(fields=("transaction_id",))
    given = Entry.objects.filter(
        account_id=account.id, customer_id=entry.customer_id, cause_id=entry.id, kind="contribute"
    ).values_list("amount", "balance_after")
    subject = _subject(account, entry)
    return KeptReceipt(
        entry_id=entry.id,
        frame=_frame(account, campaign, entry, subject),
        campaign=campaign,
        customer=get_customer(account=account, customer_id=customer_id),
        user_id=entry.user_id,
        amount=entry.amount,
        balance_after=entry.balance_after,
        reversed_amount=taken.reversed_amount if taken else 0,
        second_tier=given.first() if account.is_two_tier and entry.kind == "earn" else None,
        subject=subject,
    )


def _frame(account: AccountConfig, campaign: CampaignConfig, entry: Entry, subject: str) -> Frame:
    return frame_for(
        account,
        campaign,
        is_redemption=entry.kind == "redeem",
        occurred_at=entry.occurred_at,
        description=entry.description or subject,
        purchase_minor=entry.purchase_minor,
        promotion=campaign.promotions.get(entry.promotion_id or 0),
        reward=campaign.rewards.get(entry.reward_id or 0),
        item=campaign.items.get(entry.item_id),
    )


def _subject(account: AccountConfig, entry: Entry) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_subject_of(e) FROM ledger_entries e WHERE e.account_id = %s AND e.id = %s", [account.id, entry.id]
        )
        row = cursor.fetchone()
    return row[0] if row else ""
