# SPDX-License-Identifier: Apache-2.0
"""campaign_new: a new campaign, or a new reward, promotion or item of one (api.md 9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from regulars.api.call import Call, Context, Family
from regulars.api.calls import campaign_kinds as kinds
from regulars.campaigns import limits, operations, queries
from regulars.protocol.kinds import choice, flag, numbered, optional_date_time, text
from regulars.protocol.naming import wire_names
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, record, success


@dataclass(frozen=True, slots=True)
class CampaignParams:
    campaign_type: str = param(
        choice(*limits.KINDS, error_text="Error with campaign type"), required=True, note="fixed for good"
    )
    campaign_name: str = param(
        text(limits.NAME_MAX, error_text="Error with campaign name"),
        required=True,
        note="no two campaigns of an account have the same",
    )
    description: str = param(text(limits.DESCRIPTION_MAX), default="", note="for the owner; customer_info shows it")
    latitude: str = param(text(20, shape="value"), default="", note="degrees, -90 to 90")
    longitude: str = param(text(20, shape="value"), default="", note="degrees, -180 to 180")
    points_ratio: int | None = param(kinds.points_ratio(), note="points only; absent or blank: 100")
    reward_ratio: int | None = param(kinds.reward_ratio(), note="points only; absent, blank or 0: redeeming by currency is off")
    amount_per_event: int | None = param(kinds.amount_per_event(), note="earned only, and there required")
    coalition_opt_out: bool = param(flag(), default=False, note="coalitions: the campaign keeps its own balances")
    two_tier_opt_out: bool = param(flag(), default=False, note="two-tier accounts: nothing goes to the master campaign")
    rounding: str | None = param(choice(*limits.ROUNDINGS), note="extension, points only: how points are made whole; down")
    carry_remainder: bool | None = param(flag(), note="extension, points only: what down cuts off is carried over; N")
    default_item_level: int | None = param(kinds.item_level(), note="extension, buyx only: level of items without one; 10")


def new_campaign(ctx: Context, params: CampaignParams) -> Element:
    """
    Create a campaign and answer with its 16-digit id.

    Extensions: ``rounding`` (down, nearest, up), ``carry_remainder``, ``default_item_level``. A setting that campaigns of the
    type do not have is refused rather than ignored; blank counts as absent.
    """
    with wire_names({"kind": "campaign_type", "name": "campaign_name"}):
        created = operations.create_campaign(
            account=ctx.account,
            by=ctx.user,
            at=ctx.at,
            kind=params.campaign_type,
            name=params.campaign_name,
            description=params.description,
            latitude=params.latitude,
            longitude=params.longitude,
            points_ratio_ppm=params.points_ratio,
            reward_ratio_ppm=params.reward_ratio or None,
            amount_per_event_minor=params.amount_per_event,
            rounding=params.rounding,
            carries_remainder=params.carry_remainder,
            default_item_level=params.default_item_level,
            coalition_opt_out=params.coalition_opt_out,
            two_tier_opt_out=params.two_tier_opt_out,
        )
    return success(record("campaign", leaf("id", created.number)))


@dataclass(frozen=True, slots=True)
class RewardParams:
    campaign_id: str = param(kinds.campaign_id(), required=True, note="a points or events campaign")
    reward_level: int = param(kinds.level(limits.REWARD_TEXT), required=True, note="points, or events")
    reward_description: str = param(
        text(limits.TEXT_MAX, error_text=limits.REWARD_TEXT),
        required=True,
        note="what the customer gets; receipts and lists show it",
    )
    reward_identifier: str = param(
        text(limits.IDENTIFIER_MAX, error_text=limits.REWARD_TEXT),
        default="",
        note="the owner's SKU; lists call it reward_id",
    )
    reward_custom_fields: dict[int, str] = param(
        numbered("reward_custom_field_", text(64_000)), note="the values of reward fields, made by reward_fields"
    )


def new_reward(ctx: Context, params: RewardParams) -> Element:
    """Add a reward and answer with its id."""
    campaign = queries.get_campaign(account=ctx.account, by=ctx.user, number=params.campaign_id)
    with wire_names(REWARD_NAMES):
        reward_id = operations.add_reward(
            account=ctx.account,
            by=ctx.user,
            at=ctx.at,
            campaign_id=campaign.id,
            level=params.reward_level,
            description=params.reward_description,
            identifier=params.reward_identifier,
            fields=params.reward_custom_fields,
        )
    return created_part("reward", reward_id)


@dataclass(frozen=True, slots=True)
class PromotionParams:
    campaign_id: str = param(kinds.campaign_id(), required=True, note="a points campaign")
    promo_operation: str = param(
        choice("x", "+", error_text=limits.PROMOTION_TEXT), required=True, note="a + must be sent as %2B, as in any form"
    )
    promo_amount: str = param(
        text(40, shape="value", error_text=limits.PROMOTION_TEXT), required=True, note="x: 1.25, 0.5; +: 100, -50; not 0"
    )
    promo_description: str = param(
        text(limits.TEXT_MAX, error_text=limits.PROMOTION_TEXT),
        required=True,
        note="receipts show it where the sale has no authorization text",
    )
    promo_custom_id: str = param(
        text(limits.IDENTIFIER_MAX, error_text=limits.PROMOTION_TEXT),
        default="",
        note="the owner's own id; record_activity takes it as promo_id",
    )
    promo_start_date: datetime | None = param(optional_date_time(), note="absent: from now on")
    promo_end_date: datetime | None = param(optional_date_time(is_end=True), note="absent: without end")


def new_promotion(ctx: Context, params: PromotionParams) -> Element:
    """Add a promotion and answer with its id."""
    campaign = queries.get_campaign(account=ctx.account, by=ctx.user, number=params.campaign_id)
    amount = kinds.promotion_amount("promo_amount", params.promo_amount, params.promo_operation, ctx.account)
    with wire_names(PROMOTION_NAMES):
        promotion_id = operations.add_promotion(
            account=ctx.account,
            by=ctx.user,
            at=ctx.at,
            campaign_id=campaign.id,
            operation=params.promo_operation,
            description=params.promo_description,
            custom_id=params.promo_custom_id,
            starts_at=params.promo_start_date,
            ends_at=params.promo_end_date,
            **amount,
        )
    return created_part("promo", promotion_id)


@dataclass(frozen=True, slots=True)
class ItemParams:
    campaign_id: str = param(kinds.campaign_id(), required=True, note="a buyx campaign")
    reward_level: int | None = param(
        kinds.level(limits.ITEM_TEXT), note="units to buy before one is free; absent: the campaign's default level"
    )
    item_description: str = param(
        text(limits.TEXT_MAX, error_text=limits.ITEM_TEXT), required=True, note="what is bought; receipts and lists show it"
    )
    item_identifier: str = param(
        text(limits.IDENTIFIER_MAX, error_text=limits.ITEM_TEXT),
        default="",
        note="the owner's SKU; record_activity and redeem take it too",
    )


def new_item(ctx: Context, params: ItemParams) -> Element:
    """Add an item and answer with its id."""
    campaign = queries.get_campaign(account=ctx.account, by=ctx.user, number=params.campaign_id)
    with wire_names(ITEM_NAMES):
        item_id = operations.add_item(
            account=ctx.account,
            by=ctx.user,
            at=ctx.at,
            campaign_id=campaign.id,
            level=params.reward_level,
            description=params.item_description,
            identifier=params.item_identifier,
        )
    return created_part("item", item_id)


def created_part(name: str, part_id: int) -> Element:
    """Return the answer of a creation: ``<campaign><reward><id>14</id></reward></campaign>``."""
    return success(record("campaign", record(name, leaf("id", part_id))))


REWARD_NAMES = {"level": "reward_level", "description": "reward_description", "identifier": "reward_identifier"}
PROMOTION_NAMES = {
    "operation": "promo_operation", "amount": "promo_amount", "description": "promo_description",
    "custom_id": "promo_custom_id", "starts_at": "promo_start_date", "ends_at": "promo_end_date",
}  # fmt: skip
ITEM_NAMES = {"level": "reward_level", "description": "item_description", "identifier": "item_identifier"}

FAMILY = Family(
    type="campaign_new",
    selector="action",
    calls={
        "campaign": Call(
            type="campaign_new",
            handle=new_campaign,
            params=CampaignParams,
            permission="add_campaign",
            summary="Create New Campaign",
            errors=("campaign_name_taken", "limit_reached"),
            writes=True,
            source="api.md 9",
        ),
        "reward": Call(
            type="campaign_new",
            handle=new_reward,
            params=RewardParams,
            permission="add_rewards",
            summary="Create New Campaign Reward",
            errors=("campaign_not_found", "limit_reached"),
            writes=True,
            source="api.md 9",
        ),
        "promo": Call(
            type="campaign_new",
            handle=new_promotion,
            params=PromotionParams,
            permission="add_promotions",
            summary="Create New Campaign Promotion",
            errors=("campaign_not_found", "limit_reached"),
            writes=True,
            source="api.md 9",
        ),
        "item": Call(
            type="campaign_new",
            handle=new_item,
            params=ItemParams,
            permission="add_buyx_items",
            summary="Create New BuyX Campaign Item",
            errors=("campaign_not_found", "identifier_taken", "limit_reached"),
            writes=True,
            source="api.md 9",
        ),
    },
)
