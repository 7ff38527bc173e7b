# SPDX-License-Identifier: Apache-2.0
"""
Coalitions and second tiers: how an account becomes one, how its campaigns come and go, and how its stores settle
(concepts.md 6, ADR-0013, ADR-0018).

Every operation runs in the account's unit of work; afterwards the AccountConfig in hand is stale.
"""

from __future__ import annotations

from regulars.coalition.operations.closing import close_settlement
from regulars.coalition.operations.following import follow
from regulars.coalition.operations.opting import change_campaign
from regulars.coalition.operations.switching import Switched, switch_coalition, undo_switch
from regulars.coalition.operations.tiers import end_second_tier, set_second_tier

__all__ = [
    "Switched",
    "change_campaign",
    "close_settlement",
    "end_second_tier",
    "follow",
    "set_second_tier",
    "switch_coalition",
    "undo_switch",
]
