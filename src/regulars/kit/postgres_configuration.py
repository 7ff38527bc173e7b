# SPDX-License-Identifier: Apache-2.0
"""The settings of the embedded PostgreSQL: durable, reached by its socket only, with a log that holds no personal data."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def configuration(socket_directory: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Return what postgresql.conf says on this machine, with ``settings`` on top."""
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return {
        "listen_addresses": "",
        "unix_socket_directories": str(socket_directory),
        "unix_socket_permissions": "0700",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "port": "5432",
        "max_connections": "200",
        "password_encryption": "scram-sha-256",
        "shared_buffers": f"{min(max(memory_mb // 8, 64), 1024)}MB",
        "effective_cache_size": f"{max(memory_mb // 2, 128)}MB",
        "work_mem": "8MB",
        "maintenance_work_mem": "64MB",
        "wal_compression": "on",
        "min_wal_size": "256MB",
        "max_wal_size": "2GB",
        # Where the archive's disk is full or away, the log is kept here for it, but not until this disk is full as well.
        "max_slot_wal_keep_size": "16GB",
        "checkpoint_timeout": "10min",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "datestyle": "iso, ymd",
        "lc_messages": "C",
        "log_checkpoints": "off",
        "log_line_prefix": "%m [%p] ",
        # Personal data may stand in statements, parameters and details: none of them reaches the log.
        "log_statement": "none",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_parameter_max_length_on_error": "0",
        **settings,
    }
