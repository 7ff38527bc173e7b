# SPDX-License-Identifier: Apache-2.0
"""Merging two records of one customer: identity, balances, mail, in one unit of work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from regulars.accounts.directory import AccountConfig, CampaignConfig, UserConfig
from regulars.customers import merge as customers
from regulars.customers import queries
from regulars.customers.cards import list_numbers
from regulars.customers.rows import CustomerRow
from regulars.customers.rules import CustomerErased
from regulars.errors import CustomerNotFound, InvalidParameter
from regulars.ledger import operations as ledger
from regulars.messages.models import OutboxMessage


@dataclass(frozen=True, slots=True)
class Merged:
    """The customer who stays, and the record that is gone, as it was."""

    customer: CustomerRow
    gone: CustomerRow


def merge_customers(*, account: AccountConfig, by: UserConfig, at: datetime, customer_id: int, gone_id: int) -> Merged:
    """
    Make one customer of two: ``customer_id`` stays with his own profile, and gets everything that ``gone_id`` has.

    Balances, lots and debts move by entries of kind move; nothing that was earned is lost or counted twice (I15). The other's
    code, card and earlier numbers find the customer who stays. Transactions of the record that is gone stay under it in the
    books; taken back, they are taken back from the customer who stays.

    Raises: CustomerNotFound, CustomerErased where the data of one were erased, InvalidParameter("gone_id") where both are the
            same, StaleConfiguration, LockTimeout.
    Source: api.md 13 (our extension customer_merge).
    """
    customer, gone = _both(account, customer_id, gone_id)
    ledger.move(
        account=account,
        from_customer_id=gone_id,
        to_customer_id=customer_id,
        by=by.id,
        at=at,
        description=f"Merged from {gone.code}.",
    )
    OutboxMessage.objects.filter(account_id=account.id, customer_id=gone_id).update(customer_id=customer_id)
    customers.absorb(account=account, customer_id=customer_id, gone=gone, by=by.id, at=at)
    return Merged(customer, gone)


@dataclass(frozen=True, slots=True)
class MergedBalance:
    """What both have in one pool, and what the customer who stays will have. Units: of the campaigns in it; buyx: all items."""

    campaigns: tuple[CampaignConfig, ...]
    """Those of the pool that the user may see."""
    own: int
    gone: int
    cumulative: int
    """What both have ever earned in it."""

    @property
    def result(self) -> int:
        """Nothing is lost, nothing counted twice (I15)."""
        return self.own + self.gone


@dataclass(frozen=True, slots=True)
class MergePreview:
    """Who stays, who goes, which numbers will lead to the one who stays, and what he will have."""

    customer: CustomerRow
    gone: CustomerRow
    numbers: tuple[str, ...]
    balances: tuple[MergedBalance, ...]
    is_complete: bool
    """Whether the user may see all that moves."""


def preview_merge(*, account: AccountConfig, by: UserConfig, at: datetime, customer_id: int, gone_id: int) -> MergePreview:
    """
    Return what merge_customers() would do now. What is due is booked before, as by any look-up.

    Queries: 6, and those of settling.
    Raises: CustomerNotFound, CustomerErased, InvalidParameter("gone_id"), StaleConfiguration.
    """
    customer, gone = _both(account, customer_id, gone_id)
    found = ledger.look_up_balances(account, [customer.id, gone.id], at)
    pools: dict[int, dict[tuple[int, int], list[int]]] = {}
    for which, each in enumerate((customer, gone)):
        for row in found[each.id].memberships:
            sums = pools.setdefault(row.pool_id, {}).setdefault((each.id, row.item_id), [which, 0, 0])
            sums[1:] = [row.balance, row.pool_cumulative]
    seen, is_complete = [], True
    for pool_id, held in pools.items():
        campaigns = tuple(each for each in account.campaigns_by_pool.get(pool_id, ()) if by.may_see(each))
        campaigns = tuple(each for each in campaigns if each.number in account.campaigns)
        if not campaigns:
            is_complete = False
            continue
        own, others = (sum(sums[1] for sums in held.values() if sums[0] == which) for which in (0, 1))
        seen.append(MergedBalance(campaigns, own, others, sum(sums[2] for sums in held.values())))
    former = [number.value for number in list_numbers(account=account, customer_id=gone.id)]
    numbers = tuple(dict.fromkeys(value for value in (gone.code, gone.card_number, *former) if value))
    return MergePreview(customer, gone, numbers, tuple(seen), is_complete)


def _both(account: AccountConfig, customer_id: int, gone_id: int) -> tuple[CustomerRow, CustomerRow]:
    if customer_id == gone_id:
        raise InvalidParameter("gone_id", "both are the same customer")
    for each in (customer_id, gone_id):
        if queries.is_erased(account=account, customer_id=each):
            raise CustomerErased
    return (
        queries.get_customer(account=account, customer_id=customer_id),
        queries.get_customer(account=account, customer_id=gone_id),
    )


def get_named(*, account: AccountConfig, code: str | None, card_number: str | None, name: str) -> int:
    """Return the id of the customer that a code, or else a card, names. Raises CustomerNotFound naming ``name``."""
    found = queries.find_customer_id(account=account, code=code, card_number=None if code else card_number)
    if found is None:
        raise CustomerNotFound(fields=(name,))
    return found
