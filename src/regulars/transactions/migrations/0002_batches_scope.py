from importlib import resources
from typing import Any

from django.db import migrations

from regulars.ledger.schema import scoped


def forwards(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        for table in ("transactions_batches", "transactions_batch_lines"):
            cursor.execute(scoped(table))
        cursor.execute(resources.files("regulars.transactions").joinpath("sql", "batches.sql").read_text("utf-8"))


class Migration(migrations.Migration):
    dependencies = [("transactions", "0001_initial"), ("ledger", "0009_request_log")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
