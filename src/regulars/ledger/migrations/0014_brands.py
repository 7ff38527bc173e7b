# SPDX-License-Identifier: Apache-2.0
"""Fence the brands and install what shows them."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from regulars.ledger.schema import fence, renew


def forwards(apps: Any, schema_editor: Any) -> None:
    renew(schema_editor, "brands.sql")
    fence(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0013_search"), ("accounts", "0008_brands")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
