# SPDX-License-Identifier: Apache-2.0
"""Which requests may be larger than others: those that bring a batch of lines. And how many of them at once."""

from __future__ import annotations

import re
from functools import cache
from types import TracebackType

from regulars.api.call import Call, Family
from regulars.errors import Overloaded
from regulars.protocol.params import declared

AT_ONCE_MAX = 4
"""Large bodies that one worker holds at a time; beyond it, 503 with Retry-After."""


class LargeBodies:
    """The places for large bodies of one worker; each ``with`` takes one. Raises Overloaded where all are taken."""

    __slots__ = ("taken",)

    def __init__(self) -> None:
        self.taken = 0

    def __enter__(self) -> None:
        if self.taken >= AT_ONCE_MAX:
            raise Overloaded
        self.taken += 1

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.taken -= 1


def announces_batch(query: bytes, start: bytes) -> bool:
    """
    Whether the URL or the beginning of a body names a call that brings a batch, or its lines have begun.

    Only how much is read depends on it; the whole form decides afterwards which call it is, and whether it may be so long.
    """
    in_form, in_parts = _patterns()
    return bool(in_form.search(query) or in_form.search(start) or in_parts.search(start))


@cache
def _patterns() -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    from regulars.api.registry import CALLS  # the registry imports the calls, and they the edge's own types

    types: set[str] = set()
    data: set[str] = set()
    for name, entry in CALLS.items():
        for call in entry.calls.values() if isinstance(entry, Family) else (entry,):
            assert isinstance(call, Call)
            if call.is_long:
                types.add(re.escape(name))
                own = {one for _, parameter in declared(call.params) for one in parameter.names}
                data |= {re.escape(one) for one in own if one.lower().endswith("_data")}
    named, lines = "|".join(sorted(types)), "|".join(sorted(data))
    in_form = rf"(?:^|&)(?:type=(?:{named})(?:&|$)|(?:{lines})=)"
    in_parts = rf'name="?(?:type"?\r\n(?:[^\r\n]+\r\n)*\r\n(?:{named})\r\n|(?:{lines})"?\r\n)'
    return re.compile(in_form.encode(), re.IGNORECASE), re.compile(in_parts.encode(), re.IGNORECASE)
