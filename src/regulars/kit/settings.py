# SPDX-License-Identifier: Apache-2.0
"""Django's settings, read from the environment. Bad values stop the start with a sentence that names the variable."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

PACKAGE = Path(__file__).resolve().parent.parent

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


DATABASE_URL = os.environ.get("DATABASE_URL", "")
SECRET_KEY = os.environ.get("REGULARS_SECRET_KEY", "") or "not-for-serving"
"""Made once per installation by the CLI and kept beside the data; encrypts tokens at rest, signs sessions."""

DATABASES = {"default": database_from_url(DATABASE_URL or "postgresql:///regulars")}
if os.environ.get("REGULARS_DATABASE_ROLE", ""):
    # lint: the role is ours, not a caller's text
    DATABASES["default"]["OPTIONS"] = {
        **DATABASES["default"]["OPTIONS"],  # type: ignore[dict-item]
        "options": f"-c role={os.environ['REGULARS_DATABASE_ROLE']}",
    }

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "regulars.accounts.apps.AccountsConfig",
    "regulars.users.apps.UsersConfig",
    "regulars.campaigns.apps.CampaignsConfig",
    "regulars.customers.apps.CustomersConfig",
    "regulars.ledger.apps.LedgerConfig",
    "regulars.messages.apps.MessagesConfig",
    "regulars.panel.apps.PanelConfig",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
ALLOWED_HOSTS = ["*"]  # any mapped host is ours; hosts never widen what a user may see
DEBUG = False
LOGGING_CONFIG = None
