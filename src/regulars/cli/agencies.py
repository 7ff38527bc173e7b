# SPDX-License-Identifier: Apache-2.0
"""``regulars agency create``."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime

from regulars.cli.accounts import add_password_argument, password_of
from regulars.cli.installation import add_place_arguments, configure_django, installation_of


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    group = commands.add_parser("agency", help="make an agency").add_subparsers(dest="action", metavar="ACTION", required=True)
    parser = group.add_parser(
        "create",
        help="make an agency with an account of its own; prints its id and the owner's Security Token as JSON",
        description="Make an agency. CODE becomes the id of its own account, whose users open and see the accounts under it.",
    )
    parser.add_argument("code", metavar="CODE", help="5 to 20 letters, digits or _")
    parser.add_argument("--name", required=True, help="name of the agency, shown in its clients' receipts")
    parser.add_argument("--email", required=True, help="its address, shown in its clients' receipts")
    parser.add_argument("--currency", default="USD", help="ISO 4217 (default: USD): what its clients' accounts begin with")
    parser.add_argument("--timezone", default="UTC", help="IANA name (default: UTC)")
    parser.add_argument("--language", default="en", help="ISO 639-1 (default: en)")
    add_password_argument(parser)
    add_place_arguments(parser)
    parser.set_defaults(run=run_create)


def run_create(arguments: argparse.Namespace) -> int:
    """Make an agency and print its id and credentials as JSON."""
    place = installation_of(arguments)
    password = password_of(arguments)
    with place.database() as url:
        configure_django(url, place.secret_key())
        from django.db import transaction  # these need a configured Django

        from regulars.transactions.agencies import open_agency

        with transaction.atomic():
            made = open_agency(
                account=None,
                by=None,
                at=datetime.now(UTC),
                name=arguments.name,
                email=arguments.email,
                code=arguments.code,
                password=password,
                currency=arguments.currency,
                timezone=arguments.timezone,
                language=arguments.language,
            )
    opened = made.opened
    shown = {
        "agency": made.agency_id, "account_id": opened.account.code, "user_id": opened.owner.code, "user_api_key": opened.token,
    }  # fmt: skip
    print(json.dumps(shown, indent=2))
    return 0
