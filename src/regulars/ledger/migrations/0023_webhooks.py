# SPDX-License-Identifier: Apache-2.0
"""Deletions of transactions are facts of their own, and webhooks tell of them (ADR-0026)."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from regulars.kit.ids import numbered
from regulars.ledger.schema import fence, renew


def forwards(apps: Any, schema_editor: Any) -> None:
    renew(schema_editor, "reverse.sql", "webhooks.sql")
    fence(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0022_upkeep"), ("regulars_webhooks", "0001_initial")]
    operations = [
        migrations.RunSQL("CREATE SEQUENCE ledger_deletions_id_seq", "DROP SEQUENCE ledger_deletions_id_seq"),
        migrations.CreateModel(
            name="Deletion",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("account_id", models.IntegerField()),
                ("id", numbered("ledger_deletions")),
                ("entry_id", models.BigIntegerField()),
                ("reversal_id", models.BigIntegerField(null=True)),
                ("user_id", models.BigIntegerField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_deletions",
                "constraints": [
                    models.UniqueConstraint(fields=["account_id", "entry_id"], name="ledger_deletions_entry_unique")
                ],
            },
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
