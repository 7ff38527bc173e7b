from typing import Any

from django.db import migrations, models

from regulars.ledger.schema import fence, renew


def forwards(apps: Any, schema_editor: Any) -> None:
    renew(schema_editor, "snapshot.sql", "apply.sql", "reverse.sql", "lookup.sql", "move.sql", "pools.sql", "due.sql")
    fence(schema_editor)


FILL = """
UPDATE ledger_memberships m SET pool_id = coalesce(c.pool_id, c.id) FROM campaigns_campaigns c
WHERE c.account_id = m.account_id AND c.id = m.campaign_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0010_request_log_details"),
        ("accounts", "0006_modules"),
        ("campaigns", "0002_pools"),
        ("coalition", "0001_initial"),
    ]
    operations = [
        migrations.AddField("membership", "pool_id", models.BigIntegerField(default=0), preserve_default=False),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
