# SPDX-License-Identifier: Apache-2.0
"""campaign_update: changes a campaign, or a reward, promotion or item of one (api.md 9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regulars.api.call import Call, Context, Family
from regulars.api.calls import campaign_kinds as kinds
from regulars.campaigns import limits, operations, queries
from regulars.coalition.operations import change_campaign
from regulars.errors import InvalidParameter, MissingParameter
from regulars.kit.unchanged import UNCHANGED, Unchanged
from regulars.protocol.kinds import choice, flag, numbered, optional_date_time, small_id, text
from regulars.protocol.naming import wire_names
from regulars.protocol.params import declared, param
from regulars.protocol.tree import Element, leaf, record, success
from regulars.users.access import CAMPAIGN_SETTINGS, require


@dataclass(frozen=True, slots=True)
class CampaignParams:
    campaign_id: str = param(kinds.campaign_id(), required=True, note="the campaign to change; its id never changes")
    new_campaign_name: str | Unchanged = param(
        text(limits.NAME_MAX, error_text="Error with campaign name"), default=UNCHANGED, note="blank: unchanged"
    )
    description: str | Unchanged = param(text(limits.DESCRIPTION_MAX), default=UNCHANGED, note="blank: unchanged")
    latitude: str | Unchanged = param(text(20, shape="value"), default=UNCHANGED, note="degrees, -90 to 90")
    longitude: str | Unchanged = param(text(20, shape="value"), default=UNCHANGED, note="degrees, -180 to 180")
    new_points_ratio: int | Unchanged = param(kinds.points_ratio(), default=UNCHANGED, note="points only; blank: unchanged")
    new_reward_ratio: int | str | Unchanged = param(
        kinds.reward_ratio(), default=UNCHANGED, keeps_blank=True, note="points only; blank or 0: turned off"
    )
    new_amount_per_event: int | Unchanged = param(kinds.amount_per_event(), default=UNCHANGED, note="earned only")
    coalition_opt_out: bool | Unchanged = param(
        flag(), default=UNCHANGED, note="in a coalition, what was earned in the campaign and is left moves with it"
    )
    two_tier_opt_out: bool | Unchanged = param(
        flag(), default=UNCHANGED, note="two-tier accounts: nothing goes to the master campaign from now on"
    )
    rounding: str | Unchanged = param(choice(*limits.ROUNDINGS), default=UNCHANGED, note="extension, points only")
    carry_remainder: bool | Unchanged = param(flag(), default=UNCHANGED, note="extension, points only")
    default_item_level: int | Unchanged = param(kinds.item_level(), default=UNCHANGED, note="extension, buyx only")


WIRE_NAMES = {
    "name": "new_campaign_name",
    "points_ratio_ppm": "new_points_ratio",
    "reward_ratio_ppm": "new_reward_ratio",
    "amount_per_event_minor": "new_amount_per_event",
    "carries_remainder": "carry_remainder",
}
"""Our name of a setting to the parameter's, where they differ."""


def update_campaign(ctx: Context, params: CampaignParams) -> Element:
    """
    Change what is given of a campaign; blank is unchanged, but turns new_reward_ratio off.

    Extensions: ``latitude``, ``longitude``, ``rounding``, ``carry_remainder``, ``default_item_level``.
    """
    for setting, permission in CAMPAIGN_SETTINGS.items():
        if getattr(params, WIRE_NAMES.get(setting, setting)) is not UNCHANGED:
            require(ctx.user, permission)
    _require_a_change(params, "campaign_id")
    campaign = queries.get_campaign(account=ctx.account, by=ctx.user, number=params.campaign_id)
    ratio = params.new_reward_ratio
    names = {
        "name": "new_campaign_name", "points_ratio": "new_points_ratio", "reward_ratio": "new_reward_ratio",
        "amount_per_event": "new_amount_per_event",
    }  # fmt: skip
    with wire_names(names):
        change_campaign(
            account=ctx.account,
            by=ctx.user,
            at=ctx.at,
            campaign_id=campaign.id,
            name=params.new_campaign_name,
            description=params.description,
            latitude=params.latitude,
            longitude=params.longitude,
            points_ratio_ppm=params.new_points_ratio,
            reward_ratio_ppm=UNCHANGED if isinstance(ratio, Unchanged) else int(ratio or 0) or None,
            amount_per_event_minor=params.new_amount_per_event,
            rounding=params.rounding,
            carries_remainder=params.carry_remainder,
            default_item_level=params.default_item_level,
            coalition_opt_out=params.coalition_opt_out,
            two_tier_opt_out=params.two_tier_opt_out,
        )
    return updated("campaign", campaign.number)


