# SPDX-License-Identifier: Apache-2.0
"""``regulars doctor``: what is wrong with an installation, and how to mend it."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

import psycopg

from regulars.cli.checkup import Finding
from regulars.cli.checkup_database import check_database
from regulars.cli.checkup_machine import (
    check_binaries,
    check_certificate,
    check_data_directory,
    check_disk,
    check_mail,
    check_ports,
)
from regulars.cli.installation import Installation, add_place_arguments, installation_of
from regulars.cli.listeners import DEFAULT_PORT
from regulars.errors import RegularsError
from regulars.kit.embedded import EmbeddedError
from regulars.kit.postgres_binaries import NoBinaries


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    parser = commands.add_parser(
        "doctor",
        help="say what is wrong with an installation and how to mend it",
        description="Look at programs, files, certificate, ports, disk, clock and database. Exit code 0: all is well; 1: not.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address the server listens on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"its port (default: {DEFAULT_PORT})")
    add_place_arguments(parser)
    parser.set_defaults(run=run_doctor)


def run_doctor(arguments: argparse.Namespace) -> int:
    """Print every finding; return 1 if one is bad."""
    place = installation_of(arguments)
    bad = 0
    for finding in examine(place, arguments.host, arguments.port):
        print(f"{'ok ' if finding.is_good else 'BAD'}  {finding.says}")
        if not finding.is_good:
            bad += 1
            print(f"     mend: {finding.mend}")
    print(f"{bad} of these need mending." if bad else "All is well.")
    return 1 if bad else 0


def examine(place: Installation, host: str, port: int) -> Iterable[Finding]:
    """Yield what was found, from the ground up."""
    yield from check_binaries(place)
    yield from check_data_directory(place)
    yield from check_disk(place)
    yield from check_certificate(place)
    yield from check_mail()
    yield from check_ports(place, host, port)
    if not place.exists:
        yield Finding(
            False, f"There is no database in {place.data}.", "start the server once: regulars serve, or regulars migrate"
        )
        return
    try:
        with place.database() as url:
            yield from check_database(place, url)
    except (EmbeddedError, NoBinaries, RegularsError) as error:
        yield Finding(
            False, f"The database does not start: {error}", "see the sentence above; the server's log is postgres.log"
        )
    except psycopg.Error as error:
        yield Finding(
            False, f"The database can not be reached: {error}", "is the server of DATABASE_URL up, and the URL right?"
        )
