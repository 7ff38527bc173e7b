# SPDX-License-Identifier: Apache-2.0
"""Monitoring asks for webhooks, too."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from regulars.ledger.schema import renew


def forwards(apps: Any, schema_editor: Any) -> None:
    renew(schema_editor, "upkeep.sql")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0024_ranges")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
