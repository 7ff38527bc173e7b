# SPDX-License-Identifier: Apache-2.0
"""Names, colours, logos and mail senders of accounts and agencies (ADR-0014)."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_hosts")]
    operations = [
        migrations.CreateModel(
            name="Brand",
            fields=[
                ("account_id", models.IntegerField(primary_key=True, serialize=False)),
                ("name", models.CharField(default="", max_length=80)),
                ("accent_colour", models.CharField(default="", max_length=7)),
                ("bar_colour", models.CharField(default="", max_length=7)),
                ("logo", models.BinaryField(null=True)),
                ("mail_name", models.CharField(default="", max_length=80)),
                ("mail_reply_to", models.CharField(default="", max_length=254)),
                ("changed_at", models.DateTimeField()),
            ],
            options={"db_table": "accounts_brands"},
        ),
    ]
