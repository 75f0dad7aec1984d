"""Writes to jobs: queueing, ordering, what workers report, retrying, cancelling.

Each changes a job by one statement of `transitions`. What others must hear of follows after the
commit; where it gets lost the reaper makes it good.
"""

import logging
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from control_plane.accounts.models import User
from control_plane.catalogue.leftovers import KEPT_FOR, keep_place, note_leftovers
from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Video
from control_plane.catalogue.services import lock_video
from control_plane.errors import Refused
from control_plane.ids import make_uuid7
from control_plane.transcodes import transitions
from control_plane.transcodes.announcements import announce
from control_plane.transcodes.models import JobStateChoice, TranscodeJob
from control_plane.transcodes.orders import send_order
from shared.jobs import FailureReport, ProgressReport, ResultReport, TranscodeOrder
from shared.paths import asset_prefix, cancelled_key, work_prefix
from shared.runtime.store.interface import StoreError

_log = logging.getLogger(__name__)


def queue_job(video: Video, *, source_key: str, user: User | None, now: datetime) -> TranscodeJob:
    """Have a source transcoded. A job of the video that is still being done is cancelled."""
    with transaction.atomic():
        lock_video(video.pk)
        for job in _find_unfinished(video.pk):
            _stop(job, now=now)
        job = TranscodeJob.objects.create(video=video, source_key=source_key, requested_by=user)
        transaction.on_commit(partial(dispatch, job, now=now))
    return job


def dispatch(job: TranscodeJob, *, now: datetime) -> TranscodeJob | None:
    """Order the next attempt at a queued job; None when somebody else was faster."""
    with transaction.atomic():
        ordered = transitions.order_attempt(job, asset_id=make_uuid7(), now=now)
        if ordered is None:
            return None
        if job.asset_id is not None:
            note_leftovers([asset_prefix(str(job.asset_id))], due_at=now + KEPT_FOR)
        transaction.on_commit(partial(send_order, _make_order(ordered, now=now)))
        transaction.on_commit(partial(announce, ordered))
    return ordered


def record_progress(report: ProgressReport, *, now: datetime) -> TranscodeJob | None:
    """Note a worker's heartbeat; None when it does not count."""
    job = transitions.take_progress(report, now=now)
    if job is not None:
        announce(job)
    return job


def record_failure(report: FailureReport, *, now: datetime) -> TranscodeJob | None:
    """Note that an attempt failed: order another, or close the job. None when it is dropped."""
    with transaction.atomic():
        job = transitions.take_failure(report, now=now)
        if job is None:
            drop_report(report)
        else:
            follow_failure(job, now=now)
    return job


def follow_failure(job: TranscodeJob, *, now: datetime) -> None:
    """What an ended attempt entails, in the transaction that ended it."""
    if job.state == JobStateChoice.QUEUED:
        transaction.on_commit(partial(dispatch, job, now=now))
        return
    _log.warning("job failed", extra={"job_id": str(job.pk), "reason": job.failure_reason})
    _close(job, now=now)


def cancel_job(job: TranscodeJob, *, now: datetime) -> TranscodeJob:
    """Stop a job; raises `Refused` when there is nothing left to stop."""
    with transaction.atomic():
        cancelled = _stop(job, now=now)
    if cancelled is None:
        raise Refused("not_cancellable", status=409, detail="The job is not being worked on.")
    return cancelled


def retry_job(job: TranscodeJob, *, now: datetime) -> TranscodeJob:
    """Queue a failed or cancelled job again; raises `Refused` for any other."""
    with transaction.atomic():
        lock_video(job.video_id)
        if _find_unfinished(job.video_id).exclude(pk=job.pk).exists():
            raise Refused("video_busy", status=409, detail="Another job of the video is going on.")
        queued = transitions.queue_again(job.pk)
        if queued is None:
            raise Refused("not_retryable", status=409, detail="The job has not failed.")
        keep_place(work_prefix(str(job.pk)))
        open_store().delete(cancelled_key(str(job.pk)))
        transaction.on_commit(partial(dispatch, queued, now=now))
    return queued


def drop_report(report: ProgressReport | ResultReport | FailureReport) -> None:
    """Leave a trace of a report that came too late, twice, or from an attempt given up."""
    _log.info(
        "report dropped",
        extra={
            "report": type(report).__name__,
            "job_id": report.job_id,
            "attempt": report.attempt,
        },
    )


def _find_unfinished(video_id: UUID) -> QuerySet[TranscodeJob]:
    states = [JobStateChoice.QUEUED, JobStateChoice.RUNNING]
    return TranscodeJob.objects.filter(video_id=video_id, state__in=states)


def _stop(job: TranscodeJob, *, now: datetime) -> TranscodeJob | None:
    cancelled = transitions.cancel(job.pk, now=now)
    if cancelled is not None:
        transaction.on_commit(partial(_tell_workers_to_stop, cancelled))
        _close(cancelled, now=now)
    return cancelled


def _tell_workers_to_stop(job: TranscodeJob) -> None:
    try:
        open_store().put(cancelled_key(str(job.pk)), b"")
    except StoreError as error:  # what a worker then makes in vain is dropped
        _log.warning("workers not told", extra={"job_id": str(job.pk), "cause": str(error)})


def _close(job: TranscodeJob, *, now: datetime) -> None:
    """Leave behind what a job without an asset made."""
    places = [work_prefix(str(job.pk))]
    if job.asset_id is not None:
        places.append(asset_prefix(str(job.asset_id)))
    note_leftovers(places, due_at=now + KEPT_FOR)
    transaction.on_commit(partial(announce, job))


def _make_order(job: TranscodeJob, *, now: datetime) -> TranscodeOrder:
    return TranscodeOrder(
        job_id=str(job.pk),
        chunk=0,
        attempt=job.attempt,
        video_id=str(job.video_id),
        asset_id=str(job.asset_id),
        source_key=job.source_key,
        lease_ends_at=int((now + transitions.START_LEASE).timestamp()),
    )
