# SPDX-License-Identifier: Apache-2.0
"""Fence what signing in keeps, and install what it asks."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from regulars.ledger.schema import fence, renew


def forwards(apps: Any, schema_editor: Any) -> None:
    renew(schema_editor, "sign_in.sql")
    fence(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0015_guests"), ("users", "0004_sign_in"), ("accounts", "0009_second_factor")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
