# SPDX-License-Identifier: Apache-2.0
from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "regulars.reports"
    label = "reports"
