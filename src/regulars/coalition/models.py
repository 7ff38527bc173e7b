# SPDX-License-Identifier: Apache-2.0
"""What was switched, when, by whom, and what it takes to undo it."""

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
