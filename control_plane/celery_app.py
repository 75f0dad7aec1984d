"""The control plane's Celery app: reports of workers come in here, and periodic work runs."""

import os

import django
from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "control_plane.settings")  # noqa: TID251
django.setup()

app = Celery("control_plane")
app.config_from_object("django.conf:settings", namespace="")
