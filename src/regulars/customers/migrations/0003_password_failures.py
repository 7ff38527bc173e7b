# SPDX-License-Identifier: Apache-2.0
"""Wrong passwords of a member are counted as wrong PINs are."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_merged_into")]
    operations = [
        migrations.AddField("customer", "password_failures", models.IntegerField(default=0, db_default=0)),
        migrations.AddField("customer", "password_locked_until", models.DateTimeField(null=True)),
    ]
