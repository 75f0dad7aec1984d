"""Periodic work of idempotency."""

from typing import Final

from celery import shared_task
from django.utils import timezone

from control_plane.idempotency.services import forget_answers

SWEEP_TASK: Final = "control_plane.sweep_kept_answers"


@shared_task(name=SWEEP_TASK)
def sweep() -> None:
    forget_answers(now=timezone.now())
