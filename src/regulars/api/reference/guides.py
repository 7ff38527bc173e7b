# SPDX-License-Identifier: Apache-2.0
"""The guides: Markdown files beside this module, served as pages of the reference."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FOLDER = Path(__file__).with_name("guides")


@dataclass(frozen=True)
class Guide:
    """``name``: its file without ending, and its page's. ``short``: its name in the top line; empty: not there."""

    name: str
    title: str
    short: str = ""

    @cached_property
    def text(self) -> str:
        """The Markdown."""
        return (FOLDER / f"{self.name}.md").read_text("utf-8")


GUIDES = (
    Guide("first-sale", "The first sale in ten minutes", "First sale"),
    Guide("transports-and-formats", "Transports and formats", "Formats"),
    Guide("retries", "Retries and idempotency", "Retries"),
    Guide("errors-and-their-order", "Errors and their order"),
    Guide("amounts-and-expiry", "Amounts, rounding, expiry"),
    Guide("webhooks", "Webhooks: being told what happened", "Webhooks"),
)
