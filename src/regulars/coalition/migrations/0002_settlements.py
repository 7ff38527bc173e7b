# SPDX-License-Identifier: Apache-2.0
"""Closed periods of settlement."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.models import Q

from regulars.kit.ids import numbered
from regulars.ledger.schema import fence


def forwards(apps: Any, schema_editor: Any) -> None:
    fence(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("coalition", "0001_initial"), ("ledger", "0011_pools")]
    operations = [
        migrations.RunSQL("CREATE SEQUENCE coalition_settlements_id_seq", "DROP SEQUENCE coalition_settlements_id_seq"),
        migrations.CreateModel(
            "Settlement",
            [
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("account_id", models.IntegerField()),
                ("id", numbered("coalition_settlements")),
                ("first_date", models.DateField(null=True)),
                ("last_date", models.DateField()),
                ("ends_at", models.DateTimeField()),
                ("point_cost_ppm", models.BigIntegerField()),
                ("figures", models.JSONField()),
                ("user_id", models.BigIntegerField()),
                ("closed_at", models.DateTimeField()),
                ("last_entry_id", models.BigIntegerField()),
                ("next_entry_id", models.BigIntegerField()),
            ],
            {
                "db_table": "coalition_settlements",
                "constraints": [
                    models.UniqueConstraint(fields=["account_id", "last_date"], name="coalition_settlements_last_date_unique"),
                    models.CheckConstraint(condition=Q(("point_cost_ppm__gte", 0)), name="coalition_settlements_point_cost"),
                ],
            },
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
