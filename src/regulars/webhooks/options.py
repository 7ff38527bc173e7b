# SPDX-License-Identifier: Apache-2.0
"""What the operator says about webhooks."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from regulars.webhooks.rules import KEPT_DAYS, kept_days


@dataclass(frozen=True, slots=True)
class WebhookOptions:
    """
    ``allows_private``: REGULARS_WEBHOOKS_PRIVATE=yes: endpoints may be in private networks, and speak http. ``days``:
    REGULARS_WEBHOOKS_DAYS: how long deliveries are kept.
    """

    allows_private: bool = False
    days: int = KEPT_DAYS

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> WebhookOptions:
        """Read both. Raises ValueError naming the variable."""
        env = os.environ if environment is None else environment
        private = env.get("REGULARS_WEBHOOKS_PRIVATE", "") or "no"
        if private not in ("yes", "no"):
            raise ValueError("REGULARS_WEBHOOKS_PRIVATE must be yes or no")
        return cls(private == "yes", kept_days(env.get("REGULARS_WEBHOOKS_DAYS", "")))
