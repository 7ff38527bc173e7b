# SPDX-License-Identifier: Apache-2.0
"""user_info: who the caller, or another user of the account, is and what he may do (api.md 5)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.accounts.localisation import language_code, time_zone_number
from regulars.api.call import Call, Context
from regulars.api.calls.account_element import allowed_campaigns, permission_members, yes_no
from regulars.protocol.kinds import flag, text
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, record, success
from regulars.users.access import may_manage_user, require
from regulars.users.queries import HIDDEN, get_secrets, get_user


@dataclass(frozen=True, slots=True)
class Params:
    user_name: str = param(text(20), default="", note="another user; absent = the caller")
    suppress_permissions: bool = param(flag(), default=False, note="Yes leaves user_permissions out")
    terminal: bool = param(flag(), default=False, note="taken from old terminals; changes nothing")


def handle(ctx: Context, params: Params) -> Element:
    """
    Answer for the caller or, with ``user_name`` and the permission view_user, for another user.

    Another's key and PIN are shown only to who may manage him (they are empty otherwise): they would lend his rights.

    Queries: 1.
    Raises:  PermissionDenied, UserNotFound.
    """
    user = ctx.user
    if params.user_name and params.user_name.lower() != ctx.user.code.lower():
        require(ctx.user, "view_user")
        user = get_user(account=ctx.account, by=ctx.user, code=params.user_name)
    is_shown = user.id == ctx.user.id or may_manage_user(ctx.user, user)
    secrets = get_secrets(account=ctx.account, user_id=user.id) if is_shown else HIDDEN
    return success(
        record(
            "user",
            leaf("user_id", user.code),
            leaf("user_api_key", secrets.token),
            leaf("user_is_owner", "true" if user.is_owner else "false"),
            leaf("user_first_name", user.first_name),
            leaf("user_last_name", user.last_name),
            leaf("user_PIN", secrets.pin),
            leaf("user_addtl_info", user.custom1),
            leaf("user_language", language_code(user.language)),
            leaf("user_language_custom", yes_no(user.language_custom)),
            leaf("user_timezone", time_zone_number(user.timezone)),
            leaf("user_level", user.role),
            allowed_campaigns("allowed_campaigns", ctx.account, user),
            None if params.suppress_permissions else permission_members(user),
            leaf("account_c2t", yes_no(ctx.account.is_two_tier).lower()),
            leaf("account_coalition", yes_no(ctx.account.is_coalition).lower()),
        )
    )


CALL = Call(
    type="user_info",
    handle=handle,
    params=Params,
    permission=None,
    summary="User Information",
    errors=("user_not_found",),
    source="api.md 5",
)
