# SPDX-License-Identifier: Apache-2.0
"""Mails to users of an account."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("regulars_messages", "0001_initial")]
    operations = [migrations.AddField("outboxmessage", "user_id", models.BigIntegerField(null=True))]
