# SPDX-License-Identifier: Apache-2.0
"""How many calls a user may make."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("users", "0001_initial")]
    operations = [migrations.AddField("user", "calls_per_minute", models.IntegerField(null=True))]
