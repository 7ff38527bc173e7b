from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='LoggedRequest',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.IntegerField()),
                ('id', models.BigIntegerField()),
                ('request_id', models.CharField(max_length=64)),
                ('call', models.CharField(max_length=64)),
                ('user_code', models.CharField(max_length=20)),
                ('client', models.CharField(max_length=45)),
                ('code', models.CharField(max_length=40)),
                ('http_status', models.SmallIntegerField()),
                ('duration_us', models.IntegerField()),
                ('answer_bytes', models.IntegerField()),
                ('fields', models.TextField()),
                ('answer', models.TextField()),
            ],
            options={
                'db_table': 'request_log_entries',
            },
        ),
    ]
