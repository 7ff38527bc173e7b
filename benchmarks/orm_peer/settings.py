# SPDX-License-Identifier: Apache-2.0
"""The peer's settings: PEER_DATABASE_URL names its database on the same server."""

from __future__ import annotations

import os

from regulars.kit.environment import database_from_url

SECRET_KEY = "the peer signs nothing"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
INSTALLED_APPS = ["benchmarks.orm_peer.apps.OrmPeerConfig"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "benchmarks.orm_peer.urls"
WSGI_APPLICATION = "benchmarks.orm_peer.wsgi.application"
DATABASES = {"default": database_from_url(os.environ["PEER_DATABASE_URL"])}  # CONN_MAX_AGE None: connections are kept
USE_TZ = True
TIME_ZONE = "UTC"
LOGGING_CONFIG = None
