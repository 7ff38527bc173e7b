# SPDX-License-Identifier: Apache-2.0
from django.apps import AppConfig


class PanelConfig(AppConfig):
    name = "regulars.panel"
    label = "panel"
