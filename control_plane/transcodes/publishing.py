"""Publishing a result: the video switches to the new asset, exactly once.

One transaction decides: it takes the result, keeps the asset and switches the video. Then the
pointer file is written, always from the database, and the job closed; if the process is killed
before that, the reaper repeats those two.
"""

import logging
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from control_plane.catalogue.leftovers import KEPT_FOR, note_leftovers
from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Asset, Video
from control_plane.catalogue.services import lock_video
from control_plane.transcodes import attempts, transitions
from control_plane.transcodes.announcements import announce
from control_plane.transcodes.dispatcher import dispatch
from control_plane.transcodes.models import TranscodeJob
from control_plane.transcodes.renewal import renew_asset
from control_plane.transcodes.reports import drop_report, record_failure
from shared.asset import AssetInvalid, VideoPointer, parse_asset
from shared.jobs import ChunkKind, FailureReason, FailureReport, ResultReport
from shared.paths import asset_document_key, asset_prefix, video_pointer_key, work_prefix
from shared.runtime.store.interface import ObjectMissing, StoreError

_log = logging.getLogger(__name__)


def record_result(report: ResultReport, *, now: datetime) -> TranscodeJob | None:
    """Publish an attempt's asset; None when it is not, or not yet, published."""
    job = TranscodeJob.objects.filter(pk=report.job_id).first()
    if job is None:
        drop_report(report)
        return None
    fault = _find_fault(report, job)
    if fault is not None:
        record_failure(_make_failure(report, fault), now=now)
        return None
    publishing = _switch(report, video_id=job.video_id, now=now)
    if publishing is None:
        drop_report(report)
        return None
    announce(publishing)
    dispatch(now=now)
    return finish_publishing(publishing, now=now)


def finish_publishing(job: TranscodeJob, *, now: datetime) -> TranscodeJob | None:
    """Point the store at the video's asset and close the job.

    None when the store does not allow it now, or somebody else has done it.
    """
    try:
        with transaction.atomic():
            video = lock_video(job.video_id)
            _write_pointer(video)
            ready = transitions.mark_ready(job, now=now)
            if ready is not None:
                note_leftovers([work_prefix(str(job.pk))], due_at=now + KEPT_FOR)
                renew_asset(video, now=now)  # what was changed while it was made
                transaction.on_commit(partial(announce, ready))
    except StoreError as error:
        _log.error("pointer not written", extra={"job_id": str(job.pk), "cause": str(error)})
        return None
    return ready


def _find_fault(report: ResultReport, job: TranscodeJob) -> str | None:
    """Why the asset in the store is not what was ordered."""
    try:
        asset = parse_asset(open_store().get(asset_document_key(report.asset_id)))
    except (ObjectMissing, AssetInvalid) as error:
        return f"{type(error).__name__}: {error}"
    if (asset.asset_id, asset.video_id) != (report.asset_id, str(job.video_id)):
        return "asset.json names another asset or video"
    return None


def _make_failure(report: ResultReport, fault: str) -> FailureReport:
    return FailureReport(
        job_id=report.job_id,
        chunk=report.chunk,
        attempt=report.attempt,
        reason=FailureReason.INTERNAL,
        detail=fault,
    )


@transaction.atomic
def _switch(report: ResultReport, *, video_id: UUID, now: datetime) -> TranscodeJob | None:
    video = lock_video(video_id)
    if transitions.lock_job(report.job_id) is None:
        return None
    package = attempts.finish(report, kind=ChunkKind.PACKAGE, now=now, size_bytes=report.size_bytes)
    job = None if package is None else transitions.take_result(report, now=now)
    if job is None or package is None:
        return None
    if video.asset_id is not None:
        note_leftovers([asset_prefix(str(video.asset_id))], due_at=now + KEPT_FOR)
    video.asset = Asset.objects.create(
        id=report.asset_id,
        video=video,
        duration_ms=report.duration_ms,
        size_bytes=report.size_bytes,
        heights=list(report.heights),
        source_key=job.source_key,
        sidecars=package.sidecars,
        warnings=job.warnings,
    )
    video.save(update_fields=["asset", "updated_at"])
    return job


def _write_pointer(video: Video) -> None:
    """With the video locked, the last of several pointers is the one that is right."""
    pointer = VideoPointer(video_id=str(video.pk), asset_id=str(video.asset_id))
    open_store().put(video_pointer_key(pointer.video_id), pointer.model_dump_json().encode())
