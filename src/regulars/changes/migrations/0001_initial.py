# SPDX-License-Identifier: Apache-2.0
from django.db import migrations, models
from django.db.models.functions import Now

import regulars.kit.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL("CREATE SEQUENCE changes_changes_id_seq", "DROP SEQUENCE changes_changes_id_seq"),
        migrations.CreateModel(
            name="Change",
            fields=[
                ("pk", models.CompositePrimaryKey("account_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("account_id", models.IntegerField()),
                ("id", models.BigIntegerField(db_default=regulars.kit.ids.NextNumber("changes_changes_id_seq"), editable=False)),
                ("at", models.DateTimeField(db_default=Now())),
                ("user_id", models.BigIntegerField(db_default=0)),
                ("user_code", models.CharField(db_default="", max_length=64)),
                ("face", models.CharField(max_length=8)),
                ("subject", models.CharField(max_length=16)),
                ("subject_id", models.BigIntegerField()),
                ("campaign_id", models.BigIntegerField(null=True)),
                ("name", models.CharField(max_length=255)),
                ("action", models.CharField(max_length=8)),
                ("before", models.JSONField(db_default={})),
                ("after", models.JSONField(db_default={})),
            ],
            options={
                "db_table": "changes_changes",
                "indexes": [
                    models.Index(fields=["account_id", "at"], name="changes_changes_at"),
                    models.Index(fields=["account_id", "subject", "subject_id"], name="changes_changes_subject"),
                ],
            },
        ),
    ]
