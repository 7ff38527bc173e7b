# SPDX-License-Identifier: Apache-2.0
"""Recording and redeeming for faces that are not hot (panel, CLI, jobs, demo): the same rules, in a unit of work."""

from __future__ import annotations

from regulars.accounts.directory import AccountConfig, CampaignConfig, ItemConfig, PromotionConfig, UserConfig
from regulars.errors import InsufficientBalance
from regulars.ledger import operations as ledger
from regulars.transactions.receipts import Receipt, receipt_of
from regulars.transactions.record import sale_posting
from regulars.transactions.redeem import Spending, insufficient, redemption_posting
from regulars.transactions.terms import Terms


def record_activity(
    *,
    account: AccountConfig,
    by: UserConfig,
    campaign: CampaignConfig,
    terms: Terms,
    amount_minor: int | None = None,
    promotion: PromotionConfig | None = None,
    item: ItemConfig | None = None,
    quantity: int = 1,
) -> Receipt:
    """
    Record one activity of a customer and return its receipt.

    Units:   amount_minor in currency minor units; quantity in units.
    Writes:  1 entry, 1 lot, 1 balance, 1 membership; for a two-tier account as many again.
    Queries: 1.
    Raises:  MissingParameter, InvalidParameter, PromotionNotActive, CustomerNotFound, UnexpectedBalance, KeyReused,
             InsufficientBalance (a negative promotion), StaleConfiguration, LockTimeout.
    """
    prepared = sale_posting(
        account=account,
        by=by,
        campaign=campaign,
        terms=terms,
        amount_minor=amount_minor,
        promotion=promotion,
        item=item,
        quantity=quantity,
    )
    return receipt_of(prepared.frame, ledger.post(account, prepared.posting), is_dry_run=terms.is_dry_run)


def redeem(*, account: AccountConfig, by: UserConfig, campaign: CampaignConfig, terms: Terms, spending: Spending) -> Receipt:
    """
    Redeem and return the receipt.

    Units:   spending.amount in the campaign's unit.
    Writes:  1 entry, 1..n lot uses, 1 balance, 1 membership.
    Queries: 1.
    Raises:  InsufficientBalance, CustomerNotFound, UnexpectedBalance, KeyReused, StaleConfiguration, LockTimeout.
    """
    prepared = redemption_posting(account=account, by=by, campaign=campaign, terms=terms, spending=spending)
    try:
        posted = ledger.post(account, prepared.posting)
    except InsufficientBalance as error:
        raise insufficient(spending, error) from error
    return receipt_of(prepared.frame, posted, is_dry_run=terms.is_dry_run)
