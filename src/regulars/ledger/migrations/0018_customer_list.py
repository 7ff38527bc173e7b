# SPDX-License-Identifier: Apache-2.0
"""Erased persons, the fence of saved segments, and the list of customers (ADR-0022)."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from regulars.ledger.schema import fence, renew


def forwards(apps: Any, schema_editor: Any) -> None:
    renew(schema_editor, "forget.sql", "guard.sql", "customer_list.sql")
    fence(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0017_usage"), ("customers", "0004_erased_and_segments")]
    operations = [
        migrations.AddIndex(
            "membership",
            models.Index(fields=["account_id", "campaign_id", "customer_id"], name="ledger_memberships_campaign"),
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
