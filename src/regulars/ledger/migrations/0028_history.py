# SPDX-License-Identifier: Apache-2.0
"""A customer's history costs the same however much was deleted of others'."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from regulars.ledger.schema import renew


def forwards(apps: Any, schema_editor: Any) -> None:
    renew(schema_editor, "lookup.sql")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0027_by_time")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
