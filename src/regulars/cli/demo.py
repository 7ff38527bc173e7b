# SPDX-License-Identifier: Apache-2.0
"""``regulars demo``: two businesses to try things on, made through operations only, the same on every machine."""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from regulars.cli.installation import add_place_arguments, configure_django, installation_of
from regulars.cli.progress import say
from regulars.errors import Conflict


class DemoCodeTaken(Conflict):
    code = "demo_code_taken"


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    parser = commands.add_parser(
        "demo",
        help="make the demo business, and print its users",
        description="Make two demo accounts with campaigns of every kind, users, customers and sales. Running it again changes "
        "nothing. The tokens are known to everybody: never put real customers beside them. Prints JSON.",
    )
    add_place_arguments(parser)
    parser.set_defaults(run=run_demo)


def run_demo(arguments: argparse.Namespace) -> int:
    """Make the demo business and print its accounts as JSON."""
    from regulars.cli.database import migrate  # Django is set up below

    place = installation_of(arguments)
    with place.database(create=True) as url:
        configure_django(url, place.secret_key(create=True), as_owner=True)
        migrate()
        made = make_demo_in_application_role(say)
    print(json.dumps({"accounts": made}, indent=2, ensure_ascii=False))
    return 0


def make_demo_in_application_role(say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Make the demo as any caller would: with row-level security in force. Django is configured as the owner."""
    from django.db import connection

    from regulars.kit.environment import APP_ROLE

    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {APP_ROLE}")
    try:
        return make_demo(say=say)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


def make_demo(*, say: Callable[[str], None], anchor: datetime | None = None) -> list[dict[str, Any]]:
    """
    Make the demo accounts that are not there yet, each whole or not at all, and describe all as the ready file does.

    ``anchor``: when the demo's story begins; its times are fixed relative to it. None = ``ANCHOR_DAYS`` ago, midnight UTC.
    Raises: DemoCodeTaken where a real account has the name.
    """
    from django.db import transaction

    from regulars.accounts.queries import find_account_config_by_user
    from regulars.cli.demo_account import describe_account, make_account
    from regulars.cli.demo_cast import ANCHOR_DAYS, BUSINESSES, SEED

    if anchor is None:
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        anchor = today - timedelta(days=ANCHOR_DAYS)
    described = []
    for number, business in enumerate(BUSINESSES):
        account = find_account_config_by_user(business.code)
        if account is not None and not account.is_demo:
            raise DemoCodeTaken(f"The demo account {business.code} can not be made: a real account has that name.")
        if account is None:
            say(f"Making the demo account {business.code} ({business.name}).")
            with transaction.atomic():
                make_account(business, rng=random.Random(SEED + number), anchor=anchor)
        described.append(describe_account(business))
    return described
