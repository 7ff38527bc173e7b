# SPDX-License-Identifier: Apache-2.0
"""Fence the visits of agencies' people."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from regulars.ledger.schema import fence


def forwards(apps: Any, schema_editor: Any) -> None:
    fence(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0014_brands"), ("users", "0003_guests")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
