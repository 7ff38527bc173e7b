# SPDX-License-Identifier: Apache-2.0
"""``regulars brand set|show``: under which name and colours an account or an agency shows itself."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

from regulars.cli.hosts import add_owner_arguments, as_owner, owning_account
from regulars.cli.installation import add_place_arguments
from regulars.errors import InvalidParameter

TEXTS = {
    "name": "shown at the top of its pages",
    "accent_colour": "of links and buttons, like #1f5f8b; it must be readable on white",
    "bar_colour": "of headings, like #dcecf7",
    "mail_name": "whom mails come from",
    "mail_reply_to": "where answers to mails go",
}


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    group = commands.add_parser("brand", help="name, colours, logo and mail sender of an account or an agency")
    actions = group.add_subparsers(dest="action", metavar="ACTION", required=True)
    parser = actions.add_parser("set", help="change some of it; an empty text is taken back to the agency's, or ours")
    add_owner_arguments(parser)
    for name, note in TEXTS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", help=note)
    parser.add_argument("--logo", metavar="FILE", help="PNG or JPEG, at most 256 KiB; '' takes it away")
    add_place_arguments(parser)
    parser.set_defaults(run=run_set)
    parser = actions.add_parser("show", help="print what is set as JSON")
    add_owner_arguments(parser)
    add_place_arguments(parser)
    parser.set_defaults(run=run_show)


def run_set(arguments: argparse.Namespace) -> int:
    """Change some of a brand and print it as JSON."""
    changes = {name: getattr(arguments, name) for name in TEXTS if getattr(arguments, name) is not None}
    logo = _logo(arguments.logo)
    with as_owner(arguments):
        from regulars.accounts.operations import set_brand  # these need a configured Django
        from regulars.kit.db import unit_of_work

        account = owning_account(arguments)
        with unit_of_work(account.id):
            set_brand(account=account, at=datetime.now(UTC), changes=changes, logo=logo)
        _print(arguments)
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Print what is set of a brand."""
    with as_owner(arguments):
        _print(arguments)
    return 0


def _print(arguments: argparse.Namespace) -> None:
    from regulars.accounts.queries import get_brand  # these need a configured Django
    from regulars.kit.db import unit_of_work

    account = owning_account(arguments)
    with unit_of_work(account.id):
        brand = get_brand(account=account)
    shown = {name: getattr(brand, name) for name in TEXTS}
    print(json.dumps({"account_id": account.code, **shown, "has_logo": brand.logo is not None}, indent=2))


def _logo(given: str | None) -> bytes | None:
    if not given:
        return None if given is None else b""
    try:
        return Path(given).read_bytes()
    except OSError as error:
        raise InvalidParameter("--logo", f"{given} can not be read: {error.strerror}") from error
