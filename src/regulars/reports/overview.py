# SPDX-License-Identifier: Apache-2.0
"""The first page's numbers: an account's campaigns with how many customers are in each. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from regulars.accounts.directory import AccountConfig, CampaignConfig, UserConfig
from regulars.customers.models import Customer
from regulars.ledger.models import Membership
from regulars.users.access import may

COUNTED_MAX = 10_000
"""Customers that are counted for the first page, which everybody opens all day."""


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """One campaign and the number of its customers; None where the user may not see customers, or they are too many."""

    campaign: CampaignConfig
    customer_count: int | None


@dataclass(frozen=True, slots=True)
class Overview:
    """What the user may see of the account at a glance."""

    customer_count: int | None
    campaigns: tuple[CampaignLine, ...]
    is_bounded: bool = False
    """There are more customers than were counted; then they are not counted by campaign either."""


def get_overview(*, account: AccountConfig, by: UserConfig) -> Overview:
    """
    Return the campaigns the user may see, active ones first, with their customers.

    Shape:   a customer is counted once in each campaign he was enrolled in; erased customers are not.
    Queries: 2, both served by the primary keys; 0 where the user may not see customers.
    """
    campaigns = sorted(
        (campaign for campaign in account.campaigns.values() if by.may_see(campaign)),
        key=lambda campaign: (campaign.state != "active", campaign.name.lower()),
    )
    if not may(by, "view_customer_search"):
        return Overview(customer_count=None, campaigns=tuple(CampaignLine(campaign, None) for campaign in campaigns))
    alive = Customer.objects.filter(account_id=account.id, deleted_at__isnull=True)
    total = alive[: COUNTED_MAX + 1].count()
    if total > COUNTED_MAX:
        return Overview(COUNTED_MAX, tuple(CampaignLine(campaign, None) for campaign in campaigns), is_bounded=True)
    in_campaign = dict(
        Membership.objects.filter(account_id=account.id, customer_id__in=alive.values("id"))
        .values("campaign_id")
        .annotate(customers=Count("customer_id", distinct=True))
        .values_list("campaign_id", "customers")
    )
    return Overview(
        customer_count=total,
        campaigns=tuple(CampaignLine(campaign, in_campaign.get(campaign.id, 0)) for campaign in campaigns),
    )
