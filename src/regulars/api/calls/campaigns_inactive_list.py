# SPDX-License-Identifier: Apache-2.0
"""campaigns_inactive_list: the campaigns on hold that the user may see (api.md 9)."""

from __future__ import annotations

from regulars.api.call import Call, Context
from regulars.api.calls.campaigns_list import Params, list_of_state
from regulars.protocol.tree import Element


def handle(ctx: Context, params: Params) -> Element:
    """List the campaigns on hold, as ``campaigns_list`` lists the active ones. Deleted ones are in neither."""
    return list_of_state(ctx, params, "on_hold")


CALL = Call(
    type="campaigns_inactive_list",
    handle=handle,
    params=Params,
    permission="open_campaign",
    summary="Deactivated (on hold) Campaigns List",
    source="api.md 9",
)