@dataclass(frozen=True, slots=True)
class RewardParams:
    reward_id: int = param(small_id(error_text=limits.REWARD_TEXT), required=True, note="the id of campaign_rewards")
    new_reward_level: int | Unchanged = param(
        kinds.level(limits.REWARD_TEXT), default=UNCHANGED, note="blank: unchanged; what was redeemed stays"
    )
    new_reward_description: str | Unchanged = param(
        text(limits.TEXT_MAX, error_text=limits.REWARD_TEXT), default=UNCHANGED, note="blank: unchanged"
    )
    new_reward_identifier: str | Unchanged = param(
        text(limits.IDENTIFIER_MAX, error_text=limits.REWARD_TEXT),
        default=UNCHANGED,
        keeps_blank=True,
        note="blank: taken away",
    )
    reward_custom_fields: dict[int, str] = param(
        numbered("reward_custom_field_", text(64_000)), keeps_blank=True, note="blank: removed"
    )


def update_reward(ctx: Context, params: RewardParams) -> Element:
    """Change what is given of a reward; a blank level or description is unchanged."""
    _require_a_change(params, "reward_id", limits.REWARD_TEXT)
    reward = queries.get_reward(account=ctx.account, by=ctx.user, reward_id=params.reward_id)
    names = {
        "level": "new_reward_level", "description": "new_reward_description", "identifier": "new_reward_identifier",
    }  # fmt: skip
    with wire_names(names):
        operations.update_reward(
            account=ctx.account,
            by=ctx.user,
            at=ctx.at,
            reward_id=reward.id,
            level=params.new_reward_level,
            description=params.new_reward_description,
            identifier=params.new_reward_identifier,
            fields=params.reward_custom_fields or UNCHANGED,
        )
    return updated("reward", reward.id)


@dataclass(frozen=True, slots=True)
class PromotionParams:
    promo_id: int = param(small_id(error_text=limits.PROMOTION_TEXT), required=True, note="the id of campaign_promos")
    new_promo_operation: str | Unchanged = param(
        choice("x", "+", error_text=limits.PROMOTION_TEXT), default=UNCHANGED, keeps_blank=True,
        note="not blank; another operation needs new_promo_amount too",
    )  # fmt: skip
    new_promo_amount: str | Unchanged = param(
        text(40, shape="value", error_text=limits.PROMOTION_TEXT), default=UNCHANGED, keeps_blank=True, note="not blank, not 0"
    )
    new_promo_description: str | Unchanged = param(
        text(limits.TEXT_MAX, error_text=limits.PROMOTION_TEXT), default=UNCHANGED, keeps_blank=True, note="not blank"
    )
    new_promo_custom_id: str | Unchanged = param(
        text(limits.IDENTIFIER_MAX, error_text=limits.PROMOTION_TEXT), default=UNCHANGED, keeps_blank=True,
        note="blank: taken away",
    )  # fmt: skip
    new_promo_start_date: datetime | Unchanged | None = param(
        optional_date_time(), default=UNCHANGED, note="0000-00-00: none; blank: unchanged"
    )
    new_promo_end_date: datetime | Unchanged | None = param(
        optional_date_time(is_end=True), default=UNCHANGED, note="0000-00-00: none; blank: unchanged"
    )


