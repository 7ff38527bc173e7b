# SPDX-License-Identifier: Apache-2.0
"""The code by which an installation without users is set up."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("users", "0004_sign_in")]
    operations = [
        migrations.CreateModel(
            "SetupCode",
            [
                ("digest", models.BinaryField(primary_key=True, serialize=False)),
                ("expires_at", models.DateTimeField()),
            ],
            {"db_table": "users_setup_codes"},
        )
    ]
