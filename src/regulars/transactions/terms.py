# SPDX-License-Identifier: Apache-2.0
"""What every recording may carry beside its own content, and what preparing one gives."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from regulars.accounts.directory import AccountConfig, CampaignConfig, UserConfig
from regulars.accounts.rules import check_values
from regulars.campaigns.rules import Calculation
from regulars.errors import CampaignNotFound
from regulars.ledger.books import Posting
from regulars.ledger.rules import plan_for
from regulars.transactions.receipts import Frame


@dataclass(frozen=True, slots=True)
class Terms:
    """
    The circumstances of one sale or redemption.

    Units: ``expected_balance`` in the unit of the campaign. ``fields``: transaction custom fields as a JSON object by
    number. The customer is named by ``customer_id``, ``code`` or ``card_number``, in this order.
    """

    occurred_at: datetime
    recorded_at: datetime
    customer_id: int | None = None
    code: str | None = None
    card_number: str | None = None
    description: str = ""
    """The caller's own text; empty = the receipt shows what was chosen."""
    fields: str | None = None
    reference: str | None = None
    expected_balance: int | None = None
    sends_mail: bool = False
    idempotency_key: str | None = None
    fingerprint: bytes = b""
    """SHA-256 of what the call asks for; the same for its repetition."""
    is_dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A transaction computed but not yet posted, with the names its receipt will show."""

    posting: Posting
    frame: Frame


def usable_campaign(account: AccountConfig, by: UserConfig, number: str) -> CampaignConfig:
    """
    Return an active campaign that the user may see.

    Raises: CampaignNotFound, the same for unknown, on hold and not allowed.
    """
    campaign = account.campaigns.get(number)
    if campaign is None or campaign.state != "active" or not by.may_see(campaign):
        raise CampaignNotFound(fields=("campaign_id",))
    return campaign


def kept_fields(account: AccountConfig, values: Mapping[int, str]) -> str | None:
    """
    Return the values of transaction custom fields as an entry keeps them: a JSON object by number; None = there are none.

    Raises: what accounts.rules.check_values raises, naming custom_field_#.
    """
    if not values and not account.transaction_fields:
        return None
    kept = check_values(account.transaction_fields, values, currency=account.currency, is_complete=True)
    return orjson.dumps(kept).decode() if kept else None


def repetition(
    by: UserConfig, terms: Terms, frame: Frame, content: tuple[int | str | None, ...]
) -> tuple[str | None, int, bytes | None, str | None]:
    """
    Return how a repetition of this call is recognised: guard, its seconds, fingerprint, stored context.

    A key is stronger than the duplicate guard. For the guard, the same sale is the same ``content`` for the same customer,
    with the same text, fields, reference and (where one was sent) time, by the same user: two tills that record the same sale
    for the same card are two sales.
    """
    if terms.idempotency_key is not None:
        return None, 0, terms.fingerprint, frame.stored()
    if by.duplicate_guard == "off" or terms.is_dry_run:
        return None, 0, None, None
    sent_time = "" if terms.occurred_at == terms.recorded_at else terms.occurred_at.isoformat()
    same = (
        by.id, terms.customer_id, terms.code, terms.card_number, terms.description, terms.fields, terms.reference, sent_time,
        *content,
    )  # fmt: skip
    fingerprint = hashlib.sha256(orjson.dumps(same)).digest()
    return by.duplicate_guard, by.duplicate_guard_seconds, fingerprint, frame.stored()


_NO_CONTRIBUTION: Mapping[str, Any] = {}


def posting_of(
    account: AccountConfig,
    by: UserConfig,
    campaign: CampaignConfig,
    terms: Terms,
    frame: Frame,
    *,
    kind: str,
    amount: int,
    item_id: int,
    purchase_minor: int | None,
    calculation: Calculation | None,
    promotion_id: int | None = None,
    reward_id: int | None = None,
    remainder: int | None = None,
    contribution: Mapping[str, Any] = _NO_CONTRIBUTION,
) -> Posting:
    """
    Return the posting of a sale or a redemption: what was computed, under its terms, with the balance's future.

    Units: amount signed, in the campaign's unit; purchase_minor in currency minor units. ``contribution``: the fields about
    the share of a second tier, by name.
    """
    content = (campaign.id, amount, item_id, purchase_minor, reward_id if promotion_id is None else promotion_id)
    guard, guard_seconds, fingerprint, context = repetition(by, terms, frame, content)
    plan = plan_for(account, campaign, terms.occurred_at, terms.recorded_at)
    return Posting(
        account_id=account.id,
        config_version=account.version,
        kind=kind,
        campaign_id=campaign.id,
        pool_id=campaign.pool_id,
        amount=amount,
        user_id=by.id,
        occurred_at=terms.occurred_at,
        recorded_at=terms.recorded_at,
        rules_version=plan.rules_version,
        customer_id=terms.customer_id,
        code=terms.code,
        card_number=terms.card_number,
        item_id=item_id,
        remainder=remainder,
        description=terms.description,
        purchase_minor=purchase_minor,
        promotion_id=promotion_id,
        reward_id=reward_id,
        fields=terms.fields,
        expires_at=plan.expires_at if kind == "earn" else None,
        next_change_at=plan.next_change_at,
        expected_balance=terms.expected_balance,
        reference=terms.reference,
        idempotency_key=terms.idempotency_key,
        fingerprint=fingerprint,
        context=context,
        guard=guard,
        guard_seconds=guard_seconds,
        sends_mail=terms.sends_mail,
        dry_run=terms.is_dry_run,
        calculation=calculation,
        **contribution,
    )
