# SPDX-License-Identifier: Apache-2.0
"""The doctor's look at the database: version, durability, migrations, role, row-level security, secret key, clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg

from regulars.cli.checkup import Finding
from regulars.cli.installation import Installation, KeyMissing, configure_django
from regulars.kit.environment import APP_ROLE
from regulars.kit.postgres_binaries import MAJOR_MIN
from regulars.upkeep.health import pending_migrations

CLOCK_SECONDS_MAX = 60
ENTRIES_LEFT_MIN = 10_000_000
DURABLE_SETTINGS = ("fsync", "full_page_writes", "synchronous_commit")

Connection = psycopg.Connection[tuple[Any, ...]]


def check_database(place: Installation, url: str) -> Iterator[Finding]:
    """Yield what was found in a database that can be reached."""
    try:
        key, trouble = place.secret_key(), None
    except KeyMissing as error:
        key, trouble = "", error
    configure_django(url, key or "none: told below", as_owner=True)
    with psycopg.connect(url, autocommit=True) as connection:
        yield from _check_server(connection)
        yield from _check_clock(connection)
        yield from _check_migrations()
        if pending_migrations():
            return
        yield from _check_role(connection)
        yield from _check_row_security(connection)
        yield from _check_letters(connection)
        yield from _check_append_only(connection)
        yield from _check_ranges(connection)
        yield from _check_recorded_times(connection)
    yield from _check_secret_key(trouble)


def _check_server(connection: Connection) -> Iterator[Finding]:
    major = connection.info.server_version // 10000
    yield Finding(major >= MAJOR_MIN, f"PostgreSQL {major} answers.", f"use PostgreSQL {MAJOR_MIN} or newer")
    encoding = _one(connection, "SHOW server_encoding")
    if encoding != "UTF8":
        yield Finding(
            False, f"The database's encoding is {encoding}.", "make a new database with ENCODING 'UTF8' and restore into it"
        )
    for name in DURABLE_SETTINGS:
        value = _one(connection, f"SHOW {name}")
        if value == "off":
            yield Finding(False, f"{name} is off: a power cut loses sales that were acknowledged.", f"set {name} = on")


def _check_letters(connection: Connection) -> Iterator[Finding]:
    if not _one(connection, "SELECT customers_fold('É') = 'é'"):
        yield Finding(
            False,
            "The database knows upper and lower case of plain English letters only: names are not found in another case.",
            "make a new database with LC_CTYPE 'C.UTF-8' (or any UTF-8 locale) and restore into it",
        )


def _check_clock(connection: Connection) -> Iterator[Finding]:
    theirs = _one(connection, "SELECT clock_timestamp()")
    difference_seconds = abs((datetime.now(UTC) - theirs).total_seconds())
    yield Finding(
        difference_seconds <= CLOCK_SECONDS_MAX,
        f"The clocks of this machine and of the database differ by {difference_seconds:.0f} s.",
        "keep both clocks by NTP (timedatectl set-ntp true)",
    )


def _check_migrations() -> Iterator[Finding]:
    missing = pending_migrations()
    yield Finding(
        not missing,
        f"{len(missing)} migrations are missing ({', '.join(missing[:3])} ...)." if missing else "All migrations are applied.",
        "regulars migrate",
    )


def _check_role(connection: Connection) -> Iterator[Finding]:
    row = connection.execute(
        "SELECT rolsuper, rolbypassrls, pg_has_role(current_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = %s", (APP_ROLE,)
    ).fetchone()
    if row is None:
        yield Finding(False, f"The role {APP_ROLE} is missing.", f"CREATE ROLE {APP_ROLE} NOLOGIN, then regulars migrate")
        return
    is_super, bypasses, is_member = row
    if is_super or bypasses:
        yield Finding(
            False,
            f"The role {APP_ROLE} is not bound by row-level security.",
            f"ALTER ROLE {APP_ROLE} NOSUPERUSER NOBYPASSRLS",
        )
    elif not is_member:
        yield Finding(False, f"The user of DATABASE_URL may not become {APP_ROLE}.", f"GRANT {APP_ROLE} TO that user")
    else:
        yield Finding(True, f"The role {APP_ROLE} is bound by row-level security.")


def _check_row_security(connection: Connection) -> Iterator[Finding]:
    from regulars.ledger.schema import LEDGER_TABLES, OPERATOR_TABLES, TENANT_TABLES

    tables = (*TENANT_TABLES, *LEDGER_TABLES, *OPERATOR_TABLES, "accounts_accounts")
    rows = connection.execute(
        "SELECT c.relname::text, c.relrowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid),"
        " pg_get_userbyid(c.relowner)::text FROM pg_class c"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname = ANY(%s)",
        (list(tables),),
    ).fetchall()
    fenced = {name for name, is_fenced, owner in rows if is_fenced and owner != APP_ROLE}
    open_tables = sorted(set(tables) - fenced)
    yield Finding(
        not open_tables,
        f"Row-level security is off on {', '.join(open_tables)}."
        if open_tables
        else "Row-level security is on, on every table.",
        "ALTER TABLE ... ENABLE ROW LEVEL SECURITY on each, and find out who switched it off",
    )


def _check_append_only(connection: Connection) -> Iterator[Finding]:
    off = _one(
        connection,
        "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'ledger_entries'::regclass AND NOT tgisinternal AND tgenabled = 'O'",
    )
    yield Finding(
        off > 0,
        "Entries of the ledger can not be changed." if off else "The trigger that keeps entries from being changed is off.",
        "ALTER TABLE ledger_entries ENABLE TRIGGER ALL, then regulars verify",
    )


def _check_ranges(connection: Connection) -> Iterator[Finding]:
    left = _one(connection, "SELECT ledger_numbers_left()")
    yield Finding(
        left > ENTRIES_LEFT_MIN,
        f"There is room for {left:,} more entries.",
        "the job make_ranges makes more every ten minutes: see why it does not run (the log of regulars serve)",
    )


def _check_recorded_times(connection: Connection) -> Iterator[Finding]:
    ahead = _one(connection, "SELECT count(*) FROM ledger_entries WHERE recorded_at > clock_timestamp() + interval '1 day'")
    if ahead:
        yield Finding(
            False,
            f"{ahead} entries were recorded in the future.",
            "this machine's clock is, or was, wrong: set it (timedatectl)",
        )


def _check_secret_key(trouble: KeyMissing | None) -> Iterator[Finding]:
    from regulars.cli.prepare import secret_key_fits

    if trouble is not None:
        yield Finding(False, "The secret key is missing.", trouble.message)
        return
    yield Finding(
        secret_key_fits(),
        "The secret key opens the Security Tokens." if secret_key_fits() else "The secret key is not the one of this database.",
        "put back the secret.key of this installation (it is in every backup)",
    )


def _one(connection: Connection, statement: str) -> Any:
    row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return row[0]
