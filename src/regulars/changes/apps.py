# SPDX-License-Identifier: Apache-2.0
from django.apps import AppConfig


class ChangesConfig(AppConfig):
    name = "regulars.changes"
    label = "regulars_changes"
