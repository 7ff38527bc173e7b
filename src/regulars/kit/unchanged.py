# SPDX-License-Identifier: Apache-2.0
"""A value for "leave it as it is", where None means "take it away"."""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal


class Unchanged(Enum):
    """Has one member, so that ``value is not UNCHANGED`` narrows a type."""

    UNCHANGED = "unchanged"


UNCHANGED: Final[Literal[Unchanged.UNCHANGED]] = Unchanged.UNCHANGED
