"""Periodic work of uploads."""

from typing import Final

from celery import shared_task
from django.utils import timezone

from control_plane.uploads.services import sweep_uploads

SWEEP_TASK: Final = "control_plane.sweep_uploads"


@shared_task(name=SWEEP_TASK)
def sweep() -> None:
    sweep_uploads(now=timezone.now())
