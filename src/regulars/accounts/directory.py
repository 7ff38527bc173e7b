# SPDX-License-Identifier: Apache-2.0
"""
The in-process snapshot of one account's configuration (design.md 4, ADR-0004).

Loaded in one statement, immutable, and never trusted for long: every read and every posting compares its ``version``
with the database's inside the same statement, and reloads where it is stale. So there is no cache to expire.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from regulars.kit.units import Currency, currency

SNAPSHOT_SQL = "SELECT accounts_snapshot(%s)"
SNAPSHOT_BY_USER_SQL = "SELECT accounts_snapshot_by_user(%s)"


@dataclass(frozen=True, slots=True)
class UserConfig:
    """One user. ``id`` is the number in entries, ``code`` the user_id."""

    id: int
    code: str
    role: str
    is_owner: bool
    first_name: str
    last_name: str
    custom1: str
    language: str
    language_custom: bool
    timezone: str
    campaigns_access: str
    allowed_campaign_ids: frozenset[int]
    token_hash: bytes
    previous_token_hash: bytes | None
    previous_token_until: datetime | None
    duplicate_guard: str
    duplicate_guard_seconds: int
    has_pin: bool
    calls_per_minute: int | None = None
    """None = as the account says."""

    def may_see(self, campaign: CampaignConfig) -> bool:
        """Whether the campaign is among the user's allowed ones."""
        return self.campaigns_access == "all" or (self.campaigns_access == "some" and campaign.id in self.allowed_campaign_ids)


@dataclass(frozen=True, slots=True)
class RewardConfig:
    id: int
    campaign_id: int
    level: int
    description: str
    identifier: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class PromotionConfig:
    """operation ``x``: multiplier_ppm is set; ``+``: points is set."""

    id: int
    campaign_id: int
    operation: str
    multiplier_ppm: int
    points: int
    description: str
    custom_id: str
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class ItemConfig:
    """``level`` is never empty here: the campaign's default is filled in. ``own_level`` None = it has none of its own."""

    id: int
    campaign_id: int
    level: int
    description: str
    identifier: str
    own_level: int | None = None


@dataclass(frozen=True, slots=True)
class DepreciationConfig:
    rule_id: int
    basis: str
    interval_count: int
    interval_unit: str
    percentage_ppm: int
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class FeeConfig:
    rule_id: int
    interval_count: int
    interval_unit: str
    amount: int
    description: str
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class FieldConfig:
    owner: str
    number: int
    label: str
    type: str
    show: bool
    required: bool
    unique: bool
    searchable: bool
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CampaignConfig:
    """One campaign that is active or on hold. Rules hold the closed versions too (ADR-0006)."""

    id: int
    number: str
    kind: str
    name: str
    description: str
    latitude: str
    longitude: str
    state: str
    points_ratio_ppm: int
    reward_ratio_ppm: int | None
    amount_per_event_minor: int
    rounding: str
    carries_remainder: bool
    coalition_opt_out: bool
    two_tier_opt_out: bool
    pool_id: int
    """Where its balances are: its own id, or the coalition's pool."""
    created_at: datetime
    rewards: dict[int, RewardConfig]
    promotions: dict[int, PromotionConfig]
    items: dict[int, ItemConfig]
    depreciations: tuple[DepreciationConfig, ...]
    fees: tuple[FeeConfig, ...]
    previous_pool_id: int = 0
    """Where balances were up to ``pool_changed_at``: what was due by then is booked by that pool's rules (ADR-0013)."""
    pool_changed_at: datetime | None = None
    """None = it never changed."""
    default_item_level: int = 10
    """buyx: units for one free item where the item has no level of its own."""
    rewards_by_level: tuple[RewardConfig, ...] = field(init=False, repr=False, compare=False)
    """The cheapest first."""

    def __post_init__(self) -> None:
        by_level = sorted(self.rewards.values(), key=lambda reward: (reward.level, reward.id))
        object.__setattr__(self, "rewards_by_level", tuple(by_level))

    @property
    def is_money(self) -> bool:
        """Whether balances are money (currency minor units)."""
        return self.kind in ("giftcard", "earned")


