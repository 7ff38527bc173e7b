# SPDX-License-Identifier: Apache-2.0
"""Taking a transaction back: all of it, a part of it, or as if it had never been."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.errors import AlreadyReversed, Conflict, InvalidParameter
from regulars.ledger import operations as ledger
from regulars.ledger.books import Reversed
from regulars.ledger.models import Entry, Reversal
from regulars.transactions.queries import Recorded


class TakenBackMeanwhile(Conflict):
    """More of the transaction was taken back than whoever asks had seen; nothing was done."""

    code = "taken_back_meanwhile"
    text = "A part of this transaction has been taken back meanwhile. Nothing more was taken back."


@dataclass(frozen=True, slots=True)
class TakenBack:
    """
    What a reversal did.

    Units: ``reversal`` in the campaign's unit; ``purchase_minor``: the money of the purchase (or of the points spent as money)
    taken back by this reversal, positive, in currency minor units; None where the transaction has none.
    """

    recorded: Recorded
    reversal: Reversed
    purchase_minor: int | None

    @property
    def left(self) -> int:
        """How much can still be taken back, positive."""
        return abs(self.recorded.amount) - self.reversal.reversed_total


def points_to_take(recorded: Recorded, purchase_minor: int) -> int:
    """
    Return what goes back with a part of the purchase: what is left now, less the share of what stays bought, cut down.

    So the customer keeps floor(points x purchase kept / purchase), whatever the number of steps it was returned in.
    Units: purchase_minor in currency minor units; the answer positive, in the campaign's unit.
    """
    assert recorded.purchase_minor
    kept_minor = recorded.purchase_left_minor - purchase_minor
    kept = abs(recorded.amount) * kept_minor // recorded.purchase_minor
    # Parts taken back by another measure may have gone further already.
    return max(recorded.left - kept, 0)


def reverse_transaction(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    recorded: Recorded,
    amount: int | None = None,
    description: str = "",
    seen_left: int | None = None,
) -> TakenBack:
    """
    Take an earning or a redemption back, whole (``amount`` None) or in part; never more than is left of it.

    A transaction with a purchase is taken back by money, with its points in proportion. Reversing a whole transaction
    again gives the first answer again; parts add up, unless ``seen_left`` says what was left when the part was asked for:
    then the same part sent twice is refused the second time.

    Units:  amount positive: currency minor units where the transaction has a purchase, else the campaign's unit; seen_left in
            the campaign's unit.
    Writes: 1 entry, lots and balance; as many for its share of a second tier. Locks the customer.
    Raises: InvalidParameter("amount"), AlreadyReversed, TakenBackMeanwhile, TransactionNotFound, LockTimeout,
            StaleConfiguration.
    Source: api.md 13; ADR-0005.
    """
    if amount is not None and amount < 1:
        raise InvalidParameter("amount", text=_too_small(account, recorded))
    recorded = _locked(account, recorded)
    has_purchase = bool(recorded.purchase_minor)
    whole = (recorded.purchase_minor or 0) if has_purchase else abs(recorded.amount)
    if amount == whole and _took_everything(account, recorded):
        amount = None  # the same whole reversal once more
    if amount is not None and seen_left not in (None, recorded.left):
        raise TakenBackMeanwhile
    take: int | None = None
    purchase_minor = recorded.purchase_left_minor if has_purchase else None
    if amount is not None:
        if amount > (recorded.purchase_left_minor if has_purchase else recorded.left):
            if whole and not (recorded.purchase_left_minor if has_purchase else recorded.left):
                raise AlreadyReversed(fields=("amount",))
            raise InvalidParameter("amount", "it is more than is left of the transaction")
        if has_purchase:
            purchase_minor, take = amount, points_to_take(recorded, amount)
        else:
            take = amount
    reversal = ledger.reverse(
        account=account,
        entry_id=recorded.entry_id,
        by=by.id,
        at=at,
        amount=take,
        purchase_minor=purchase_minor,
        description=description,
    )
    written = Entry.objects.values_list("purchase_minor", flat=True).get(account_id=account.id, id=reversal.entry_id)
    return TakenBack(recorded, reversal, None if written is None else abs(written))


def delete_transaction(*, account: AccountConfig, by: UserConfig, at: datetime, recorded: Recorded) -> int:
    """
    Take all that is left of a transaction back and show neither row any more; return its id.

    Redemptions made since are not checked again: the balance may fall below what they took, and the next earnings pay
    for it. What was reversed already stays as it is and is not shown any more either. Deleting once more changes nothing.

    Writes: 1 entry, lots and balance; none where nothing is left to take back. Locks the customer.
    Raises: TransactionNotFound, LockTimeout, StaleConfiguration.
    Source: api.md 8 transaction_delete.
    """
    recorded = _locked(account, recorded)
    if recorded.is_deleted:
        return recorded.entry_id
    ledger.reverse(
        account=account,
        entry_id=recorded.entry_id,
        by=by.id,
        at=at,
        purchase_minor=recorded.purchase_left_minor if recorded.purchase_minor else None,
        is_delete=True,
    )
    return recorded.entry_id


def _too_small(account: AccountConfig, recorded: Recorded) -> str:
    if recorded.purchase_minor or recorded.campaign.is_money:
        return f"The amount entered must be at least {account.currency.text(1)}"
    return "The amount entered needs to be at least 1"


def _locked(account: AccountConfig, recorded: Recorded) -> Recorded:
    """Lock the customer, then read again how much is taken back: nobody else can take the same part meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM customers_customers WHERE account_id = %s AND id = %s FOR NO KEY UPDATE",
            [account.id, recorded.customer_id],
        )
    taken = Reversal.objects.filter(account_id=account.id, entry_id=recorded.entry_id).first()
    if taken is None:
        return recorded
    return replace(
        recorded,
        reversed_amount=taken.reversed_amount,
        reversed_purchase_minor=taken.reversed_purchase_minor,
        last_reversal_id=taken.last_entry_id,
        is_deleted=taken.is_deleted,
    )


def _took_everything(account: AccountConfig, recorded: Recorded) -> bool:
    """Whether one reversal alone took the whole transaction back."""
    if recorded.last_reversal_id is None or recorded.left:
        return False
    last = Entry.objects.values_list("amount", flat=True).get(account_id=account.id, id=recorded.last_reversal_id)
    return abs(last) == abs(recorded.amount)
