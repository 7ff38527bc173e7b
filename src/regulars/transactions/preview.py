# SPDX-License-Identifier: Apache-2.0
"""
What a sale or redemption would do, before it is done: the very posting that recording makes, posted and rolled back.

So a preview can not differ from what is recorded: same plan, same ledger, same refusals; and nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db import transaction

from regulars.accounts.directory import AccountConfig, CampaignConfig, ItemConfig, PromotionConfig, UserConfig
from regulars.campaigns.rules import Steps, steps_of
from regulars.errors import InsufficientBalance
from regulars.ledger import operations as ledger
from regulars.ledger.books import Posted
from regulars.transactions.receipts import Receipt, receipt_of
from regulars.transactions.record import sale_posting
from regulars.transactions.redeem import Spending, insufficient, redemption_posting
from regulars.transactions.terms import Prepared, Terms


@dataclass(frozen=True, slots=True)
class Preview:
    """
    What would be recorded. ``steps``: how the points of a sale come about; None where nothing is computed.

    Units: ``carried`` in points: what fractions of earlier sales add by now (campaigns that carry them).
    """

    receipt: Receipt
    steps: Steps | None
    carried: int


def preview_activity(
    *,
    account: AccountConfig,
    by: UserConfig,
    campaign: CampaignConfig,
    terms: Terms,
    amount_minor: int | None = None,
    promotion: PromotionConfig | None = None,
    item: ItemConfig | None = None,
    quantity: int = 1,
) -> Preview:
    """
    Return what ``record_activity`` of the same arguments would record.

    Queries: 1, and those of the savepoint; nothing is written, not even what was due.
    Raises:  what record_activity raises, but KeyReused.
    """
    prepared = sale_posting(
        account=account,
        by=by,
        campaign=campaign,
        terms=_dry(terms),
        amount_minor=amount_minor,
        promotion=promotion,
        item=item,
        quantity=quantity,
    )
    posted = _tried(account, prepared)
    posting = prepared.posting
    steps = None
    if posting.calculation is not None:
        steps = steps_of(posting.calculation, posting.purchase_minor, account.currency.decimals)
    return Preview(receipt_of(prepared.frame, posted, is_dry_run=True), steps, posted.amount - posting.amount)


def preview_redemption(
    *, account: AccountConfig, by: UserConfig, campaign: CampaignConfig, terms: Terms, spending: Spending
) -> Preview:
    """
    Return what ``redeem`` of the same arguments would take.

    Queries: 1, and those of the savepoint; nothing is written. Raises: what redeem raises, but KeyReused.
    """
    prepared = redemption_posting(account=account, by=by, campaign=campaign, terms=_dry(terms), spending=spending)
    try:
        posted = _tried(account, prepared)
    except InsufficientBalance as error:
        raise insufficient(spending, error) from error
    return Preview(receipt_of(prepared.frame, posted, is_dry_run=True), None, 0)


def _dry(terms: Terms) -> Terms:
    return replace(terms, is_dry_run=True, idempotency_key=None, fingerprint=b"", sends_mail=False)


def _tried(account: AccountConfig, prepared: Prepared) -> Posted:
    with transaction.atomic():
        posted = ledger.post(account, prepared.posting)
        transaction.set_rollback(True)  # what was due and booked on the way goes, too
    return posted
