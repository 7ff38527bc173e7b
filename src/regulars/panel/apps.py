from django.apps import AppConfig


class PanelConfig(AppConfig):
    name = "regulars.panel"
    label = "panel"
