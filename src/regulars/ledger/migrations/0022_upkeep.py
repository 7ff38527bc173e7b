# SPDX-License-Identifier: Apache-2.0
"""What monitoring asks of the database."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from regulars.ledger.schema import fence, renew


def forwards(apps: Any, schema_editor: Any) -> None:
    renew(schema_editor, "upkeep.sql")
    fence(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0021_changes"), ("upkeep", "0001_initial"), ("procrastinate", "0001_initial")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
