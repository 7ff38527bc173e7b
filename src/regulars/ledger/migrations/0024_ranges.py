# SPDX-License-Identifier: Apache-2.0
"""
Lay entries in ranges of their numbers (ADR-0028). What is there becomes the first range as it lies: no row is copied.

In two steps. First the table is read once, while sales go on, to prove that all numbers are below the range's end. Then the
names are exchanged in one short transaction, which needs the table for itself for some milliseconds; where it can not have it
within five seconds, the migration fails, has changed nothing, and is run again.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

from regulars.ledger.schema import fence, renew

IS_DONE = "SELECT relkind = 'p' FROM pg_class WHERE oid = 'ledger_entries'::regclass"
PROOF = """
ALTER TABLE ledger_entries DROP CONSTRAINT IF EXISTS ledger_entries_range;
DO $$ BEGIN
    EXECUTE format('ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_range'
                   ' CHECK (id IS NOT NULL AND id < %s) NOT VALID',
                   10000000 * (CASE WHEN EXISTS (SELECT FROM ledger_entries) THEN 2 ELSE 1 END
                               + (SELECT last_value FROM ledger_entries_id_seq) / 10000000));
END $$;
"""
VALIDATION = "ALTER TABLE ledger_entries VALIDATE CONSTRAINT ledger_entries_range"
FUNCTIONS = """
SELECT DISTINCT p.oid::regprocedure::text FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_type'::regclass
  AND d.refobjid IN (SELECT oid FROM pg_type WHERE typname IN ('ledger_entries', '_ledger_entries'))
"""
"""Those whose arguments are entries: the type goes with the table that had its name."""
EXCHANGE = """
SET LOCAL lock_timeout = '5s';
LOCK TABLE ledger_entries IN ACCESS EXCLUSIVE MODE;
DROP TRIGGER IF EXISTS ledger_entries_append_only ON ledger_entries;
DROP POLICY IF EXISTS ledger_entries_scope ON ledger_entries;
ALTER TABLE ledger_entries RENAME TO ledger_entries_00000;
ALTER TABLE ledger_entries_00000 RENAME CONSTRAINT ledger_entries_pkey TO ledger_entries_00000_pkey;
ALTER TABLE ledger_entries_00000 RENAME CONSTRAINT ledger_entries_version_unique TO ledger_entries_00000_version;
ALTER INDEX ledger_entries_reference RENAME TO ledger_entries_00000_reference;
CREATE TABLE ledger_entries (LIKE ledger_entries_00000 INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE (id);
ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_range;
ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_pkey PRIMARY KEY (account_id, id);
CREATE INDEX ledger_entries_reference ON ledger_entries (account_id, reference) WHERE reference IS NOT NULL;
DO $$ BEGIN
    EXECUTE format('ALTER TABLE ledger_entries ATTACH PARTITION ledger_entries_00000 FOR VALUES FROM (MINVALUE) TO (%s)',
        (SELECT substring(pg_get_constraintdef(oid) FROM '< (\\d+)') FROM pg_constraint
         WHERE conrelid = 'ledger_entries_00000'::regclass AND conname = 'ledger_entries_range'));
END $$;
ALTER TABLE ledger_entries_00000 DROP CONSTRAINT ledger_entries_range;
REVOKE ALL ON ledger_entries_00000 FROM regulars_app;
CREATE POLICY ledger_entries_00000_scope ON ledger_entries_00000
    USING (account_id = nullif(current_setting('regulars.account_id', true), '')::int)
    WITH CHECK (account_id = nullif(current_setting('regulars.account_id', true), '')::int);
"""


def prove(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(IS_DONE)
        if not cursor.fetchone()[0]:
            cursor.execute(PROOF)
            cursor.execute(VALIDATION)


def exchange(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(IS_DONE)
        if not cursor.fetchone()[0]:
            cursor.execute(FUNCTIONS)
            for (function,) in cursor.fetchall():
                cursor.execute(f"DROP FUNCTION {function}")
            cursor.execute(EXCHANGE)
    renew(schema_editor, "lookup.sql", "reverse.sql", "guard.sql", "ranges.sql")
    fence(schema_editor)


def go_on(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT ledger_make_ranges()")
        cursor.execute("SELECT ledger_refresh_statistics()")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("ledger", "0023_webhooks")]
    operations = [
        migrations.RunPython(prove, migrations.RunPython.noop),
        migrations.RunPython(exchange, migrations.RunPython.noop, atomic=True),
        migrations.RunPython(go_on, migrations.RunPython.noop, atomic=True),
    ]
