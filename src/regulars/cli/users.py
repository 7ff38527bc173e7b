# SPDX-License-Identifier: Apache-2.0
"""``regulars user create``, ``token``, ``unlock`` and ``reset-second-factor``."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from regulars.cli.accounts import add_password_argument, password_of
from regulars.cli.installation import add_place_arguments, configure_django, installation_of

if TYPE_CHECKING:
    from regulars.accounts.directory import AccountConfig


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    group = commands.add_parser("user", help="add a user, show or renew a Security Token, unlock a sign-in")
    actions = group.add_subparsers(dest="action", metavar="ACTION", required=True)
    parser = actions.add_parser("create", help="add a user to an account; prints the Security Token as JSON")
    parser.add_argument("account", metavar="ACCOUNT", help="account id")
    parser.add_argument("code", metavar="USER", help="new user id: letters, digits and _, unique in the installation")
    parser.add_argument("--role", required=True, help="role letter: A, M, N, L, S, D, C, O, K, H, P, Q, F, G or I")
    parser.add_argument("--campaigns", default="all", help="all, none, or campaign ids joined by commas (default: all)")
    parser.add_argument("--first-name", default="")
    parser.add_argument("--last-name", default="")
    parser.add_argument("--email", default="")
    add_password_argument(parser)
    add_place_arguments(parser)
    parser.set_defaults(run=run_create)
    parser = actions.add_parser("token", help="print a user's Security Token as JSON, or give him a new one")
    parser.add_argument("account", metavar="ACCOUNT", help="account id")
    parser.add_argument("code", metavar="USER", help="user id")
    parser.add_argument("--rotate", action="store_true", help="make a new token; the old one stops working")
    parser.add_argument(
        "--overlap", type=int, default=0, metavar="SECONDS", help="with --rotate: the old one works so much longer"
    )
    add_place_arguments(parser)
    parser.set_defaults(run=run_token)
    parser = actions.add_parser("unlock", help="let a user sign in again whom too many wrong passwords have locked out")
    parser.add_argument("account", metavar="ACCOUNT", help="account id")
    parser.add_argument("code", metavar="USER", help="user id; the owner's is the account's")
    parser.add_argument("--address", default="", help="also this network address, where it was locked too")
    add_place_arguments(parser)
    parser.set_defaults(run=run_unlock)
    parser = actions.add_parser(
        "reset-second-factor", help="take away the second factor of a user (the owner, too) who has lost telephone and codes"
    )
    parser.add_argument("account", metavar="ACCOUNT", help="account id")
    parser.add_argument("code", metavar="USER", help="user id; the owner's is the account's")
    add_place_arguments(parser)
    parser.set_defaults(run=run_reset_second_factor)


def run_create(arguments: argparse.Namespace) -> int:
    """Add a user and print his credentials as JSON."""
    place = installation_of(arguments)
    password = password_of(arguments)
    with place.database() as url:
        configure_django(url, place.secret_key())
        from regulars.kit.db import unit_of_work  # these need a configured Django
        from regulars.users.operations import create_user

        account = get_account(arguments.account)
        access, campaign_ids = _campaigns(account, arguments.campaigns)
        with unit_of_work(account.id):
            made = create_user(
                account=account,
                by=None,
                at=datetime.now(UTC),
                code=arguments.code,
                role=arguments.role.upper(),
                password=password,
                campaigns_access=access,
                allowed_campaign_ids=campaign_ids,
                first_name=arguments.first_name,
                last_name=arguments.last_name,
                email=arguments.email,
            )
    print(json.dumps({"account_id": account.code, "user_id": made.code, "user_api_key": made.token}, indent=2))
    return 0


def run_token(arguments: argparse.Namespace) -> int:
    """Print a user's Security Token as JSON."""
    place = installation_of(arguments)
    with place.database() as url:
        configure_django(url, place.secret_key())
        from regulars.errors import InvalidParameter, UserNotFound  # these need a configured Django
        from regulars.kit.db import unit_of_work
        from regulars.users.operations import rotate_token
        from regulars.users.queries import get_secrets

        if arguments.overlap and not arguments.rotate:
            raise InvalidParameter("--overlap", "it belongs to --rotate")
        account = get_account(arguments.account)
        user = account.users.get(arguments.code.lower())
        if user is None:
            raise UserNotFound(f"No user {arguments.code} in account {account.code}.", fields=("user",))
        with unit_of_work(account.id):
            if arguments.rotate:
                token = rotate_token(
                    account=account, by=None, at=datetime.now(UTC), code=user.code, overlap_seconds=arguments.overlap
                )
            else:
                token = get_secrets(account=account, user_id=user.id).token
    print(json.dumps({"account_id": account.code, "user_id": user.code, "user_api_key": token}, indent=2))
    return 0


def run_unlock(arguments: argparse.Namespace) -> int:
    """Let a user sign in again, and say whether he was locked."""
    place = installation_of(arguments)
    with place.database() as url:
        configure_django(url, place.secret_key())
        from regulars.kit.db import unit_of_work  # these need a configured Django
        from regulars.users.operations import unlock_user
        from regulars.users.sign_in import forget_attempts

        account = get_account(arguments.account)
        with unit_of_work(account.id):
            was_locked = unlock_user(account=account, by=None, at=datetime.now(UTC), code=arguments.code)
            if arguments.address:
                forget_attempts(address=arguments.address)
    print(json.dumps({"account_id": account.code, "user_id": arguments.code, "was_locked": was_locked}, indent=2))
    return 0


def run_reset_second_factor(arguments: argparse.Namespace) -> int:
    """Take a user's second factor away, and end his sessions: the password alone signs him in."""
    place = installation_of(arguments)
    with place.database() as url:
        configure_django(url, place.secret_key())
        from regulars.kit.db import unit_of_work  # these need a configured Django
        from regulars.users.second_factor import reset_second_factor

        account = get_account(arguments.account)
        with unit_of_work(account.id):
            reset_second_factor(account=account, by=None, at=datetime.now(UTC), code=arguments.code)
    print(json.dumps({"account_id": account.code, "user_id": arguments.code, "second_factor": "off"}, indent=2))
    return 0


def get_account(code: str) -> AccountConfig:
    """Return an account by its code, which is its owner's user id too. Raises AccountNotFound."""
    from regulars.accounts.queries import find_account_config_by_user  # needs a configured Django
    from regulars.errors import AccountNotFound

    account = find_account_config_by_user(code)
    if account is None or account.code.lower() != code.lower():
        raise AccountNotFound(f"There is no account {code}.")
    return account


def _campaigns(account: AccountConfig, given: str) -> tuple[str, list[int]]:
    from regulars.errors import CampaignNotFound

    if given in ("all", "none"):
        return given, []
    ids = []
    for number in given.split(","):
        campaign = account.campaigns.get(number.strip())
        if campaign is None:
            raise CampaignNotFound(f"No campaign {number.strip()} in account {account.code}.", fields=("campaigns",))
        ids.append(campaign.id)
    return "some", ids
