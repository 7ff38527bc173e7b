import django.db.models.functions.datetime
import regulars.kit.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE messages_outbox_id_seq", "DROP SEQUENCE messages_outbox_id_seq"),
        migrations.CreateModel(
            name='OutboxMessage',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.IntegerField()),
                ('id', models.BigIntegerField(db_default=regulars.kit.ids.NextNumber('messages_outbox_id_seq'), editable=False)),
                ('kind', models.CharField(max_length=20)),
                ('customer_id', models.BigIntegerField(null=True)),
                ('entry_id', models.BigIntegerField(null=True)),
                ('recipient', models.CharField(default='', max_length=254)),
                ('subject', models.CharField(default='', max_length=200)),
                ('body', models.TextField(default='')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('next_attempt_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('attempt_count', models.IntegerField(default=0)),
                ('sent_at', models.DateTimeField(null=True)),
                ('abandoned_at', models.DateTimeField(null=True)),
                ('last_error', models.CharField(default='', max_length=500)),
            ],
            options={
                'db_table': 'messages_outbox',
                'indexes': [models.Index(condition=models.Q(('abandoned_at__isnull', True), ('sent_at__isnull', True)), fields=['next_attempt_at'], name='messages_outbox_due')],
            },
        ),
    ]
