# SPDX-License-Identifier: Apache-2.0
"""Reads single transactions of a customer, so that they can be taken back."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.accounts.directory import AccountConfig, CampaignConfig, UserConfig
from regulars.customers.models import Customer
from regulars.customers.queries import find_survivor_id, list_record_ids
from regulars.errors import Conflict, TransactionNotFound
from regulars.ledger.models import Entry, Reversal

KINDS = ("earn", "redeem")
"""What a till recorded; activations, contributions and what rules took are not transactions to take back."""


class AmbiguousReference(Conflict):
    """The till used one reference for several transactions."""

    code = "ambiguous_reference"
    text = "reference is not valid: it names several transactions, use transaction_id"

    def __init__(self) -> None:
        super().__init__(fields=("reference",))


@dataclass(frozen=True, slots=True)
class Recorded:
    """
    One earning or redemption and how much of it was taken back.

    Units: ``amount`` signed, in the campaign's unit; ``reversed_amount`` positive; ``purchase_minor`` in currency minor units.
    """

    entry_id: int
    customer_id: int
    """Whose it is now: where the record it was recorded under was merged into another, the other."""
    customer_code: str
    campaign: CampaignConfig
    kind: str
    amount: int
    purchase_minor: int | None
    description: str
    reversed_amount: int
    reversed_purchase_minor: int
    last_reversal_id: int | None
    is_deleted: bool

    @property
    def left(self) -> int:
        """How much can still be taken back, positive, in the campaign's unit."""
        return abs(self.amount) - self.reversed_amount

    @property
    def purchase_left_minor(self) -> int:
        """How much of the purchase is not yet taken back."""
        return (self.purchase_minor or 0) - self.reversed_purchase_minor


def get_transaction(*, account: AccountConfig, by: UserConfig, entry_id: int) -> Recorded:
    """
    Return one transaction by its id.

    Queries: 4. Raises: TransactionNotFound; also for campaigns on hold or not among the user's, and deleted customers.
    """
    row = Entry.objects.filter(account_id=account.id, id=entry_id, kind__in=KINDS).first()
    found = _recorded(account, by, row) if row is not None else None
    if found is None:
        raise TransactionNotFound(fields=("transaction_id",))
    return found


def get_transaction_by_reference(
    *,
    account: AccountConfig,
    by: UserConfig,
    reference: str,
    campaign_number: str | None = None,
    customer_id: int | None = None,
) -> Recorded:
    """
    Return the one transaction that a till recorded under its own reference; campaign and customer narrow the choice.

    Deleted transactions do not count. Queries: 1 or 2, and 3 for each transaction found.
    Raises: TransactionNotFound, AmbiguousReference.
    """
    rows = Entry.objects.filter(account_id=account.id, reference=reference, kind__in=KINDS)
    if customer_id is not None:
        rows = rows.filter(customer_id__in=list_record_ids(account=account, customer_id=customer_id))
    if campaign_number is not None:
        campaign = account.campaigns.get(campaign_number)
        rows = rows.filter(campaign_id=campaign.id if campaign else 0)
    seen = [_recorded(account, by, row) for row in rows.order_by("id")[:20]]
    alive = [each for each in seen if each is not None and not each.is_deleted]
    if len(alive) > 1:
        raise AmbiguousReference
    if not alive:
        raise TransactionNotFound("reference is not valid: no such transaction", fields=("reference",))
    return alive[0]


def _recorded(account: AccountConfig, by: UserConfig, row: Entry) -> Recorded | None:
    campaign = account.campaigns_by_id.get(row.campaign_id)
    if campaign is None or campaign.state != "active" or not by.may_see(campaign):
        return None
    customer_id = find_survivor_id(account=account, customer_id=row.customer_id)
    if customer_id is None:
        return None
    code = (
        Customer.objects.filter(account_id=account.id, id=customer_id, deleted_at__isnull=True)
        .values_list("code", flat=True)
        .first()
    )
    if code is None:
        return None
    taken = Reversal.objects.filter(account_id=account.id, entry_id=row.id).first()
    return Recorded(
        entry_id=row.id,
        customer_id=customer_id,
        customer_code=code,
        campaign=campaign,
        kind=row.kind,
        amount=row.amount,
        purchase_minor=row.purchase_minor,
        description=row.description,
        reversed_amount=taken.reversed_amount if taken else 0,
        reversed_purchase_minor=taken.reversed_purchase_minor if taken else 0,
        last_reversal_id=taken.last_entry_id if taken else None,
        is_deleted=taken.is_deleted if taken else False,
    )
