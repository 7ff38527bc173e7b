import django.db.models.functions.datetime
import regulars.kit.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE campaigns_campaigns_id_seq", "DROP SEQUENCE campaigns_campaigns_id_seq"),
        migrations.RunSQL("CREATE SEQUENCE campaigns_rewards_id_seq", "DROP SEQUENCE campaigns_rewards_id_seq"),
        migrations.RunSQL("CREATE SEQUENCE campaigns_promotions_id_seq", "DROP SEQUENCE campaigns_promotions_id_seq"),
        migrations.RunSQL("CREATE SEQUENCE campaigns_items_id_seq", "DROP SEQUENCE campaigns_items_id_seq"),
        migrations.RunSQL("CREATE SEQUENCE campaigns_depreciations_id_seq", "DROP SEQUENCE campaigns_depreciations_id_seq"),
        migrations.RunSQL("CREATE SEQUENCE campaigns_fees_id_seq", "DROP SEQUENCE campaigns_fees_id_seq"),
        migrations.RunSQL("CREATE SEQUENCE campaigns_rules_seq", "DROP SEQUENCE campaigns_rules_seq"),
        migrations.CreateModel(
            name='Campaign',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.IntegerField()),
                ('id', models.BigIntegerField(db_default=regulars.kit.ids.NextNumber('campaigns_campaigns_id_seq'), editable=False)),
                ('number', models.CharField(max_length=16)),
                ('kind', models.CharField(max_length=8)),
                ('name', models.CharField(max_length=30)),
                ('description', models.CharField(default='', max_length=2000)),
                ('latitude', models.CharField(default='', max_length=20)),
                ('longitude', models.CharField(default='', max_length=20)),
                ('state', models.CharField(default='active', max_length=7)),
                ('points_ratio_ppm', models.BigIntegerField(default=100000000)),
                ('reward_ratio_ppm', models.BigIntegerField(null=True)),
                ('amount_per_event_minor', models.BigIntegerField(default=0)),
                ('rounding', models.CharField(default='down', max_length=7)),
                ('carries_remainder', models.BooleanField(default=False)),
                ('default_item_level', models.BigIntegerField(default=10)),
                ('pool_id', models.BigIntegerField(null=True)),
                ('coalition_opt_out', models.BooleanField(default=False)),
                ('two_tier_opt_out', models.BooleanField(default=False)),
                ('mail_subject', models.CharField(default='', max_length=200)),
                ('mail_body', models.TextField(default='', max_length=20000)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'campaigns_campaigns',
                'constraints': [models.UniqueConstraint(fields=('account_id', 'number'), name='campaigns_campaigns_number_unique'), models.UniqueConstraint(fields=('account_id', 'name'), name='campaigns_campaigns_name_unique'), models.CheckConstraint(condition=models.Q(('kind__in', ['points', 'giftcard', 'events', 'earned', 'buyx'])), name='campaigns_campaigns_kind'), models.CheckConstraint(condition=models.Q(('state__in', ['active', 'on_hold', 'deleted'])), name='campaigns_campaigns_state'), models.CheckConstraint(condition=models.Q(('rounding__in', ['down', 'nearest', 'up'])), name='campaigns_campaigns_rounding'), models.CheckConstraint(condition=models.Q(('points_ratio_ppm__gt', 0)), name='campaigns_campaigns_points_ratio'), models.CheckConstraint(condition=models.Q(('reward_ratio_ppm__gt', 0)), name='campaigns_campaigns_reward_ratio')],
            },
        ),
        migrations.CreateModel(
            name='Depreciation',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.IntegerField()),
                ('id', models.BigIntegerField(db_default=regulars.kit.ids.NextNumber('campaigns_depreciations_id_seq'), editable=False)),
                ('rule_id', models.BigIntegerField()),
                ('campaign_id', models.BigIntegerField()),
                ('basis', models.CharField(max_length=16)),
                ('interval_count', models.IntegerField()),
                ('interval_unit', models.CharField(max_length=6)),
                ('percentage_ppm', models.IntegerField()),
                ('valid_from', models.DateTimeField()),
                ('valid_to', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'campaigns_depreciations',
                'constraints': [models.CheckConstraint(condition=models.Q(('basis__in', ['per_transaction', 'last_transaction'])), name='campaigns_depreciations_basis'), models.CheckConstraint(condition=models.Q(('interval_unit__in', ['days', 'months', 'years'])), name='campaigns_depreciations_unit'), models.CheckConstraint(condition=models.Q(('interval_count__gt', 0)), name='campaigns_depreciations_interval'), models.CheckConstraint(condition=models.Q(('percentage_ppm__gt', 0), ('percentage_ppm__lte', 1000000)), name='campaigns_depreciations_percentage')],
            },
        ),
        migrations.CreateModel(
            name='Fee',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.IntegerField()),
                ('id', models.BigIntegerField(db_default=regulars.kit.ids.NextNumber('campaigns_fees_id_seq'), editable=False)),
                ('rule_id', models.BigIntegerField()),
                ('campaign_id', models.BigIntegerField()),
                ('interval_count', models.IntegerField()),
                ('interval_unit', models.CharField(max_length=6)),
                ('amount', models.BigIntegerField()),
                ('description', models.CharField(max_length=255)),
                ('valid_from', models.DateTimeField()),
                ('valid_to', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'campaigns_fees',
                'constraints': [models.CheckConstraint(condition=models.Q(('interval_unit__in', ['days', 'months', 'years'])), name='campaigns_fees_unit'), models.CheckConstraint(condition=models.Q(('interval_count__gt', 0)), name='campaigns_fees_interval'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='campaigns_fees_amount')],
            },
        ),
        migrations.CreateModel(
            name='Item',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.IntegerField()),
                ('id', models.BigIntegerField(db_default=regulars.kit.ids.NextNumber('campaigns_items_id_seq'), editable=False)),
                ('campaign_id', models.BigIntegerField()),
                ('description', models.CharField(max_length=255)),
                ('level', models.BigIntegerField(null=True)),
                ('identifier', models.CharField(default='', max_length=60)),
                ('deleted_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'campaigns_items',
                'constraints': [models.CheckConstraint(condition=models.Q(('level__gt', 0)), name='campaigns_items_level')],
            },
        ),
        migrations.CreateModel(
            name='Promotion',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.IntegerField()),
                ('id', models.BigIntegerField(db_default=regulars.kit.ids.NextNumber('campaigns_promotions_id_seq'), editable=False)),
                ('campaign_id', models.BigIntegerField()),
                ('operation', models.CharField(max_length=1)),
                ('multiplier_ppm', models.BigIntegerField(null=True)),
                ('points', models.BigIntegerField(null=True)),
                ('description', models.CharField(max_length=255)),
                ('custom_id', models.CharField(default='', max_length=60)),
                ('starts_at', models.DateTimeField(null=True)),
                ('ends_at', models.DateTimeField(null=True)),
                ('deleted_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'campaigns_promotions',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('multiplier_ppm__gt', 0), ('operation', 'x'), ('points__isnull', True)), models.Q(('multiplier_ppm__isnull', True), ('operation', '+'), ('points__isnull', False)), _connector='OR'), name='campaigns_promotions_operation')],
            },
        ),
        migrations.CreateModel(
            name='Reward',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.IntegerField()),
                ('id', models.BigIntegerField(db_default=regulars.kit.ids.NextNumber('campaigns_rewards_id_seq'), editable=False)),
                ('campaign_id', models.BigIntegerField()),
                ('level', models.BigIntegerField()),
                ('description', models.CharField(max_length=255)),
                ('identifier', models.CharField(default='', max_length=60)),
                ('fields', models.JSONField(default=dict)),
                ('deleted_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'campaigns_rewards',
                'constraints': [models.CheckConstraint(condition=models.Q(('level__gt', 0)), name='campaigns_rewards_level')],
            },
        ),
    ]
