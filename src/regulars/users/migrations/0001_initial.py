import django.contrib.postgres.fields
import django.db.models.functions.datetime
import regulars.kit.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE users_users_id_seq", "DROP SEQUENCE users_users_id_seq"),
        migrations.CreateModel(
            name='Login',
            fields=[
                ('user_code', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('account_id', models.IntegerField()),
            ],
            options={
                'db_table': 'users_logins',
            },
        ),
        migrations.CreateModel(
            name='SignInAttempts',
            fields=[
                ('subject', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('count', models.IntegerField(default=0)),
                ('last_at', models.DateTimeField()),
                ('locked_until', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'users_sign_in_attempts',
                'indexes': [models.Index(fields=['last_at'], name='users_sign_in_attempts_last_at')],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.IntegerField()),
                ('id', models.BigIntegerField(db_default=regulars.kit.ids.NextNumber('users_users_id_seq'), editable=False)),
                ('code', models.CharField(max_length=20)),
                ('role', models.CharField(max_length=1)),
                ('is_owner', models.BooleanField(default=False)),
                ('first_name', models.CharField(default='', max_length=60)),
                ('last_name', models.CharField(default='', max_length=60)),
                ('custom1', models.CharField(default='', max_length=80)),
                ('language', models.CharField(default='en', max_length=8)),
                ('language_custom', models.BooleanField(default=False)),
                ('timezone', models.CharField(default='UTC', max_length=64)),
                ('campaigns_access', models.CharField(default='all', max_length=4)),
                ('allowed_campaign_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('email', models.CharField(default='', max_length=254)),
                ('password_hash', models.CharField(default='', max_length=200)),
                ('pin_encrypted', models.BinaryField(null=True)),
                ('pin_digest', models.BinaryField(null=True)),
                ('token_hash', models.BinaryField()),
                ('token_encrypted', models.BinaryField()),
                ('previous_token_hash', models.BinaryField(null=True)),
                ('previous_token_until', models.DateTimeField(null=True)),
                ('duplicate_guard', models.CharField(default='off', max_length=5)),
                ('duplicate_guard_seconds', models.IntegerField(default=30)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('deleted_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'users_users',
                'constraints': [models.UniqueConstraint(fields=('account_id', 'code'), name='users_users_code_unique'), models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True)), fields=('account_id', 'pin_digest'), name='users_users_pin_unique'), models.CheckConstraint(condition=models.Q(('role__regex', '^[AMNLSDCOKHPQFGI]$')), name='users_users_role'), models.CheckConstraint(condition=models.Q(('campaigns_access__in', ['all', 'none', 'some'])), name='users_users_access'), models.CheckConstraint(condition=models.Q(('duplicate_guard__in', ['off', 'flag', 'first'])), name='users_users_guard')],
            },
        ),
    ]
