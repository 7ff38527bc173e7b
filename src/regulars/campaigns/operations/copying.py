# SPDX-License-Identifier: Apache-2.0
"""Gives a new account the campaigns of another, with their parts and rules; customers and balances stay where they are."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from django.db import models

from regulars.accounts.directory import AccountConfig
from regulars.campaigns.models import Campaign, Depreciation, Fee, Item, Promotion, Reward
from regulars.campaigns.operations.schedules import next_rule_id
from regulars.kit.db import unit_of_work
from regulars.kit.ids import RANDOM, random_digits

NOT_COPIED = frozenset({"account_id", "id", "campaign_id", "pk"})
OF_THE_PLACE = {"latitude": "", "longitude": "", "pool_id": None}
"""What belongs to the other business's shop and to its coalition."""


def copy_campaigns(*, source: AccountConfig, account_id: int, at: datetime, rng: random.Random = RANDOM) -> int:
    """
    Copy every campaign that is active or on hold, with rewards, promotions, items, mail texts, and the depreciations and fees
    that are valid now; return how many. The copies have numbers of their own, no place on the map, and share no balances.

    Runs in the new account's unit of work, where there is no campaign yet. The currencies of both must be the same.

    Queries: 6 to read, then 1 for each campaign and rule, and 3.
    Source:  concepts.md 10; ADR-0011.
    """
    with unit_of_work(source.id):
        campaigns = list(Campaign.objects.filter(account_id=source.id).exclude(state="deleted").order_by("id"))
        parts: list[models.Model] = []
        for kept in (Reward, Promotion, Item):
            parts += kept.objects.filter(account_id=source.id, deleted_at__isnull=True).order_by("id")
        rules: list[models.Model] = []
        for scheduled in (Depreciation, Fee):
            rules += scheduled.objects.filter(account_id=source.id, valid_to__isnull=True).order_by("rule_id")
    copies: dict[int, int] = {}
    for campaign in campaigns:
        number = random_digits(16, rng)
        values = _values(campaign) | OF_THE_PLACE | {"number": number, "created_at": at}
        copies[campaign.id] = Campaign.objects.create(account_id=account_id, **values).id
    made: dict[type[models.Model], list[models.Model]] = {Reward: [], Promotion: [], Item: []}
    for part in parts:
        campaign_id = copies.get(getattr(part, "campaign_id"))  # noqa: B009 - any of three models
        if campaign_id is not None:
            made[type(part)].append(type(part)(account_id=account_id, campaign_id=campaign_id, **_values(part)))
    for kind, rows in made.items():
        kind._default_manager.bulk_create(rows)
    for rule in rules:
        campaign_id = copies.get(getattr(rule, "campaign_id"))  # noqa: B009 - one of two models
        if campaign_id is not None:
            values = _values(rule) | {"rule_id": next_rule_id(), "valid_from": at}
            type(rule)._default_manager.create(account_id=account_id, campaign_id=campaign_id, **values)
    return len(copies)


def _values(row: models.Model) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in row._meta.concrete_fields if field.name not in NOT_COPIED}
