from typing import Any

from django.db import migrations

from regulars.ledger.schema import install


def forwards(apps: Any, schema_editor: Any) -> None:
    install(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_move")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