@dataclass(frozen=True)
class AccountConfig:
    """The whole configuration of one account at one version."""

    id: int
    code: str
    version: int
    rules_version: int
    state: str
    is_demo: bool
    kind: str
    """business, agency or platform: whom its users work for (ADR-0013)."""
    agency: tuple[int, str, str] | None
    """id, name, e-mail of the agency it is under."""
    profile: dict[str, str]
    """biz_*, contact_* and the like, by column name."""
    language: str
    currency: Currency
    timezone: str
    created_at: datetime
    test_clock_offset_seconds: int
    coalition_pool_points_id: int | None
    coalition_pool_money_id: int | None
    master_campaign_id: int | None
    contribution_ppm: int
    contribution_rounding: str
    modules: frozenset[str]
    """What activation codes have opened: coalition, two_tier."""
    is_moving: bool
    """Balances are still following a change of pools."""
    users: dict[str, UserConfig] = field(repr=False)
    """By lower-case code; deleted users are not here."""
    campaigns: dict[str, CampaignConfig] = field(repr=False)
    """By number; deleted campaigns are not here."""
    fields: tuple[FieldConfig, ...] = field(repr=False)
    archived: tuple[CampaignConfig, ...] = field(default=(), repr=False)
    """Deleted campaigns that had depreciations or fees: what was due before they ended is still booked by them."""

    request_log_days: int = 7
    """Days; 0 = requests are not logged."""
    calls_per_minute: int | None = None
    """For each user without a number of his own; None = the installation's, which binds always."""
    unknown_cards_per_minute: int = 30
    second_factor_for: str = "nobody"
    """Who must have a second factor in the panel: nobody, managers, everybody."""
    remembers_devices: bool = True

    memo: dict[tuple[str, int], Any] = field(default_factory=dict, repr=False, compare=False)
    """What faces derived from this snapshot and show again and again, by (name, id); it goes with the snapshot."""

    @cached_property
    def zone(self) -> tzinfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def users_by_id(self) -> dict[int, UserConfig]:
        return {user.id: user for user in self.users.values()}

    @cached_property
    def campaigns_by_id(self) -> dict[int, CampaignConfig]:
        return {campaign.id: campaign for campaign in self.campaigns.values()}

    @cached_property
    def campaigns_by_pool(self) -> dict[int, tuple[CampaignConfig, ...]]:
        """The campaigns whose rules act on the balances of one pool, archived ones too."""
        pools: dict[int, tuple[CampaignConfig, ...]] = {}
        for campaign in (*self.campaigns.values(), *self.archived):
            pools[campaign.pool_id] = (*pools.get(campaign.pool_id, ()), campaign)
        return pools

    @cached_property
    def pools_that_shrink(self) -> frozenset[int]:
        """The pools with depreciations or fees, past ones included."""
        shrinking = [c for c in (*self.campaigns.values(), *self.archived) if c.depreciations or c.fees]
        return frozenset(c.pool_id for c in shrinking) | frozenset(c.previous_pool_id for c in shrinking)

    @cached_property
    def pools_changed_at(self) -> datetime | None:
        """When the pool of a campaign changed last."""
        changes = (c.pool_changed_at for c in (*self.campaigns.values(), *self.archived))
        return max((at for at in changes if at is not None), default=None)

    @cached_property
    def campaigns_by_previous_pool(self) -> dict[int, tuple[CampaignConfig, ...]]:
        """As campaigns_by_pool, up to ``pools_changed_at``."""
        pools: dict[int, tuple[CampaignConfig, ...]] = {}
        for campaign in (*self.campaigns.values(), *self.archived):
            moved = campaign.pool_changed_at is not None and campaign.pool_changed_at == self.pools_changed_at
            pool_id = campaign.previous_pool_id if moved else campaign.pool_id
            pools[pool_id] = (*pools.get(pool_id, ()), campaign)
        return pools

    @cached_property
    def customer_fields(self) -> dict[int, FieldConfig]:
        """By number, in their order."""
        fields = (item for item in self.fields if item.owner == "customer")
        return {item.number: item for item in sorted(fields, key=attrgetter("number"))}

    @cached_property
    def transaction_fields(self) -> dict[int, FieldConfig]:
        return {item.number: item for item in self.fields if item.owner == "transaction"}

    @property
    def is_coalition(self) -> bool:
        return self.coalition_pool_points_id is not None

    @property
    def is_two_tier(self) -> bool:
        return self.master_campaign_id is not None


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _bytes(text: str | None) -> bytes | None:
    """jsonb carries bytea as \\x hex."""
    return None if text is None else bytes.fromhex(text[2:])


def _user(row: dict[str, Any]) -> UserConfig:
    return UserConfig(
        id=row["id"],
        code=row["code"],
        role=row["role"],
        is_owner=row["is_owner"],
        first_name=row["first_name"],
        last_name=row["last_name"],
        custom1=row["custom1"],
        language=row["language"],
        language_custom=row["language_custom"],
        timezone=row["timezone"],
        campaigns_access="all" if row["is_owner"] or row["role"] == "A" else row["campaigns_access"],
        allowed_campaign_ids=frozenset(row["allowed_campaign_ids"]),
        token_hash=_bytes(row["token_hash"]) or b"",
        previous_token_hash=_bytes(row["previous_token_hash"]),
        previous_token_until=_instant(row["previous_token_until"]),
        duplicate_guard=row["duplicate_guard"],
        duplicate_guard_seconds=row["duplicate_guard_seconds"],
        has_pin=row["pin_digest"] is not None,
        calls_per_minute=row.get("calls_per_minute"),
    )


