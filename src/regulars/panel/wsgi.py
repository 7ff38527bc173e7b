# SPDX-License-Identifier: Apache-2.0
"""The Control Panel as a WSGI application: ``regulars.panel.wsgi:application``."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from regulars.kit.metrics import open_store
from regulars.panel.logs import configure_logging

os.environ["REGULARS_FACE"] = "panel"
os.environ["DJANGO_SETTINGS_MODULE"] = "regulars.panel.settings"  # whatever the rest of the installation runs with

configure_logging()
open_store(os.environ.get("REGULARS_METRICS_FOLDER", ""), "panel")
application = get_wsgi_application()
