# SPDX-License-Identifier: Apache-2.0
"""Fence the mail settings."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from regulars.ledger.schema import fence


def forwards(apps: Any, schema_editor: Any) -> None:
    fence(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0018_customer_list"), ("regulars_messages", "0003_settings")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
