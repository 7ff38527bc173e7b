# SPDX-License-Identifier: Apache-2.0
"""Activation codes that were given out, so that they can be listed and revoked."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_second_factor")]
    operations = [
        migrations.CreateModel(
            "IssuedCode",
            [
                ("code_id", models.CharField(max_length=10, primary_key=True, serialize=False)),
                ("module", models.CharField(max_length=9)),
                ("account_code", models.CharField(default="", max_length=20)),
                ("last_day", models.DateField(null=True)),
                ("issued_at", models.DateTimeField()),
                ("issued_by", models.CharField(default="", max_length=20)),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            {
                "db_table": "accounts_issued_codes",
                "indexes": [models.Index(fields=["-issued_at"], name="accounts_issued_codes_at")],
            },
        )
    ]
