import django.db.models.functions.datetime
import django.db.models.functions.text
import regulars.kit.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE customers_customers_id_seq", "DROP SEQUENCE customers_customers_id_seq"),
        migrations.CreateModel(
            name='Alias',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'kind', 'value', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.IntegerField()),
                ('kind', models.CharField(max_length=4)),
                ('value', models.CharField(max_length=64)),
                ('customer_id', models.BigIntegerField()),
            ],
            options={
                'db_table': 'customers_aliases',
                'indexes': [models.Index(fields=['account_id', 'customer_id'], name='customers_aliases_customer')],
            },
        ),
        migrations.CreateModel(
            name='Customer',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.IntegerField()),
                ('id', models.BigIntegerField(db_default=regulars.kit.ids.NextNumber('customers_customers_id_seq'), editable=False)),
                ('code', models.CharField(max_length=64)),
                ('card_number', models.CharField(default='', max_length=64)),
                ('first_name', models.CharField(default='', max_length=100)),
                ('last_name', models.CharField(default='', max_length=100)),
                ('phone', models.CharField(default='', max_length=40)),
                ('phone_digits', models.CharField(default='', max_length=20)),
                ('phone_national', models.CharField(default='', max_length=20)),
                ('email', models.CharField(default='', max_length=254)),
                ('street1', models.CharField(default='', max_length=120)),
                ('street2', models.CharField(default='', max_length=120)),
                ('city', models.CharField(default='', max_length=80)),
                ('state', models.CharField(default='', max_length=80)),
                ('postal_code', models.CharField(default='', max_length=20)),
                ('country', models.CharField(default='', max_length=80)),
                ('custom_date', models.CharField(default='', max_length=10)),
                ('username', models.CharField(default='', max_length=64)),
                ('password_hash', models.CharField(default='', max_length=200)),
                ('pin_hash', models.CharField(default='', max_length=200)),
                ('pin_failures', models.IntegerField(default=0)),
                ('pin_locked_until', models.DateTimeField(null=True)),
                ('is_registered', models.BooleanField(default=False)),
                ('fields', models.JSONField(default=dict)),
                ('search_text', models.TextField(db_default='')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('deleted_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'customers_customers',
                'indexes': [models.Index(condition=models.Q(('deleted_at__isnull', True), models.Q(('phone_digits', ''), _negated=True)), fields=['account_id', 'phone_digits'], name='customers_customers_phone'), models.Index(condition=models.Q(('deleted_at__isnull', True), models.Q(('phone_national', ''), _negated=True)), fields=['account_id', 'phone_national'], name='customers_customers_phone_nat'), models.Index(models.F('account_id'), django.db.models.functions.text.Lower('email'), condition=models.Q(('deleted_at__isnull', True), models.Q(('email', ''), _negated=True)), name='customers_customers_email')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True)), fields=('account_id', 'code'), name='customers_customers_code_unique'), models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True), models.Q(('card_number', ''), _negated=True)), fields=('account_id', 'card_number'), name='customers_customers_card_unique'), models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True), models.Q(('username', ''), _negated=True)), fields=('account_id', 'username'), name='customers_customers_username_unique')],
            },
        ),
        migrations.CreateModel(
            name='FieldValue',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'customer_id', 'number', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.IntegerField()),
                ('customer_id', models.BigIntegerField()),
                ('number', models.IntegerField()),
                ('value', models.CharField(max_length=255)),
                ('is_unique', models.BooleanField()),
            ],
            options={
                'db_table': 'customers_field_values',
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_unique', True)), fields=('account_id', 'number', 'value'), name='customers_field_values_unique')],
                'indexes': [models.Index(fields=['account_id', 'value', 'number'], name='customers_field_values_value')],
            },
        ),
    ]
