# SPDX-License-Identifier: Apache-2.0
from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "regulars.messages"
    label = "regulars_messages"
