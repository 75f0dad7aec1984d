"""Making good what got lost: workers that died, orders and results that were not followed up."""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.db import transaction

from control_plane.transcodes import attempts, transitions
from control_plane.transcodes.closing import abandon_assets
from control_plane.transcodes.dispatcher import dispatch
from control_plane.transcodes.models import ChunkState, TranscodeChunk
from control_plane.transcodes.orders import count_orders
from control_plane.transcodes.publishing import finish_publishing
from control_plane.transcodes.reports import follow_failure, lock_film
from shared.jobs import LEASE_S

INTERVAL_S: Final = 5

_LAST_LOOK: Final = "transcodes:reaped_at"
_BLIND_AFTER: Final = timedelta(seconds=LEASE_S)

_log = logging.getLogger(__name__)


def reap_jobs(*, now: datetime) -> None:
    """Take up every chunk whose lease is over. To be called every `INTERVAL_S` seconds."""
    if _was_blind(now):
        spared = attempts.spare_leases(now=now)
        _log.warning("leases extended after an absence", extra={"chunks": len(spared)})
        return
    for chunk in _find_lapsed(now):
        _end_lease(chunk, now=now)
    _recall_orders(now)
    for job in transitions.resume_publishing(now=now):
        finish_publishing(job, now=now)
    dispatch(now=now)


def _was_blind(now: datetime) -> bool:
    """Whether nobody looked for so long that reports may have gone unheard: a worker is not to
    lose its lease because the control plane was away."""
    last_look = cache.get(_LAST_LOOK)
    cache.set(_LAST_LOOK, now, timeout=None)
    return last_look is None or now - last_look > _BLIND_AFTER


def _find_lapsed(now: datetime) -> list[TranscodeChunk]:
    running = TranscodeChunk.objects.filter(state=ChunkState.RUNNING)
    return list(running.filter(lease_ends_at__lte=now))


@transaction.atomic
def _end_lease(chunk: TranscodeChunk, *, now: datetime) -> None:
    job = lock_film(chunk.job_id)
    ended = attempts.take_lease(chunk, now=now)
    if ended is not None and job is not None:
        follow_failure(ended, job, now=now)


@transaction.atomic
def _recall_orders(now: datetime) -> None:
    """Have orders sent again that nobody took in time; or that nobody can take any more, since
    the broker has none: a worker that took one would have said so by now."""
    patience = attempts.FIRST_REPORT
    if count_orders() != 0:
        patience += attempts.START_LEASE
    abandon_assets(attempts.recall_orders(ordered_by=now - patience), now=now)
