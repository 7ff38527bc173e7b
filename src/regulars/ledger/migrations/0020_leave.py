# SPDX-License-Identifier: Apache-2.0
"""Enrolments can be taken back; the list of customers looks at a few before it looks at many."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from regulars.ledger.schema import fence, renew


def forwards(apps: Any, schema_editor: Any) -> None:
    renew(schema_editor, "leave.sql", "customer_list.sql")
    fence(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0019_mail_settings")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
