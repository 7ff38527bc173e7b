# SPDX-License-Identifier: Apache-2.0
"""Sessions, second factors, remembered browsers, and links for a new password."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Lower

from regulars.kit.ids import NextNumber


def pk(*names: str) -> tuple[str, models.Field[object, object]]:
    return "pk", models.CompositePrimaryKey(*names, blank=True, editable=False, primary_key=True, serialize=False)


def number(table: str) -> tuple[str, models.Field[object, object]]:
    return "id", models.BigIntegerField(db_default=NextNumber(f"{table}_id_seq"), editable=False)


def sequence(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(f"CREATE SEQUENCE {table}_id_seq", f"DROP SEQUENCE {table}_id_seq")


OWNER = [("account_id", models.IntegerField()), ("user_id", models.BigIntegerField())]
BROWSER = [
    ("address", models.CharField(default="", max_length=50)),
    ("browser", models.CharField(default="", max_length=30)),
    ("system", models.CharField(default="", max_length=30)),
]


class Migration(migrations.Migration):
    dependencies = [("users", "0003_guests")]
    operations = [
        sequence("users_sessions"),
        sequence("users_devices"),
        migrations.CreateModel(
            "Session",
            [
                pk("account_id", "id"),
                ("account_id", models.IntegerField()),
                number("users_sessions"),
                ("user_id", models.BigIntegerField()),
                ("started_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                *BROWSER,
            ],
            {
                "db_table": "users_sessions",
                "indexes": [models.Index(fields=["account_id", "user_id"], name="users_sessions_user")],
            },
        ),
        migrations.CreateModel(
            "SecondFactor",
            [
                pk("account_id", "user_id"),
                *OWNER,
                ("secret_encrypted", models.BinaryField()),
                ("created_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("last_step", models.BigIntegerField(default=0)),
            ],
            {"db_table": "users_second_factors"},
        ),
        migrations.CreateModel(
            "RecoveryCode",
            [
                pk("account_id", "user_id", "digest"),
                *OWNER,
                ("digest", models.BinaryField()),
                ("used_at", models.DateTimeField(null=True)),
            ],
            {"db_table": "users_recovery_codes"},
        ),
        migrations.CreateModel(
            "Device",
            [
                pk("account_id", "id"),
                ("account_id", models.IntegerField()),
                number("users_devices"),
                ("user_id", models.BigIntegerField()),
                ("digest", models.BinaryField()),
                ("created_at", models.DateTimeField()),
                ("used_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                *BROWSER,
            ],
            {
                "db_table": "users_devices",
                "indexes": [models.Index(fields=["account_id", "user_id"], name="users_devices_user")],
            },
        ),
        migrations.CreateModel(
            "PasswordLink",
            [
                pk("account_id", "user_id"),
                *OWNER,
                ("digest", models.BinaryField()),
                ("expires_at", models.DateTimeField()),
            ],
            {"db_table": "users_password_links"},
        ),
        migrations.CreateModel(
            "HelpRequest",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=8)),
                ("about", models.CharField(max_length=254)),
                ("host", models.CharField(default="", max_length=253)),
                ("asked_at", models.DateTimeField()),
            ],
            {"db_table": "users_help_requests"},
        ),
        migrations.AddIndex("user", models.Index(Lower("email"), condition=~Q(email=""), name="users_users_email")),
    ]
