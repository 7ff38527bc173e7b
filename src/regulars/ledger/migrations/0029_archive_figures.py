# SPDX-License-Identifier: Apache-2.0
"""Monitoring is told how far the archive of the log is (ADR-0029)."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from regulars.ledger.schema import fence, renew


def forwards(apps: Any, schema_editor: Any) -> None:
    renew(schema_editor, "upkeep.sql")
    fence(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0028_history")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
