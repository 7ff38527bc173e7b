# SPDX-License-Identifier: Apache-2.0
"""Installs what is SQL and not a table: functions, triggers, row-level security, grants. Run by a migration."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from importlib import resources
from typing import Any

from regulars.changes.rules import SUBJECTS
from regulars.kit.environment import APP_ROLE

FUNCTION_FILES = (
    ("regulars.accounts", "snapshot.sql"),
    ("regulars.accounts", "agencies.sql"),
    ("regulars.accounts", "hosts.sql"),
    ("regulars.accounts", "brands.sql"),
    ("regulars.users", "sign_in.sql"),
    ("regulars.customers", "resolve.sql"),
    ("regulars.customers", "search.sql"),
    ("regulars.customers", "merged.sql"),
    ("regulars.customers", "find.sql"),
    ("regulars.ledger", "types.sql"),
    ("regulars.ledger", "apply.sql"),
    ("regulars.ledger", "post.sql"),
    ("regulars.ledger", "reverse.sql"),
    ("regulars.ledger", "settle.sql"),
    ("regulars.ledger", "lookup.sql"),
    ("regulars.ledger", "keys.sql"),
    ("regulars.ledger", "forget.sql"),
    ("regulars.ledger", "leave.sql"),
    ("regulars.ledger", "move.sql"),
    ("regulars.ledger", "pools.sql"),
    ("regulars.ledger", "guard.sql"),
    ("regulars.ledger", "ranges.sql"),
    ("regulars.reports", "customer_list.sql"),
    ("regulars.jobs", "due.sql"),
    ("regulars.request_log", "append.sql"),
    ("regulars.reports", "usage.sql"),
    ("regulars.changes", "note.sql"),
    ("regulars.upkeep", "upkeep.sql"),
    ("regulars.webhooks", "webhooks.sql"),
)

CONFIG_TABLES = (
    "accounts_fields", "users_users", "campaigns_campaigns", "campaigns_rewards", "campaigns_promotions", "campaigns_items",
    "campaigns_depreciations", "campaigns_fees",
)  # fmt: skip
"""Every change here raises the account's config_version."""

TENANT_TABLES = (
    *CONFIG_TABLES, "accounts_brands", "customers_customers", "customers_aliases", "customers_field_values",
    "customers_segments", "messages_outbox", "messages_settings", "messages_text_gateways",
    "transactions_batches", "transactions_batch_lines", "transactions_imports", "transactions_import_parts",
    "request_log_entries", "coalition_switches", "coalition_settlements", "users_visits",
    "reports_days", "reports_cohorts", "reports_progress",
    "users_sessions", "users_second_factors", "users_recovery_codes", "users_devices", "users_password_links",
    "users_security_events",
    "webhooks_endpoints", "webhooks_lanes", "webhooks_deliveries",
)  # fmt: skip
"""Row-level security by account_id; the application's role may write them."""

LEDGER_TABLES = (
    "ledger_entries", "ledger_balances", "ledger_memberships", "ledger_lots", "ledger_lot_uses", "ledger_reversals",
    "ledger_deletions", "ledger_keys",
)  # fmt: skip
"""Row-level security by account_id; the application's role may only read them."""

OPERATOR_TABLES = ("accounts_hosts",)
"""Row-level security by account_id; the application's role may only read them, the operator's commands write them."""

CHANGES_TABLE = "changes_changes"
"""Row-level security by account_id; only triggers on the tables of changes/rules.py SUBJECTS write it."""

FROZEN_TABLES = ("coalition_settlements",)
"""Of TENANT_TABLES, those whose rows the application's role may add and never change or delete."""

SHARED_TABLES = (
    "accounts_agencies", "accounts_issued_codes", "accounts_used_codes", "users_logins", "users_help_requests",
    "users_setup_codes", "django_session", "django_content_type",
    "upkeep_last_runs", "upkeep_runs",
)  # fmt: skip
"""Not tenants' own: no row-level security."""

SCOPE = "nullif(current_setting('regulars.account_id', true), '')::int"


ROLE_AND_GRANTS = f"""
DO $$ BEGIN
    CREATE ROLE {APP_ROLE} NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$ BEGIN
    EXECUTE format('GRANT {APP_ROLE} TO %I', current_user);
EXCEPTION WHEN duplicate_object OR unique_violation OR invalid_grant_operation THEN NULL;
END $$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {APP_ROLE};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP_ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP_ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {APP_ROLE};
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {APP_ROLE};
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {APP_ROLE};
"""

RANGES = f"""
DO $$ DECLARE part regclass;
BEGIN
    FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'ledger_entries'::regclass LOOP
        EXECUTE format('REVOKE ALL ON %s FROM {APP_ROLE}', part);
    END LOOP;
END $$;
"""  # noqa: S608 - our own texts
"""Entries are reached by the name of all of them alone (ADR-0028)."""

