# SPDX-License-Identifier: Apache-2.0
"""campaign_delete: deletes a campaign, or a reward, promotion or item of one (api.md 9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from regulars.api.call import Call, Context, Family
from regulars.api.calls import campaign_kinds as kinds
from regulars.campaigns import limits, operations, queries
from regulars.protocol.kinds import small_id
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, record, success


@dataclass(frozen=True, slots=True)
class CampaignParams:
    campaign_id: str = param(kinds.campaign_id(), required=True, note="also one on hold")


def delete_campaign(ctx: Context, params: CampaignParams) -> Element:
    """
    Archive the campaign for good: it vanishes from every list and call, its data stay in the books, its name stays taken.

    Its depreciations and fees end. What was earned in it of a coalition's shared balance can still be spent elsewhere.
    """
    campaign = queries.get_campaign(account=ctx.account, by=ctx.user, number=params.campaign_id, include_on_hold=True)
    operations.delete_campaign(account=ctx.account, by=ctx.user, at=ctx.at, campaign_id=campaign.id)
    return deleted("campaign", campaign.number)


@dataclass(frozen=True, slots=True)
class RewardParams:
    reward_id: int = param(small_id(error_text=limits.REWARD_TEXT), required=True, note="the id of campaign_rewards")


def delete_reward(ctx: Context, params: RewardParams) -> Element:
    """Take the reward out of its campaign. Past redemptions still name it."""
    reward = queries.get_reward(account=ctx.account, by=ctx.user, reward_id=params.reward_id)
    operations.delete_reward(account=ctx.account, by=ctx.user, at=ctx.at, reward_id=reward.id)
    return deleted("reward", reward.id)


@dataclass(frozen=True, slots=True)
class PromotionParams:
    promo_id: int = param(small_id(error_text=limits.PROMOTION_TEXT), required=True, note="the id of campaign_promos")


def delete_promotion(ctx: Context, params: PromotionParams) -> Element:
    """Take the promotion out of its campaign. Past transactions still name it; their points stay."""
    promotion = queries.get_promotion(account=ctx.account, by=ctx.user, promotion_id=params.promo_id)
    operations.delete_promotion(account=ctx.account, by=ctx.user, at=ctx.at, promotion_id=promotion.id)
    return deleted("promo", promotion.id)


@dataclass(frozen=True, slots=True)
class ItemParams:
    item_id: int = param(small_id(error_text=limits.ITEM_TEXT), required=True, note="the id of buyx_items_list")


def delete_item(ctx: Context, params: ItemParams) -> Element:
    """Take the item out of its campaign. Past transactions still name it; what customers have of it is out of sight."""
    item = queries.get_item(account=ctx.account, by=ctx.user, item_id=params.item_id)
    operations.delete_item(account=ctx.account, by=ctx.user, at=ctx.at, item_id=item.id)
    return deleted("item", item.id)


def deleted(name: str, shown_id: int | str) -> Element:
    """Return the answer of a deletion: ``<item status="deleted"><id>14</id></item>``."""
    return success(record(name, leaf("id", shown_id), status="deleted"))


def _call(handle: Callable[[Context, Any], Element], params: type, permission: str, summary: str, *errors: str) -> Call:
    return Call(
        type="campaign_delete",
        handle=handle,
        params=params,
        permission=permission,
        summary=summary,
        errors=errors,
        writes=True,
        source="api.md 9",
    )


FAMILY = Family(
    type="campaign_delete",
    selector="action",
    calls={
        "campaign": _call(delete_campaign, CampaignParams, "delete_campaign", "Delete a Campaign", "campaign_not_found"),
        "reward": _call(delete_reward, RewardParams, "delete_rewards", "Delete a Reward", "reward_not_found"),
        "promo": _call(delete_promotion, PromotionParams, "delete_promotions", "Delete a Promotion", "promotion_not_found"),
        "item": _call(delete_item, ItemParams, "delete_buyx_items", "Delete a BuyX Item", "item_not_found"),
    },
)
