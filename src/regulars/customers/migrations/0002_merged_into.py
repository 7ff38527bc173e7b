from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]
    operations = [
        migrations.AddField("customer", "merged_into_id", models.BigIntegerField(null=True)),
        migrations.AddIndex(
            "customer",
            models.Index(
                fields=["account_id", "merged_into_id"],
                condition=Q(merged_into_id__isnull=False),
                name="customers_customers_merged",
            ),
        ),
    ]
