# SPDX-License-Identifier: Apache-2.0
"""The five kinds of campaigns, with rewards, promotions, items, and the rules by which balances shrink by themselves."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from regulars.kit.ids import numbered

KINDS = ["points", "giftcard", "events", "earned", "buyx"]


class Campaign(models.Model):
    """
    One loyalty or stored-value programme. ``number`` is the 16-digit id people and tills use.

    Unit of its balances: points (points), events (events), units (buyx), currency minor units (giftcard, earned).
    """

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("campaigns_campaigns")
    number = models.CharField(max_length=16)
    kind = models.CharField(max_length=8)
    name = models.CharField(max_length=30)
    description = models.CharField(max_length=2000, default="")
    latitude = models.CharField(max_length=20, default="")
    longitude = models.CharField(max_length=20, default="")
    state = models.CharField(max_length=7, default="active")
    """active, on_hold, deleted (the name stays taken)."""
    points_ratio_ppm = models.BigIntegerField(default=100_000_000)
    """Points campaigns: millionths of a point per currency unit (100 points per unit by default)."""
    reward_ratio_ppm = models.BigIntegerField(null=True)
    """Spend-to-Reward Ratio in millionths; null = redeeming by currency is off."""
    amount_per_event_minor = models.BigIntegerField(default=0)
    rounding = models.CharField(max_length=7, default="down")
    """How the points of a sale are made whole: down, nearest, up."""
    carries_remainder = models.BooleanField(default=False)
    """Whether what ``down`` cuts off is kept for the customer's next sale."""
    default_item_level = models.BigIntegerField(default=10)
    """buyx: units for one free item where the item has no level of its own."""
    pool_id = models.BigIntegerField(null=True)
    """Where its balances are: the coalition's pool; null = its own (numbered as the campaign)."""
    previous_pool_id = models.BigIntegerField(null=True)
    """Where they were up to ``pool_changed_at``; null = its own."""
    pool_changed_at = models.DateTimeField(null=True)
    coalition_opt_out = models.BooleanField(default=False)
    two_tier_opt_out = models.BooleanField(default=False)
    mail_subject = models.CharField(max_length=200, default="")
    """Transaction e-mail; empty = our own text."""
    mail_body = models.TextField(max_length=20_000, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "campaigns_campaigns"
        constraints = [
            models.UniqueConstraint(fields=["account_id", "number"], name="campaigns_campaigns_number_unique"),
            models.UniqueConstraint(fields=["account_id", "name"], name="campaigns_campaigns_name_unique"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="campaigns_campaigns_kind"),
            models.CheckConstraint(condition=Q(state__in=["active", "on_hold", "deleted"]), name="campaigns_campaigns_state"),
            models.CheckConstraint(condition=Q(rounding__in=["down", "nearest", "up"]), name="campaigns_campaigns_rounding"),
            models.CheckConstraint(condition=Q(points_ratio_ppm__gt=0), name="campaigns_campaigns_points_ratio"),
            models.CheckConstraint(condition=Q(reward_ratio_ppm__gt=0), name="campaigns_campaigns_reward_ratio"),
        ]


class Reward(models.Model):
    """What points or events buy. ``level`` in the campaign's unit."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("campaigns_rewards")
    campaign_id = models.BigIntegerField()
    level = models.BigIntegerField()
    description = models.CharField(max_length=255)
    identifier = models.CharField(max_length=60, default="")
    """The owner's SKU; "reward_id" on the wire."""
    fields = models.JSONField(default=dict)
    """Custom field values by number."""
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "campaigns_rewards"
        constraints = [models.CheckConstraint(condition=Q(level__gt=0), name="campaigns_rewards_level")]


class Promotion(models.Model):
    """Points campaigns only. operation ``x`` uses multiplier_ppm, ``+`` uses points (may be negative)."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("campaigns_promotions")
    campaign_id = models.BigIntegerField()
    operation = models.CharField(max_length=1)
    multiplier_ppm = models.BigIntegerField(null=True)
    points = models.BigIntegerField(null=True)
    description = models.CharField(max_length=255)
    custom_id = models.CharField(max_length=60, default="")
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "campaigns_promotions"
        constraints = [
            models.CheckConstraint(
                condition=Q(operation="x", multiplier_ppm__gt=0, points__isnull=True)
                | Q(operation="+", multiplier_ppm__isnull=True, points__isnull=False),
                name="campaigns_promotions_operation",
            )
        ]


class Item(models.Model):
    """What a buy-X-get-one campaign counts. ``level`` units buy a free one; null = the campaign's default level."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("campaigns_items")
    campaign_id = models.BigIntegerField()
    description = models.CharField(max_length=255)
    level = models.BigIntegerField(null=True)
    identifier = models.CharField(max_length=60, default="")
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "campaigns_items"
        constraints = [models.CheckConstraint(condition=Q(level__gt=0), name="campaigns_items_level")]


class Depreciation(models.Model):
    """
    Points Expiration. Rows are closed (valid_to), never changed, so that any past day can be computed again (ADR-0006).

    ``rule_id`` is the id on the wire and survives changes.
    """

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("campaigns_depreciations")
    rule_id = models.BigIntegerField()
    campaign_id = models.BigIntegerField()
    basis = models.CharField(max_length=16)
    """per_transaction (each earning ages by itself) or last_transaction (any activity restarts the clock)."""
    interval_count = models.IntegerField()
    interval_unit = models.CharField(max_length=6)
    percentage_ppm = models.IntegerField()
    """Millionths of what is left that go; 1,000,000 = all."""
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)

    class Meta:
        db_table = "campaigns_depreciations"
        constraints = [
            models.CheckConstraint(
                condition=Q(basis__in=["per_transaction", "last_transaction"]), name="campaigns_depreciations_basis"
            ),
            models.CheckConstraint(
                condition=Q(interval_unit__in=["days", "months", "years"]), name="campaigns_depreciations_unit"
            ),
            models.CheckConstraint(condition=Q(interval_count__gt=0), name="campaigns_depreciations_interval"),
            models.CheckConstraint(
                condition=Q(percentage_ppm__gt=0, percentage_ppm__lte=1_000_000), name="campaigns_depreciations_percentage"
            ),
        ]


class Fee(models.Model):
    """A recurring fee: every interval, counted from the balance's first activity, ``amount`` goes. Temporal as Depreciation."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("campaigns_fees")
    rule_id = models.BigIntegerField()
    campaign_id = models.BigIntegerField()
    interval_count = models.IntegerField()
    interval_unit = models.CharField(max_length=6)
    amount = models.BigIntegerField()
    """In the campaign's unit: points, or currency minor units."""
    description = models.CharField(max_length=255)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)

    class Meta:
        db_table = "campaigns_fees"
        constraints = [
            models.CheckConstraint(condition=Q(interval_unit__in=["days", "months", "years"]), name="campaigns_fees_unit"),
            models.CheckConstraint(condition=Q(interval_count__gt=0), name="campaigns_fees_interval"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="campaigns_fees_amount"),
        ]
