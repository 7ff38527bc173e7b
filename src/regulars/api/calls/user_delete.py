# SPDX-License-Identifier: Apache-2.0
"""user_delete: marks a user deleted, or deletes him for good (api.md 5)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.api.calls import user_kinds as kinds
from regulars.protocol.kinds import choice, user_code
from regulars.protocol.params import param
from regulars.protocol.tree import Element, success
from regulars.users import operations


@dataclass(frozen=True, slots=True)
class Params:
    user_name: str = param(user_code(), required=True, missing_text=kinds.NEEDS_WHOM, note="the user id of who is deleted")
    action: str = param(
        choice("permanent"), default="",
        note="permanent: the User ID becomes free, and past transactions lose the name; absent: the User ID stays taken",
    )  # fmt: skip


def handle(ctx: Context, params: Params) -> Element:
    """
    Delete the user; his Security Token and password stop at once. ``permanent`` also reaches who was marked deleted before.

    Queries: 1, permanent 4.
    Raises:  UserNotFound; PermissionDenied for the owner and for oneself.
    """
    delete = operations.erase_user if params.action else operations.delete_user
    delete(account=ctx.account, by=ctx.user, at=ctx.at, code=params.user_name)
    return success()


CALL = Call(
    type="user_delete",
    handle=handle,
    params=Params,
    permission="delete_user",
    summary="Delete User",
    errors=("user_not_found",),
    writes=True,
    source="api.md 5",
)
