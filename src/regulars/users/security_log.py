# SPDX-License-Identifier: Apache-2.0
"""What happens to people's access, one line each, for whoever watches the log. Never a password, a code or a mail address."""

from __future__ import annotations

import logging

import orjson

from regulars.accounts.directory import AccountConfig, UserConfig

LOG = logging.getLogger("regulars.security")


def note(
    event: str, *, account: AccountConfig, user: UserConfig, by: UserConfig | None = None, address: str = "", how: str = ""
) -> None:
    """Write a line of JSON: what happened to whom. ``by``: who did it, where that was another; empty values are left out."""
    line = {
        "event": event,
        "account": account.code,
        "user": user.code,
        "by": "" if by is None or by.id == user.id else by.code,
        "client": address,
        "how": how,
    }
    told = {name: value for name, value in line.items() if value}
    LOG.info("%s", orjson.dumps(told).decode(), extra={"fields": told})
