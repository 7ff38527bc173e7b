# SPDX-License-Identifier: Apache-2.0
"""Configurations for pure tests: built by the same function that reads the database's document."""

from __future__ import annotations

from typing import Any

from regulars.accounts.directory import PROFILE_COLUMNS, AccountConfig, account_config

AT = "2026-01-01T00:00:00+00:00"


def campaign_row(number: int = 1, kind: str = "points", **changes: Any) -> dict[str, Any]:
    """A campaign as the snapshot's document has it."""
    return {
        "id": number, "number": f"{number:016d}", "kind": kind, "name": f"Campaign {number}", "description": "", "latitude": "",
        "longitude": "", "state": "active", "points_ratio_ppm": 100_000_000, "reward_ratio_ppm": None,
        "amount_per_event_minor": 495, "rounding": "down", "carries_remainder": False, "coalition_opt_out": False,
        "two_tier_opt_out": False, "pool_id": None, "previous_pool_id": None, "pool_changed_at": None, "default_item_level": 10,
        "created_at": AT,
    } | changes  # fmt: skip


def user_row(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A user as the snapshot's document has it."""
    return {
        "id": number, "code": f"user{number}", "role": "A", "is_owner": number == 1, "first_name": "", "last_name": "",
        "custom1": "", "language": "en", "language_custom": False, "timezone": "UTC", "campaigns_access": "all",
        "allowed_campaign_ids": [], "token_hash": "\\x00", "previous_token_hash": None, "previous_token_until": None,
        "duplicate_guard": "off", "duplicate_guard_seconds": 30, "pin_digest": None,
    } | changes  # fmt: skip


def part_row(number: int, campaign: int = 1, **changes: Any) -> dict[str, Any]:
    """A reward, promotion or item."""
    return {"id": number, "campaign_id": campaign, "description": f"Part {number}"} | changes


def config(
    *campaigns: dict[str, Any],
    users: tuple[dict[str, Any], ...] = (),
    rewards: tuple[dict[str, Any], ...] = (),
    promotions: tuple[dict[str, Any], ...] = (),
    items: tuple[dict[str, Any], ...] = (),
    **account: Any,
) -> AccountConfig:
    """Return a snapshot of an account with these rows."""
    row: dict[str, Any] = {
        "id": 1, "code": "testshop", "config_version": 3, "rules_version": 2, "state": "active", "is_demo": False,
        "kind": "business",
        "language": "en", "currency": "USD", "timezone": "America/New_York", "created_at": AT, "test_clock_offset_seconds": 0,
        "coalition_pool_points_id": None, "coalition_pool_money_id": None, "master_campaign_id": None, "contribution_ppm": 0,
        "contribution_rounding": "down", "modules": [], "is_moving": False, "biz_online": False,
        **dict.fromkeys(PROFILE_COLUMNS, ""), "biz_name": "Bean & Leaf",
    }  # fmt: skip
    document = {
        "account": row | account,
        "agency": None,
        "users": list(users) or [user_row()],
        "campaigns": list(campaigns) or [campaign_row()],
        "rewards": [{"identifier": "", "fields": {}, "level": 100} | each for each in rewards],
        "promotions": [
            {"operation": "+", "multiplier_ppm": None, "points": 100, "custom_id": "", "starts_at": None, "ends_at": None}
            | each
            for each in promotions
        ],
        "items": [{"identifier": "", "level": 5} | each for each in items],
        "depreciations": [],
        "fees": [],
        "fields": [],
    }
    return account_config(document)
