# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from django.apps import AppConfig


class OrmPeerConfig(AppConfig):
    name = "benchmarks.orm_peer"
    label = "orm_peer"
    default_auto_field = "django.db.models.BigAutoField"
