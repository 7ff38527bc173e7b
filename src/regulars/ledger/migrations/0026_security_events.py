# SPDX-License-Identifier: Apache-2.0
"""Fence what happened to people's access."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from regulars.ledger.schema import fence


def forwards(apps: Any, schema_editor: Any) -> None:
    fence(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0025_webhook_figures"), ("users", "0006_security_events")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
