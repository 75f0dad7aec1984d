"""Periodic work of activity."""

from typing import Final

from celery import shared_task
from django.utils import timezone

from control_plane.activity.services import shorten_addresses

SHORTEN_TASK: Final = "control_plane.shorten_addresses"


@shared_task(name=SHORTEN_TASK)
def shorten() -> None:
    """Forget from where exactly something was done long ago."""
    shorten_addresses(now=timezone.now())
