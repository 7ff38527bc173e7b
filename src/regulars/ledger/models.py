# SPDX-License-Identifier: Apache-2.0
"""
The books (design.md 4, ADR-0005). Only the SQL functions of this package write these tables.

Units: every amount is a signed integer in the unit of its pool: points, events, units, or currency minor units.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from regulars.kit.ids import numbered

KINDS = ["activation", "earn", "redeem", "expire", "fee", "contribute", "move", "reverse"]


class Entry(models.Model):
    """One append-only line of the books. Never updated, never deleted (a trigger refuses)."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("ledger_entries")
    customer_id = models.BigIntegerField()
    campaign_id = models.BigIntegerField()
    pool_id = models.BigIntegerField()
    """The campaign, or the coalition's pool: where the balance is."""
    item_id = models.BigIntegerField(default=0)
    """buyx item; 0 elsewhere."""
    kind = models.CharField(max_length=10)
    amount = models.BigIntegerField()
    balance_after = models.BigIntegerField()
    version = models.BigIntegerField()
    """1, 2, 3 ... per balance, without gaps."""
    user_id = models.BigIntegerField()
    """0 = the system itself."""
    description = models.CharField(max_length=255, default="")
    purchase_minor = models.BigIntegerField(null=True)
    """Money of the sale, or the currency amount a points redemption stood for."""
    promotion_id = models.BigIntegerField(null=True)
    reward_id = models.BigIntegerField(null=True)
    rule_id = models.BigIntegerField(null=True)
    """Depreciation (kind expire) or fee (kind fee) that caused it."""
    ratio_ppm = models.BigIntegerField(null=True)
    """What the amount was computed from (campaigns/rules.py Calculation): points per currency unit; null = not computed."""
    factor_ppm = models.BigIntegerField(null=True)
    """A promotion's multiplier; the Spend-to-Reward Ratio of points spent as money; the share of a contribution."""
    bonus = models.BigIntegerField(null=True)
    """Points of a ``+`` promotion."""
    rounding = models.CharField(max_length=7, null=True)  # noqa: DJ001 - most entries are not computed
    """down, nearest, up."""
    carried_in = models.BigIntegerField(null=True)
    """What earlier sales' rounding had left to carry, in 10^-15 points; null = this one neither takes nor leaves any."""
    fields = models.JSONField(null=True)
    """Transaction custom fields by number."""
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    reverses_id = models.BigIntegerField(null=True)
    cause_id = models.BigIntegerField(null=True)
    """
    The earning a contribution stems from; the line by which a merge took from the other customer what arrives here. Where a
    balance moved to another pool, the two lines name each other.
    """
    reference = models.CharField(max_length=64, null=True)  # noqa: DJ001 - null keeps it out of the index
    """The till's own number of the sale."""
    idempotency_key = models.CharField(max_length=128, null=True)  # noqa: DJ001 - most have none

    class Meta:
        db_table = "ledger_entries"
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "customer_id", "pool_id", "item_id", "version"], name="ledger_entries_version_unique"
            ),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="ledger_entries_kind"),
        ]
        indexes = [
            models.Index(
                fields=["account_id", "reference"], condition=Q(reference__isnull=False), name="ledger_entries_reference"
            ),
            models.Index(fields=["account_id", "occurred_at", "campaign_id"], name="ledger_entries_occurred"),
        ]


class Balance(models.Model):
    """What a customer has in a pool. balance = sum of entries = sum of open lots - debt."""

    pk = models.CompositePrimaryKey("account_id", "customer_id", "pool_id", "item_id")
    account_id = models.IntegerField()
    customer_id = models.BigIntegerField()
    pool_id = models.BigIntegerField()
    item_id = models.BigIntegerField()
    balance = models.BigIntegerField()
    debt = models.BigIntegerField(default=0)
    """Taken back after it was spent; later earnings pay it first. The floor of the balance is -debt."""
    cumulative = models.BigIntegerField(default=0)
    """Earned in this pool less what was reversed."""
    version = models.BigIntegerField()
    opened_at = models.DateTimeField()
    """When the first recorded activity was: where recurring fees count from. Never moved."""
    last_activity_at = models.DateTimeField()
    """Where last_transaction depreciations count from."""
    last_recorded_at = models.DateTimeField()
    """When that activity was recorded: nothing it starts takes effect before."""
    settled_until = models.DateTimeField()
    """Depreciations and fees due up to here are booked."""
    next_change_at = models.DateTimeField(null=True)
    """Not later than the next change by itself; null = never, under rules_version."""
    rules_version = models.IntegerField(default=0)

    class Meta:
        db_table = "ledger_balances"
        constraints = [models.CheckConstraint(condition=Q(debt__gte=0), name="ledger_balances_debt")]
        indexes = [
            models.Index(
                fields=["next_change_at"], condition=Q(next_change_at__isnull=False), name="ledger_balances_next_change"
            ),
            models.Index(fields=["account_id", "rules_version"], name="ledger_balances_rules"),
        ]


