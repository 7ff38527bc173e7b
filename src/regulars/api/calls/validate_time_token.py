# SPDX-License-Identifier: Apache-2.0
"""validate_time_token: whether a token of generate_time_token is still good (api.md 11)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.protocol.kinds import text
from regulars.protocol.params import param
from regulars.protocol.tree import Element
from regulars.users.time_tokens import check_time_token


@dataclass(frozen=True, slots=True)
class Params:
    token: str = param(text(36), required=True, note="36 capital letters")


def handle(ctx: Context, params: Params) -> Element:
    """Answer ``<response status="valid"></response>``, or an error. A token may be validated more than once."""
    check_time_token(account=ctx.account, by=ctx.user, at=ctx.at, token=params.token)
    return Element("response", attributes={"status": "valid"})


CALL = Call(
    type="validate_time_token",
    handle=handle,
    params=Params,
    permission=None,
    summary="Token: Validate",
    errors=("time_token_not_valid", "time_token_expired"),
    source="api.md 11",
)
