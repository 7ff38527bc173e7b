from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "regulars.campaigns"
    label = "campaigns"
