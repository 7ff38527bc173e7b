# SPDX-License-Identifier: Apache-2.0
"""
Finds campaigns and what belongs to them in the account's snapshot: no statement, no unit of work.

A snapshot holds no deleted thing. Whether it is still the newest is checked by whoever answers from it (ADR-0004).
"""

from __future__ import annotations

from collections.abc import Iterable

from regulars.accounts.directory import (
    AccountConfig,
    CampaignConfig,
    DepreciationConfig,
    FeeConfig,
    ItemConfig,
    PromotionConfig,
    RewardConfig,
    UserConfig,
)
from regulars.errors import CampaignNotFound, ItemNotFound, NotFound, PromotionNotFound, RewardNotFound


class DepreciationNotFound(NotFound):
    """No such depreciation, or one that was deleted."""

    code = "depreciation_not_found"
    text = "depreciation_id is not valid: no such depreciation in this campaign"


class FeeNotFound(NotFound):
    """No such recurring fee, or one that was deleted."""

    code = "fee_not_found"
    text = "fee_id is not valid: no such fee in this campaign"


def get_campaign(*, account: AccountConfig, by: UserConfig, number: str, include_on_hold: bool = False) -> CampaignConfig:
    """
    Return the campaign with this 16-digit number, if the user may see it.

    Raises: CampaignNotFound, also for one on hold (unless asked for) or not among the user's: nobody can tell them apart.
    """
    campaign = account.campaigns.get(number)
    if campaign is None or not by.may_see(campaign) or not (include_on_hold or campaign.state == "active"):
        raise CampaignNotFound(fields=("campaign_id",))
    return campaign


def list_campaigns(
    *, account: AccountConfig, by: UserConfig, state: str = "active", kinds: Iterable[str] = ()
) -> tuple[CampaignConfig, ...]:
    """Return the campaigns the user may see, oldest first; ``kinds`` empty = of every kind."""
    wanted = frozenset(kinds)
    return tuple(
        campaign
        for campaign in account.campaigns.values()
        if campaign.state == state and by.may_see(campaign) and (not wanted or campaign.kind in wanted)
    )


def get_reward(*, account: AccountConfig, by: UserConfig, reward_id: int) -> RewardConfig:
    """Return a reward of any active campaign that the user may see. Raises RewardNotFound."""
    for campaign in list_campaigns(account=account, by=by):
        if reward_id in campaign.rewards:
            return campaign.rewards[reward_id]
    raise RewardNotFound("reward_id is not valid: no such reward", fields=("reward_id",))


def get_promotion(*, account: AccountConfig, by: UserConfig, promotion_id: int) -> PromotionConfig:
    """Return a promotion, running or not, of any active campaign that the user may see. Raises PromotionNotFound."""
    for campaign in list_campaigns(account=account, by=by):
        if promotion_id in campaign.promotions:
            return campaign.promotions[promotion_id]
    raise PromotionNotFound("promo_id is not valid: no such promotion", fields=("promo_id",))


def get_item(*, account: AccountConfig, by: UserConfig, item_id: int) -> ItemConfig:
    """Return an item of any active campaign that the user may see. Raises ItemNotFound."""
    for campaign in list_campaigns(account=account, by=by):
        if item_id in campaign.items:
            return campaign.items[item_id]
    raise ItemNotFound("item_id is not valid: no such item", fields=("item_id",))


def get_depreciation(*, account: AccountConfig, by: UserConfig, rule_id: int) -> tuple[CampaignConfig, DepreciationConfig]:
    """Return a depreciation in force and its campaign, an active one that the user may see. Raises DepreciationNotFound."""
    for campaign in list_campaigns(account=account, by=by):
        for rule in current_depreciations(campaign):
            if rule.rule_id == rule_id:
                return campaign, rule
    raise DepreciationNotFound("depreciation_id is not valid: no such depreciation", fields=("depreciation_id",))


def get_fee(*, account: AccountConfig, by: UserConfig, rule_id: int) -> tuple[CampaignConfig, FeeConfig]:
    """Return a recurring fee in force and its campaign, an active one that the user may see. Raises FeeNotFound."""
    for campaign in list_campaigns(account=account, by=by):
        for rule in current_fees(campaign):
            if rule.rule_id == rule_id:
                return campaign, rule
    raise FeeNotFound("fee_id is not valid: no such fee", fields=("fee_id",))


def current_depreciations(campaign: CampaignConfig) -> tuple[DepreciationConfig, ...]:
    """Return the depreciations that are in force, in the order they were made."""
    return tuple(sorted((rule for rule in campaign.depreciations if rule.valid_to is None), key=lambda rule: rule.rule_id))


def current_fees(campaign: CampaignConfig) -> tuple[FeeConfig, ...]:
    """Return the recurring fees that are in force, in the order they were made."""
    return tuple(sorted((rule for rule in campaign.fees if rule.valid_to is None), key=lambda rule: rule.rule_id))