def update_promotion(ctx: Context, params: PromotionParams) -> Element:
    """Change what is given of a promotion; at least one thing, and operation, amount and description are never blank."""
    for name in ("new_promo_operation", "new_promo_amount", "new_promo_description"):
        if getattr(params, name) == "":
            raise InvalidParameter(name, text=limits.PROMOTION_TEXT)
    _require_a_change(params, "promo_id", limits.PROMOTION_TEXT)
    promotion = queries.get_promotion(account=ctx.account, by=ctx.user, promotion_id=params.promo_id)
    amount: dict[str, int] = {}
    if params.new_promo_amount is not UNCHANGED:
        operation = promotion.operation if params.new_promo_operation is UNCHANGED else params.new_promo_operation
        amount = kinds.promotion_amount("new_promo_amount", params.new_promo_amount, operation, ctx.account)
    names = {
        "operation": "new_promo_operation", "amount": "new_promo_amount", "description": "new_promo_description",
        "custom_id": "new_promo_custom_id", "starts_at": "new_promo_start_date", "ends_at": "new_promo_end_date",
    }  # fmt: skip
    with wire_names(names):
        operations.update_promotion(
            account=ctx.account,
            by=ctx.user,
            at=ctx.at,
            promotion_id=promotion.id,
            operation=params.new_promo_operation,
            description=params.new_promo_description,
            custom_id=params.new_promo_custom_id,
            starts_at=params.new_promo_start_date,
            ends_at=params.new_promo_end_date,
            **amount,
        )
    return updated("promo", promotion.id)


@dataclass(frozen=True, slots=True)
class ItemParams:
    item_id: int = param(small_id(error_text=limits.ITEM_TEXT), required=True, note="the id of buyx_items_list")
    new_reward_level: int | Unchanged = param(
        kinds.level(limits.ITEM_TEXT), default=UNCHANGED, note="blank: unchanged; what was redeemed stays"
    )
    new_item_description: str | Unchanged = param(
        text(limits.TEXT_MAX, error_text=limits.ITEM_TEXT), default=UNCHANGED, note="also renames past transactions"
    )
    new_item_identifier: str | Unchanged = param(
        text(limits.IDENTIFIER_MAX, error_text=limits.ITEM_TEXT), default=UNCHANGED, keeps_blank=True, note="blank: removed"
    )


def update_item(ctx: Context, params: ItemParams) -> Element:
    """Change what is given of an item; a blank level or description is unchanged. Past transactions show the new name."""
    _require_a_change(params, "item_id", limits.ITEM_TEXT)
    item = queries.get_item(account=ctx.account, by=ctx.user, item_id=params.item_id)
    names = {"level": "new_reward_level", "description": "new_item_description", "identifier": "new_item_identifier"}
    with wire_names(names):
        operations.update_item(
            account=ctx.account,
            by=ctx.user,
            at=ctx.at,
            item_id=item.id,
            level=params.new_reward_level,
            description=params.new_item_description,
            identifier=params.new_item_identifier,
        )
    return updated("item", item.id)


def updated(name: str, shown_id: int | str) -> Element:
    """Return the answer of an update: ``<promo status="updated"><id>14</id></promo>``."""
    return success(record(name, leaf("id", shown_id), status="updated"))


def _require_a_change(params: Any, key: str, sentence: str | None = None) -> None:
    """Raise MissingParameter, naming the first thing that could change, where only the id was sent."""
    names = [parameter for attribute, parameter in declared(type(params)) if attribute != key]
    changed = any(
        getattr(params, attribute) not in (UNCHANGED, {}) for attribute, _ in declared(type(params)) if attribute != key
    )
    if not changed:
        raise MissingParameter(names[0].name, sentence or f"Missing parameter: {names[0].name}, or any other change")


def _call(handle: Any, params: type, permission: str, summary: str, *errors: str) -> Call:
    return Call(
        type="campaign_update",
        handle=handle,
        params=params,
        permission=permission,
        summary=summary,
        errors=errors,
        writes=True,
        source="api.md 9",
    )


FAMILY = Family(
    type="campaign_update",
    selector="action",
    calls={
        "campaign": _call(
            update_campaign,
            CampaignParams,
            "update_campaign",
            "Update Existing Campaign",
            "campaign_not_found",
            "campaign_name_taken",
            "balances_moving",
        ),
        "reward": _call(update_reward, RewardParams, "edit_rewards", "Update Campaign Reward", "reward_not_found"),
        "promo": _call(
            update_promotion,
            PromotionParams,
            "edit_promotions",
            "Update Campaign Promotion",
            "promotion_not_found",
        ),
        "item": _call(
            update_item, ItemParams, "edit_buyx_items", "Update BuyX Campaign Item", "item_not_found", "identifier_taken"
        ),
    },
)
