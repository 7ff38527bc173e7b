from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "regulars.ledger"
    label = "ledger"
