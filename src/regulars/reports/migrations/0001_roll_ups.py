# SPDX-License-Identifier: Apache-2.0
"""Roll-ups of the books by day, and cohorts by month (ADR-0020)."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from regulars.ledger.schema import fence


def forwards(apps: Any, schema_editor: Any) -> None:
    fence(schema_editor)


def key(*names: str) -> models.CompositePrimaryKey:
    return models.CompositePrimaryKey(*names, blank=True, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    initial = True
    dependencies = [("ledger", "0016_sign_in")]
    operations = [
        migrations.CreateModel(
            "Cohort",
            [
                ("pk", key("account_id", "first_month", "month")),
                ("account_id", models.IntegerField()),
                ("first_month", models.DateField()),
                ("month", models.DateField()),
                ("customers", models.IntegerField()),
            ],
            {"db_table": "reports_cohorts"},
        ),
        migrations.CreateModel(
            "Day",
            [
                ("pk", key("account_id", "day", "campaign_id", "user_id")),
                ("account_id", models.IntegerField()),
                ("day", models.DateField()),
                ("campaign_id", models.BigIntegerField()),
                ("user_id", models.BigIntegerField()),
                ("joined", models.IntegerField()),
                ("sales", models.IntegerField()),
                ("redemptions", models.IntegerField()),
                ("sales_minor", models.BigIntegerField()),
                ("issued", models.BigIntegerField()),
                ("redeemed", models.BigIntegerField()),
                ("lost", models.BigIntegerField()),
                ("changed", models.BigIntegerField()),
            ],
            {"db_table": "reports_days"},
        ),
        migrations.CreateModel(
            "Progress",
            [
                ("account_id", models.IntegerField(primary_key=True, serialize=False)),
                ("zone", models.CharField(max_length=64)),
                ("entry_id", models.BigIntegerField()),
                ("cohorts_entry_id", models.BigIntegerField(default=0)),
                ("cohorts_at", models.DateTimeField(null=True)),
            ],
            {"db_table": "reports_progress"},
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
