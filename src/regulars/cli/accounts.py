# SPDX-License-Identifier: Apache-2.0
"""``regulars account create``."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from datetime import UTC, datetime

from regulars.cli.installation import add_place_arguments, configure_django, installation_of
from regulars.errors import InvalidParameter, MissingParameter


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    group = commands.add_parser("account", help="open an account").add_subparsers(
        dest="action", metavar="ACTION", required=True
    )
    parser = group.add_parser(
        "create",
        help="open an account with its owner; prints the owner's Security Token as JSON",
        description="Open an account. CODE becomes the account id and the owner's user id; neither can change later.",
    )
    parser.add_argument("code", metavar="CODE", help="5 to 20 letters, digits or _")
    parser.add_argument("--name", required=True, help="name of the business")
    parser.add_argument("--currency", default="USD", help="ISO 4217 (default: USD); it can not change once money was recorded")
    parser.add_argument("--timezone", default="UTC", help="IANA name (default: UTC)")
    parser.add_argument("--language", default="en", help="ISO 639-1 (default: en)")
    parser.add_argument("--country", default="", help="ISO 3166 code or English name")
    parser.add_argument("--email", default="", help="the owner's e-mail address")
    parser.add_argument("--agency", type=int, metavar="ID", help="the agency it is under, as agency create printed it")
    parser.add_argument(
        "--platform", action="store_true", help="the platform owner's own account: its users make agencies and open accounts"
    )
    parser.add_argument("--state", choices=["trial", "active"], default="active", help="trial: at most ten customers")
    add_password_argument(parser)
    add_place_arguments(parser)
    parser.set_defaults(run=run_create)


def run_create(arguments: argparse.Namespace) -> int:
    """Open an account and print its credentials as JSON."""
    place = installation_of(arguments)
    password = password_of(arguments)
    with place.database() as url:
        configure_django(url, place.secret_key())
        from regulars.accounts.queries import refuse_unknown_agency  # these need a configured Django
        from regulars.users.opening import create_account

        if arguments.agency is not None:
            if arguments.platform:
                raise InvalidParameter("--agency", "the platform owner's account is under no agency")
            refuse_unknown_agency(arguments.agency)
        made = create_account(
            code=arguments.code,
            biz_name=arguments.name,
            at=datetime.now(UTC),
            password=password,
            currency=arguments.currency,
            timezone=arguments.timezone,
            language=arguments.language,
            country=arguments.country,
            state=arguments.state,
            client_email=arguments.email,
            agency_id=arguments.agency,
            kind="platform" if arguments.platform else "business",
        )
    print(json.dumps({"account_id": made.account.code, "user_id": made.owner.code, "user_api_key": made.token}, indent=2))
    return 0


def add_password_argument(parser: argparse.ArgumentParser) -> None:
    """The option that asks for a password; it never stands in the list of processes."""
    parser.add_argument(
        "--password",
        action="store_true",
        help="give a password for the Control Panel: asked for, or the first line of standard input where that is no terminal",
    )


def password_of(arguments: argparse.Namespace) -> str:
    """Return the password asked for, empty without the option. Raises MissingParameter."""
    if not arguments.password:
        return ""
    given = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if not given:
        raise MissingParameter("password")
    return given
