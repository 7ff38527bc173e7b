# SPDX-License-Identifier: Apache-2.0
"""The second tier: a share of what is earned in every points campaign goes to a master campaign too."""

from __future__ import annotations

from datetime import datetime

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.models import Account
from regulars.coalition.rules import ModuleNotActivated, check_second_tier
from regulars.errors import CampaignNotFound


def set_second_tier(
    *,
    account: AccountConfig,
    by: UserConfig | None,
    at: datetime,
    master_campaign_id: int | None = None,
    contribution_ppm: int | None = None,
    rounding: str | None = None,
) -> None:
    """
    Set the second tier, or change what is given of it; it holds from the next earning on, and for nothing before it.

    Units:  contribution_ppm in millionths of an earning; rounding of the share to whole points: down, nearest, up.
    Writes: the account.
    Raises: ModuleNotActivated, CampaignNotFound, InvalidParameter naming master_campaign, percentage or rounding.
    Source: concepts.md 6 (Master Campaign ID, Campaign Contribution).
    """
    if "two_tier" not in account.modules:
        raise ModuleNotActivated(fields=("master_campaign",))
    campaign_id = account.master_campaign_id if master_campaign_id is None else master_campaign_id
    ppm = account.contribution_ppm if contribution_ppm is None else contribution_ppm
    rounded = account.contribution_rounding if rounding is None else rounding
    campaign = account.campaigns_by_id.get(campaign_id or 0)
    if campaign is None:
        raise CampaignNotFound(fields=("master_campaign",))
    check_second_tier(campaign, ppm, rounded)
    Account.objects.filter(id=account.id).update(
        master_campaign_id=campaign.id, contribution_ppm=ppm, contribution_rounding=rounded
    )


def end_second_tier(*, account: AccountConfig, by: UserConfig | None, at: datetime) -> None:
    """Let earnings contribute no more; what was contributed stays where it is. Queries: 1."""
    Account.objects.filter(id=account.id).update(master_campaign_id=None, contribution_ppm=0)
