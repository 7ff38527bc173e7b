# SPDX-License-Identifier: Apache-2.0
"""user_unlock, our extension: lets a user sign in again before the lock of too many wrong passwords is over (ADR-0010)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.api.calls import user_kinds as kinds
from regulars.protocol.kinds import user_code
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, record, success
from regulars.users.operations import unlock_user


@dataclass(frozen=True, slots=True)
class Params:
    user_name: str = param(user_code(), required=True, missing_text=kinds.NEEDS_WHOM, note="also the owner")


def handle(ctx: Context, params: Params) -> Element:
    """
    Forget the wrong passwords counted for a user. Unlocking who is not locked is no error.

    Queries: 2.
    Raises:  UserNotFound, PermissionDenied.
    """
    was_locked = unlock_user(account=ctx.account, by=ctx.user, at=ctx.at, code=params.user_name)
    user = ctx.account.users[params.user_name.lower()]
    return success(record("user", leaf("user_id", user.code), leaf("was_locked", "Yes" if was_locked else "No")))


CALL = Call(
    type="user_unlock",
    handle=handle,
    params=Params,
    permission="unlock_user",
    summary="Unlock User",
    writes=True,
    errors=("user_not_found",),
    source="ADR-0010",
)
