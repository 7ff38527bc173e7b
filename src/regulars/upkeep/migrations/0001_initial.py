# SPDX-License-Identifier: Apache-2.0
"""When things were last done."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        migrations.CreateModel(
            name="LastRun",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("succeeded_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
                ("took_ms", models.BigIntegerField()),
                ("says", models.CharField(default="", max_length=200)),
            ],
            options={"db_table": "upkeep_last_runs"},
        ),
    ]
