# SPDX-License-Identifier: Apache-2.0
"""Fence the hosts and install what looks them up."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from regulars.ledger.schema import fence, renew


def forwards(apps: Any, schema_editor: Any) -> None:
    renew(schema_editor, "hosts.sql")
    fence(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0011_pools"), ("accounts", "0007_hosts")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