class Membership(models.Model):
    """What a customer did in one campaign (and item), whichever pool holds the balance."""

    pk = models.CompositePrimaryKey("account_id", "customer_id", "campaign_id", "item_id")
    account_id = models.IntegerField()
    customer_id = models.BigIntegerField()
    campaign_id = models.BigIntegerField()
    item_id = models.BigIntegerField()
    cumulative = models.BigIntegerField(default=0)
    """Earned in this campaign less what was reversed; redemptions never reduce it."""
    remainder = models.BigIntegerField(default=0)
    """Carried to the next sale, in 10^-15 points."""
    joined_at = models.DateTimeField()
    first_transaction_at = models.DateTimeField(null=True)
    last_transaction_at = models.DateTimeField(null=True)
    """Last earning."""
    last_transaction_amount = models.BigIntegerField(default=0)
    last_redemption_at = models.DateTimeField(null=True)
    last_redemption_amount = models.BigIntegerField(default=0)
    """As a positive number."""
    pool_id = models.BigIntegerField()
    """Where this customer's balance of it is; another than the campaign's while it has not followed a change (ADR-0013)."""

    class Meta:
        db_table = "ledger_memberships"
        indexes = [models.Index(fields=["account_id", "campaign_id", "customer_id"], name="ledger_memberships_campaign")]


class Lot(models.Model):
    """
    What is left of one earning. ``id`` is the entry that made the row: the earning itself, or a reversal that restored
    part of it; ``origin_entry_id`` is always the earning.
    """

    pk = models.CompositePrimaryKey("account_id", "origin_entry_id", "id")
    account_id = models.IntegerField()
    origin_entry_id = models.BigIntegerField()
    id = models.BigIntegerField()
    customer_id = models.BigIntegerField()
    pool_id = models.BigIntegerField()
    item_id = models.BigIntegerField()
    campaign_id = models.BigIntegerField()
    issued = models.BigIntegerField()
    remaining = models.BigIntegerField()
    earned_at = models.DateTimeField()
    created_at = models.DateTimeField()
    """When the row was recorded: nothing expires before it was there."""
    exempt_until = models.DateTimeField(null=True)
    """Losses due up to here were applied before this part was spent (restored lots)."""
    expires_at = models.DateTimeField(null=True)
    """The next loss under the balance's rules_version; null = never."""

    class Meta:
        db_table = "ledger_lots"
        constraints = [
            models.CheckConstraint(
                condition=Q(remaining__gte=0, issued__gt=0) & Q(remaining__lte=models.F("issued")), name="ledger_lots_remaining"
            )
        ]
        indexes = [
            models.Index(
                fields=["account_id", "customer_id", "pool_id", "item_id"],
                condition=Q(remaining__gt=0),
                name="ledger_lots_open",
            )
        ]


class LotUse(models.Model):
    """Which lots a debit took from, so that it can be given back to them."""

    pk = models.CompositePrimaryKey("account_id", "entry_id", "origin_entry_id", "lot_id")
    account_id = models.IntegerField()
    entry_id = models.BigIntegerField()
    origin_entry_id = models.BigIntegerField()
    lot_id = models.BigIntegerField()
    amount = models.BigIntegerField()
    returned = models.BigIntegerField(default=0)
    """How much of it was given back."""
    used_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_lot_uses"
        constraints = [
            models.CheckConstraint(
                condition=Q(returned__gte=0, amount__gt=0) & Q(returned__lte=models.F("amount")),
                name="ledger_lot_uses_returned",
            )
        ]
        indexes = [models.Index(fields=["account_id", "origin_entry_id"], name="ledger_lot_uses_origin")]


class Reversal(models.Model):
    """How much of an entry has been taken back so far."""

    pk = models.CompositePrimaryKey("account_id", "entry_id")
    account_id = models.IntegerField()
    entry_id = models.BigIntegerField()
    reversed_amount = models.BigIntegerField()
    """Positive, at most the entry's."""
    reversed_purchase_minor = models.BigIntegerField(default=0)
    is_deleted = models.BooleanField(default=False)
    """Taken back by transaction_delete: neither row is shown any more."""
    last_entry_id = models.BigIntegerField()

    class Meta:
        db_table = "ledger_reversals"


class Deletion(models.Model):
    """
    That a transaction was deleted (transaction_delete), which is shown by ``Reversal.is_deleted``: when, by whom, and by which
    line, if one was needed. Append-only; in the order in which it happened to one customer.
    """

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("ledger_deletions")
    entry_id = models.BigIntegerField()
    reversal_id = models.BigIntegerField(null=True)
    """The line that took back what was left; null = nothing was left."""
    user_id = models.BigIntegerField()
    """0 = the system itself."""
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_deletions"
        constraints = [models.UniqueConstraint(fields=["account_id", "entry_id"], name="ledger_deletions_entry_unique")]


class Key(models.Model):
    """An idempotency key with what it answered; committed with its effect."""

    pk = models.CompositePrimaryKey("account_id", "key")
    account_id = models.IntegerField()
    key = models.CharField(max_length=160)
    fingerprint = models.BinaryField()
    """SHA-256 of the call without its key."""
    created_at = models.DateTimeField()
    result = models.JSONField(null=True)
    """What post() returned, with the context its answer is written from."""
    answer = models.JSONField(null=True)
    """The answer's element tree, for calls that do not post."""

    class Meta:
        db_table = "ledger_keys"
        indexes = [models.Index(fields=["created_at"], name="ledger_keys_created")]
