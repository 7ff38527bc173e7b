# SPDX-License-Identifier: Apache-2.0
"""What stands before a clerk: one customer with all balances, what is coming, and the last transactions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from regulars.accounts.directory import AccountConfig, CampaignConfig, UserConfig
from regulars.customers.rows import CustomerRow
from regulars.ledger.books import HistoryRow, Query
from regulars.ledger.models import Reversal
from regulars.ledger.operations import list_coming_losses, look_up
from regulars.transactions.queries import KINDS
from regulars.transactions.standing import Standing, standing_in

SOON = timedelta(days=30)
"""How far "soon" reaches in what expires."""
READ_MAX = 50
"""History rows that are read, so that some are left where most are of campaigns the user may not see."""


@dataclass(frozen=True, slots=True)
class ComingLoss:
    """What will be taken from a balance soon by itself. Units: amount positive, in the campaign's unit."""

    amount: int
    first_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """A campaign as the customer stands in it. ``coming``: what is lost within 30 days; None = nothing."""

    standing: Standing
    coming: ComingLoss | None

    @property
    def campaign(self) -> CampaignConfig:
        return self.standing.campaign


@dataclass(frozen=True, slots=True)
class RecentRow:
    """
    A line of the history. Units: ``left`` positive, in the campaign's unit: what can still be taken back; 0 = nothing can.
    """

    row: HistoryRow
    campaign: CampaignConfig
    left: int


@dataclass(frozen=True, slots=True)
class AtCounter:
    """One customer. ``places``: every active campaign the user may see, those the customer is in first."""

    customer: CustomerRow
    places: tuple[Place, ...]
    recent: tuple[RecentRow, ...]


def get_at_counter(
    *, account: AccountConfig, by: UserConfig, at: datetime, customer_id: int, recent_length: int = 0
) -> AtCounter:
    """
    Return a customer with the balances of all campaigns as of ``at``, and what changed them last (``recent_length``; 0 none).

    Queries: 1 to 4, and those of settling where something is due.
    Raises:  CustomerNotFound, StaleConfiguration.
    """
    found = look_up(
        account,
        Query(
            account.id, account.version, at, customer_id=customer_id, history_across=True,
            history_limit=READ_MAX if recent_length else 0,
        ),
    )  # fmt: skip
    coming = list_coming_losses(account=account, customer_id=found.customer.id, until=at + SOON)
    places = []
    for campaign in account.campaigns.values():
        if campaign.state == "active" and by.may_see(campaign):
            losses = [loss for (pool_id, _), each in coming.items() if pool_id == campaign.pool_id for loss in each]
            first = min(losses, key=lambda loss: loss.at, default=None)
            loss = ComingLoss(sum(each.amount for each in losses), first.at) if first else None
            places.append(Place(standing_in(account, campaign, found.memberships), loss))
    places.sort(key=lambda place: not place.standing.is_joined)
    recent = _recent(account, by, found.history, recent_length)
    return AtCounter(found.customer, tuple(places), recent)


def _recent(account: AccountConfig, by: UserConfig, rows: Sequence[HistoryRow], length: int) -> tuple[RecentRow, ...]:
    seen: list[tuple[HistoryRow, CampaignConfig]] = []
    for row in rows:
        campaign = account.campaigns_by_id.get(row.campaign_id)
        if row.kind != "activation" and campaign is not None and campaign.state == "active" and by.may_see(campaign):
            seen.append((row, campaign))
    del seen[length:]
    ids = [row.id for row, _ in seen if row.kind in KINDS]
    taken = dict(
        Reversal.objects.filter(account_id=account.id, entry_id__in=ids).values_list("entry_id", "reversed_amount")
        if ids
        else ()
    )
    return tuple(
        RecentRow(row, campaign, abs(row.amount) - taken.get(row.id, 0) if row.kind in KINDS else 0) for row, campaign in seen
    )
