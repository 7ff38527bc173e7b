# SPDX-License-Identifier: Apache-2.0
from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "regulars.users"
    label = "users"
