"""Periodic work of refusals."""

from typing import Final

from celery import shared_task
from django.utils import timezone

from control_plane.refusals.collecting import collect_refusals
from control_plane.refusals.services import forget_old

COLLECT_TASK: Final = "control_plane.collect_refusals"
SWEEP_TASK: Final = "control_plane.sweep_refusals"


@shared_task(name=COLLECT_TASK)
def collect() -> None:
    collect_refusals()


@shared_task(name=SWEEP_TASK)
def sweep() -> None:
    forget_old(now=timezone.now())
