# SPDX-License-Identifier: Apache-2.0
"""campaign_users: lets users into one campaign, or shuts them out of it (api.md 5)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context, Family
from regulars.api.calls import campaign_kinds
from regulars.campaigns.queries import get_campaign
from regulars.protocol.kinds import comma_list, text
from regulars.protocol.params import param
from regulars.protocol.tree import Element, items, leaf, success
from regulars.users.operations import change_campaign_access


@dataclass(frozen=True, slots=True)
class Params:
    campaign_id: str = param(campaign_kinds.campaign_id(), required=True, note="one")
    users_list: tuple[str, ...] = param(comma_list(text(20)), required=True, note="User IDs; or users_list[]")


def add(ctx: Context, params: Params) -> Element:
    """
    Let users into the campaign; only those really changed are listed.

    Left out: unknown users, who has access already, who may not be managed by the caller, and the caller himself.
    """
    return _change(ctx, params, is_allowed=True)


def remove(ctx: Context, params: Params) -> Element:
    """
    Shut users out of the campaign; only those really changed are listed.

    Who had all campaigns keeps all the others of today. Left out: unknown users, who has no access, the owner and
    Administrators (they always have), who may not be managed by the caller, and the caller himself.
    """
    return _change(ctx, params, is_allowed=False)


def _change(ctx: Context, params: Params, *, is_allowed: bool) -> Element:
    campaign = get_campaign(account=ctx.account, by=ctx.user, number=params.campaign_id)
    changed = change_campaign_access(
        account=ctx.account, by=ctx.user, at=ctx.at, campaign_id=campaign.id, codes=params.users_list, is_allowed=is_allowed
    )
    return success(items("users_added" if is_allowed else "users_removed", (leaf("user", code) for code in changed)))


FAMILY = Family(
    type="campaign_users",
    selector="action",
    calls={
        "add": Call(
            type="campaign_users",
            handle=add,
            params=Params,
            permission="edit_users_campaigns_list",
            summary="Add Users to Campaign",
            errors=("campaign_not_found",),
            writes=True,
            source="api.md 5",
        ),
        "remove": Call(
            type="campaign_users",
            handle=remove,
            params=Params,
            permission="edit_users_campaigns_list",
            summary="Remove Users from Campaign",
            errors=("campaign_not_found",),
            writes=True,
            source="api.md 5",
        ),
    },
)
