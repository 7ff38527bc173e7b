# SPDX-License-Identifier: Apache-2.0
"""Records whose person was erased (ADR-0022), saved segments, and an index of when customers were enrolled."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

from regulars.kit.ids import NextNumber


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_password_failures")]
    operations = [
        migrations.AddField("customer", "erased_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "customer",
            models.Index(
                fields=["account_id", "created_at"], condition=Q(deleted_at__isnull=True), name="customers_customers_created"
            ),
        ),
        migrations.RunSQL("CREATE SEQUENCE customers_segments_id_seq", "DROP SEQUENCE customers_segments_id_seq"),
        migrations.CreateModel(
            name="Segment",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("account_id", models.IntegerField()),
                ("id", models.BigIntegerField(db_default=NextNumber("customers_segments_id_seq"), editable=False)),
                ("name", models.CharField(max_length=60)),
                ("filters", models.JSONField()),
                ("created_by", models.BigIntegerField()),
                ("created_at", models.DateTimeField()),
            ],
            options={"db_table": "customers_segments"},
        ),
        migrations.AddConstraint(
            "segment",
            models.UniqueConstraint("account_id", models.functions.Lower("name"), name="customers_segments_name_unique"),
        ),
    ]
