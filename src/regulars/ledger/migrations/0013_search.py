from typing import Any

from django.db import migrations

from regulars.ledger.schema import install

# Where a database's own locale knew no other letters, what was written before is folded again (the trigger does it).
REFOLD = """
UPDATE customers_customers SET updated_at = updated_at
WHERE search_text <> customers_fold(search_text)
"""


def forwards(apps: Any, schema_editor: Any) -> None:
    install(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0012_hosts")]
    operations = [
        migrations.RunPython(forwards, migrations.RunPython.noop),
        migrations.RunSQL(REFOLD, migrations.RunSQL.noop),
    ]
