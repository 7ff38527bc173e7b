# SPDX-License-Identifier: Apache-2.0
"""A table that lies in ranges has grown where one of them has."""

from __future__ import annotations

from importlib import resources
from typing import Any

from django.db import migrations


def forwards(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(resources.files("regulars.transactions").joinpath("sql", "batches.sql").read_text("utf-8"))


class Migration(migrations.Migration):
    dependencies = [("transactions", "0005_erased"), ("ledger", "0024_ranges")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
