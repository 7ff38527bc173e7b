# SPDX-License-Identifier: Apache-2.0
"""Where people find this installation, as its operator says: the only source of addresses in mails (ADR-0014)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """``url``: how links begin, "" = not known. ``https_port``: where own hosts of accounts answer."""

    url: str = ""
    https_port: int = 443

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> PublicAddress:
        """
        Read REGULARS_PUBLIC_URL (https://loyalty.example.com; ``regulars serve`` gives its own where it ends TLS itself) and
        REGULARS_HTTPS_PORT. Raises ValueError naming the variable.
        """
        env = os.environ if environment is None else environment
        url = env.get("REGULARS_PUBLIC_URL", "").rstrip("/")
        parts = urlsplit(url)
        has_more = parts.path or parts.query or parts.fragment or parts.username
        if url and (parts.scheme != "https" or not parts.hostname or has_more):
            raise ValueError("REGULARS_PUBLIC_URL must be like https://loyalty.example.com, without a path")
        port = env.get("REGULARS_HTTPS_PORT", "") or "443"
        if not port.isascii() or not port.isdecimal() or not 1 <= int(port) <= 65535:
            raise ValueError("REGULARS_HTTPS_PORT must be a port")
        return cls(url, int(port))

    @property
    def leads_here(self) -> bool:
        """Whether a link that begins so leads people here: nothing that only this machine knows does."""
        host = urlsplit(self.url).hostname or ""
        return host not in ("", "localhost", "::1") and not host.startswith("127.")

    def of_host(self, host: str) -> str:
        """Return how links to an account's own host begin."""
        return f"https://{host}" if self.https_port == 443 else f"https://{host}:{self.https_port}"
