# SPDX-License-Identifier: Apache-2.0
"""Coalition and two-tier: what activation codes have opened, codes that were used."""

from __future__ import annotations

import django.contrib.postgres.fields
from django.db import migrations, models
from django.db.models import Value


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_kind")]
    operations = [
        migrations.AddField(
            "account",
            "modules",
            django.contrib.postgres.fields.ArrayField(models.CharField(max_length=9), default=list, db_default=Value([])),
        ),
        migrations.AddField("account", "is_moving", models.BooleanField(default=False, db_default=False)),
        migrations.CreateModel(
            "UsedCode",
            [
                ("code_id", models.CharField(max_length=10, primary_key=True, serialize=False)),
                ("user_account_id", models.IntegerField()),
                ("module", models.CharField(max_length=9)),
                ("used_at", models.DateTimeField()),
            ],
            {"db_table": "accounts_used_codes"},
        ),
    ]
