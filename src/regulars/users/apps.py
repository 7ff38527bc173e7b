from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "regulars.users"
    label = "users"
