# SPDX-License-Identifier: Apache-2.0
"""user_login: a login password is exchanged for the Security Token (api.md 5 and 13)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.api.calls.account_element import account_members
from regulars.protocol.tree import Element, leaf, record, success
from regulars.users.queries import get_secrets


@dataclass(frozen=True, slots=True)
class Params:
    """None of its own: the edge has signed the user in by then."""


def handle(ctx: Context, _params: Params) -> Element:
    """
    Answer with the account, as account_info does, and the user's Security Token. Slowed and locked after failures.

    Queries: 1.
    """
    secrets = get_secrets(account=ctx.account, user_id=ctx.user.id)
    return success(
        record(
            "account",
            *account_members(ctx.account),
            leaf("user_id", ctx.user.code),
            leaf("user_api_key", secrets.token),
        )
    )


CALL = Call(
    type="user_login",
    handle=handle,
    params=Params,
    permission=None,
    summary="Log a user in with the login password",
    needs_account_id=False,
    credentials="password",
    source="api.md 5, 13",
)
