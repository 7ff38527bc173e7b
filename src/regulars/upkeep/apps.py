# SPDX-License-Identifier: Apache-2.0
from django.apps import AppConfig


class UpkeepConfig(AppConfig):
    name = "regulars.upkeep"
    label = "upkeep"
