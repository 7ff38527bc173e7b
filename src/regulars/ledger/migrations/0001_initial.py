import regulars.kit.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE ledger_entries_id_seq", "DROP SEQUENCE ledger_entries_id_seq"),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'customer_id', 'campaign_id', 'item_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.IntegerField()),
                ('customer_id', models.BigIntegerField()),
                ('campaign_id', models.BigIntegerField()),
                ('item_id', models.BigIntegerField()),
                ('cumulative', models.BigIntegerField(default=0)),
                ('remainder', models.BigIntegerField(default=0)),
                ('joined_at', models.DateTimeField()),
                ('first_transaction_at', models.DateTimeField(null=True)),
                ('last_transaction_at', models.DateTimeField(null=True)),
                ('last_transaction_amount', models.BigIntegerField(default=0)),
                ('last_redemption_at', models.DateTimeField(null=True)),
                ('last_redemption_amount', models.BigIntegerField(default=0)),
            ],
            options={
                'db_table': 'ledger_memberships',
            },
        ),
        migrations.CreateModel(
            name='Reversal',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'entry_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.IntegerField()),
                ('entry_id', models.BigIntegerField()),
                ('reversed_amount', models.BigIntegerField()),
                ('reversed_purchase_minor', models.BigIntegerField(default=0)),
                ('is_deleted', models.BooleanField(default=False)),
                ('last_entry_id', models.BigIntegerField()),
            ],
            options={
                'db_table': 'ledger_reversals',
            },
        ),
        migrations.CreateModel(
            name='Balance',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'customer_id', 'pool_id', 'item_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.IntegerField()),
                ('customer_id', models.BigIntegerField()),
                ('pool_id', models.BigIntegerField()),
                ('item_id', models.BigIntegerField()),
                ('balance', models.BigIntegerField()),
                ('debt', models.BigIntegerField(default=0)),
                ('cumulative', models.BigIntegerField(default=0)),
                ('version', models.BigIntegerField()),
                ('opened_at', models.DateTimeField()),
                ('last_activity_at', models.DateTimeField()),
                ('last_recorded_at', models.DateTimeField()),
                ('settled_until', models.DateTimeField()),
                ('next_change_at', models.DateTimeField(null=True)),
                ('rules_version', models.IntegerField(default=0)),
            ],
            options={
                'db_table': 'ledger_balances',
                'indexes': [models.Index(condition=models.Q(('next_change_at__isnull', False)), fields=['next_change_at'], name='ledger_balances_next_change')],
                'constraints': [models.CheckConstraint(condition=models.Q(('debt__gte', 0)), name='ledger_balances_debt')],
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.IntegerField()),
                ('id', models.BigIntegerField(db_default=regulars.kit.ids.NextNumber('ledger_entries_id_seq'), editable=False)),
                ('customer_id', models.BigIntegerField()),
                ('campaign_id', models.BigIntegerField()),
                ('pool_id', models.BigIntegerField()),
                ('item_id', models.BigIntegerField(default=0)),
                ('kind', models.CharField(max_length=10)),
                ('amount', models.BigIntegerField()),
                ('balance_after', models.BigIntegerField()),
                ('version', models.BigIntegerField()),
                ('user_id', models.BigIntegerField()),
                ('description', models.CharField(default='', max_length=255)),
                ('purchase_minor', models.BigIntegerField(null=True)),
                ('promotion_id', models.BigIntegerField(null=True)),
                ('reward_id', models.BigIntegerField(null=True)),
                ('rule_id', models.BigIntegerField(null=True)),
                ('fields', models.JSONField(null=True)),
                ('occurred_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('reverses_id', models.BigIntegerField(null=True)),
                ('cause_id', models.BigIntegerField(null=True)),
                ('reference', models.CharField(max_length=64, null=True)),
                ('idempotency_key', models.CharField(max_length=128, null=True)),
            ],
            options={
                'db_table': 'ledger_entries',
                'indexes': [models.Index(condition=models.Q(('reference__isnull', False)), fields=['account_id', 'reference'], name='ledger_entries_reference')],
                'constraints': [models.UniqueConstraint(fields=('account_id', 'customer_id', 'pool_id', 'item_id', 'version'), name='ledger_entries_version_unique'), models.CheckConstraint(condition=models.Q(('kind__in', ['activation', 'earn', 'redeem', 'expire', 'fee', 'contribute', 'move', 'reverse'])), name='ledger_entries_kind')],
            },
        ),
        migrations.CreateModel(
            name='Key',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'key', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.IntegerField()),
                ('key', models.CharField(max_length=160)),
                ('fingerprint', models.BinaryField()),
                ('created_at', models.DateTimeField()),
                ('result', models.JSONField(null=True)),
                ('answer', models.JSONField(null=True)),
            ],
            options={
                'db_table': 'ledger_keys',
                'indexes': [models.Index(fields=['created_at'], name='ledger_keys_created')],
            },
        ),
        migrations.CreateModel(
            name='Lot',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'origin_entry_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.IntegerField()),
                ('origin_entry_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('customer_id', models.BigIntegerField()),
                ('pool_id', models.BigIntegerField()),
                ('item_id', models.BigIntegerField()),
                ('campaign_id', models.BigIntegerField()),
                ('issued', models.BigIntegerField()),
                ('remaining', models.BigIntegerField()),
                ('earned_at', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
                ('exempt_until', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'ledger_lots',
                'indexes': [models.Index(condition=models.Q(('remaining__gt', 0)), fields=['account_id', 'customer_id', 'pool_id', 'item_id'], name='ledger_lots_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('issued__gt', 0), ('remaining__gte', 0), ('remaining__lte', models.F('issued'))), name='ledger_lots_remaining')],
            },
        ),
        migrations.CreateModel(
            name='LotUse',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'entry_id', 'origin_entry_id', 'lot_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.IntegerField()),
                ('entry_id', models.BigIntegerField()),
                ('origin_entry_id', models.BigIntegerField()),
                ('lot_id', models.BigIntegerField()),
                ('amount', models.BigIntegerField()),
                ('returned', models.BigIntegerField(default=0)),
                ('used_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'ledger_lot_uses',
                'indexes': [models.Index(fields=['account_id', 'origin_entry_id'], name='ledger_lot_uses_origin')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('returned__gte', 0), ('returned__lte', models.F('amount'))), name='ledger_lot_uses_returned')],
            },
        ),
    ]
