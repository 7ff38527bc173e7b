# SPDX-License-Identifier: Apache-2.0
"""What was switched, when, by whom, and what it takes to undo it; and the closed periods of settlement."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from regulars.kit.ids import numbered


class Switch(models.Model):
    """One time an account became a coalition, ceased to be one, or took that back."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("coalition_switches")
    direction = models.CharField(max_length=3)
    """on or off."""
    pool_points_id = models.BigIntegerField()
    """The coalition's pools: made once, used again whenever the account is a coalition."""
    pool_money_id = models.BigIntegerField()
    campaign_ids = models.JSONField()
    """The campaigns whose balances moved."""
    user_id = models.BigIntegerField()
    """Who did it; 0 = the platform owner."""
    created_at = models.DateTimeField()
    last_entry_id = models.BigIntegerField()
    """The last line of the account's books before: what comes later, but for the moving itself, stands against undoing."""
    undone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "coalition_switches"
        constraints = [models.CheckConstraint(condition=Q(direction__in=["on", "off"]), name="coalition_switches_direction")]


class Settlement(models.Model):
    """A closed period of settlement between stores: its figures as they were, never changed (ADR-0018)."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("coalition_settlements")
    first_date = models.DateField(null=True)
    """Null: from the beginning (an account's first period)."""
    last_date = models.DateField()
    ends_at = models.DateTimeField()
    """The first instant after it: where the next period begins, whatever becomes of the account's time zone."""
    point_cost_ppm = models.BigIntegerField()
    """What a point costs, in millionths of a currency unit."""
    figures = models.JSONField()
    """Lines, flows and debts, as coalition/frozen.py writes them."""
    user_id = models.BigIntegerField()
    """Who closed it; 0 = the platform owner."""
    closed_at = models.DateTimeField()
    last_entry_id = models.BigIntegerField()
    """The last line of the books that was there: a later one with a date up to here counts in the next period."""
    next_entry_id = models.BigIntegerField()
    """No line before it can belong to a later period."""

    class Meta:
        db_table = "coalition_settlements"
        constraints = [
            models.UniqueConstraint(fields=["account_id", "last_date"], name="coalition_settlements_last_date_unique"),
            models.CheckConstraint(condition=Q(point_cost_ppm__gte=0), name="coalition_settlements_point_cost"),
        ]
