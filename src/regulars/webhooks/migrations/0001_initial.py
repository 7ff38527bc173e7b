# SPDX-License-Identifier: Apache-2.0
"""Endpoints, their lanes, and deliveries (ADR-0026)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models import Q

from regulars.kit.ids import numbered


def key(*names: str) -> models.CompositePrimaryKey:
    return models.CompositePrimaryKey(*names, blank=True, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL("CREATE SEQUENCE webhooks_endpoints_id_seq", "DROP SEQUENCE webhooks_endpoints_id_seq"),
        migrations.RunSQL("CREATE SEQUENCE webhooks_deliveries_id_seq", "DROP SEQUENCE webhooks_deliveries_id_seq"),
        migrations.CreateModel(
            name="Endpoint",
            fields=[
                ("pk", key("account_id", "id")),
                ("account_id", models.IntegerField()),
                ("id", numbered("webhooks_endpoints")),
                ("name", models.CharField(max_length=60)),
                ("url", models.CharField(max_length=500)),
                ("kinds", ArrayField(models.CharField(max_length=40))),
                ("campaign_ids", ArrayField(models.BigIntegerField(), default=list)),
                ("is_on", models.BooleanField(default=True)),
                ("off_reason", models.CharField(default="", max_length=8)),
                ("off_at", models.DateTimeField(null=True)),
                ("secret_encrypted", models.BinaryField()),
                ("previous_secret_encrypted", models.BinaryField(null=True)),
                ("previous_until", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={"db_table": "webhooks_endpoints"},
        ),
        migrations.CreateModel(
            name="Lane",
            fields=[
                ("pk", key("account_id", "endpoint_id")),
                ("account_id", models.IntegerField()),
                ("endpoint_id", models.BigIntegerField()),
                ("entry_id", models.BigIntegerField()),
                ("change_id", models.BigIntegerField()),
                ("deletion_id", models.BigIntegerField()),
                ("busy_until", models.DateTimeField(null=True)),
                ("resting_until", models.DateTimeField(null=True)),
                ("failing_since", models.DateTimeField(null=True)),
                ("failure_count", models.IntegerField(default=0)),
                ("last_success_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "webhooks_lanes"},
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("pk", key("account_id", "id")),
                ("account_id", models.IntegerField()),
                ("id", numbered("webhooks_deliveries")),
                ("endpoint_id", models.BigIntegerField()),
                ("event_id", models.CharField(max_length=40)),
                ("kind", models.CharField(max_length=40)),
                ("customer_id", models.BigIntegerField(null=True)),
                ("payload", models.TextField()),
                ("created_at", models.DateTimeField()),
                ("state", models.CharField(default="waiting", max_length=9)),
                ("attempt_count", models.IntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField()),
                ("last_attempt_at", models.DateTimeField(null=True)),
                ("last_status", models.IntegerField(null=True)),
                ("last_answer", models.CharField(default="", max_length=500)),
                ("last_milliseconds", models.IntegerField(null=True)),
            ],
            options={
                "db_table": "webhooks_deliveries",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["account_id", "endpoint_id", "event_id"], name="webhooks_deliveries_event_unique"
                    ),
                    models.CheckConstraint(
                        condition=Q(state__in=["waiting", "delivered", "failed"]), name="webhooks_deliveries_state"
                    ),
                ],
                "indexes": [
                    models.Index(
                        condition=Q(state="waiting"),
                        fields=["account_id", "endpoint_id", "next_attempt_at", "id"],
                        name="webhooks_deliveries_due",
                    ),
                    models.Index(fields=["account_id", "endpoint_id", "id"], name="webhooks_deliveries_log"),
                    models.Index(fields=["account_id", "customer_id"], name="webhooks_deliveries_customer"),
                    models.Index(fields=["created_at"], name="webhooks_deliveries_created"),
                ],
            },
        ),
    ]
