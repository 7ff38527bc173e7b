# SPDX-License-Identifier: Apache-2.0
"""``regulars code``, ``regulars coalition`` and ``regulars two-tier``: what the platform owner does about modules."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from regulars.cli.installation import add_place_arguments, configure_django, installation_of
from regulars.cli.progress import say
from regulars.cli.users import get_account
from regulars.errors import CampaignNotFound, InvalidParameter

if TYPE_CHECKING:
    from regulars.accounts.directory import AccountConfig
    from regulars.coalition.operations import Switched
    from regulars.transactions.account_modules import ModuleChange


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    group = commands.add_parser("code", help="make, list and revoke Activation Codes").add_subparsers(
        dest="action", metavar="ACTION", required=True
    )
    parser = group.add_parser(
        "create",
        help="make an Activation Code that opens a module for one account, once; prints it as JSON",
        description="Make an Activation Code. It is entered in the Control Panel or by account_update (activation_code), and "
        "works once, on this installation only.",
    )
    parser.add_argument("--module", required=True, choices=["coalition", "two_tier"], help="what it opens")
    parser.add_argument("--account", default="", metavar="ACCOUNT", help="only this account can use it (default: any)")
    parser.add_argument("--days", type=int, default=0, help="for how many days it can be used (default: without end)")
    add_place_arguments(parser)
    parser.set_defaults(run=run_code)
    parser = group.add_parser("list", help="print the latest codes as JSON, with what became of them")
    parser.add_argument("--count", type=int, default=100, help="how many (default: 100)")
    add_place_arguments(parser)
    parser.set_defaults(run=run_code_list)
    parser = group.add_parser("revoke", help="let a code that was not used open nothing any more")
    parser.add_argument("number", metavar="NUMBER", help="the code's own number, as code list prints it")
    add_place_arguments(parser)
    parser.set_defaults(run=run_code_revoke)
    parser = commands.add_parser(
        "coalition",
        help="let an account's campaigns share their balances, or take them apart again",
        description="Switch a coalition on or off; balances move by entries, and no total changes. --dry-run shows what would "
        "move. undo takes the last switch back, which is possible while nothing else was recorded. Prints JSON.",
    )
    parser.add_argument("account", metavar="ACCOUNT", help="account id")
    parser.add_argument("direction", choices=["on", "off", "undo"])
    parser.add_argument("--dry-run", action="store_true", help="show what would move; change nothing")
    add_place_arguments(parser)
    parser.set_defaults(run=run_coalition)
    parser = commands.add_parser(
        "two-tier",
        help="let a share of what is earned anywhere in an account go to a master campaign too",
        description="Set an account's second tier, or end it with --off. It holds from the next sale on. Prints JSON.",
    )
    parser.add_argument("account", metavar="ACCOUNT", help="account id")
    parser.add_argument("--master", default="", metavar="CAMPAIGN", help="id of the master campaign")
    parser.add_argument("--percentage", default="", help="share of each earning, such as 10 or 2.5")
    parser.add_argument("--rounding", choices=["down", "nearest", "up"], help="how the share is made whole (default: down)")
    parser.add_argument("--off", action="store_true", help="no second tier any more; what was contributed stays")
    add_place_arguments(parser)
    parser.set_defaults(run=run_two_tier)


def run_code(arguments: argparse.Namespace) -> int:
    """Make a code and print it as JSON."""
    place = installation_of(arguments)
    with place.database() as url:
        configure_django(url, place.secret_key())
        from regulars.transactions.activation_codes import issue_activation_code  # needs a configured Django

        bound = get_account(arguments.account).code if arguments.account else ""
        code = issue_activation_code(
            account=None, by=None, at=datetime.now(UTC), module=arguments.module, account_code=bound, days=arguments.days
        )
    shown = {"activation_code": code, "module": arguments.module, "account_id": bound or None, "days": arguments.days or None}
    print(json.dumps(shown, indent=2))
    return 0


def run_code_list(arguments: argparse.Namespace) -> int:
    """Print codes as JSON."""
    place = installation_of(arguments)
    with place.database() as url:
        configure_django(url, place.secret_key())
        from regulars.transactions.activation_codes import list_activation_codes  # needs a configured Django

        rows = list_activation_codes(account=None, by=None, at=datetime.now(UTC), length=arguments.count)
    shown = [
        {
            "number": row.number, "activation_code": row.text if row.state == "open" else None, "module": row.module,
            "account_id": row.account_code or None, "last_day": row.last_day, "issued_at": row.issued_at,
            "issued_by": row.issued_by or None, "state": row.state, "used_at": row.used_at, "used_by": used_by or None,
        }
        for row, used_by in rows
    ]  # fmt: skip
    print(json.dumps(shown, indent=2, default=str))
    return 0


def run_code_revoke(arguments: argparse.Namespace) -> int:
    """Revoke a code."""
    place = installation_of(arguments)
    with place.database() as url:
        configure_django(url, place.secret_key())
        from regulars.transactions.activation_codes import revoke_activation_code  # needs a configured Django

        revoke_activation_code(account=None, by=None, at=datetime.now(UTC), number=arguments.number)
    say("It was revoked.")
    return 0


def run_coalition(arguments: argparse.Namespace) -> int:
    """Switch, bring every balance to its place, and print what moved as JSON."""
    place = installation_of(arguments)
    with place.database() as url:
        configure_django(url, place.secret_key())
        from regulars.transactions.account_modules import ModuleChange  # needs a configured Django

        account, switched = _change(arguments.account, arguments.dry_run, ModuleChange(coalition=arguments.direction))
        if not arguments.dry_run:
            _follow(account, switched)
    assert switched is not None
    print(json.dumps(_shown(account, switched), indent=2, ensure_ascii=False))
    return 0


def run_two_tier(arguments: argparse.Namespace) -> int:
    """Set or end the second tier and print it as JSON."""
    place = installation_of(arguments)
    with place.database() as url:
        configure_django(url, place.secret_key())
        account = get_account(arguments.account)
        account, _ = _change(arguments.account, False, _terms(account, arguments))
    master = account.campaigns_by_id.get(account.master_campaign_id or 0)
    shown = {
        "account_id": account.code,
        "master_campaign": master.number if master else None,
        "contribution_ppm": account.contribution_ppm,
        "rounding": account.contribution_rounding,
    }
    print(json.dumps(shown, indent=2))
    return 0


def _terms(account: AccountConfig, arguments: argparse.Namespace) -> ModuleChange:
    """Return what the options say. Raises InvalidParameter, CampaignNotFound."""
    from regulars.coalition.rules import percentage_ppm  # these need a configured Django
    from regulars.transactions.account_modules import ModuleChange

    given = {
        "contribution_ppm": percentage_ppm(arguments.percentage) if arguments.percentage else None,
        "contribution_rounding": arguments.rounding,
    }
    if arguments.off:
        if arguments.master or any(given.values()):
            raise InvalidParameter("--off", "it stands alone")
        return ModuleChange(master_campaign_id=None)
    if not arguments.master:
        return ModuleChange(**given)
    campaign = account.campaigns.get(arguments.master)
    if campaign is None:
        raise CampaignNotFound(f"No campaign {arguments.master} in account {account.code}.", fields=("--master",))
    return ModuleChange(master_campaign_id=campaign.id, **given)


def _change(code: str, dry_run: bool, change: ModuleChange) -> tuple[AccountConfig, Switched | None]:
    """Carry out a change in the account's unit of work; return the account afterwards."""
    from django.db import transaction

    from regulars.accounts.queries import get_account_config
    from regulars.kit.db import unit_of_work
    from regulars.transactions.account_modules import change_modules

    account = get_account(code)
    with unit_of_work(account.id):
        switched = change_modules(account=account, by=None, at=_now(account), change=change)
        after = get_account_config(account.id)
        if dry_run:
            transaction.set_rollback(True)
    return after, switched


