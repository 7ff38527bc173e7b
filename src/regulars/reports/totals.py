# SPDX-License-Identifier: Apache-2.0
"""Campaign Totals: what each campaign gave, took back and owes over some days (api.md 10). Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection

from regulars.accounts.directory import AccountConfig, CampaignConfig
from regulars.campaigns.rules import currency_value
from regulars.reports.customers import FETCH, NOT_DELETED
from regulars.reports.pending import DUE_JSON, IS_DUE, due_parameters, losses_of
from regulars.reports.rules import Span


@dataclass(frozen=True, slots=True)
class CampaignTotal:
    """
    The sums of one campaign. Units: of the campaign.

    ``earned``: earnings, contributions and moves, less what was taken back of them. ``redeemed``: negative, less what was taken
    back. ``liability``: by how much the days changed what is owed: both, and what expired, fees and deletions took.
    """

    campaign: CampaignConfig
    earned: int = 0
    redeemed: int = 0
    liability: int = 0

    def value_minor(self, account: AccountConfig) -> int | None:
        """Return what the liability is worth, in currency minor units; None where it can not be had as money."""
        if self.campaign.kind == "points":
            return currency_value(self.campaign, account.currency, self.liability)
        return self.liability if self.campaign.is_money else None


_SUMS = f"""
SELECT e.campaign_id,
       sum(e.amount) FILTER (WHERE CASE WHEN e.kind = 'reverse' THEN o.kind ELSE e.kind END
                             IN ('activation', 'earn', 'contribute', 'move')),
       sum(e.amount) FILTER (WHERE CASE WHEN e.kind = 'reverse' THEN o.kind ELSE e.kind END = 'redeem'),
       sum(e.amount), NULL::jsonb
FROM ledger_entries e
LEFT JOIN ledger_entries o ON e.kind = 'reverse' AND o.account_id = e.account_id AND o.id = e.reverses_id
WHERE e.account_id = %(account)s AND e.campaign_id = ANY(%(campaigns)s)
  AND e.occurred_at >= %(starts_at)s AND e.occurred_at < %(ends_at)s AND {NOT_DELETED}
GROUP BY e.campaign_id
UNION ALL
SELECT NULL, NULL, NULL, NULL, {DUE_JSON}
FROM ledger_balances b
WHERE b.account_id = %(account)s AND b.pool_id = ANY(%(pools)s) AND {IS_DUE}
"""  # noqa: S608 - our own texts


def get_totals(
    *, account: AccountConfig, at: datetime, campaigns: Sequence[CampaignConfig], span: Span
) -> tuple[CampaignTotal, ...]:
    """
    Return the totals of each campaign, in the order given.

    Deleted transactions do not count; those of deleted customers do, so that erasing a person changes no total of what was
    earned and redeemed (I15).

    Queries: 1, by a server-side cursor. Memory: one due balance at a time.
    """
    totals = {campaign.id: CampaignTotal(campaign) for campaign in campaigns}
    given = due_parameters(account, at) | {
        "account": account.id,
        "campaigns": list(totals),
        "pools": sorted({campaign.pool_id for campaign in campaigns}),
        "starts_at": span.starts_at,
        "ends_at": span.ends_at,
    }

    def add(campaign_id: int, earned: int, redeemed: int, changed: int) -> None:
        known = totals[campaign_id]
        totals[campaign_id] = replace(
            known, earned=known.earned + earned, redeemed=known.redeemed + redeemed, liability=known.liability + changed
        )

    with connection.chunked_cursor() as cursor:
        cursor.execute(_SUMS, given)
        while rows := cursor.fetchmany(FETCH):
            for campaign_id, earned, redeemed, changed, due in rows:
                if due is None:
                    add(campaign_id, int(earned or 0), int(redeemed or 0), int(changed or 0))
                    continue
                for pending in losses_of(account, due, at):
                    if pending.loss.campaign_id in totals and span.holds(pending.loss.at):
                        add(pending.loss.campaign_id, 0, 0, -pending.loss.amount)
    return tuple(totals.values())


def shares_points(account: AccountConfig, campaign: CampaignConfig) -> bool:
    """Whether a campaign is in the coalition's points, or in the second tier."""
    if campaign.kind != "points":
        return False
    is_second_tier = account.is_two_tier and (campaign.id == account.master_campaign_id or not campaign.two_tier_opt_out)
    return campaign.pool_id == account.coalition_pool_points_id or is_second_tier


def shares_stored_value(account: AccountConfig, campaign: CampaignConfig) -> bool:
    """Whether a campaign's money is in the coalition's stored value; in a two-tier account, that of every merchant is."""
    if not campaign.is_money:
        return False
    return campaign.pool_id == account.coalition_pool_money_id or (account.is_two_tier and not campaign.two_tier_opt_out)
