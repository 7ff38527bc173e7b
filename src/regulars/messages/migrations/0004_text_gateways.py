# SPDX-License-Identifier: Apache-2.0
"""The HTTP service that an account's texts leave by."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from regulars.ledger.schema import fence


def forwards(apps: Any, schema_editor: Any) -> None:
    fence(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("regulars_messages", "0003_settings"), ("ledger", "0027_by_time")]
    operations = [
        migrations.CreateModel(
            name="TextGateway",
            fields=[
                ("account_id", models.IntegerField(primary_key=True, serialize=False)),
                ("url", models.CharField(max_length=500)),
                ("method", models.CharField(default="POST", max_length=4)),
                ("format", models.CharField(default="form", max_length=4)),
                ("body", models.TextField(default="")),
                ("authorization", models.CharField(default="none", max_length=6)),
                ("sender", models.CharField(default="", max_length=20)),
                ("expects", models.CharField(default="", max_length=80)),
                ("receipt", models.CharField(default="", max_length=600)),
                ("changed_at", models.DateTimeField()),
            ],
            options={"db_table": "messages_text_gateways"},
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
