from typing import Any

from django.db import migrations

from regulars.ledger.schema import renew

FORMER = (
    "DROP FUNCTION IF EXISTS request_log_append(int[], bigint[], text[], text[], text[], text[], text[], smallint[], int[],"
    " int[], text[], text[])"
)


def forwards(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(FORMER)
    renew(schema_editor, "append.sql")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0009_request_log"), ("regulars_request_log", "0002_details")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
