# SPDX-License-Identifier: Apache-2.0
from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "regulars.customers"
    label = "customers"
