# SPDX-License-Identifier: Apache-2.0
# The type checker knows the managers of Regulars' own models only; the peer is another project with other settings.
# mypy: disable-error-code="attr-defined,no-any-return"
"""
Make the peer's tables and its data: ``python -m benchmarks.orm_peer.fill`` (a process of its own: it has settings of its own).

Reads JSON from its input: {"customers": per account, "first_code", "accounts": [{"code", "token", "campaign"}]}.
"""

from __future__ import annotations

import json
import os
import sys
from hashlib import sha256
from typing import Any

CUSTOMERS = """
    INSERT INTO orm_peer_customer (account_id, code, card_number, first_name, last_name, phone, email, street, city,
        postal_code, country)
    SELECT %(account)s, code::text, (6000000000000000 + %(account)s * 100000000 + code)::text,
        (ARRAY['Ada', 'Ben', 'Chiara', 'Dmitri', 'Élodie', 'Farid', 'Grace', 'Hana', 'Ivo', 'Jana'])[1 + code %% 10],
        (ARRAY['Novak', 'O''Brien', 'Müller', 'Mugisha', 'Rossi', 'Tanaka', 'Silva'])[1 + code %% 7],
        '+43 660 ' || code, 'customer' || code || '@example.com', code %% 200 || ' Market Street', 'Springfield',
        (10000 + code %% 90000)::text, 'Austria'
    FROM generate_series(%(first)s, %(first)s + %(count)s - 1) AS code"""
BALANCES = """
    INSERT INTO orm_peer_balance (customer_id, campaign_id, balance, cumulative, updated_at)
    SELECT id, %(campaign)s, 100 + id %% 900, 100 + id %% 900, now() FROM orm_peer_customer WHERE account_id = %(account)s"""
ENTRIES = """
    INSERT INTO orm_peer_entry (customer_id, campaign_id, user_id, points, amount, description, created_at)
    SELECT b.customer_id, b.campaign_id, %(user)s, b.balance, b.balance, 'Opening', now() FROM orm_peer_balance b
    JOIN orm_peer_customer c ON c.id = b.customer_id WHERE c.account_id = %(account)s AND b.campaign_id = %(campaign)s"""


def fill(plan: dict[str, Any]) -> None:
    """Create the tables and fill them as Regulars' own are filled: two balances with one entry each per customer."""
    from django.core.management import call_command
    from django.db import connection

    from benchmarks.orm_peer.models import Account, ApiUser, Campaign, Reward

    call_command("migrate", run_syncdb=True, verbosity=0, interactive=False)
    for each in plan["accounts"]:
        account = Account.objects.create(code=each["code"], name=each["code"], currency="EUR")
        user = ApiUser.objects.create(account=account, code=each["code"], token_hash=sha256(each["token"].encode()).hexdigest())
        points = Campaign.objects.create(account=account, number=each["campaign"], name="Points", kind="points")
        for level in (100, 250, 500, 1000):
            Reward.objects.create(campaign=points, level=level, description=f"Breakfast for {level} points")
        card = Campaign.objects.create(account=account, number="1" * 16, name="Gift card", kind="giftcard")
        with connection.cursor() as cursor:
            cursor.execute(CUSTOMERS, {"account": account.pk, "first": plan["first_code"], "count": plan["customers"]})
            for campaign in (points, card):
                values = {"account": account.pk, "campaign": campaign.pk, "user": user.pk}
                cursor.execute(BALANCES, values)
                cursor.execute(ENTRIES, values)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.orm_peer.settings"
    import django

    django.setup()
    fill(json.load(sys.stdin))
