"""Making good what got lost: workers that died, orders and results that were not followed up."""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q

from control_plane.transcodes import transitions
from control_plane.transcodes.models import JobStateChoice, TranscodeJob
from control_plane.transcodes.orders import count_orders
from control_plane.transcodes.publishing import finish_publishing
from control_plane.transcodes.services import dispatch, follow_failure
from shared.jobs import LEASE_S

INTERVAL_S: Final = 5

_LAST_LOOK: Final = "transcodes:reaped_at"
_BLIND_AFTER: Final = timedelta(seconds=LEASE_S)

_log = logging.getLogger(__name__)


def reap_jobs(*, now: datetime) -> None:
    """Take up every job whose lease is over. To be called every `INTERVAL_S` seconds."""
    if _was_blind(now):
        spared = transitions.spare_leases(now=now)
        _log.warning("leases extended after an absence", extra={"jobs": len(spared)})
        return
    for job in _find_lapsed(now):
        _end_lease(job, now=now)
    _order_again(now)
    for job in transitions.resume_publishing(now=now):
        finish_publishing(job, now=now)


def _was_blind(now: datetime) -> bool:
    """Whether nobody looked for so long that reports may have gone unheard: a worker is not to
    lose its lease because the control plane was away."""
    last_look = cache.get(_LAST_LOOK)
    cache.set(_LAST_LOOK, now, timeout=None)
    return last_look is None or now - last_look > _BLIND_AFTER


def _find_lapsed(now: datetime) -> list[TranscodeJob]:
    running = TranscodeJob.objects.filter(state=JobStateChoice.RUNNING)
    return list(running.filter(lease_ends_at__lte=now))


def _order_again(now: datetime) -> None:
    """Order queued jobs whose order got lost, was let go by its worker, or was never sent.

    Not while as many orders wait as jobs do: with no worker there, they would pile up.
    """
    queued = TranscodeJob.objects.filter(state=JobStateChoice.QUEUED)
    unordered = queued.filter(Q(lease_ends_at=None) | Q(lease_ends_at__lte=now))
    if unordered and count_orders() < queued.count():
        for job in unordered:
            dispatch(job, now=now)


@transaction.atomic
def _end_lease(job: TranscodeJob, *, now: datetime) -> None:
    ended = transitions.take_lease(job, now=now)
    if ended is not None:
        follow_failure(ended, now=now)
