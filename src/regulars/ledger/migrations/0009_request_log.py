from typing import Any

from django.db import migrations

from regulars.ledger.schema import fence, renew


def forwards(apps: Any, schema_editor: Any) -> None:
    renew(schema_editor, "append.sql")
    fence(schema_editor)


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0008_after_merges"),
        ("accounts", "0004_limits"),
        ("users", "0002_calls_per_minute"),
        ("regulars_request_log", "0001_initial"),
    ]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
