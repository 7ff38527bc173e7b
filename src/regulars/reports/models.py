# SPDX-License-Identifier: Apache-2.0
"""
Roll-ups: what the books come to by day, so that a dashboard reads hundreds of rows and not millions (ADR-0020).

They hold nothing that the books do not say: all of it can be thrown away and made again. Only reports/rollups.py writes them.
"""

from __future__ import annotations

from django.db import models


class Day(models.Model):
    """
    What one user did in one campaign on one day. A row's line is an entry, or what took it back: both count on the entry's
    own day, so that what was taken back leaves no trace and no row is ever wrong again.
    """

    pk = models.CompositePrimaryKey("account_id", "day", "campaign_id", "user_id")
    account_id = models.IntegerField()
    day = models.DateField()
    """In the account's time zone (Progress.zone)."""
    campaign_id = models.BigIntegerField()
    user_id = models.BigIntegerField()
    """Who recorded it: his location is the store. 0 = the system itself."""
    joined = models.IntegerField()
    """Customers who joined."""
    sales = models.IntegerField()
    """Earnings, less those wholly taken back at once."""
    redemptions = models.IntegerField()
    """Likewise."""
    sales_minor = models.BigIntegerField()
    """Money of the sales, in currency minor units."""
    issued = models.BigIntegerField()
    """In the campaign's unit: openings, earnings, contributions."""
    redeemed = models.BigIntegerField()
    """In the campaign's unit, as a positive number."""
    lost = models.BigIntegerField()
    """Expired and taken as fees, as a positive number."""
    changed = models.BigIntegerField()
    """By how much all of it, moves included, changed what is owed."""

    class Meta:
        db_table = "reports_days"


class Cohort(models.Model):
    """How many of the customers first seen in one month were seen in another (or the same), in any campaign."""

    pk = models.CompositePrimaryKey("account_id", "first_month", "month")
    account_id = models.IntegerField()
    first_month = models.DateField()
    """The first of the month, in the account's time zone; so ``month``."""
    month = models.DateField()
    customers = models.IntegerField()

    class Meta:
        db_table = "reports_cohorts"


class Progress(models.Model):
    """Up to which entry the roll-ups of an account go. No row = there are none."""

    account_id = models.IntegerField(primary_key=True)
    zone = models.CharField(max_length=64)
    """The time zone of the days; another one, and all is made again."""
    entry_id = models.BigIntegerField()
    """Days: every entry up to this one."""
    cohorts_entry_id = models.BigIntegerField(default=0)
    """Cohorts: every entry up to this one."""
    cohorts_at = models.DateTimeField(null=True)
    """When the cohorts were made, on the account's clock."""

    class Meta:
        db_table = "reports_progress"
