# SPDX-License-Identifier: Apache-2.0
"""generate_time_token: 36 capital letters that are good for a while (api.md 11)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.protocol.kinds import integer
from regulars.protocol.params import param
from regulars.protocol.tree import Element, leaf, success
from regulars.users.time_tokens import INTERVAL_SECONDS_MAX, issue_time_token


@dataclass(frozen=True, slots=True)
class Params:
    token_interval: int = param(integer(1, INTERVAL_SECONDS_MAX), default=60, note="seconds; absent: 60; at most 30 days")


def handle(ctx: Context, params: Params) -> Element:
    """Answer with a token that any user of the account can validate as long as it is good. Nothing is stored."""
    token = issue_time_token(account=ctx.account, by=ctx.user, at=ctx.at, interval_seconds=params.token_interval)
    return success(leaf("token", token))


CALL = Call(
    type="generate_time_token",
    handle=handle,
    params=Params,
    permission=None,
    summary="Token: Get",
    source="api.md 11",
)
