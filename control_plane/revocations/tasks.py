"""Periodic work of revocations."""

from typing import Final

from celery import shared_task
from django.utils import timezone

from control_plane.revocations.relay import send_outbox
from control_plane.revocations.services import forget_expired

RELAY_TASK: Final = "control_plane.relay_revocations"
SWEEP_TASK: Final = "control_plane.sweep_revocations"


@shared_task(name=RELAY_TASK)
def relay() -> None:
    send_outbox()


@shared_task(name=SWEEP_TASK)
def sweep() -> None:
    forget_expired(now=timezone.now())
