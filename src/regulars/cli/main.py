# SPDX-License-Identifier: Apache-2.0
"""
The ``regulars`` command.

Exit codes: 0 done · 1 our own failure, or something was found wrong (verify, doctor) · 2 the request is wrong · 3 no
access · 4 not found · 5 conflict · 6 refused · 75 try again later · 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import psycopg

from regulars import __version__
from regulars.cli import (
    accounts,
    agencies,
    archive,
    backup,
    brands,
    database,
    demo,
    doctor,
    health,
    hosts,
    modules,
    reloading,
    serve,
    settlement,
    users,
    webhooks,
)
from regulars.cli.dump import DumpFailed
from regulars.errors import AccessError, Conflict, NotFound, OperationalError, Refused, RegularsError, RequestError
from regulars.kit.embedded import DataDirectoryInUse, EmbeddedError
from regulars.kit.logs import is_json
from regulars.kit.postgres_binaries import NoBinaries

EXIT_CODES: tuple[tuple[type[RegularsError], int], ...] = (
    (RequestError, 2),
    (AccessError, 3),
    (NotFound, 4),
    (Conflict, 5),
    (Refused, 6),
    (OperationalError, 75),
)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(prog="regulars", description="The loyalty platform that you run yourself.")
    parser.add_argument("--version", action="version", version=f"regulars {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for group in (
        serve,
        reloading,
        demo,
        database,
        agencies,
        accounts,
        users,
        hosts,
        brands,
        modules,
        settlement,
        webhooks,
        backup,
        archive,
        health,
        doctor,
    ):
        group.add_commands(commands)
    return parser


def exit_code_of(error: RegularsError) -> int:
    """Return the exit code that stands for an error."""
    return next((code for kind, code in EXIT_CODES if isinstance(error, kind)), 1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parsed = build_parser().parse_args(arguments)
    try:
        is_json()
    except ValueError as error:
        print(f"regulars: {error}", file=sys.stderr)
        return 2
    try:
        return int(parsed.run(parsed))
    except RegularsError as error:
        for part in error.parts:
            print(f"regulars: {part.message} [{part.code}]", file=sys.stderr)
        return exit_code_of(error)
    except DataDirectoryInUse as error:
        print(f"regulars: {error}", file=sys.stderr)
        return 5
    except (EmbeddedError, NoBinaries, DumpFailed) as error:
        print(f"regulars: {error}", file=sys.stderr)
        return 1
    except psycopg.OperationalError as error:
        print(f"regulars: The database can not be reached: {error}", file=sys.stderr)
        return 75
    except KeyboardInterrupt:
        print("regulars: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
