# SPDX-License-Identifier: Apache-2.0
"""The record of switches."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

from regulars.kit.ids import numbered

SEQUENCE = "CREATE SEQUENCE coalition_switches_id_seq"


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(SEQUENCE, "DROP SEQUENCE coalition_switches_id_seq"),
        migrations.CreateModel(
            "Switch",
            [
                ("pk", models.CompositePrimaryKey("account_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("account_id", models.IntegerField()),
                ("id", numbered("coalition_switches")),
                ("direction", models.CharField(max_length=3)),
                ("pool_points_id", models.BigIntegerField()),
                ("pool_money_id", models.BigIntegerField()),
                ("campaign_ids", models.JSONField()),
                ("user_id", models.BigIntegerField()),
                ("created_at", models.DateTimeField()),
                ("last_entry_id", models.BigIntegerField()),
                ("undone_at", models.DateTimeField(null=True)),
            ],
            {
                "db_table": "coalition_switches",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(("direction__in", ["on", "off"])), name="coalition_switches_direction"
                    )
                ],
            },
        ),
    ]
