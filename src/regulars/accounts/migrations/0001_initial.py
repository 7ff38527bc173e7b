import django.contrib.postgres.fields
import django.db.models.functions.datetime
import django.db.models.functions.text
import regulars.kit.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE accounts_fields_id_seq", "DROP SEQUENCE accounts_fields_id_seq"),
        migrations.CreateModel(
            name='Agency',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=80)),
                ('email', models.CharField(blank=True, default='', max_length=254)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'accounts_agencies',
            },
        ),
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.AutoField(primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=20)),
                ('agency_id', models.BigIntegerField(null=True)),
                ('state', models.CharField(default='trial', max_length=10)),
                ('config_version', models.BigIntegerField(default=1)),
                ('rules_version', models.IntegerField(default=0)),
                ('is_demo', models.BooleanField(default=False)),
                ('test_clock_offset_seconds', models.BigIntegerField(default=0)),
                ('biz_name', models.CharField(default='', max_length=80)),
                ('biz_address1', models.CharField(default='', max_length=80)),
                ('biz_address2', models.CharField(default='', max_length=80)),
                ('biz_city', models.CharField(default='', max_length=60)),
                ('biz_state', models.CharField(default='', max_length=60)),
                ('biz_zip', models.CharField(default='', max_length=20)),
                ('biz_country', models.CharField(default='', max_length=60)),
                ('biz_locations', models.CharField(default='', max_length=10)),
                ('biz_online', models.BooleanField(default=False)),
                ('biz_employees', models.CharField(default='', max_length=10)),
                ('industry', models.CharField(default='', max_length=80)),
                ('contact_first_name', models.CharField(default='', max_length=60)),
                ('contact_last_name', models.CharField(default='', max_length=60)),
                ('contact_phone', models.CharField(default='', max_length=40)),
                ('client_email', models.CharField(default='', max_length=254)),
                ('referrer_name', models.CharField(default='', max_length=80)),
                ('language', models.CharField(default='en', max_length=8)),
                ('currency', models.CharField(default='USD', max_length=3)),
                ('timezone', models.CharField(default='UTC', max_length=64)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('coalition_pool_points_id', models.BigIntegerField(null=True)),
                ('coalition_pool_money_id', models.BigIntegerField(null=True)),
                ('master_campaign_id', models.BigIntegerField(null=True)),
                ('contribution_ppm', models.IntegerField(default=0)),
                ('contribution_rounding', models.CharField(default='down', max_length=7)),
            ],
            options={
                'db_table': 'accounts_accounts',
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('code'), name='accounts_accounts_code_unique'), models.CheckConstraint(condition=models.Q(('state__in', ['trial', 'active', 'suspended'])), name='accounts_accounts_state'), models.CheckConstraint(condition=models.Q(('contribution_ppm__gte', 0), ('contribution_ppm__lte', 1000000)), name='accounts_accounts_contribution'), models.CheckConstraint(condition=models.Q(('contribution_rounding__in', ['down', 'nearest', 'up'])), name='accounts_accounts_contribution_rounding')],
            },
        ),
        migrations.CreateModel(
            name='Field',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.IntegerField()),
                ('id', models.BigIntegerField(db_default=regulars.kit.ids.NextNumber('accounts_fields_id_seq'), editable=False)),
                ('owner', models.CharField(max_length=11)),
                ('number', models.IntegerField()),
                ('label', models.CharField(max_length=80)),
                ('type', models.CharField(default='Text', max_length=6)),
                ('show', models.BooleanField(default=False)),
                ('required', models.BooleanField(default=False)),
                ('unique', models.BooleanField(default=False)),
                ('searchable', models.BooleanField(default=False)),
                ('choices', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=255), default=list, size=None)),
            ],
            options={
                'db_table': 'accounts_fields',
                'constraints': [models.UniqueConstraint(fields=('account_id', 'owner', 'number'), name='accounts_fields_number_unique'), models.CheckConstraint(condition=models.Q(('owner__in', ['customer', 'transaction', 'reward'])), name='accounts_fields_owner'), models.CheckConstraint(condition=models.Q(('type__in', ['Text', 'Date', 'Pick', 'List', 'Number', 'Money'])), name='accounts_fields_type')],
            },
        ),
    ]
