# SPDX-License-Identifier: Apache-2.0
"""``regulars settlement``: statements between stores, and closing a period."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from regulars.cli.installation import add_place_arguments, configure_django, installation_of
from regulars.cli.progress import say
from regulars.cli.users import get_account
from regulars.errors import InvalidParameter


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    parser = commands.add_parser(
        "settlement",
        help="show what the stores of a coalition or of two tiers owe each other, or close a period",
        description="Write a statement between stores: of what is open, or with --id of a closed period. --close closes the "
        "period up to the end of --to for good.",
    )
    parser.add_argument("account", metavar="ACCOUNT", help="account id")
    parser.add_argument("--id", type=int, help="a closed period")
    parser.add_argument("--from", dest="first", default="", metavar="DATE", help="the first day (default: all that is open)")
    parser.add_argument("--to", dest="last", default="", metavar="DATE", help="the last day, included (default: today)")
    parser.add_argument("--point-cost", default="", help="what a point costs, such as 0.0125 (default: as last closed)")
    parser.add_argument("--close", action="store_true", help="close the period; it cannot be undone")
    parser.add_argument("--format", choices=["csv", "pdf"], default="csv")
    parser.add_argument("--output", type=Path, help="a file (default: standard output)")
    add_place_arguments(parser)
    parser.set_defaults(run=run_settlement)


def run_settlement(arguments: argparse.Namespace) -> int:
    """Write the statement; with --close, of the period just closed."""
    first, last = _day(arguments.first, "--from"), _day(arguments.last, "--to")
    if arguments.close and (last is None or first is not None or arguments.id is not None):
        raise InvalidParameter("--close", "it goes with --to, and neither --from nor --id")
    if arguments.id is not None and (first or last or arguments.point_cost):
        raise InvalidParameter("--id", "a closed period has its own days and cost")
    place = installation_of(arguments)
    with place.database() as url:
        configure_django(url, place.secret_key())
        from regulars.accounts.numbers import read_ppm  # these need a configured Django
        from regulars.coalition.operations import close_settlement
        from regulars.coalition.periods import get_statement
        from regulars.kit.db import unit_of_work
        from regulars.reports.pdf import statement_pdf
        from regulars.reports.statement import statement_csv

        account = get_account(arguments.account)
        at = datetime.now(UTC) + timedelta(seconds=account.test_clock_offset_seconds)
        cost = read_ppm("--point-cost", arguments.point_cost) if arguments.point_cost else None
        with unit_of_work(account.id):
            if arguments.close and last is not None:
                made = close_settlement(account=account, by=None, at=at, last_date=last, point_cost_ppm=cost)
            else:
                made = get_statement(
                    account=account, at=at, settlement_id=arguments.id, first_date=first, last_date=last, point_cost_ppm=cost
                )
        written = (statement_pdf if arguments.format == "pdf" else statement_csv)(account, made)
    if made.id is not None:
        say(f"Settlement {made.id}, closed up to {made.last_date.isoformat()}.")
    if arguments.output is None:
        sys.stdout.buffer.write(written)
    else:
        arguments.output.write_bytes(written)
    return 0


def _day(text: str, option: str) -> date | None:
    from regulars.accounts.dates import read_date

    return read_date(option, text) if text else None
