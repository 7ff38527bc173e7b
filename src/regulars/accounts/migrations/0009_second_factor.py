# SPDX-License-Identifier: Apache-2.0
"""Who must have a second factor, and whether browsers are remembered."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_brands")]
    operations = [
        migrations.AddField(
            "account", "second_factor_for", models.CharField(max_length=9, default="nobody", db_default="nobody")
        ),
        migrations.AddField("account", "remembers_devices", models.BooleanField(default=True, db_default=True)),
        migrations.AddConstraint(
            "account",
            models.CheckConstraint(
                condition=Q(second_factor_for__in=["nobody", "managers", "everybody"]), name="accounts_accounts_second_factor"
            ),
        ),
    ]
