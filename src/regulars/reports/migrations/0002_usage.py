# SPDX-License-Identifier: Apache-2.0
"""What accounts are used: transactions of the month and space, too."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from regulars.ledger.schema import renew


def forwards(apps: Any, schema_editor: Any) -> None:
    renew(schema_editor, "usage.sql")


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_roll_ups"), ("ledger", "0021_changes")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
