# SPDX-License-Identifier: Apache-2.0
"""What an example of the contract is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

NUMBER = "1234567890123456"
TOKEN = "0123456789abcdef0123456789abcdef01234567"
MONTHS = {"depreciation_interval_type": "months"}


@dataclass(frozen=True)
class Example:
    """
    One request. ``key`` is that of tests/scene.py (``type`` or ``type.action``), ``name`` the file's.

    ``fields`` are added to the valid request of ``key``; None takes one away. ``masks``: path in the answer -> what is shown.
    """

    key: str
    name: str
    fields: Mapping[str, str | None] = field(default_factory=dict)
    masks: Mapping[str, str] = field(default_factory=dict)
    is_error: bool = False
    signs_as: str = "owner"
    """owner; clerk (role K, one campaign); mall (the owner of a coalition with a second tier); nobody."""

    folder: str = ""
    """Where the file stands; empty = under the call's type."""
    keeps_output: bool = False
    """Whether it is answered in one format, whatever is asked for."""

    @property
    def path(self) -> str:
        """Directory and file, without its ending."""
        return f"{self.folder or self.key.partition('.')[0]}/{self.name}"
