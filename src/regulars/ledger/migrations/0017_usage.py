# SPDX-License-Identifier: Apache-2.0
"""Install what counts how much accounts are used."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from regulars.ledger.schema import fence, renew


def forwards(apps: Any, schema_editor: Any) -> None:
    renew(schema_editor, "usage.sql")
    fence(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0016_sign_in")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
