"""Ending jobs without an asset, and what they leave behind."""

import logging
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from control_plane.catalogue.leftovers import KEPT_FOR, note_leftovers
from control_plane.catalogue.media import open_store
from control_plane.transcodes import attempts, transitions
from control_plane.transcodes.announcements import announce
from control_plane.transcodes.models import TranscodeChunk, TranscodeJob
from shared.paths import asset_prefix, cancelled_key, work_prefix
from shared.runtime.store.interface import StoreError

_log = logging.getLogger(__name__)


def fail_job(
    job_id: UUID, *, reason: str, detail: str, log_tail: str = "", now: datetime
) -> TranscodeJob | None:
    """Close a job for good, in a transaction that has locked it."""
    job = transitions.fail(job_id, reason=reason, detail=detail, log_tail=log_tail, now=now)
    if job is not None:
        _log.warning("job failed", extra={"job_id": str(job.pk), "reason": reason})
        _close(job, now=now)
    return job


def stop_job(job_id: UUID, *, now: datetime) -> TranscodeJob | None:
    """Cancel a job, in a transaction; None when there is nothing left to stop."""
    job = transitions.cancel(job_id, now=now)
    if job is not None:
        _close(job, now=now)
    return job


def abandon_assets(chunks: Iterable[TranscodeChunk], *, now: datetime) -> None:
    """Leave behind what attempts that count no more may have made of their assets."""
    made = [asset_prefix(str(chunk.asset_id)) for chunk in chunks if chunk.asset_id is not None]
    note_leftovers(made, due_at=now + KEPT_FOR)


def _close(job: TranscodeJob, *, now: datetime) -> None:
    abandon_assets(attempts.recall_all(job.pk), now=now)
    note_leftovers([work_prefix(str(job.pk))], due_at=now + KEPT_FOR)
    transaction.on_commit(partial(_tell_workers_to_stop, job))
    transaction.on_commit(partial(announce, job))


def _tell_workers_to_stop(job: TranscodeJob) -> None:
    try:
        open_store().put(cancelled_key(str(job.pk)), b"")
    except StoreError as error:  # what a worker then makes in vain is dropped
        _log.warning("workers not told", extra={"job_id": str(job.pk), "cause": str(error)})
