# SPDX-License-Identifier: Apache-2.0
"""Whoever is erased is forgotten by batches too."""

from __future__ import annotations

from importlib import resources
from typing import Any

from django.db import migrations


def forwards(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(resources.files("regulars.transactions").joinpath("sql", "batches.sql").read_text("utf-8"))


class Migration(migrations.Migration):
    dependencies = [("transactions", "0004_imports"), ("customers", "0004_erased_and_segments")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
