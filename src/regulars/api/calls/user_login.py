# SPDX-License-Identifier: Apache-2.0
"""user_login: a login password is exchanged for the Security Token (api.md 5 and 13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from regulars.api.call import Call, Context
from regulars.api.calls.account_element import account_members
from regulars.protocol.kinds import password
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, record, success
from regulars.users.queries import get_secrets
from regulars.users.second_factor import check_login_code


@dataclass(frozen=True, slots=True)
class Params:
    second_factor_code: str = param(
        password(20),
        default="",
        note="where the user has a second factor: the code of his authenticator app, or a recovery code; our extension",
    )


def handle(ctx: Context, params: Params) -> Element:
    """
    Answer with the account, as account_info does, and the user's Security Token. Slowed and locked after failures. Who has a
    second factor in the Control Panel needs its code here, too: else the password alone would lend all that the token may.

    Queries: 2; 6 to 8 with a code.
    Raises:  SecondFactorMissing, WrongCode; RateLimited after five wrong codes.
    """
    real_at = ctx.at - timedelta(seconds=ctx.account.test_clock_offset_seconds)  # telephones know no test clock
    check_login_code(account=ctx.account, user=ctx.user, at=real_at, code=params.second_factor_code)
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
    errors=("second_factor_missing", "wrong_code"),
    needs_account_id=False,
    credentials="password",
    source="api.md 5, 13",
)
