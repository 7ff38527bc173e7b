# SPDX-License-Identifier: Apache-2.0
"""Tells systemd how far the server is (sd_notify(3)): a unit of Type=notify is started when everything answers."""

from __future__ import annotations

import os
import socket
from contextlib import suppress


def notify(state: str) -> None:
    """Send a state such as ``READY=1`` to whoever started us as a service; without one, do nothing."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as link:
        link.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        link.send(state.encode())
