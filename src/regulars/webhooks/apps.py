# SPDX-License-Identifier: Apache-2.0
from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "regulars.webhooks"
    label = "regulars_webhooks"
