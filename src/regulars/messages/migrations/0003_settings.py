# SPDX-License-Identifier: Apache-2.0
"""A mail service and texts of an account's own."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("regulars_messages", "0002_user")]
    operations = [
        migrations.CreateModel(
            name="MailSettings",
            fields=[
                ("account_id", models.IntegerField(primary_key=True, serialize=False)),
                ("smtp_host", models.CharField(default="", max_length=253)),
                ("smtp_port", models.IntegerField(null=True)),
                ("smtp_security", models.CharField(default="", max_length=8)),
                ("smtp_user", models.CharField(default="", max_length=254)),
                ("smtp_password_encrypted", models.BinaryField(null=True)),
                ("sender", models.CharField(default="", max_length=254)),
                ("texts", models.JSONField(default=dict)),
                ("changed_at", models.DateTimeField()),
            ],
            options={"db_table": "messages_settings"},
        )
    ]
