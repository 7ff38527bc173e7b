# SPDX-License-Identifier: Apache-2.0
"""test: does the server answer at all (api.md 3). The only call without credentials; also a browser's bare URL."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.api.call import Call, Context
from regulars.protocol.tree import Element, success


@dataclass(frozen=True, slots=True)
class Params:
    """None."""


async def handle(_ctx: Context | None, _params: Params | None) -> Element:
    """Answer "Success"; nothing is looked at."""
    return success(text="Success")


CALL = Call(
    type="test",
    handle=handle,
    params=Params,
    permission=None,
    summary="Test access",
    needs_account_id=False,
    credentials="none",
    source="api.md 3",
)
