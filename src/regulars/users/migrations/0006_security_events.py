# SPDX-License-Identifier: Apache-2.0
"""What happened to people's access, for their accounts to see."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models.functions import Now

from regulars.kit.ids import numbered


class Migration(migrations.Migration):
    dependencies = [("users", "0005_setup_codes")]
    operations = [
        migrations.RunSQL("CREATE SEQUENCE users_security_events_id_seq", "DROP SEQUENCE users_security_events_id_seq"),
        migrations.CreateModel(
            "SecurityEvent",
            [
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("account_id", models.IntegerField()),
                ("id", numbered("users_security_events")),
                ("at", models.DateTimeField(db_default=Now())),
                ("event", models.CharField(max_length=30)),
                ("user_id", models.BigIntegerField()),
                ("user_code", models.CharField(max_length=41)),
                ("by_code", models.CharField(default="", max_length=41)),
                ("address", models.CharField(default="", max_length=50)),
                ("how", models.CharField(default="", max_length=80)),
            ],
            {
                "db_table": "users_security_events",
                "indexes": [models.Index(fields=["account_id", "at"], name="users_security_events_at")],
            },
        ),
    ]
