# SPDX-License-Identifier: Apache-2.0
"""Customers: who they are and by which numbers and names they are found."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from regulars.kit.ids import numbered


class Customer(models.Model):
    """``code`` is permanent; ``card_number`` is what is on the card. The row is also the lock of all its balances."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("customers_customers")
    code = models.CharField(max_length=64)
    card_number = models.CharField(max_length=64, default="")
    first_name = models.CharField(max_length=100, default="")
    last_name = models.CharField(max_length=100, default="")
    phone = models.CharField(max_length=40, default="")
    """As typed."""
    phone_digits = models.CharField(max_length=20, default="")
    """E.164 digits where the number can be read, else its digits; what look-ups compare."""
    phone_national = models.CharField(max_length=20, default="")
    """The same without country code and leading zeros: how people dial it at home."""
    email = models.CharField(max_length=254, default="")
    street1 = models.CharField(max_length=120, default="")
    street2 = models.CharField(max_length=120, default="")
    city = models.CharField(max_length=80, default="")
    state = models.CharField(max_length=80, default="")
    postal_code = models.CharField(max_length=20, default="")
    country = models.CharField(max_length=80, default="")
    custom_date = models.CharField(max_length=10, default="")
    """YYYY-MM-DD where unknown parts are 00 or 0000; empty = none. The birthday, unless relabelled."""
    username = models.CharField(max_length=64, default="")
    password_hash = models.CharField(max_length=200, default="")
    pin_hash = models.CharField(max_length=200, default="")
    pin_failures = models.IntegerField(default=0)
    pin_locked_until = models.DateTimeField(null=True)
    password_failures = models.IntegerField(default=0, db_default=0)
    password_locked_until = models.DateTimeField(null=True)
    is_registered = models.BooleanField(default=False)
    fields = models.JSONField(default=dict)
    """Custom field values by number, as text: {"1": "blue"}; "1" is also the old custom_field."""
    search_text = models.TextField(db_default="")
    """All of the above that people search, lower case, a line each; kept by a trigger (sql/search.sql)."""
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True)
    merged_into_id = models.BigIntegerField(null=True)
    """The record that a deleted one became part of; null where it did not."""
    erased_at = models.DateTimeField(null=True)
    """When all that told who he is was erased from a record that stays, for its balances (customers/forgetting.py)."""

    class Meta:
        db_table = "customers_customers"
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "code"], condition=Q(deleted_at__isnull=True), name="customers_customers_code_unique"
            ),
            models.UniqueConstraint(
                fields=["account_id", "card_number"],
                condition=Q(deleted_at__isnull=True) & ~Q(card_number=""),
                name="customers_customers_card_unique",
            ),
            models.UniqueConstraint(
                fields=["account_id", "username"],
                condition=Q(deleted_at__isnull=True) & ~Q(username=""),
                name="customers_customers_username_unique",
            ),
        ]
        indexes = [
            models.Index(
                fields=["account_id", "created_at"], condition=Q(deleted_at__isnull=True), name="customers_customers_created"
            ),
            models.Index(
                fields=["account_id", "merged_into_id"],
                condition=Q(merged_into_id__isnull=False),
                name="customers_customers_merged",
            ),
            models.Index(
                fields=["account_id", "phone_digits"],
                condition=Q(deleted_at__isnull=True) & ~Q(phone_digits=""),
                name="customers_customers_phone",
            ),
            models.Index(
                fields=["account_id", "phone_national"],
                condition=Q(deleted_at__isnull=True) & ~Q(phone_national=""),
                name="customers_customers_phone_nat",
            ),
            models.Index(
                "account_id",
                models.functions.Lower("email"),
                condition=Q(deleted_at__isnull=True) & ~Q(email=""),
                name="customers_customers_email",
            ),
        ]


class Alias(models.Model):
    """An old code or card number that still finds its customer (replaced cards, merged records)."""

    pk = models.CompositePrimaryKey("account_id", "kind", "value")
    account_id = models.IntegerField()
    kind = models.CharField(max_length=4)
    """code or card."""
    value = models.CharField(max_length=64)
    customer_id = models.BigIntegerField()

    class Meta:
        db_table = "customers_aliases"
        indexes = [models.Index(fields=["account_id", "customer_id"], name="customers_aliases_customer")]


class FieldValue(models.Model):
    """The values of custom fields that are unique or searchable ("Is ID"), lower case, for look-ups."""

    pk = models.CompositePrimaryKey("account_id", "customer_id", "number")
    account_id = models.IntegerField()
    customer_id = models.BigIntegerField()
    number = models.IntegerField()
    value = models.CharField(max_length=255)
    is_unique = models.BooleanField()
    """Whether no other customer may have it: two writers at once can not both win."""

    class Meta:
        db_table = "customers_field_values"
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "number", "value"],
                condition=Q(is_unique=True),
                name="customers_field_values_unique",
            )
        ]
        indexes = [models.Index(fields=["account_id", "value", "number"], name="customers_field_values_value")]


class Segment(models.Model):
    """A list of customers under a name: what it is filtered by, as the list's address has it."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("customers_segments")
    name = models.CharField(max_length=60)
    filters = models.JSONField()
    """Text by the name of the filter; read anew each time it is opened."""
    created_by = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "customers_segments"
        constraints = [
            models.UniqueConstraint("account_id", models.functions.Lower("name"), name="customers_segments_name_unique")
        ]