def _rules(rows: list[dict[str, Any]], cls: type[Any], campaign_id: int, names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(
        cls(**{name: row[name] for name in names}, valid_from=_at(row["valid_from"]), valid_to=_instant(row["valid_to"]))
        for row in rows
        if row["campaign_id"] == campaign_id
    )


def _campaign(row: dict[str, Any], document: dict[str, Any]) -> CampaignConfig:
    own = row["id"]

    def mine(name: str) -> list[dict[str, Any]]:
        return [item for item in document[name] if item["campaign_id"] == own]

    return CampaignConfig(
        **{
            name: row[name]
            for name in (
                "id", "number", "kind", "name", "description", "latitude", "longitude", "state", "points_ratio_ppm",
                "reward_ratio_ppm", "amount_per_event_minor", "rounding", "carries_remainder", "coalition_opt_out",
                "two_tier_opt_out", "default_item_level",
            )
        },
        pool_id=row["pool_id"] or own,
        previous_pool_id=row["previous_pool_id"] or own,
        pool_changed_at=_instant(row["pool_changed_at"]),
        created_at=_at(row["created_at"]),
        rewards={
            item["id"]: RewardConfig(
                item["id"], own, item["level"], item["description"], item["identifier"], item["fields"]
            )
            for item in mine("rewards")
        },
        promotions={
            item["id"]: PromotionConfig(
                item["id"], own, item["operation"], item["multiplier_ppm"] or 0, item["points"] or 0, item["description"],
                item["custom_id"], _instant(item["starts_at"]), _instant(item["ends_at"]),
            )
            for item in mine("promotions")
        },
        items={
            item["id"]: ItemConfig(
                item["id"], own, item["level"] or row["default_item_level"], item["description"], item["identifier"],
                item["level"],
            )
            for item in mine("items")
        },
        depreciations=_rules(
            document["depreciations"], DepreciationConfig, own,
            ("rule_id", "basis", "interval_count", "interval_unit", "percentage_ppm"),
        ),
        fees=_rules(
            document["fees"], FeeConfig, own, ("rule_id", "interval_count", "interval_unit", "amount", "description")
        ),
    )  # fmt: skip


PROFILE_COLUMNS = (
    "biz_name", "biz_address1", "biz_address2", "biz_city", "biz_state", "biz_zip", "biz_country", "biz_locations",
    "biz_employees", "industry", "contact_first_name", "contact_last_name", "contact_phone", "client_email", "referrer_name",
)  # fmt: skip


def account_config(document: dict[str, Any]) -> AccountConfig:
    """Build the snapshot from the JSON document of accounts_snapshot()."""
    row = document["account"]
    agency = document["agency"]
    return AccountConfig(
        id=row["id"],
        code=row["code"],
        version=row["config_version"],
        rules_version=row["rules_version"],
        state=row["state"],
        is_demo=row["is_demo"],
        kind=row["kind"],
        agency=(agency["id"], agency["name"], agency["email"]) if agency else None,
        profile={name: row[name] for name in PROFILE_COLUMNS} | {"biz_online": "Y" if row["biz_online"] else "N"},
        language=row["language"],
        currency=currency(row["currency"]),
        timezone=row["timezone"],
        created_at=_at(row["created_at"]),
        test_clock_offset_seconds=row["test_clock_offset_seconds"],
        coalition_pool_points_id=row["coalition_pool_points_id"],
        coalition_pool_money_id=row["coalition_pool_money_id"],
        master_campaign_id=row["master_campaign_id"],
        contribution_ppm=row["contribution_ppm"],
        contribution_rounding=row["contribution_rounding"],
        modules=frozenset(row["modules"]),
        is_moving=row["is_moving"],
        users={user["code"].lower(): _user(user) for user in document["users"]},
        campaigns={campaign["number"]: _campaign(campaign, document) for campaign in document["campaigns"]},
        fields=tuple(
            FieldConfig(
                owner=item["owner"], number=item["number"], label=item["label"], type=item["type"], show=item["show"],
                required=item["required"], unique=item["unique"], searchable=item["searchable"],
                choices=tuple(item["choices"]),
            )
            for item in document["fields"]
        ),
        archived=tuple(_campaign(campaign, document) for campaign in document.get("archived", ())),
        request_log_days=row.get("request_log_days", 7),
        calls_per_minute=row.get("calls_per_minute"),
        unknown_cards_per_minute=row.get("unknown_cards_per_minute", 30),
        second_factor_for=row.get("second_factor_for", "nobody"),
        remembers_devices=row.get("remembers_devices", True),
    )  # fmt: skip
