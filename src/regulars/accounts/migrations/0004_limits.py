# SPDX-License-Identifier: Apache-2.0
"""How long an account's requests are logged, and how many calls its users may make."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_integrations")]
    operations = [
        migrations.AddField("account", "request_log_days", models.SmallIntegerField(default=7, db_default=7)),
        migrations.AddField("account", "calls_per_minute", models.IntegerField(null=True)),
        migrations.AddField("account", "unknown_cards_per_minute", models.IntegerField(default=30, db_default=30)),
    ]
