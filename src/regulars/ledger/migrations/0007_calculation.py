from typing import Any

from django.db import migrations, models

from regulars.ledger.schema import renew


def forwards(apps: Any, schema_editor: Any) -> None:
    renew(schema_editor, "apply.sql", "post.sql")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_lookups_as_one_statement")]
    operations = [
        migrations.AddField("entry", "ratio_ppm", models.BigIntegerField(null=True)),
        migrations.AddField("entry", "factor_ppm", models.BigIntegerField(null=True)),
        migrations.AddField("entry", "bonus", models.BigIntegerField(null=True)),
        migrations.AddField("entry", "rounding", models.CharField(max_length=7, null=True)),
        migrations.AddField("entry", "carried_in", models.BigIntegerField(null=True)),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
