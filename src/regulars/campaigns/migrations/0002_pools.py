# SPDX-License-Identifier: Apache-2.0
"""Where a campaign's balances were before they last changed their pool, and since when they are where they are."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial")]
    operations = [
        migrations.AddField("campaign", "previous_pool_id", models.BigIntegerField(null=True)),
        migrations.AddField("campaign", "pool_changed_at", models.DateTimeField(null=True)),
    ]
