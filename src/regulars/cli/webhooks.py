# SPDX-License-Identifier: Apache-2.0
"""``regulars webhooks list|replay``: who is told what happens in an account, and telling it again."""

from __future__ import annotations

import argparse
import dataclasses
import json
from datetime import UTC, datetime

from regulars.cli.installation import add_place_arguments, configure_django, installation_of
from regulars.cli.users import get_account


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    group = commands.add_parser("webhooks", help="list an account's webhooks, or send what happened once more")
    actions = group.add_subparsers(dest="action", metavar="ACTION", required=True)
    parser = actions.add_parser("list", help="print an account's webhooks and how they fare as JSON")
    parser.add_argument("account", metavar="ACCOUNT", help="account id")
    add_place_arguments(parser)
    parser.set_defaults(run=run_list)
    parser = actions.add_parser(
        "replay",
        help="send all that happened since a time once more",
        description="Send all that happened since a time to a webhook, from the books: also what it missed while it was off. "
        "The running jobs do it. What it had already comes under the same webhook-id.",
    )
    parser.add_argument("account", metavar="ACCOUNT", help="account id")
    parser.add_argument("--id", type=int, required=True, help="a webhook, as list prints it")
    parser.add_argument(
        "--since", required=True, metavar="TIME", help="YYYY-MM-DD HH:MM:SS of the account, 30 days ago at most"
    )
    add_place_arguments(parser)
    parser.set_defaults(run=run_replay)


def run_list(arguments: argparse.Namespace) -> int:
    """Print an account's endpoints as JSON; no secrets are in it."""
    place = installation_of(arguments)
    with place.database() as url:
        configure_django(url, place.secret_key())
        from regulars.kit.db import unit_of_work  # these need a configured Django
        from regulars.webhooks.queries import list_endpoints

        account = get_account(arguments.account)
        with unit_of_work(account.id):
            found = list_endpoints(account=account, by=None)
    print(json.dumps([dataclasses.asdict(row) for row in found], indent=2, default=_written))
    return 0


def run_replay(arguments: argparse.Namespace) -> int:
    """Move an endpoint's place in the books back."""
    place = installation_of(arguments)
    with place.database() as url:
        configure_django(url, place.secret_key())
        from regulars.accounts.dates import read_date_time  # these need a configured Django
        from regulars.kit.db import unit_of_work
        from regulars.webhooks.operations import send_again_since

        account = get_account(arguments.account)
        since = read_date_time("--since", arguments.since, account.zone)
        with unit_of_work(account.id):
            send_again_since(account=account, by=None, at=datetime.now(UTC), endpoint_id=arguments.id, since=since)
    return 0


def _written(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()
