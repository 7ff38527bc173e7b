# SPDX-License-Identifier: Apache-2.0
"""Where an account's programs are told what happened, how far each was told, and what became of each telling (ADR-0026)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from regulars.kit.ids import numbered


class Endpoint(models.Model):
    """What people set up. Changes of it are noted (ADR-0023); what jobs write is in its lane."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("webhooks_endpoints")
    name = models.CharField(max_length=60)
    url = models.CharField(max_length=500)
    kinds = ArrayField(models.CharField(max_length=40))
    """Events it is told of (rules.KINDS)."""
    campaign_ids = ArrayField(models.BigIntegerField(), default=list)
    """Of transactions only those in these campaigns; empty = all."""
    is_on = models.BooleanField(default=True)
    off_reason = models.CharField(max_length=8, default="")
    """"" = somebody switched it off; failing, gone: it was switched off by itself."""
    off_at = models.DateTimeField(null=True)
    secret_encrypted = models.BinaryField()
    previous_secret_encrypted = models.BinaryField(null=True)
    previous_until = models.DateTimeField(null=True)
    """Up to when deliveries are signed with the previous secret, too."""
    created_at = models.DateTimeField()

    class Meta:
        db_table = "webhooks_endpoints"


class Lane(models.Model):
    """One endpoint's place in the books, and how it fares. Its row is the lock of collecting for it and of sending to it."""

    pk = models.CompositePrimaryKey("account_id", "endpoint_id")
    account_id = models.IntegerField()
    endpoint_id = models.BigIntegerField()
    entry_id = models.BigIntegerField()
    """Entries up to this one were looked at."""
    change_id = models.BigIntegerField()
    deletion_id = models.BigIntegerField()
    busy_until = models.DateTimeField(null=True)
    """A job sends to it; after this time that job is taken for dead."""
    resting_until = models.DateTimeField(null=True)
    """After a failure; only tests are sent before."""
    failing_since = models.DateTimeField(null=True)
    """The first failure after the last success."""
    failure_count = models.IntegerField(default=0)
    """Since then."""
    last_success_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "webhooks_lanes"


class Delivery(models.Model):
    """One event for one endpoint."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.IntegerField()
    id = numbered("webhooks_deliveries")
    endpoint_id = models.BigIntegerField()
    event_id = models.CharField(max_length=40)
    """The fact's own: the same whenever it is told."""
    kind = models.CharField(max_length=40)
    customer_id = models.BigIntegerField(null=True)
    """Whose data the payload may hold."""
    payload = models.TextField()
    """The JSON that is sent, byte for byte."""
    created_at = models.DateTimeField()
    state = models.CharField(max_length=9, default="waiting")
    """waiting, delivered, failed."""
    attempt_count = models.IntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    last_attempt_at = models.DateTimeField(null=True)
    last_status = models.IntegerField(null=True)
    """HTTP; null = there was no answer."""
    last_answer = models.CharField(max_length=500, default="")
    """The beginning of the answer, or why there was none."""
    last_milliseconds = models.IntegerField(null=True)

    class Meta:
        db_table = "webhooks_deliveries"
        constraints = [
            models.UniqueConstraint(fields=["account_id", "endpoint_id", "event_id"], name="webhooks_deliveries_event_unique"),
            models.CheckConstraint(condition=Q(state__in=["waiting", "delivered", "failed"]), name="webhooks_deliveries_state"),
        ]
        indexes = [
            models.Index(
                fields=["account_id", "endpoint_id", "next_attempt_at", "id"],
                condition=Q(state="waiting"),
                name="webhooks_deliveries_due",
            ),
            models.Index(fields=["account_id", "endpoint_id", "id"], name="webhooks_deliveries_log"),
            models.Index(fields=["account_id", "customer_id"], name="webhooks_deliveries_customer"),
            models.Index(fields=["created_at"], name="webhooks_deliveries_created"),
        ]
