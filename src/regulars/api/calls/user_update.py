# SPDX-License-Identifier: Apache-2.0
"""user_update: changes a user of the account; his User ID never changes (api.md 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from regulars.accounts.rules import CALLS_PER_MINUTE_MAX
from regulars.api.call import Call, Context
from regulars.api.calls import user_kinds as kinds
from regulars.protocol.kinds import flag, integer, new_password, pin, text, user_code
from regulars.protocol.naming import wire_names
from regulars.protocol.params import param
from regulars.protocol.tree import Element
from regulars.users import operations
from regulars.users.access import require
from regulars.users.queries import get_secrets, get_user


@dataclass(frozen=True, slots=True)
class Params:
    user_name: str = param(user_code(), required=True, missing_text=kinds.NEEDS_WHOM, note="who is changed; never changes")
    user_new_password: str | None = param(new_password(), note="blank: unchanged")
    user_first_name: str | None = param(text(60), keeps_blank=True, note="blank: taken away")
    user_last_name: str | None = param(text(60), keeps_blank=True, note="blank: taken away")
    user_custom1: str | None = param(text(80), keeps_blank=True, note="blank: taken away")
    user_PIN: str | None = param(  # noqa: N815 - the published name
        pin(), keeps_blank=True, note="unique in the account; blank: taken away"
    )
    language_selector: str | None = param(kinds.language(), note="the language the user reads")
    language_custom: bool | None = param(flag(), note="a flag for custom front ends")
    timezone_selector: str | None = param(kinds.time_zone(), note="the user's own; absent: the account's")
    user_role: str | None = param(kinds.role(), note="see the page Permissions; nobody gives more than he has")
    allowed_campaigns: kinds.AllowedCampaigns | None = param(
        kinds.allowed_campaigns(), note="or allowed_campaigns[]; no effect on an Administrator"
    )
    calls_per_minute: int | str | None = param(
        integer(1, CALLS_PER_MINUTE_MAX),
        keeps_blank=True,
        note="extension: how many calls he may make; blank: as the account says",
    )


def handle(ctx: Context, params: Params) -> Element:
    """
    Change what is given. Who may do more than the caller, and the owner, cannot be changed by him.

    Queries: 2.
    Raises:  UserNotFound, PinInUse, PermissionDenied, CampaignNotFound.
    """
    user = get_user(account=ctx.account, by=ctx.user, code=params.user_name)
    given = {"first_name": params.user_first_name, "last_name": params.user_last_name, "custom1": params.user_custom1}
    texts: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    allowed = params.allowed_campaigns
    if allowed is not None:
        require(ctx.user, "edit_users_campaigns_list")
    with wire_names(kinds.WIRE_NAMES):
        operations.update_user(
            account=ctx.account,
            by=ctx.user,
            at=ctx.at,
            code=user.code,
            role=params.user_role,
            password=params.user_new_password,
            campaigns_access=allowed.access if allowed is not None else None,
            allowed_campaign_ids=kinds.campaign_ids(ctx.account, allowed.numbers) if allowed is not None else (),
            language=params.language_selector,
            language_custom=params.language_custom,
            timezone=params.timezone_selector,
            pin=params.user_PIN,
            calls_per_minute=None if params.calls_per_minute is None else int(params.calls_per_minute or 0),
            **texts,
        )
    return kinds.user_with_key(user.code, get_secrets(account=ctx.account, user_id=user.id).token)


CALL = Call(
    type="user_update",
    handle=handle,
    params=Params,
    permission="edit_user",
    summary="Update User Information",
    errors=("campaign_not_found", "user_not_found", "pin_in_use"),
    writes=True,
    is_sealed=True,
    source="api.md 5",
)