def _follow(account: AccountConfig, switched: Switched | None) -> None:
    """Bring the rest of the customers' balances to their place, some at a time; the server may go on selling meanwhile."""
    from regulars.accounts.queries import get_account_config
    from regulars.coalition.operations import follow
    from regulars.kit.db import unit_of_work

    moved = 0
    while switched is not None and not switched.is_complete:
        with unit_of_work(account.id):
            fresh = get_account_config(account.id)
            count = follow(account=fresh, at=_now(fresh))
        if not count:
            return
        moved += count
        if moved % 1_000 < count:
            say(f"{moved} customers moved.")


def _now(account: AccountConfig) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=account.test_clock_offset_seconds)


def _shown(account: AccountConfig, switched: Switched) -> dict[str, Any]:
    def amount(number: int, is_money: bool) -> str:
        return account.currency.text(number) if is_money else str(number)

    return {
        "account_id": account.code,
        "coalition": switched.is_coalition,
        "changed": switched.is_change,
        "customers": switched.customers,
        "campaigns": [
            {
                "id": move.number, "name": move.name, "type": move.kind, "customers": move.customers,
                "amount": amount(move.amount, move.is_money), "debt": amount(move.debt, move.is_money),
            }
            for move in switched.campaigns
        ],
    }  # fmt: skip
