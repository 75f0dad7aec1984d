"""Periodic work of signing."""

from datetime import timedelta
from typing import Final

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from control_plane.signing.rotation import rotate_when_due

ROTATE_TASK: Final = "control_plane.rotate_keys"


@shared_task(name=ROTATE_TASK)
def rotate() -> None:
    """Let no key sign for longer than the operator wants."""
    days = settings.CONFIG.key_life_days
    if days:
        rotate_when_due(now=timezone.now(), life=timedelta(days=days))
