# SPDX-License-Identifier: Apache-2.0
"""Agencies' users as guests in their clients' accounts (ADR-0024)."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.models import Q

from regulars.kit.ids import numbered


def widen_code(apps: Any, schema_editor: Any) -> None:
    """The trigger of the configuration's version names the column, so it is made anew around the change."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = 'users_users_version'")
        (definition,) = cursor.fetchone()
        cursor.execute("DROP TRIGGER users_users_version ON users_users")
        cursor.execute("ALTER TABLE users_users ALTER COLUMN code TYPE varchar(41)")
        cursor.execute(definition)


class Migration(migrations.Migration):
    dependencies = [("users", "0002_calls_per_minute"), ("ledger", "0014_brands"), ("coalition", "0002_settlements")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunPython(widen_code, migrations.RunPython.noop)],
            [migrations.AlterField("user", "code", models.CharField(max_length=41))],
        ),
        migrations.AddField("user", "agency_user_id", models.BigIntegerField(null=True)),
        migrations.AddField("user", "agency_id", models.BigIntegerField(null=True)),
        migrations.AddConstraint(
            "user", models.UniqueConstraint(fields=["account_id", "agency_user_id"], name="users_users_guest_unique")
        ),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(
                condition=Q(agency_user_id__isnull=True) | Q(deleted_at__isnull=False, is_owner=False), name="users_users_guest"
            ),
        ),
        migrations.RunSQL("CREATE SEQUENCE users_visits_id_seq", "DROP SEQUENCE users_visits_id_seq"),
        migrations.CreateModel(
            "Visit",
            [
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("account_id", models.IntegerField()),
                ("id", numbered("users_visits")),
                ("user_id", models.BigIntegerField()),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            {"db_table": "users_visits"},
        ),
    ]
