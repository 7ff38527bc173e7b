# SPDX-License-Identifier: Apache-2.0
from django.apps import AppConfig


class CoalitionConfig(AppConfig):
    name = "regulars.coalition"
    label = "coalition"
