# SPDX-License-Identifier: Apache-2.0
"""Each verification and backup, with how far it is and what it came to."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("upkeep", "0001_initial")]
    operations = [
        migrations.CreateModel(
            "Run",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40)),
                ("state", models.CharField(max_length=8)),
                ("asked_by", models.CharField(default="", max_length=64)),
                ("asked_at", models.DateTimeField()),
                ("began_at", models.DateTimeField(null=True)),
                ("touched_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("done", models.IntegerField(default=0)),
                ("total", models.IntegerField(default=0)),
                ("says", models.CharField(default="", max_length=400)),
                ("details", models.JSONField(default=dict)),
            ],
            {
                "db_table": "upkeep_runs",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["name"], condition=Q(state__in=["waiting", "running"]), name="upkeep_runs_one_at_a_time"
                    )
                ],
                "indexes": [models.Index(fields=["name", "-id"], name="upkeep_runs_latest")],
            },
        )
    ]
