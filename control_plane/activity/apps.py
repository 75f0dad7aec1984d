"""The package as Django knows it: it begins to listen when all others are there."""

from importlib import import_module

from django.apps import AppConfig


class ActivityConfig(AppConfig):
    name = "control_plane.activity"

    def ready(self) -> None:
        import_module("control_plane.activity.listening")
