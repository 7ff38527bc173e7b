# SPDX-License-Identifier: Apache-2.0
"""Adds, changes and deletes what belongs to a campaign: rewards, promotions, items."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from django.db import models

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.rules import check_value
from regulars.campaigns import limits
from regulars.campaigns.models import Item, Promotion, Reward
from regulars.campaigns.operations.campaign import locked_campaign
from regulars.campaigns.rules import REWARDED_KINDS
from regulars.errors import (
    Conflict,
    InvalidParameter,
    ItemNotFound,
    LimitReached,
    MissingParameter,
    NotFound,
    PromotionNotFound,
    RewardNotFound,
)
from regulars.kit.unchanged import UNCHANGED, Unchanged

Part = TypeVar("Part", Reward, Promotion, Item)


class IdentifierTaken(Conflict):
    """Another item of the campaign has the identifier: a till that sends it would not know which is meant."""

    code = "identifier_taken"
    text = limits.ITEM_TEXT

    def __init__(self) -> None:
        super().__init__(fields=("identifier",))


def add_reward(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    campaign_id: int,
    level: int,
    description: str,
    identifier: str = "",
    fields: Mapping[int, str] | None = None,
) -> int:
    """
    Add what ``level`` points or events buy, and return its id.

    Units:  level in the campaign's unit. ``fields``: values of the account's reward fields by number.
    Writes: 1 reward; locks the campaign.
    Raises: CampaignNotFound; InvalidParameter naming campaign_id (wrong kind), level, description, identifier or
            reward_custom_field_#; LimitReached.
    Source: api.md 9 campaign_new action=reward.
    """
    campaign = locked_campaign(account, campaign_id, kinds=REWARDED_KINDS)
    _refuse_too_many(Reward, account, campaign.id, limits.REWARDS_MAX)
    reward = Reward.objects.create(
        account_id=account.id,
        campaign_id=campaign.id,
        level=limits.check_range("level", level, 1, limits.QUANTITY_MAX, limits.REWARD_TEXT),
        description=limits.check_text("description", description, limits.TEXT_MAX, text=limits.REWARD_TEXT),
        identifier=_checked_identifier(identifier, limits.REWARD_TEXT),
        fields=_reward_fields(account, {}, fields or {}),
    )
    return int(reward.id)


def update_reward(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    reward_id: int,
    level: int | Unchanged = UNCHANGED,
    description: str | Unchanged = UNCHANGED,
    identifier: str | Unchanged = UNCHANGED,
    fields: Mapping[int, str] | Unchanged = UNCHANGED,
) -> None:
    """
    Change what is given of a reward; in ``fields`` an empty value takes that field's value away.

    Writes: 1 reward, which is locked. Raises: RewardNotFound, and as add_reward.
    """
    reward = _locked(Reward, account, reward_id, RewardNotFound)
    if level is not UNCHANGED:
        reward.level = limits.check_range("level", level, 1, limits.QUANTITY_MAX, limits.REWARD_TEXT)
    if description is not UNCHANGED:
        reward.description = limits.check_text("description", description, limits.TEXT_MAX, text=limits.REWARD_TEXT)
    if identifier is not UNCHANGED:
        reward.identifier = _checked_identifier(identifier, limits.REWARD_TEXT)
    if fields is not UNCHANGED:
        reward.fields = _reward_fields(account, reward.fields, fields)
    reward.save(update_fields=["level", "description", "identifier", "fields"])


def delete_reward(*, account: AccountConfig, by: UserConfig, at: datetime, reward_id: int) -> None:
    """Take a reward out of its campaign; entries that name it stay. Writes: 1 reward. Raises: RewardNotFound."""
    _delete(Reward, account, reward_id, RewardNotFound, at)


def add_promotion(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    campaign_id: int,
    operation: str,
    description: str,
    multiplier_ppm: int | None = None,
    points: int | None = None,
    custom_id: str = "",
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> int:
    """
    Add a promotion to a points campaign, and return its id.

    Units:  operation ``x`` takes multiplier_ppm (1,250,000 = +25 %), ``+`` takes points (not 0, may be negative).
    Writes: 1 promotion; locks the campaign.
    Raises: CampaignNotFound; InvalidParameter naming campaign_id (wrong kind), operation, amount, description, custom_id or
            ends_at; LimitReached.
    Source: api.md 9 campaign_new action=promo; concepts.md 3.
    """
    campaign = locked_campaign(account, campaign_id, kinds=frozenset({"points"}))
    _refuse_too_many(Promotion, account, campaign.id, limits.PROMOTIONS_MAX)
    limits.check_promotion(operation, multiplier_ppm, points)
    limits.check_window(starts_at, ends_at)
    promotion = Promotion.objects.create(
        account_id=account.id,
        campaign_id=campaign.id,
        operation=operation,
        multiplier_ppm=multiplier_ppm,
        points=points,
        description=limits.check_text("description", description, limits.TEXT_MAX, text=limits.PROMOTION_TEXT),
        custom_id=_checked_identifier(custom_id, limits.PROMOTION_TEXT, "custom_id"),
        starts_at=starts_at,
        ends_at=ends_at,
    )
    return int(promotion.id)


def update_promotion(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    promotion_id: int,
    operation: str | Unchanged = UNCHANGED,
    multiplier_ppm: int | Unchanged = UNCHANGED,
    points: int | Unchanged = UNCHANGED,
    description: str | Unchanged = UNCHANGED,
    custom_id: str | Unchanged = UNCHANGED,
    starts_at: datetime | Unchanged | None = UNCHANGED,
    ends_at: datetime | Unchanged | None = UNCHANGED,
) -> None:
    """
    Change what is given of a promotion; points that were recorded stay. Another operation needs its own amount.

    Units:  as add_promotion; starts_at or ends_at None = open at that end.
    Writes: 1 promotion, which is locked. Raises: PromotionNotFound, MissingParameter("amount"), and as add_promotion.
    """
    promotion = _locked(Promotion, account, promotion_id, PromotionNotFound)
    if operation is not UNCHANGED and operation != promotion.operation:
        if multiplier_ppm is UNCHANGED and points is UNCHANGED:
            raise MissingParameter("amount", limits.PROMOTION_TEXT)
        promotion.operation, promotion.multiplier_ppm, promotion.points = operation, None, None
    if multiplier_ppm is not UNCHANGED:
        promotion.multiplier_ppm = multiplier_ppm
    if points is not UNCHANGED:
        promotion.points = points
    limits.check_promotion(promotion.operation, promotion.multiplier_ppm, promotion.points)
    if description is not UNCHANGED:
        promotion.description = limits.check_text("description", description, limits.TEXT_MAX, text=limits.PROMOTION_TEXT)
    if custom_id is not UNCHANGED:
        promotion.custom_id = _checked_identifier(custom_id, limits.PROMOTION_TEXT, "custom_id")
    if starts_at is not UNCHANGED:
        promotion.starts_at = starts_at
    if ends_at is not UNCHANGED:
        promotion.ends_at = ends_at
    limits.check_window(promotion.starts_at, promotion.ends_at)
    names = ["operation", "multiplier_ppm", "points", "description", "custom_id", "starts_at", "ends_at"]
    promotion.save(update_fields=names)


def delete_promotion(*, account: AccountConfig, by: UserConfig, at: datetime, promotion_id: int) -> None:
    """Take a promotion out of its campaign; entries that name it stay. Writes: 1 promotion. Raises: PromotionNotFound."""
    _delete(Promotion, account, promotion_id, PromotionNotFound, at)


def add_item(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    campaign_id: int,
    description: str,
    level: int | None = None,
    identifier: str = "",
) -> int:
    """
    Add an item to a buyx campaign, and return its id.

    Units:  level: units that buy a free one; None = the campaign's default level, also when that changes.
    Writes: 1 item; locks the campaign.
    Raises: CampaignNotFound; InvalidParameter naming campaign_id (wrong kind), level, description or identifier;
            IdentifierTaken; LimitReached.
    Source: api.md 9 campaign_new action=item.
    """
    campaign = locked_campaign(account, campaign_id, kinds=frozenset({"buyx"}))
    _refuse_too_many(Item, account, campaign.id, limits.ITEMS_MAX)
    item = Item.objects.create(
        account_id=account.id,
        campaign_id=campaign.id,
        level=_checked_item_level(level),
        description=limits.check_text("description", description, limits.TEXT_MAX, text=limits.ITEM_TEXT),
        identifier=_free_identifier(account, campaign.id, identifier, 0),
    )
    return int(item.id)


def update_item(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    item_id: int,
    description: str | Unchanged = UNCHANGED,
    level: int | Unchanged | None = UNCHANGED,
    identifier: str | Unchanged = UNCHANGED,
) -> None:
    """
    Change what is given of an item. Entries name items by id, so a new description shows in past transactions too.

    Units:  as add_item. Writes: 1 item; locks it and its campaign. Raises: ItemNotFound, and as add_item.
    Source: api.md 9 campaign_update action=item.
    """
    item = _locked(Item, account, item_id, ItemNotFound)
    if description is not UNCHANGED:
        item.description = limits.check_text("description", description, limits.TEXT_MAX, text=limits.ITEM_TEXT)
    if level is not UNCHANGED:
        item.level = _checked_item_level(level)
    if identifier is not UNCHANGED:
        item.identifier = _free_identifier(account, item.campaign_id, identifier, item.id)
    item.save(update_fields=["description", "level", "identifier"])


def delete_item(*, account: AccountConfig, by: UserConfig, at: datetime, item_id: int) -> None:
    """Take an item out of its campaign; entries and balances that name it stay. Writes: 1 item. Raises: ItemNotFound."""
    _delete(Item, account, item_id, ItemNotFound, at)


def _locked(model: type[Part], account: AccountConfig, part_id: int, missing: type[NotFound]) -> Part:
    """Return a row that is not deleted, locked; its campaign is locked first, as when parts are added."""
    mine = model.objects.filter(account_id=account.id, id=part_id, deleted_at__isnull=True)
    part = mine.first()
    if part is not None:
        locked_campaign(account, part.campaign_id)
        part = mine.select_for_update().first()
    if part is None:
        raise missing()
    return part


def forget_reward_field(*, account: AccountConfig, number: int) -> None:
    """Take a deleted custom field's values away from every reward, deleted ones too. Queries: 1, and 1 for each of them."""
    for reward in Reward.objects.filter(account_id=account.id, fields__has_key=str(number)):
        kept = {key: value for key, value in reward.fields.items() if key != str(number)}
        Reward.objects.filter(account_id=account.id, id=reward.id).update(fields=kept)


