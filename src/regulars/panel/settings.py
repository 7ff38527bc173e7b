# SPDX-License-Identifier: Apache-2.0
"""
Django's web half, for the Control Panel's process alone; the rest is kit/settings.py.

The process listens on a Unix socket that only the API process (or a proxy of the operator) reaches; both set
X-Forwarded-Proto, -Host and -For themselves and pass none on.
"""

from __future__ import annotations

from regulars.kit.settings import *  # noqa: F403 - settings are extended, not imported by name
from regulars.kit.settings import PACKAGE

ROOT_URLCONF = "regulars.panel.urls"
WSGI_APPLICATION = "regulars.panel.wsgi.application"
MIDDLEWARE = [
    "regulars.panel.middleware.Traced",
    "django.middleware.security.SecurityMiddleware",
    "regulars.panel.middleware.SafeAnswers",
    "regulars.panel.middleware.Measured",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "regulars.panel.languages.SpokenLanguage",
    "regulars.panel.middleware.KnownHost",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "panel" / "templates"],
        "OPTIONS": {
            "builtins": ["regulars.panel.templatetags.panel"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "regulars.panel.viewer.as_context",
            ],
        },
    }
]

# -- behind our own process ----------------------------------------------------------------------------------------
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
USE_X_FORWARDED_HOST = True

# -- sessions and cookies: https only, to this host only, out of scripts' reach ------------------------------------
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
"""Seconds: a working day."""
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "regulars.panel.views.errors.form_expired"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
MESSAGE_TAGS = {40: "danger"}
"""Tabler's name for an error."""
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True

# -- limits and files ----------------------------------------------------------------------------------------------
DATA_UPLOAD_MAX_MEMORY_SIZE = 4_194_304
"""Bytes of a form without its files: a million pasted characters fit."""
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 327_680
"""Bytes of a request with files; those of a larger one are not kept at all, neither in memory nor on a disk."""
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
"""The files lie in the package: nothing to collect before serving."""
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3_600
WHITENOISE_ALLOW_ALL_ORIGINS = False


def WHITENOISE_IMMUTABLE_FILE_TEST(_path: str, url: str) -> bool:  # noqa: N802 - WhiteNoise's name for it
    """Whether a file may be kept for ever: what others made carries its version in its address."""
    return url.startswith("/static/vendor/")


APPEND_SLASH = False
