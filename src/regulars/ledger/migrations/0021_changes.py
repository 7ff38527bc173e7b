# SPDX-License-Identifier: Apache-2.0
"""Note every change of configuration, users and customers' data from now on, and fence what is noted (ADR-0023)."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from regulars.ledger.schema import fence, renew


def forwards(apps: Any, schema_editor: Any) -> None:
    renew(schema_editor, "note.sql")
    fence(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0020_leave"), ("regulars_changes", "0001_initial")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
