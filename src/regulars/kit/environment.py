# SPDX-License-Identifier: Apache-2.0
"""What the environment says, read without setting anything up: the CLI needs it before there are settings."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

APP_ROLE = "regulars_app"
"""The database role of every process that serves people or tills: row-level security binds it."""


def database_from_url(url: str) -> dict[str, object]:
    """Return Django's database settings for a ``postgresql://`` URL. Raises ValueError for any other scheme."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError("DATABASE_URL must begin with postgresql://")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "") or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": False,
        "OPTIONS": dict(query),
    }


def secret_from_environment(name: str = "REGULARS_SECRET_KEY") -> str:
    """Return a secret given as ``NAME`` or, so that it stands in no list of processes, in the file ``NAME_FILE``."""
    given, file = os.environ.get(name, ""), os.environ.get(f"{name}_FILE", "")
    if given or not file:
        return given
    try:
        return Path(file).read_text("utf-8").strip()
    except OSError as error:
        raise ValueError(f"{name}_FILE can not be read: {error.strerror} ({file})") from error
