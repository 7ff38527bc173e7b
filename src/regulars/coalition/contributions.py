# SPDX-License-Identifier: Apache-2.0
"""What of an earning goes to the second tier. Pure; the share is computed where the amount is final, by ledger_post()."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from regulars.accounts.directory import AccountConfig, CampaignConfig
from regulars.ledger.rules import plan_for

NO_CONTRIBUTION: Mapping[str, Any] = {}


def second_tier(account: AccountConfig, campaign: CampaignConfig) -> CampaignConfig | None:
    """
    Return the master campaign that a share of this campaign's earnings goes to; None where there is none.

    Only points campaigns contribute; never the master itself, nor a campaign that opted out; nothing goes to a master
    campaign that is on hold.
    """
    if account.master_campaign_id is None or not account.contribution_ppm:
        return None
    if campaign.kind != "points" or campaign.two_tier_opt_out or campaign.id == account.master_campaign_id:
        return None
    master = account.campaigns_by_id.get(account.master_campaign_id)
    return master if master is not None and master.state == "active" else None


def contribution(
    account: AccountConfig, master: CampaignConfig | None, occurred_at: datetime, recorded_at: datetime
) -> Mapping[str, Any]:
    """Return the fields of a posting about the share that goes to ``master``; none where it is None."""
    if master is None:
        return NO_CONTRIBUTION
    plan = plan_for(account, master, occurred_at, recorded_at)
    return {
        "contribute_campaign_id": master.id,
        "contribute_pool_id": master.pool_id,
        "contribute_ppm": account.contribution_ppm,
        "contribute_rounding": account.contribution_rounding,
        "contribute_expires_at": plan.expires_at,
        "contribute_next_change_at": plan.next_change_at,
        "contribute_rules_version": plan.rules_version,
    }
