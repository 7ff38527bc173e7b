# SPDX-License-Identifier: Apache-2.0
"""
What makes an installation sound, each rule once: for ``regulars doctor`` and for the platform owner's page.

Looks at the machine it runs on; nothing here needs a database but pending_migrations().
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509

from regulars.errors import RequestError

FREE_BYTES_MIN = 2**30
"""PostgreSQL stops where it can not write."""
RENEW_DAYS = 30
"""So long before its end a certificate should be another; our own is renewed at a start."""


class CertificateUnusable(RequestError):
    code = "certificate_unusable"


@dataclass(frozen=True, slots=True)
class Room:
    """What is free on the disk of a folder."""

    free_bytes: int

    @property
    def is_enough(self) -> bool:
        return self.free_bytes >= FREE_BYTES_MIN


def room_of(folder: Path) -> Room:
    """Return what is free on the disk of a folder that exists. Raises OSError."""
    return Room(shutil.disk_usage(folder).free)


@dataclass(frozen=True, slots=True)
class Validity:
    """From when to when a certificate is valid."""

    begins_at: datetime
    ends_at: datetime

    def has_begun(self, at: datetime) -> bool:
        return at >= self.begins_at

    def is_long_enough(self, at: datetime) -> bool:
        """Whether it is valid, and not about to end."""
        return self.has_begun(at) and at < self.ends_at - timedelta(days=RENEW_DAYS)


def validity_of(certificate_file: Path) -> Validity:
    """Return the validity of a certificate (PEM; of a chain the first). Raises CertificateUnusable."""
    try:
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    except (OSError, ValueError) as error:
        raise CertificateUnusable(f"{certificate_file} can not be read: {error}") from error
    return Validity(certificate.not_valid_before_utc, certificate.not_valid_after_utc)


def pending_migrations() -> list[str]:
    """Return the names of the migrations that this release has and the database has not. Django is configured. Queries: 2."""
    from django.db import connection  # the rest of this module is read before Django is configured
    from django.db.migrations.recorder import MigrationRecorder

    applied = MigrationRecorder(connection).applied_migrations()
    return [f"{app}.{name}" for app, name in _of_this_release() if (app, name) not in applied]


@cache
def _of_this_release() -> tuple[tuple[str, str], ...]:
    """Return (app, name) of each migration, in the order in which they are applied."""
    from django.db.migrations.loader import MigrationLoader

    graph = MigrationLoader(None).graph
    return tuple(dict.fromkeys(node for leaf in graph.leaf_nodes() for node in graph.forwards_plan(leaf)))
