from typing import Any

from django.db import migrations

from regulars.ledger.schema import install


def forwards(apps: Any, schema_editor: Any) -> None:
    install(schema_editor)


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0001_initial"),
        ("accounts", "0001_initial"),
        ("users", "0001_initial"),
        ("campaigns", "0001_initial"),
        ("customers", "0001_initial"),
        ("regulars_messages", "0001_initial"),
        ("sessions", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("procrastinate", "__first__"),
    ]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
