"""Forgetting."""

from datetime import datetime, timedelta
from typing import Final

from control_plane.refusals.models import Refusal
from shared.events.refusals import REFUSAL_KEPT_S

KEPT_FOR: Final = timedelta(seconds=REFUSAL_KEPT_S)


def forget_old(*, now: datetime) -> None:
    """Forget the refusals that have been here for long enough, by our own clock."""
    Refusal.objects.filter(kept_at__lte=now - KEPT_FOR).delete()