def _delete(model: type[Part], account: AccountConfig, part_id: int, missing: type[NotFound], at: datetime) -> None:
    part = _locked(model, account, part_id, missing)
    part.deleted_at = at
    part.save(update_fields=["deleted_at"])


def restore_reward(*, account: AccountConfig, by: UserConfig, at: datetime, campaign_id: int, reward_id: int) -> None:
    """
    Bring a deleted reward back as it was. There already: nothing changes.

    Writes: 1 reward; locks the campaign. Raises: CampaignNotFound, RewardNotFound, LimitReached.
    """
    _restore(Reward, account, campaign_id, reward_id, RewardNotFound, limits.REWARDS_MAX)


def restore_promotion(*, account: AccountConfig, by: UserConfig, at: datetime, campaign_id: int, promotion_id: int) -> None:
    """As restore_reward(), a promotion. Raises: CampaignNotFound, PromotionNotFound, LimitReached."""
    _restore(Promotion, account, campaign_id, promotion_id, PromotionNotFound, limits.PROMOTIONS_MAX)


def restore_item(*, account: AccountConfig, by: UserConfig, at: datetime, campaign_id: int, item_id: int) -> None:
    """
    As restore_reward(), an item; what customers have bought of it counts again.

    Raises: CampaignNotFound, ItemNotFound, LimitReached; IdentifierTaken where another has its identifier by now.
    """
    _restore(Item, account, campaign_id, item_id, ItemNotFound, limits.ITEMS_MAX)


