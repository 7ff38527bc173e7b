# SPDX-License-Identifier: Apache-2.0
"""Agencies and the platform owner sign in by accounts of their own (ADR-0011)."""

from __future__ import annotations

from importlib import resources
from typing import Any

from django.db import migrations, models
from django.db.models import Q


def forwards(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(resources.files("regulars.accounts").joinpath("sql", "agencies.sql").read_text("utf-8"))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_limits")]
    operations = [
        migrations.AddField("account", "kind", models.CharField(max_length=8, default="business", db_default="business")),
        migrations.AddConstraint(
            "account",
            models.CheckConstraint(
                condition=Q(kind__in=["business", "platform"]) | Q(kind="agency", agency_id__isnull=False),
                name="accounts_accounts_kind",
            ),
        ),
        migrations.AddConstraint(
            "account",
            models.UniqueConstraint(fields=["agency_id"], condition=Q(kind="agency"), name="accounts_accounts_agency_unique"),
        ),
        migrations.AddIndex("account", models.Index(fields=["agency_id"], name="accounts_accounts_agency")),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
