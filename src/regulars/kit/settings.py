# SPDX-License-Identifier: Apache-2.0
"""Django's settings, read from the environment. Bad values stop the start with a sentence that names the variable."""

from __future__ import annotations

import os
from pathlib import Path

from regulars.kit.environment import database_from_url, secret_from_environment

PACKAGE = Path(__file__).resolve().parent.parent

DATABASE_URL = os.environ.get("DATABASE_URL", "")
SECRET_KEY = secret_from_environment() or "not-for-serving"
"""Made once per installation by the CLI and kept beside the data; encrypts tokens at rest, signs sessions."""

DATABASES = {"default": database_from_url(DATABASE_URL or "postgresql:///regulars")}
FACE = os.environ.get("REGULARS_FACE", "") or "cli"
"""Which face this process is: panel, api, jobs set it for themselves. Changes are noted under it (changes/sql/note.sql)."""
_OPTIONS = [] if FACE == "cli" else [f"-c regulars.face={FACE}"]
if os.environ.get("REGULARS_DATABASE_ROLE", ""):
    # lint: the role is ours, not a caller's text
    _OPTIONS.append(f"-c role={os.environ['REGULARS_DATABASE_ROLE']}")
if _OPTIONS:
    DATABASES["default"]["OPTIONS"] = {
        **DATABASES["default"]["OPTIONS"],  # type: ignore[dict-item]
        "options": " ".join(_OPTIONS),
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
    "regulars.coalition.apps.CoalitionConfig",
    "regulars.messages.apps.MessagesConfig",
    "regulars.webhooks.apps.WebhooksConfig",
    "regulars.request_log.apps.RequestLogConfig",
    "regulars.changes.apps.ChangesConfig",
    "regulars.upkeep.apps.UpkeepConfig",
    "regulars.transactions.apps.TransactionsConfig",
    "regulars.reports.apps.ReportsConfig",
    "regulars.panel.apps.PanelConfig",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = True
LANGUAGES = [("en", "English"), ("es", "Español"), ("fr", "Français"), ("de", "Deutsch")]
LOCALE_PATHS = [PACKAGE / "panel" / "locale"]
"""Of the panel, and of the mails that the jobs write; the API's sentences are the published ones."""
ALLOWED_HOSTS = ["*"]  # any mapped host is ours; hosts never widen what a user may see
DEBUG = False
LOGGING_CONFIG = None
