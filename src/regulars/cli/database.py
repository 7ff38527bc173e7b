# SPDX-License-Identifier: Apache-2.0
"""``regulars migrate`` and ``regulars verify``."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from regulars.cli.installation import add_place_arguments, configure_django, installation_of
from regulars.cli.progress import say
from regulars.upkeep.health import pending_migrations


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    parser = commands.add_parser("migrate", help="bring the database to this release's shape (safe to repeat)")
    add_place_arguments(parser)
    parser.set_defaults(run=run_migrate)
    parser = commands.add_parser(
        "verify",
        help="prove the books: every invariant of the ledger, in SQL",
        description="Check the ledger's invariants on the whole database. Exit code 0: all hold; 1: what does not is listed.",
    )
    add_place_arguments(parser)
    parser.set_defaults(run=run_verify)


def run_migrate(arguments: argparse.Namespace) -> int:
    """Run the migrations as the owner of the tables."""
    place = installation_of(arguments)
    with place.database(create=True) as url:
        configure_django(url, place.secret_key(create=True), as_owner=True)
        migrate()
    say("The database is up to date.")
    return 0


def migrate() -> None:
    """Apply every migration that is missing. Django is configured as the owner of the tables."""
    from django.core.management import call_command  # needs a configured Django
    from django.db import connection

    missing = pending_migrations()
    if missing:
        say(f"Applying {len(missing)} migration{'s' if len(missing) > 1 else ''}.")
        call_command("migrate", verbosity=0, interactive=False)
    connection.close()


def run_verify(arguments: argparse.Namespace) -> int:
    """Check every invariant and print what does not hold."""
    place = installation_of(arguments)
    with place.database() as url:
        return verify_database(url)


def verify_database(url: str) -> int:
    """Check every invariant on one snapshot of the database, print what is broken, and return the exit code."""
    from regulars.ledger.verify import CHECKS, verify  # only these commands need it
    from regulars.reports.lines import CHECKS as ROLL_UP_CHECKS

    began = time.monotonic()
    with psycopg.connect(url) as connection:
        connection.read_only = True
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with connection.cursor() as cursor:
            findings = verify(
                cursor,
                progress=lambda done, total, what: say(f"[{done + 1}/{total}] {what}"),
                checks=(*CHECKS, *ROLL_UP_CHECKS),
            )
    details = {"findings": [["", found.invariant, found.says, len(found.offences)] for found in findings]}
    note_done(url, "verify", began, f"{len(findings)} findings", is_failure=bool(findings), details=details)
    for finding in findings:
        print(f"{finding.invariant} is broken: {finding.says}")
        for offence in finding.offences:
            print("   ", ", ".join(map(str, offence)))
    if findings:
        say("The books are not in order. Stop selling, keep the data as it is, and report this.")
        return 1
    say("The books are in order.")
    return 0


def note_done(
    url: str, name: str, began: float, says: str = "", *, is_failure: bool = False, details: Mapping[str, Any] | None = None
) -> None:
    """
    Note for monitoring that a command was done, where the database takes it: it may be a copy that is only read, or older.

    ``began``: by time.monotonic(). ``details``: it is kept as a run, too (upkeep/runs.py).
    """
    from regulars.upkeep.operations import keep_run, note_run  # only these commands need it

    at = datetime.now(UTC)
    took_ms = int((time.monotonic() - began) * 1000)
    with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        note_run(cursor, name=name, at=at, took_ms=took_ms, says=says, is_failure=is_failure)
        if details is not None:
            began_at = at - timedelta(milliseconds=took_ms)
            keep_run(cursor, name=name, began_at=began_at, ended_at=at, says=says, is_failure=is_failure, details=details)
