import django.db.models.functions.datetime
import regulars.kit.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE transactions_batches_id_seq", "DROP SEQUENCE transactions_batches_id_seq"),
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.IntegerField()),
                ('id', models.BigIntegerField(db_default=regulars.kit.ids.NextNumber('transactions_batches_id_seq'), editable=False)),
                ('kind', models.CharField(max_length=12)),
                ('state', models.CharField(default='running', max_length=10)),
                ('user_id', models.BigIntegerField()),
                ('options', models.JSONField(default=dict)),
                ('campaign_ids', models.JSONField(default=list)),
                ('allows_undo', models.BooleanField()),
                ('lines_count', models.IntegerField()),
                ('lines_done', models.IntegerField(default=0)),
                ('last_line', models.IntegerField(default=0)),
                ('refused_lines', models.IntegerField(default=0)),
                ('ignored_lines', models.IntegerField(default=0)),
                ('customers', models.IntegerField(default=0)),
                ('new_customers', models.IntegerField(default=0)),
                ('transactions', models.IntegerField(default=0)),
                ('undo_line', models.IntegerField(null=True)),
                ('undo_lines_done', models.IntegerField(default=0)),
                ('undo_refused_lines', models.IntegerField(default=0)),
                ('customers_undone', models.IntegerField(default=0)),
                ('transactions_undone', models.IntegerField(default=0)),
                ('undone_by', models.BigIntegerField(null=True)),
                ('received_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('undone_at', models.DateTimeField(null=True)),
                ('touched_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('is_handed_over', models.BooleanField(default=False)),
                ('has_lines', models.BooleanField(default=True)),
            ],
            options={
                'db_table': 'transactions_batches',
                'indexes': [models.Index(condition=models.Q(('state__in', ['running', 'undoing'])), fields=['account_id', 'id'], name='transactions_batches_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['running', 'completed', 'refused', 'failed', 'undoing', 'undone'])), name='transactions_batches_state'), models.CheckConstraint(condition=models.Q(('kind__in', ['customers', 'transactions'])), name='transactions_batches_kind')],
            },
        ),
        migrations.CreateModel(
            name='BatchLine',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'batch_id', 'line', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.IntegerField()),
                ('batch_id', models.BigIntegerField()),
                ('line', models.IntegerField()),
                ('content', models.TextField(null=True)),
                ('customer_id', models.BigIntegerField(null=True)),
                ('is_new', models.BooleanField(default=False)),
                ('entry_ids', models.JSONField(default=list)),
                ('errors', models.JSONField(null=True)),
                ('former', models.JSONField(null=True)),
                ('changed_at', models.DateTimeField(null=True)),
                ('undo_errors', models.JSONField(null=True)),
            ],
            options={
                'db_table': 'transactions_batch_lines',
                'indexes': [models.Index(condition=models.Q(('former__isnull', False)), fields=['account_id', 'customer_id'], name='transactions_batches_former')],
            },
        ),
    ]
