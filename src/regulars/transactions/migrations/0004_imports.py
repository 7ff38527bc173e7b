from importlib import resources
from typing import Any

from django.db import migrations, models

import regulars.kit.ids
from regulars.ledger.schema import scoped


def forwards(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        for table in ("transactions_imports", "transactions_import_parts"):
            cursor.execute(scoped(table))
        cursor.execute(resources.files("regulars.transactions").joinpath("sql", "imports.sql").read_text("utf-8"))


class Migration(migrations.Migration):
    dependencies = [("transactions", "0003_look_at_grown_tables")]
    operations = [
        migrations.RunSQL("CREATE SEQUENCE transactions_imports_id_seq", "DROP SEQUENCE transactions_imports_id_seq"),
        migrations.CreateModel(
            name="ImportPart",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id",
                        "import_id",
                        "is_raw",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("account_id", models.IntegerField()),
                ("import_id", models.BigIntegerField()),
                ("is_raw", models.BooleanField()),
                ("number", models.IntegerField()),
                ("content_encrypted", models.BinaryField()),
                ("last_line", models.IntegerField(default=0)),
                ("problems", models.JSONField(default=dict)),
            ],
            options={
                "db_table": "transactions_import_parts",
            },
        ),
        migrations.CreateModel(
            name="FileImport",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("account_id", models.IntegerField()),
                (
                    "id",
                    models.BigIntegerField(
                        db_default=regulars.kit.ids.NextNumber("transactions_imports_id_seq"), editable=False
                    ),
                ),
                ("kind", models.CharField(max_length=12)),
                ("state", models.CharField(default="reading", max_length=10)),
                ("user_id", models.BigIntegerField()),
                ("file_name", models.CharField(max_length=120)),
                ("separator", models.CharField(default="", max_length=10)),
                ("size_bytes", models.BigIntegerField()),
                ("sheet_encrypted", models.BinaryField(null=True)),
                ("plan", models.JSONField(null=True)),
                ("lines_count", models.IntegerField(default=0)),
                ("lines_done", models.IntegerField(default=0)),
                ("part_done", models.IntegerField(default=0)),
                ("unreadable_lines", models.IntegerField(default=0)),
                ("refused_lines", models.IntegerField(default=0)),
                ("ignored_lines", models.IntegerField(default=0)),
                ("customers", models.IntegerField(default=0)),
                ("new_customers", models.IntegerField(default=0)),
                ("transactions", models.IntegerField(default=0)),
                ("batch_id", models.BigIntegerField(null=True)),
                ("problem", models.CharField(default="", max_length=300)),
                ("received_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "transactions_imports",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["reading", "checking", "starting", "importing"])),
                        fields=["account_id", "id"],
                        name="transactions_imports_open",
                    ),
                    models.Index(fields=["account_id", "batch_id"], name="transactions_imports_batch"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["reading", "read", "checking", "checked", "starting", "importing", "imported", "failed"],
                            )
                        ),
                        name="transactions_imports_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["customers", "transactions"])), name="transactions_imports_kind"
                    ),
                ],
            },
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