USER_CONFIGURATION = (
    "code, role, is_owner, first_name, last_name, custom1, language, language_custom, timezone, campaigns_access,"
    " allowed_campaign_ids, token_hash, previous_token_hash, previous_token_until, duplicate_guard, duplicate_guard_seconds,"
    " deleted_at, pin_digest, calls_per_minute"
)
"""Columns of users_users whose change is one of configuration; a failed sign-in is not."""


COLUMNS = """
SELECT table_name, array_agg(column_name::text) FROM information_schema.columns WHERE table_schema = 'public' GROUP BY 1
"""


def _read_only(table: str) -> str:
    return f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {table} FROM {APP_ROLE};"


def scoped(table: str, column: str = "account_id") -> str:
    """Return the SQL that binds a tenant table to the unit of work's account (ADR-0008)."""
    return f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        DROP POLICY IF EXISTS {table}_scope ON {table};
        CREATE POLICY {table}_scope ON {table} USING ({column} = {SCOPE}) WITH CHECK ({column} = {SCOPE});
    """


def _versioned(table: str, user_columns: str = USER_CONFIGURATION) -> str:
    columns = f" OF {user_columns}" if table == "users_users" else ""
    return f"""
        DROP TRIGGER IF EXISTS {table}_version ON {table};
        CREATE TRIGGER {table}_version AFTER INSERT OR DELETE OR UPDATE{columns} ON {table}
            FOR EACH ROW EXECUTE FUNCTION accounts_raise_version();
    """


OWN_VERSION = """
DROP TRIGGER IF EXISTS accounts_accounts_version ON accounts_accounts;
CREATE TRIGGER accounts_accounts_version BEFORE UPDATE ON accounts_accounts
    FOR EACH ROW EXECUTE FUNCTION accounts_raise_own_version();
"""


def _noted(table: str, subject: str) -> str:
    return f"""
        DROP TRIGGER IF EXISTS {table}_noted ON {table};
        CREATE TRIGGER {table}_noted AFTER INSERT OR DELETE OR UPDATE ON {table}
            FOR EACH ROW EXECUTE FUNCTION changes_note('{subject}');
    """


APPEND_ONLY = f"""
DROP TRIGGER IF EXISTS {CHANGES_TABLE}_append_only ON {CHANGES_TABLE};
CREATE TRIGGER {CHANGES_TABLE}_append_only BEFORE UPDATE OR DELETE ON {CHANGES_TABLE}
    FOR EACH ROW EXECUTE FUNCTION changes_refuse_change();
DROP TRIGGER IF EXISTS {CHANGES_TABLE}_no_truncate ON {CHANGES_TABLE};
CREATE TRIGGER {CHANGES_TABLE}_no_truncate BEFORE TRUNCATE ON {CHANGES_TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION changes_refuse_change();
"""


def statements(columns: Mapping[str, Collection[str]]) -> list[str]:
    """
    Return all that install() runs after the functions, as text. ``columns`` are those of each table there is so far: on a new
    database earlier migrations install too, and what is made later is fenced by the migration that follows it.
    """
    user_columns = ", ".join(name for name in USER_CONFIGURATION.split(", ") if name in columns["users_users"])
    return [
        ROLE_AND_GRANTS,
        RANGES,
        *(_read_only(table) for table in (*LEDGER_TABLES, *OPERATOR_TABLES, CHANGES_TABLE) if table in columns),
        *(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {APP_ROLE};" for table in FROZEN_TABLES if table in columns),
        *(scoped(table) for table in (*TENANT_TABLES, *LEDGER_TABLES, *OPERATOR_TABLES, CHANGES_TABLE) if table in columns),
        scoped("accounts_accounts", "id"),
        *(_versioned(table, user_columns) for table in CONFIG_TABLES),
        OWN_VERSION,
        *(_noted(table, subject) for table, subject in SUBJECTS.items() if table in columns and CHANGES_TABLE in columns),
        *((APPEND_ONLY,) if CHANGES_TABLE in columns else ()),
    ]


def renew(schema_editor: Any, *names: str) -> None:
    """
    Install the functions of some files again; unlike install() it makes no type anew, so that older code can go on.

    The text of functions is not checked against the tables: an earlier migration runs what is written here today, and a later
    one adds the columns.
    """
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SET LOCAL check_function_bodies = off")  # a table they name may be made by a later migration
        for package, name in FUNCTION_FILES:
            if name in names:
                cursor.execute(resources.files(package).joinpath("sql", name).read_text("utf-8"))


def fence(schema_editor: Any) -> None:
    """Install or renew triggers, policies and grants: after a migration that made a table."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        for statement in statements(dict(cursor.fetchall())):
            cursor.execute(statement)


def install(schema_editor: Any) -> None:
    """Install or renew all functions, triggers, policies and grants in one transaction."""
    renew(schema_editor, *(name for _, name in FUNCTION_FILES))
    fence(schema_editor)
