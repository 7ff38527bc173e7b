# SPDX-License-Identifier: Apache-2.0
"""A campaign leaves the coalition, or comes back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.campaigns import operations as campaigns
from regulars.coalition.operations.following import follow_change, lock_pools
from regulars.coalition.rules import pools_of, refuse_sharing_master
from regulars.kit.unchanged import UNCHANGED, Unchanged


def change_campaign(
    *,
    account: AccountConfig,
    by: UserConfig,
    at: datetime,
    campaign_id: int,
    coalition_opt_out: bool | Unchanged = UNCHANGED,
    **settings: Any,
) -> None:
    """
    Change a campaign, also whether it shares its balances with the coalition; ``settings`` as campaigns.update_campaign.

    In a coalition the campaign's balances move by entries: what was earned in it and is left goes with it, so that no total
    changes. Elsewhere the wish is noted for when the account becomes one.

    Writes: as campaigns.update_campaign; entries for up to 100 customers at once (ADR-0013).
    Raises: as campaigns.update_campaign; InvalidParameter("coalition"), BalancesMoving, StaleConfiguration, LockTimeout.
    Source: api.md 9 campaign_update; concepts.md 6.
    """
    if account.is_coalition and coalition_opt_out is not UNCHANGED:
        lock_pools(account, at)
    campaign = campaigns.locked_campaign(account, campaign_id)
    is_change = coalition_opt_out is not UNCHANGED and coalition_opt_out != campaign.coalition_opt_out
    pools = pools_of(account)
    shared = pools.of_kind(campaign.kind) if pools else None
    if is_change and shared is not None and not coalition_opt_out:
        refuse_sharing_master(account, [campaign_id])
    campaigns.update_campaign(
        account=account, by=by, at=at, campaign_id=campaign_id, coalition_opt_out=coalition_opt_out, **settings
    )
    if is_change and shared is not None:
        campaigns.set_pools(account=account, at=at, pools={campaign_id: None if coalition_opt_out else shared})
        follow_change(account.id, at)
