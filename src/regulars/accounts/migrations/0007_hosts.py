# SPDX-License-Identifier: Apache-2.0
"""Hosts that are an account's own address (ADR-0014)."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_modules")]
    operations = [
        migrations.CreateModel(
            name="Host",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id", "host", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("account_id", models.IntegerField()),
                ("host", models.CharField(max_length=253)),
                ("created_at", models.DateTimeField(db_default=Now())),
            ],
            options={
                "db_table": "accounts_hosts",
                "constraints": [models.UniqueConstraint(fields=["host"], name="accounts_hosts_unique")],
            },
        ),
    ]
