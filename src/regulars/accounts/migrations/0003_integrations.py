# SPDX-License-Identifier: Apache-2.0
"""The names and passwords with which an account's mail and text services are used."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_predefined_fields")]
    operations = [
        migrations.AddField("account", "mailchimp_username", models.CharField(max_length=80, default="", db_default="")),
        migrations.AddField("account", "mailchimp_password_encrypted", models.BinaryField(null=True)),
        migrations.AddField("account", "sms_username", models.CharField(max_length=80, default="", db_default="")),
        migrations.AddField("account", "sms_password_encrypted", models.BinaryField(null=True)),
    ]
