# SPDX-License-Identifier: Apache-2.0
"""What a plain e-mail address is."""

from __future__ import annotations

import re

_LOCAL = r"[^\s@\"(),:;<>\[\\\]\x00-\x20\x7f]{1,64}"
_LABEL = r"[^\s@\"(),:;<>\[\\\].\x00-\x20\x7f]{1,63}"
_ADDRESS = re.compile(rf"{_LOCAL}@(?:{_LABEL}\.)*{_LABEL}")


def is_address(text: str) -> bool:
    """Whether a text is one plain e-mail address, and nothing that could become a header or a second address."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None
