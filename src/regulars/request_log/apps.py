# SPDX-License-Identifier: Apache-2.0
from django.apps import AppConfig


class RequestLogConfig(AppConfig):
    name = "regulars.request_log"
    label = "regulars_request_log"
