# SPDX-License-Identifier: Apache-2.0
"""account_info: the business behind an account (api.md 4). Till software also signs its user in with it."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.api.calls.account_element import account_members
from regulars.protocol.tree import Element, record, success


@dataclass(frozen=True, slots=True)
class Params:
    """None of its own."""


async def handle(ctx: Context, _params: Params) -> Element:
    """Answer with the account: the business, its contact, its language, currency and time zone."""
    return success(record("account", *account_members(ctx.account)))


CALL = Call(
    type="account_info",
    handle=handle,
    params=Params,
    permission="view_account_info",
    summary="Client - Account Info",
    source="api.md 4",
)
