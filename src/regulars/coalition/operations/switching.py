# SPDX-License-Identifier: Apache-2.0
"""An account becomes a coalition, or ceases to be one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.models import Account
from regulars.campaigns.models import Campaign
from regulars.campaigns.operations import set_pools
from regulars.coalition.models import Switch
from regulars.coalition.operations.following import follow_change, lock_pools
from regulars.coalition.queries import CampaignMove, find_last_switch, list_moves, something_happened_since
from regulars.coalition.rules import (
    ModuleNotActivated,
    Pools,
    SwitchStands,
    campaigns_to_join,
    pools_of,
    refuse_sharing_master,
)


@dataclass(frozen=True, slots=True)
class Switched:
    """
    What a switch moved. ``is_complete``: all balances are where they belong; else they follow, customer by customer.

    Units: ``customers``: how many are in any campaign that moved. Figures as booked before the switch.
    """

    is_coalition: bool
    is_change: bool
    customers: int = 0
    campaigns: tuple[CampaignMove, ...] = ()
    is_complete: bool = True


def switch_coalition(*, account: AccountConfig, by: UserConfig | None, at: datetime, on: bool) -> Switched:
    """
    Let all campaigns that did not opt out share one balance of points and one of stored value, or give each its own again.

    Balances move by entries, and no total changes: with a campaign goes what was earned in it and is left. The change itself is
    one row for each campaign, whatever the number of customers; their balances follow at once in small accounts, else at
    their next transaction or when the job comes to them (ADR-0013). What is there already is not changed.

    To preview it, run it in a unit of work that is rolled back. ``by`` None = the platform owner.

    Writes:  1 switch, the account, campaigns; entries for up to 100 customers.
    Raises:  ModuleNotActivated, InvalidParameter("coalition"), BalancesMoving, StaleConfiguration, LockTimeout.
    Source:  concepts.md 6; ADR-0013.
    """
    if account.is_coalition is on:
        return Switched(on, is_change=False)
    if on and "coalition" not in account.modules:
        raise ModuleNotActivated(fields=("coalition",))
    account = lock_pools(account, at)
    if on:
        pools = _pools(account)
        moving: dict[int, int | None] = {**campaigns_to_join(account.campaigns.values(), pools)}
        refuse_sharing_master(account, moving)
    else:
        known = pools_of(account)
        assert known is not None
        pools, moving = known, dict.fromkeys(_sharing(account))
    return _switch(account, by, at, pools, moving, on=on)


def undo_switch(*, account: AccountConfig, by: UserConfig | None, at: datetime) -> Switched:
    """
    Take the last switch back, so that every balance is exactly what it was: possible while nothing else happened.

    Writes:  as switch_coalition.
    Raises:  SwitchStands where there is none, or something was recorded since; BalancesMoving, StaleConfiguration, LockTimeout.
    """
    last = find_last_switch(account=account)
    if last is None or last.undone_at is not None:
        raise SwitchStands("There is nothing to undo", fields=("coalition",))
    account = lock_pools(account, at)
    if something_happened_since(account=account, switch=last):
        raise SwitchStands(fields=("coalition",))
    pools = Pools(last.pool_points_id, last.pool_money_id)
    on = last.direction == "off"
    moved = Campaign.objects.filter(account_id=account.id, id__in=last.campaign_ids).values_list("id", "kind")
    moving = {campaign_id: pools.of_kind(kind) if on else None for campaign_id, kind in moved}
    switched = _switch(account, by, at, pools, moving, on=on)
    # Neither can be undone any more: the one taken back, nor the taking back.
    Switch.objects.filter(account_id=account.id, id__gte=last.id).update(undone_at=at)
    return switched


def _switch(
    account: AccountConfig, by: UserConfig | None, at: datetime, pools: Pools, moving: dict[int, int | None], *, on: bool
) -> Switched:
    customers, moves = list_moves(account=account, campaign_ids=tuple(moving))
    Switch.objects.create(
        account_id=account.id, direction="on" if on else "off", pool_points_id=pools.points_id, pool_money_id=pools.money_id,
        campaign_ids=sorted(moving), user_id=by.id if by else 0, created_at=at, last_entry_id=_last_entry_id(account),
    )  # fmt: skip
    Account.objects.filter(id=account.id).update(
        coalition_pool_points_id=pools.points_id if on else None, coalition_pool_money_id=pools.money_id if on else None
    )
    set_pools(account=account, at=at, pools=moving)
    return Switched(on, True, customers, moves, follow_change(account.id, at))


def _pools(account: AccountConfig) -> Pools:
    """The pools the account had before, or new ones: numbers that no campaign has."""
    last = find_last_switch(account=account)
    if last is not None:
        return Pools(last.pool_points_id, last.pool_money_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('campaigns_campaigns_id_seq'), nextval('campaigns_campaigns_id_seq')")
        ((points_id, money_id),) = cursor.fetchall()
    return Pools(points_id, money_id)


def _sharing(account: AccountConfig) -> list[int]:
    """Every campaign that shares its balances, deleted ones too."""
    return list(
        Campaign.objects.filter(account_id=account.id, pool_id__isnull=False).order_by("id").values_list("id", flat=True)
    )


def _last_entry_id(account: AccountConfig) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM ledger_entries WHERE account_id = %s", [account.id])
        ((last,),) = cursor.fetchall()
    return int(last)
