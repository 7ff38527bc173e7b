# SPDX-License-Identifier: Apache-2.0
"""What a check of an installation finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``mend``: what to do about it, when it is bad."""

    is_good: bool
    says: str
    mend: str = ""
