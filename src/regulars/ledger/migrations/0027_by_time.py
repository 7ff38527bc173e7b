# SPDX-License-Identifier: Apache-2.0
"""
Entries are found by when they happened, and balances by the rules they were settled under: what reports show is what they read.

Indexes are made while sales go on: of one range after the other, then of all of them together.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

RANGES = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'ledger_entries'::regclass ORDER BY 1"
INDEX = "ledger_entries_occurred"
COLUMNS = "(account_id, occurred_at, campaign_id)"


def forwards(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX IF NOT EXISTS {INDEX} ON ONLY ledger_entries {COLUMNS}")
        cursor.execute(RANGES)
        for (part,) in cursor.fetchall():
            own = f"{part}_occurred"
            cursor.execute(
                "SELECT i.indisvalid, EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)"
                " FROM pg_index i WHERE i.indexrelid = to_regclass(%s)",
                [own],
            )
            is_valid, is_attached = cursor.fetchone() or (None, False)
            if is_valid is False:  # an earlier run was interrupted
                cursor.execute(f"DROP INDEX CONCURRENTLY {own}")
            if not is_valid:
                cursor.execute(f"CREATE INDEX CONCURRENTLY {own} ON {part} {COLUMNS}")
            if not is_attached:
                cursor.execute(f"ALTER INDEX {INDEX} ATTACH PARTITION {own}")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("ledger", "0026_security_events")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunPython(forwards, migrations.RunPython.noop)],
            [
                migrations.AddIndex(
                    "entry", models.Index(fields=["account_id", "occurred_at", "campaign_id"], name="ledger_entries_occurred")
                )
            ],
        ),
        AddIndexConcurrently("balance", models.Index(fields=["account_id", "rules_version"], name="ledger_balances_rules")),
    ]
