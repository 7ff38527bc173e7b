# SPDX-License-Identifier: Apache-2.0
"""``regulars host add|list|remove``: whose own address a host is."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from regulars.accounts.directory import AccountConfig
from regulars.cli.installation import add_place_arguments, configure_django, installation_of
from regulars.cli.users import get_account


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    group = commands.add_parser("host", help="give an account or an agency an address of its own")
    actions = group.add_subparsers(dest="action", metavar="ACTION", required=True)
    parser = actions.add_parser(
        "add",
        help="make a host an account's or an agency's own",
        description="Make HOST an account's or an agency's own address: only its users sign in there, and it shows its brand. "
        "The name's DNS record, and a proxy with its certificate, must lead here (deploy/).",
    )
    parser.add_argument("host", metavar="HOST", help="a name like loyalty.example.com")
    add_owner_arguments(parser)
    add_place_arguments(parser)
    parser.set_defaults(run=run_add)
    parser = actions.add_parser("list", help="print all hosts and whose they are as JSON")
    add_place_arguments(parser)
    parser.set_defaults(run=run_list)
    parser = actions.add_parser("remove", help="let a host be nobody's own again")
    parser.add_argument("host", metavar="HOST")
    add_place_arguments(parser)
    parser.set_defaults(run=run_remove)


def add_owner_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that say whose a host or a brand is."""
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("--account", metavar="ACCOUNT", help="account id")
    whose.add_argument("--agency", type=int, metavar="ID", help="an agency, as agency create printed it")


@contextmanager
def as_owner(arguments: argparse.Namespace) -> Iterator[None]:
    """Open the installation as the owner of the tables, for the operator."""
    place = installation_of(arguments)
    with place.database() as url:
        configure_django(url, place.secret_key(), as_owner=True)
        yield


def owning_account(arguments: argparse.Namespace) -> AccountConfig:
    """Return the account that was named, or the named agency's own. Raises AccountNotFound, AgencyNotFound."""
    from regulars.accounts.queries import get_account_config, get_agency_account_id  # these need a configured Django

    if arguments.agency is None:
        return get_account(arguments.account)
    return get_account_config(get_agency_account_id(arguments.agency))


def run_add(arguments: argparse.Namespace) -> int:
    """Make a host somebody's own and print it as JSON."""
    with as_owner(arguments):
        from regulars.accounts.operations import add_host  # needs a configured Django

        account = owning_account(arguments)
        host = add_host(account_id=account.id, host=arguments.host, at=datetime.now(UTC))
    print(json.dumps({"host": host, "account_id": account.code}, indent=2))
    return 0


def run_list(arguments: argparse.Namespace) -> int:
    """Print all hosts as JSON."""
    with as_owner(arguments):
        from regulars.accounts.queries import list_hosts  # needs a configured Django

        rows = [{"host": row.host, "account_id": row.account_code, "agency": row.agency_id} for row in list_hosts()]
    print(json.dumps(rows, indent=2))
    return 0


def run_remove(arguments: argparse.Namespace) -> int:
    """Let a host be nobody's own again."""
    with as_owner(arguments):
        from regulars.accounts.operations import remove_host  # needs a configured Django

        remove_host(host=arguments.host)
    return 0
