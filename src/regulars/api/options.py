# SPDX-License-Identifier: Apache-2.0
"""What the API process is told by its environment. A bad value stops the start with a sentence that names it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network

from regulars.accounts.rules import CALLS_PER_MINUTE_MAX
from regulars.api.exchange import NOBODY, Networks
from regulars.api.limits import CALLS_PER_MINUTE
from regulars.protocol.form import BODY_BYTES_MAX

BATCH_BYTES_MAX = 32 * 1_048_576
"""100,000 lines of 300 bytes; percent signs make a form longer than its text."""


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of one API process; each has its environment variable beside it."""

    database_url: str = ""
    """DATABASE_URL."""
    database_role: str = ""
    """REGULARS_DATABASE_ROLE: the role that row-level security binds."""
    is_plain_listener: bool = False
    """REGULARS_SCHEME=http-plain: this port has no TLS; only type=test is answered."""
    https_port: int = 443
    """REGULARS_HTTPS_PORT: where the plain listener sends people to."""
    trusted_proxies: Networks = NOBODY
    """REGULARS_BEHIND_PROXY: comma list of addresses or networks whose X-Forwarded-* headers are believed."""
    panel_socket: str = ""
    """REGULARS_PANEL_SOCKET: the Control Panel's Unix socket; empty = there is none here."""
    body_bytes_max: int = BODY_BYTES_MAX
    """REGULARS_BODY_LIMIT_BYTES."""
    batch_bytes_max: int = BATCH_BYTES_MAX
    """REGULARS_BATCH_LIMIT_BYTES: for the calls that bring a batch of lines, in place of body_bytes_max."""
    body_seconds_max: float = 30.0
    """REGULARS_BODY_TIMEOUT_SECONDS: how long a body may take to arrive."""
    thread_count: int = 4
    """REGULARS_API_THREADS: threads for the calls that are not hot."""
    long_thread_count: int = 2
    """REGULARS_API_LONG_THREADS: threads for batches; so many are carried out at once."""
    queue_max: int = 64
    """REGULARS_API_QUEUE: calls that may wait for a thread; beyond it, 503."""
    pool_size: int = 4
    """REGULARS_API_CONNECTIONS: connections of the event loop."""
    streams_max: int = 4
    """REGULARS_API_STREAMS: answers that may be sent piece by piece at once; beyond it, 503."""
    stream_seconds_max: float = 900.0
    """REGULARS_STREAM_SECONDS: how long such an answer may take; then it is cut. It holds a connection to the database."""
    has_access_log: bool = True
    """REGULARS_ACCESS_LOG=0 switches the line per request off."""

    metrics_folder: str = ""
    """REGULARS_METRICS_FOLDER: where each process counts in a file of its own; empty = in memory."""
    workers_folder: str = ""
    """REGULARS_WORKERS_FOLDER: where a worker says by a file that it takes requests, and that it has left."""
    listening_socket: int = -1
    """REGULARS_LISTENING_SOCKET: the number of the socket that the server accepts from; -1 = it made its own."""
    drain_seconds: float = 16.0
    """
    REGULARS_DRAIN_SECONDS: how long a worker that is replaced keeps connections open that nobody uses. A little more than
    HEADER_TIMEOUT_MS of cli/serving.py, after which they are closed in any case.
    """
    calls_per_minute: int = CALLS_PER_MINUTE
    """REGULARS_CALLS_PER_MINUTE: of each user, where neither he nor the account has another number; 0 = no limit."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Options:
        """Read the options. Raises ValueError naming the variable."""
        env = os.environ if environment is None else environment
        scheme = env.get("REGULARS_SCHEME", "") or "https"
        if scheme not in ("https", "http-plain"):
            raise ValueError("REGULARS_SCHEME must be https or http-plain")
        return cls(
            database_url=env.get("DATABASE_URL", ""),
            database_role=env.get("REGULARS_DATABASE_ROLE", ""),
            is_plain_listener=scheme == "http-plain",
            https_port=_number(env, "REGULARS_HTTPS_PORT", 443, 1, 65_535),
            trusted_proxies=_networks(env.get("REGULARS_BEHIND_PROXY", "")),
            panel_socket=env.get("REGULARS_PANEL_SOCKET", ""),
            body_bytes_max=_number(env, "REGULARS_BODY_LIMIT_BYTES", BODY_BYTES_MAX, 1_024, 64 * 1_048_576),
            batch_bytes_max=_number(env, "REGULARS_BATCH_LIMIT_BYTES", BATCH_BYTES_MAX, 1_024, 256 * 1_048_576),
            body_seconds_max=_number(env, "REGULARS_BODY_TIMEOUT_SECONDS", 30, 1, 600),
            thread_count=_number(env, "REGULARS_API_THREADS", 4, 1, 64),
            long_thread_count=_number(env, "REGULARS_API_LONG_THREADS", 2, 1, 16),
            queue_max=_number(env, "REGULARS_API_QUEUE", 64, 1, 10_000),
            pool_size=_number(env, "REGULARS_API_CONNECTIONS", 4, 2, 64),
            calls_per_minute=_number(env, "REGULARS_CALLS_PER_MINUTE", CALLS_PER_MINUTE, 0, CALLS_PER_MINUTE_MAX),
            streams_max=_number(env, "REGULARS_API_STREAMS", 4, 1, 64),
            stream_seconds_max=_number(env, "REGULARS_STREAM_SECONDS", 900, 1, 86_400),
            workers_folder=env.get("REGULARS_WORKERS_FOLDER", ""),
            listening_socket=int(env.get("REGULARS_LISTENING_SOCKET", "") or -1),
            drain_seconds=_number(env, "REGULARS_DRAIN_SECONDS", 16, 0, 3_600),
            metrics_folder=env.get("REGULARS_METRICS_FOLDER", ""),
            has_access_log=env.get("REGULARS_ACCESS_LOG", "1") not in ("0", "off", "no"),
        )


def _number(env: Mapping[str, str], name: str, default: int, minimum: int, maximum: int) -> int:
    raw = env.get(name, "")
    if not raw:
        return default
    if not (raw.isascii() and raw.isdecimal()) or not minimum <= int(raw) <= maximum:
        raise ValueError(f"{name} must be a whole number from {minimum} to {maximum}")
    return int(raw)


def _networks(raw: str) -> Networks:
    try:
        found = [ip_network(part.strip(), strict=False) for part in raw.split(",") if part.strip()]
    except ValueError as error:
        raise ValueError(f"REGULARS_BEHIND_PROXY must be a comma list of addresses or networks: {error}") from None
    return Networks(*found) if found else NOBODY
