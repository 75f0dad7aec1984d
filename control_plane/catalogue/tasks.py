"""Periodic work of the catalogue."""

from typing import Final

from celery import shared_task
from django.utils import timezone

from control_plane.catalogue.leftovers import sweep_leftovers

SWEEP_TASK: Final = "control_plane.sweep_leftovers"


@shared_task(name=SWEEP_TASK)
def sweep() -> None:
    sweep_leftovers(now=timezone.now())
