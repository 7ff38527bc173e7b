from typing import Any

from django.db import migrations

from regulars.ledger.schema import renew

BACKFILL = """
UPDATE customers_customers c SET merged_into_id = m.customer_id
FROM ledger_entries o JOIN ledger_entries m ON m.account_id = o.account_id AND m.cause_id = o.id AND m.kind = 'move'
WHERE o.kind = 'move' AND o.cause_id IS NULL AND m.customer_id <> o.customer_id
  AND c.account_id = o.account_id AND c.id = o.customer_id AND c.deleted_at IS NOT NULL AND c.merged_into_id IS NULL
"""


def forwards(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(BACKFILL)
    renew(schema_editor, "merged.sql", "reverse.sql", "lookup.sql")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_calculation"), ("customers", "0002_merged_into")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
