# SPDX-License-Identifier: Apache-2.0
"""
What a recorded sale or redemption is answered with (api.md 13 "Receipts").

A receipt is a frame and what the ledger answered. The frame holds every name as it was when the transaction was
prepared; it is stored with the idempotency key, so that a replay is written from the first frame, byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from regulars.accounts.directory import AccountConfig, CampaignConfig, ItemConfig, PromotionConfig, RewardConfig
from regulars.campaigns.rules import free_available, needed_for_free
from regulars.customers.rows import CustomerRow
from regulars.kit.units import Currency, currency
from regulars.ledger.books import Posted

UNIT_OF = {"points": "points", "events": "events", "buyx": "units"}
"""What whole-number balances are called; money kinds are not here."""


@dataclass(frozen=True, slots=True)
class Frame:
    """
    Everything a receipt shows that the ledger does not answer.

    Units: ``purchase_minor`` in the currency's minor unit; ``item_level`` in units.
    """

    account_name: str
    agency: tuple[int, str, str] | None
    """id, name, e-mail."""
    campaign_number: str
    campaign_name: str
    kind: str
    currency: Currency
    is_redemption: bool
    in_coalition: bool
    occurred_at: datetime
    timezone: str
    """IANA name of the account's zone, for printing."""
    description: str
    purchase_minor: int | None = None
    """Money of the sale, or the money that points were spent as."""
    promotion: tuple[int, str] | None = None
    """id, description."""
    reward: tuple[int, str, str] | None = None
    """id, description, the owner's identifier."""
    item: tuple[int, str, str] | None = None
    """id, description, the owner's identifier."""
    item_level: int = 0
    master_number: str = ""
    """Two-tier: the campaign that contributions go to."""
    field_labels: tuple[tuple[int, str], ...] = ()
    """Labels of the customer's custom fields, by number."""

    @property
    def is_money(self) -> bool:
        """Whether the balance is money."""
        return self.kind not in UNIT_OF

    def stored(self) -> str:
        """Return the frame as JSON, to be kept with the idempotency key."""
        return orjson.dumps(
            {
                "account_name": self.account_name,
                "agency": self.agency,
                "campaign": (self.campaign_number, self.campaign_name, self.kind),
                "currency": self.currency.code,
                "is_redemption": self.is_redemption,
                "in_coalition": self.in_coalition,
                "occurred_at": self.occurred_at.isoformat(),
                "timezone": self.timezone,
                "description": self.description,
                "purchase_minor": self.purchase_minor,
                "promotion": self.promotion,
                "reward": self.reward,
                "item": self.item,
                "item_level": self.item_level,
                "master_number": self.master_number,
                "field_labels": self.field_labels,
            }
        ).decode()


def frame_again(context: dict[str, Any]) -> Frame:
    """Return the frame that ``Frame.stored`` wrote."""

    def row(name: str) -> Any:
        return None if context[name] is None else tuple(context[name])

    number, name, kind = context["campaign"]
    return Frame(
        account_name=context["account_name"],
        agency=row("agency"),
        campaign_number=number,
        campaign_name=name,
        kind=kind,
        currency=currency(context["currency"]),
        is_redemption=context["is_redemption"],
        in_coalition=context["in_coalition"],
        occurred_at=datetime.fromisoformat(context["occurred_at"]),
        timezone=context["timezone"],
        description=context["description"],
        purchase_minor=context["purchase_minor"],
        promotion=row("promotion"),
        reward=row("reward"),
        item=row("item"),
        item_level=context["item_level"],
        master_number=context["master_number"],
        field_labels=tuple((number, label) for number, label in context["field_labels"]),
    )


def frame_for(
    account: AccountConfig,
    campaign: CampaignConfig,
    *,
    is_redemption: bool,
    occurred_at: datetime,
    description: str,
    purchase_minor: int | None = None,
    promotion: PromotionConfig | None = None,
    reward: RewardConfig | None = None,
    item: ItemConfig | None = None,
    master: CampaignConfig | None = None,
) -> Frame:
    """Return the frame of a transaction being prepared."""
    if not description:
        chosen = promotion or reward or item
        description = (chosen.description if chosen else "") or campaign.name
    return Frame(
        account.profile["biz_name"] or account.code,
        account.agency,
        campaign.number,
        campaign.name,
        campaign.kind,
        account.currency,
        is_redemption,
        campaign.pool_id != campaign.id,
        occurred_at,
        account.timezone,
        description,
        purchase_minor,
        (promotion.id, promotion.description) if promotion else None,
        (reward.id, reward.description, reward.identifier) if reward else None,
        (item.id, item.description, item.identifier) if item else None,
        item.level if item else 0,
        master.number if master else "",
        tuple([(number, field.label) for number, field in account.customer_fields.items()]),
    )


@dataclass(frozen=True, slots=True)
class Receipt:
    """One answered transaction. Units: all amounts of ``posted`` in the unit of the campaign (``frame.is_money``)."""

    frame: Frame
    posted: Posted
    is_dry_run: bool = False
    """Computed with every rule, but not recorded."""

    @property
    def customer(self) -> CustomerRow:
        """The customer as of the transaction."""
        return self.posted.customer

    @property
    def needed_for_free(self) -> int:
        """buyx: units still to buy before an item is free."""
        return needed_for_free(self.posted.balance, self.frame.item_level)

    @property
    def free_available(self) -> int:
        """buyx: items that can be had for free now."""
        return free_available(self.posted.balance, self.frame.item_level)


def receipt_of(frame: Frame, posted: Posted, *, is_dry_run: bool = False) -> Receipt:
    """Return the receipt of what was posted; on a replay, that of the first time."""
    if posted.is_replay and posted.context:
        frame = frame_again(posted.context)
    return Receipt(frame, posted, is_dry_run)


def amount_text(frame: Frame, amount: int) -> str:
    """Return an amount with its unit, for people: "9.50 USD", "12 points"."""
    if frame.is_money:
        return f"{frame.currency.text(amount)} {frame.currency.code}"
    return f"{amount} {UNIT_OF[frame.kind]}"


def printable(receipt: Receipt, *, width: int = 40) -> str:
    """
    Return the receipt as plain lines for a till's printer (our extension ``receipt_text``).

    Units: ``width`` in characters; longer lines are folded by the printer, not here.
    """
    frame, posted = receipt.frame, receipt.posted
    local = frame.occurred_at.astimezone(ZoneInfo(frame.timezone)).strftime("%Y-%m-%d %H:%M:%S")
    lines = [frame.account_name.center(width).rstrip(), frame.campaign_name.center(width).rstrip(), local]

    def row(label: str, text: str) -> None:
        lines.append(f"{label}{text.rjust(max(1, width - len(label)))}")

    person = f"{receipt.customer.first_name} {receipt.customer.last_name}".strip()
    if person:
        row("Customer", " " + person)
    if receipt.customer.card_number:
        row("Card", " " + receipt.customer.card_number)
    if not receipt.is_dry_run:
        row("Transaction", f" {posted.entry_id}")
    if frame.purchase_minor is not None:
        row(
            "Value" if frame.is_redemption else "Purchase",
            f" {frame.currency.text(frame.purchase_minor)} {frame.currency.code}",
        )
    lines.append(frame.description)
    row("Redeemed" if frame.is_redemption else "Added", " " + amount_text(frame, posted.amount))
    row("Balance", " " + amount_text(frame, posted.balance))
    if frame.item is not None:
        row("Free items available", f" {receipt.free_available}")
        row("Still needed for a free one", f" {receipt.needed_for_free}")
    return "\n".join(lines)
