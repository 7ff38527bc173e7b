# SPDX-License-Identifier: Apache-2.0
"""user_new: adds a user to the account and answers his Security Token (api.md 5)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.api.calls import user_kinds as kinds
from regulars.protocol.kinds import flag, new_password, pin, text
from regulars.protocol.naming import wire_names
from regulars.protocol.params import param
from regulars.protocol.tree import Element
from regulars.users import operations


@dataclass(frozen=True, slots=True)
class Params:
    user_name: str = param(
        kinds.new_user_name(), required=True, missing_text=kinds.NEEDS_NAME, note="the user id; it can never be changed"
    )
    user_new_password: str = param(new_password(), required=True, note="for signing in to the Control Panel")
    user_role: str = param(kinds.role(), required=True, missing_text=kinds.NEEDS_ROLE, note="see the page Permissions")
    allowed_campaigns: kinds.AllowedCampaigns = param(
        kinds.allowed_campaigns(), required=True, note="or allowed_campaigns[]; an Administrator always has all"
    )
    user_first_name: str = param(text(60), default="", note="shown in lists and reports")
    user_last_name: str = param(text(60), default="", note="shown in lists and reports")
    user_custom1: str = param(text(80), default="", note='shown as "Location"; comes back as user_addtl_info')
    user_PIN: str = param(pin(), default="", note="for terminals; unique in the account")  # noqa: N815 - the published name
    language_selector: str | None = param(kinds.language(), note="absent: the account's")
    language_custom: bool = param(flag(), default=False, note="a flag for custom front ends")
    timezone_selector: str | None = param(kinds.time_zone(), note="absent: the account's")


def handle(ctx: Context, params: Params) -> Element:
    """
    Add the user. Nobody gives a role that may more than himself, nor a campaign that he may not enter.

    Queries: 4.
    Raises:  UserIdTaken, also where another account or a deleted user has the User ID; PinInUse; PermissionDenied;
             CampaignNotFound.
    """
    with wire_names(kinds.WIRE_NAMES):
        created = operations.create_user(
            account=ctx.account,
            by=ctx.user,
            at=ctx.at,
            code=params.user_name,
            role=params.user_role,
            password=params.user_new_password,
            campaigns_access=params.allowed_campaigns.access,
            allowed_campaign_ids=kinds.campaign_ids(ctx.account, params.allowed_campaigns.numbers),
            pin=params.user_PIN,
            language=params.language_selector,
            language_custom=params.language_custom,
            timezone=params.timezone_selector,
            first_name=params.user_first_name,
            last_name=params.user_last_name,
            custom1=params.user_custom1,
        )
    return kinds.user_with_key(created.code, created.token)


CALL = Call(
    type="user_new",
    handle=handle,
    params=Params,
    permission="add_user",
    summary="Create New User",
    errors=("campaign_not_found", "user_id_taken", "pin_in_use"),
    writes=True,
    is_sealed=True,
    source="api.md 5",
)
