"""What people have done with jobs: queueing, planning, retrying, cancelling, putting first."""

from datetime import datetime
from functools import partial
from http import HTTPStatus

from django.conf import settings
from django.db import transaction

from control_plane.accounts.models import User
from control_plane.catalogue.leftovers import keep_place
from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Video
from control_plane.catalogue.services import lock_video
from control_plane.errors import Refused
from control_plane.transcodes import attempts, transitions
from control_plane.transcodes.announcements import announce
from control_plane.transcodes.closing import stop_job
from control_plane.transcodes.dispatcher import dispatch
from control_plane.transcodes.models import (
    ChunkKindChoice,
    ChunkState,
    JobStateChoice,
    Priority,
    Stage,
    TranscodeJob,
)
from control_plane.transcodes.renewal import find_unfinished, make_job, renew_asset
from shared.paths import cancelled_key, chunk_record_key, plan_key, work_prefix


def check_queue(owner: User) -> None:
    """Raise `Refused` when no more jobs are taken: of this creator, or of anybody.

    To be asked before something is taken that becomes a job; what is taken already is done.
    """
    unfinished = TranscodeJob.objects.filter(
        state__in=[JobStateChoice.QUEUED, JobStateChoice.RUNNING]
    )
    _check_depth(
        unfinished.filter(video__owner=owner).count(),
        limit=settings.CONFIG.max_jobs_per_creator,
        scope="creator",
    )
    _check_depth(unfinished.count(), limit=settings.CONFIG.max_jobs, scope="site")


def queue_job(video: Video, *, source_key: str, user: User | None, now: datetime) -> TranscodeJob:
    """Have a source transcoded. A job of the video that is still being done is cancelled."""
    with transaction.atomic():
        lock_video(video.pk)
        for job in find_unfinished(video.pk):
            stop_job(job.pk, now=now)
        return make_job(video, user=user, source_key=source_key, now=now)


def transcode_again(video: Video, *, user: User, now: datetime) -> TranscodeJob:
    """Have the newest source transcoded anew, while what was made of it goes on to be played.

    Raises `Refused` when there is no source, or a job of the video is going on.
    """
    return _use_source_again(video, user=user, now=now)


def plan_only(video: Video, *, user: User, now: datetime) -> TranscodeJob:
    """Have the newest source measured and planned, and nothing encoded; raises `Refused`."""
    return _use_source_again(video, user=user, now=now, is_dry_run=True)


def cancel_job(job: TranscodeJob, *, now: datetime) -> TranscodeJob:
    """Stop a job; raises `Refused` when there is nothing left to stop."""
    with transaction.atomic():
        video = lock_video(job.video_id)
        cancelled = stop_job(job.pk, now=now)
        if cancelled is None:
            detail = "The job is not being worked on."
            raise Refused("not_cancellable", status=HTTPStatus.CONFLICT, detail=detail)
        if cancelled.base_asset_id is None:
            renew_asset(video, now=now)
    return cancelled


def retry_job(job: TranscodeJob, *, now: datetime) -> TranscodeJob:
    """Do what a failed or cancelled job has not done; raises `Refused` for any other."""
    with transaction.atomic():
        video = lock_video(job.video_id)
        _check_base(job, video)
        _check_idle(video, but=job)
        lost = _find_lost(job)
        queued = transitions.queue_again(job.pk, stage=_find_stage(job, lost))
        if queued is None:
            detail = "The job has not failed."
            raise Refused("not_retryable", status=HTTPStatus.CONFLICT, detail=detail)
        attempts.wait_again(job.pk, lost=lost)
        keep_place(work_prefix(str(job.pk)))
        open_store().delete(cancelled_key(str(job.pk)))
        transaction.on_commit(partial(announce, queued))
        transaction.on_commit(partial(dispatch, now=now))
    return queued


def start_over(job: TranscodeJob, *, user: User, now: datetime) -> TranscodeJob:
    """Do all of a failed or cancelled job again, as a new one; raises `Refused` for any other."""
    if job.state not in (JobStateChoice.FAILED, JobStateChoice.CANCELLED):
        detail = "The job has not failed."
        raise Refused("not_retryable", status=HTTPStatus.CONFLICT, detail=detail)
    if job.base_asset_id is not None:
        return retry_job(job, now=now)  # which is all of it
    with transaction.atomic():
        video = lock_video(job.video_id)
        _check_idle(video)
        return make_job(
            video,
            user=user,
            source_key=job.source_key,
            is_dry_run=job.is_dry_run,
            priority=job.priority,
            now=now,
        )


def change_priority(job: TranscodeJob, priority: Priority) -> TranscodeJob:
    """Have a job worked on before those of lower priority."""
    changed = transitions.set_priority(job.pk, priority) or job
    announce(changed)
    return changed


def _check_depth(depth: int, *, limit: int, scope: str) -> None:
    if depth >= limit:
        raise Refused(
            "queue_full",
            status=HTTPStatus.TOO_MANY_REQUESTS,
            detail=f"{depth} transcode jobs are not finished yet. Try again when some are.",
            extra={"scope": scope, "limit": limit},
        )


def _use_source_again(
    video: Video, *, user: User, now: datetime, is_dry_run: bool = False
) -> TranscodeJob:
    check_queue(video.owner)
    with transaction.atomic():
        video = lock_video(video.pk)
        _check_idle(video)
        newest = TranscodeJob.objects.filter(video=video).first()
        if newest is None:
            detail = "The video has no source yet."
            raise Refused("no_source", status=HTTPStatus.CONFLICT, detail=detail)
        return make_job(
            video, user=user, source_key=newest.source_key, is_dry_run=is_dry_run, now=now
        )


def _check_idle(video: Video, *, but: TranscodeJob | None = None) -> None:
    if any(job != but for job in find_unfinished(video.pk)):
        detail = "Another job of the video is going on."
        raise Refused("video_busy", status=HTTPStatus.CONFLICT, detail=detail)


def _check_base(job: TranscodeJob, video: Video) -> None:
    if job.base_asset_id not in (None, video.asset_id):
        detail = "The video plays another asset by now."
        raise Refused("superseded", status=HTTPStatus.CONFLICT, detail=detail)


def _find_lost(job: TranscodeJob) -> list[int]:
    """The chunks that were done, and are not in the store any more; all without their plan."""
    done = job.chunks.filter(state=ChunkState.DONE)
    store = open_store()
    if job.stage == Stage.PLANNING or not store.exists(plan_key(str(job.pk))):
        return list(done.values_list("number", flat=True))
    encoded = done.filter(kind=ChunkKindChoice.ENCODE).values_list("number", flat=True)
    return [number for number in encoded if not store.exists(chunk_record_key(str(job.pk), number))]


def _find_stage(job: TranscodeJob, lost: list[int]) -> Stage:
    if job.base_asset_id is not None:
        return Stage.PACKAGING
    if 0 in lost:
        return Stage.PLANNING
    return Stage.ENCODING if lost else Stage(job.stage)
