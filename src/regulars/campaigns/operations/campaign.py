# SPDX-License-Identifier: Apache-2.0
"""Makes, changes, suspends and deletes campaigns."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError
from django.db.models import F, Func, Value
from django.db.models.functions import Greatest

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.campaigns import limits
from regulars.campaigns.models import Campaign, Depreciation, Fee
from regulars.errors import CampaignNotFound, Conflict, InvalidParameter, LimitReached, MissingParameter
from regulars.kit.ids import RANDOM, random_digits
from regulars.kit.unchanged import UNCHANGED, Unchanged
from regulars.users.models import User

NAME_TEXT = "Error with campaign name"


class CampaignNameTaken(Conflict):
    """Another campaign of the account has the name; deleted ones keep theirs."""

    code = "campaign_name_taken"
    text = NAME_TEXT

    def __init__(self) -> None:
        super().__init__(fields=("name",))


@dataclass(frozen=True, slots=True)
class CampaignReference:
    """``id`` is the number in entries, ``number`` the 16 digits that people and tills use."""

    id: int
    number: str


def create_campaign(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    kind: str,
    name: str,
    description: str = "",
    latitude: str = "",
    longitude: str = "",
    points_ratio_ppm: int | None = None,
    reward_ratio_ppm: int | None = None,
    amount_per_event_minor: int | None = None,
    rounding: str | None = None,
    carries_remainder: bool | None = None,
    default_item_level: int | None = None,
    coalition_opt_out: bool = False,
    two_tier_opt_out: bool = False,
    rng: random.Random = RANDOM,
) -> CampaignReference:
    """
    Create an active campaign; a user who sees only some campaigns may see this one from now on.

    Units:   ratios in millionths (points ratio None = 100, reward ratio None = redeeming by currency off), amount_per_event
             in currency minor units, default_item_level in units of one item.
    Writes:  1 campaign, and its creator's list of campaigns.
    Raises:  InvalidParameter or MissingParameter naming kind, name, latitude, longitude, points_ratio, reward_ratio,
             amount_per_event, rounding, carry_remainder, default_item_level or description; CampaignNameTaken; LimitReached.
    Source:  api.md 9 campaign_new; concepts.md 2.
    """
    limits.check_choice("kind", kind, limits.KINDS, "Error with campaign type")
    own = Campaign.objects.filter(account_id=account.id)
    name = _checked_name(name)
    if own.filter(name=name).exists():
        raise CampaignNameTaken
    if own.count() >= limits.CAMPAIGNS_MAX:
        raise LimitReached(f"An account has at most {limits.CAMPAIGNS_MAX} campaigns.")
    settings = _checked_settings(
        account, kind, description=description, latitude=latitude, longitude=longitude, points_ratio_ppm=points_ratio_ppm,
        reward_ratio_ppm=reward_ratio_ppm, amount_per_event_minor=amount_per_event_minor, rounding=rounding,
        carries_remainder=carries_remainder, default_item_level=default_item_level,
    )  # fmt: skip
    if kind == "earned" and not amount_per_event_minor:
        raise MissingParameter("amount_per_event", limits.PER_EVENT_TEXT)
    number = random_digits(16, rng)
    while own.filter(number=number).exists():
        number = random_digits(16, rng)
    try:
        campaign = Campaign.objects.create(
            account_id=account.id, number=number, kind=kind, name=name, created_at=at, coalition_opt_out=coalition_opt_out,
            two_tier_opt_out=two_tier_opt_out, pool_id=None if coalition_opt_out else _shared_pool(account, kind), **settings,
        )  # fmt: skip
    except IntegrityError as error:
        raise _name_taken(error) from error
    if by.campaigns_access == "some":
        User.objects.filter(account_id=account.id, id=by.id, campaigns_access="some").update(
            allowed_campaign_ids=Func(F("allowed_campaign_ids"), Value(campaign.id), function="array_append")
        )
    return CampaignReference(campaign.id, number)


def update_campaign(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    campaign_id: int,
    name: str | Unchanged = UNCHANGED,
    description: str | Unchanged = UNCHANGED,
    latitude: str | Unchanged = UNCHANGED,
    longitude: str | Unchanged = UNCHANGED,
    points_ratio_ppm: int | Unchanged = UNCHANGED,
    reward_ratio_ppm: int | Unchanged | None = UNCHANGED,
    amount_per_event_minor: int | Unchanged = UNCHANGED,
    rounding: str | Unchanged = UNCHANGED,
    carries_remainder: bool | Unchanged = UNCHANGED,
    default_item_level: int | Unchanged = UNCHANGED,
    coalition_opt_out: bool | Unchanged = UNCHANGED,
    two_tier_opt_out: bool | Unchanged = UNCHANGED,
) -> None:
    """
    Change what is given; points and money that were recorded stay as they are. Kind and number never change.

    ``coalition_opt_out`` is only noted here: in a coalition, coalition.operations.change_campaign moves the balances too.

    Units:   as create_campaign; reward_ratio_ppm None turns redeeming by currency off.
    Writes:  1 campaign, which is locked.
    Queries: 3.
    Raises:  as create_campaign; CampaignNotFound.
    Source:  api.md 9 campaign_update.
    """
    campaign = locked_campaign(account, campaign_id)
    changes: dict[str, object] = {}
    if name is not UNCHANGED:
        changes["name"] = _checked_name(name)
        same_name = Campaign.objects.filter(account_id=account.id, name=changes["name"]).exclude(id=campaign.id)
        if same_name.exists():
            raise CampaignNameTaken
    given = {
        "description": description, "latitude": latitude, "longitude": longitude, "points_ratio_ppm": points_ratio_ppm,
        "reward_ratio_ppm": reward_ratio_ppm, "amount_per_event_minor": amount_per_event_minor, "rounding": rounding,
        "carries_remainder": carries_remainder, "default_item_level": default_item_level,
    }  # fmt: skip
    changes |= _checked_settings(
        account, campaign.kind, **{key: value for key, value in given.items() if value is not UNCHANGED}
    )
    if coalition_opt_out is not UNCHANGED:
        changes["coalition_opt_out"] = coalition_opt_out
    if two_tier_opt_out is not UNCHANGED:
        changes["two_tier_opt_out"] = two_tier_opt_out
    if not changes:
        return
    try:
        Campaign.objects.filter(account_id=account.id, id=campaign.id).update(**changes)
    except IntegrityError as error:
        raise _name_taken(error) from error


def set_pools(*, account: AccountConfig, at: datetime, pools: Mapping[int, int | None]) -> None:
    """
    Say where the balances of campaigns are from now on (campaign id -> pool, None = its own). They follow as they are settled.

    Only the coalition's operations call this: the last change must be complete. Queries: 1 per campaign.
    """
    for campaign_id, pool_id in sorted(pools.items()):
        Campaign.objects.filter(account_id=account.id, id=campaign_id).update(
            previous_pool_id=F("pool_id"), pool_id=pool_id, pool_changed_at=at
        )


def deactivate_campaign(*, account: AccountConfig, by: UserConfig, at: datetime, campaign_id: int) -> None:
    """
    Put a campaign on hold: it vanishes from lists and calls, its data stay. On hold already: nothing changes.

    Writes: 1 campaign. Raises: CampaignNotFound.
    """
    _set_state(account, campaign_id, "on_hold")


def reactivate_campaign(*, account: AccountConfig, by: UserConfig, at: datetime, campaign_id: int) -> None:
    """
    Bring a campaign back from hold. Active already: nothing changes.

    Writes: 1 campaign. Raises: CampaignNotFound.
    """
    _set_state(account, campaign_id, "active")


def delete_campaign(*, account: AccountConfig, by: UserConfig, at: datetime, campaign_id: int) -> None:
    """
    Archive a campaign for good: its entries and balances stay in the books, out of sight, and its name stays taken.

    Its depreciations and fees end: nobody could end them later, and a coalition's balance goes on. What they took before
    stays taken. Of a shared balance, what was earned here can still be spent in the other stores.

    Writes: 1 campaign, closes its rules. Raises: CampaignNotFound.
    Source: api.md 9 campaign_delete; concepts.md 2.
    """
    _set_state(account, campaign_id, "deleted")
    for rules in (Depreciation.objects, Fee.objects):
        in_force = rules.filter(account_id=account.id, campaign_id=campaign_id, valid_to__isnull=True)
        in_force.update(valid_to=Greatest(F("valid_from"), at))


def locked_campaign(account: AccountConfig, campaign_id: int, *, kinds: frozenset[str] | None = None) -> Campaign:
    """
    Return the campaign's row, locked until the unit of work ends, so that its parts are changed one at a time.

    Raises: CampaignNotFound; InvalidParameter("campaign_id") for a kind that is not among ``kinds``.
    """
    campaign = (
        Campaign.objects.select_for_update().filter(account_id=account.id, id=campaign_id).exclude(state="deleted").first()
    )
    if campaign is None:
        raise CampaignNotFound(fields=("campaign_id",))
    if kinds is not None and campaign.kind not in kinds:
        names = " or ".join(kind for kind in limits.KINDS if kind in kinds)
        raise InvalidParameter("campaign_id", f"the campaign must be of type {names}, this one is {campaign.kind}")
    return campaign


def _set_state(account: AccountConfig, campaign_id: int, state: str) -> None:
    campaign = locked_campaign(account, campaign_id)
    if campaign.state != state:
        Campaign.objects.filter(account_id=account.id, id=campaign.id).update(state=state)


def _shared_pool(account: AccountConfig, kind: str) -> int | None:
    """Return the coalition's pool for a kind; None = the campaign's own."""
    if kind == "points":
        return account.coalition_pool_points_id
    if kind in ("giftcard", "earned"):
        return account.coalition_pool_money_id
    return None


def _checked_name(name: str) -> str:
    return limits.check_text("name", name, limits.NAME_MAX, text=NAME_TEXT)


def _name_taken(error: IntegrityError) -> Exception:
    """Return CampaignNameTaken for a violation of that constraint (two creations at once), else the error as it is."""
    diagnostics = getattr(error.__cause__, "diag", None)
    if getattr(diagnostics, "constraint_name", "") == "campaigns_campaigns_name_unique":
        return CampaignNameTaken()
    return error


KIND_OF_SETTING = {
    "points_ratio_ppm": ("points_ratio", "points"),
    "reward_ratio_ppm": ("reward_ratio", "points"),
    "rounding": ("rounding", "points"),
    "carries_remainder": ("carry_remainder", "points"),
    "amount_per_event_minor": ("amount_per_event", "earned"),
    "default_item_level": ("default_item_level", "buyx"),
}
"""Column -> the field in errors, and the only kind of campaign that has the setting."""


def _checked_settings(account: AccountConfig, kind: str, **given: object) -> dict[str, object]:
    """
    Return the columns to write. None leaves a column at its default, but turns reward_ratio_ppm off.

    Raises: InvalidParameter; also for a setting that campaigns of this kind do not have.
    """
    texts = {
        "points_ratio_ppm": limits.points_ratio_text(account.currency.code),
        "reward_ratio_ppm": limits.REWARD_RATIO_TEXT,
        "amount_per_event_minor": limits.PER_EVENT_TEXT,
    }
    maxima = {
        "points_ratio_ppm": limits.RATIO_PPM_MAX, "reward_ratio_ppm": limits.RATIO_PPM_MAX,
        "amount_per_event_minor": limits.QUANTITY_MAX, "default_item_level": limits.QUANTITY_MAX,
    }  # fmt: skip
    columns: dict[str, object] = {}
    for column, value in given.items():
        if value is None and column != "reward_ratio_ppm":
            continue
        field, only_kind = KIND_OF_SETTING.get(column, (column, kind))
        if kind != only_kind:
            if value is None:
                continue
            raise InvalidParameter(field, f"only {only_kind} campaigns have it", texts.get(column))
        if column in ("latitude", "longitude"):
            columns[column] = limits.check_degrees(field, str(value), 90 if column == "latitude" else 180)
        elif column == "description":
            columns[column] = limits.check_text(field, str(value), limits.DESCRIPTION_MAX, is_blank_allowed=True)
        elif column == "rounding":
            columns[column] = limits.check_choice(field, str(value), limits.ROUNDINGS)
        elif isinstance(value, int) and column in maxima:
            columns[column] = limits.check_range(field, value, 1, maxima[column], texts.get(column))
        else:
            columns[column] = value
    return columns