def _restore(
    model: type[Part], account: AccountConfig, campaign_id: int, part_id: int, missing: type[NotFound], maximum: int
) -> None:
    locked_campaign(account, campaign_id)
    part = model.objects.filter(account_id=account.id, campaign_id=campaign_id, id=part_id).first()
    if part is None:
        raise missing()
    if part.deleted_at is None:
        return
    _refuse_too_many(model, account, campaign_id, maximum)
    if isinstance(part, Item):
        _free_identifier(account, campaign_id, part.identifier, part.id)
    part.deleted_at = None
    part.save(update_fields=["deleted_at"])


def _refuse_too_many(model: type[models.Model], account: AccountConfig, campaign_id: int, maximum: int) -> None:
    mine = model._default_manager.filter(account_id=account.id, campaign_id=campaign_id, deleted_at__isnull=True)
    if mine.count() >= maximum:
        raise LimitReached(f"A campaign has at most {maximum} of them.", fields=("campaign_id",))


def _checked_identifier(identifier: str, text: str, field: str = "identifier") -> str:
    return limits.check_text(field, identifier, limits.IDENTIFIER_MAX, is_blank_allowed=True, text=text)


def _checked_item_level(level: int | None) -> int | None:
    return None if level is None else limits.check_range("level", level, 1, limits.QUANTITY_MAX, limits.ITEM_TEXT)


def _free_identifier(account: AccountConfig, campaign_id: int, identifier: str, own_id: int) -> str:
    identifier = _checked_identifier(identifier, limits.ITEM_TEXT)
    if identifier:
        others = Item.objects.filter(account_id=account.id, campaign_id=campaign_id, deleted_at__isnull=True)
        if others.filter(identifier__iexact=identifier).exclude(id=own_id).exists():
            raise IdentifierTaken
    return identifier


def _reward_fields(account: AccountConfig, present: Mapping[str, str], given: Mapping[int, str]) -> dict[str, str]:
    """Return the values to store, by number; an empty one is dropped. Raises InvalidParameter("reward_custom_field_#")."""
    definitions = {field.number: field for field in account.fields if field.owner == "reward"}
    result = dict(present)
    for number, raw in given.items():
        name = f"reward_custom_field_{number}"
        if number not in definitions:
            raise InvalidParameter(name, "there is no such field of rewards")
        value = check_value(definitions[number], raw, name=name, currency=account.currency)
        result[str(number)] = value
    return {number: value for number, value in result.items() if value}
