# SPDX-License-Identifier: Apache-2.0
from django.apps import AppConfig


class TransactionsConfig(AppConfig):
    name = "regulars.transactions"
    label = "transactions"
