"""Periodic work of entitlements."""

from datetime import timedelta
from typing import Final

from celery import shared_task
from django.utils import timezone

from control_plane.entitlements.models import Decision
from shared.events.refusals import REFUSAL_KEPT_S

SWEEP_TASK: Final = "control_plane.sweep_decisions"


@shared_task(name=SWEEP_TASK)
def sweep() -> None:
    """Forget refusals when those of edges are forgotten."""
    old = timezone.now() - timedelta(seconds=REFUSAL_KEPT_S)
    Decision.objects.filter(at__lte=old).delete()
