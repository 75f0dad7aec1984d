"""What workers report: each report steps a chunk on by one statement, and then its job.

Both steps and what follows from them are one transaction; what others must hear of follows after
the commit, and where it gets lost the reaper makes it good. A report that comes late, twice or
from an attempt given up finds nothing to step on and is dropped.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Video
from control_plane.catalogue.services import lock_video
from control_plane.transcodes import attempts, transitions
from control_plane.transcodes.announcements import announce
from control_plane.transcodes.closing import abandon_assets, fail_job
from control_plane.transcodes.dispatcher import dispatch
from control_plane.transcodes.measuring import guess_rest_s, measure_job
from control_plane.transcodes.models import (
    ChunkKindChoice,
    ChunkState,
    JobStateChoice,
    Stage,
    TranscodeChunk,
    TranscodeJob,
)
from control_plane.transcodes.renewal import renew_asset
from shared.jobs import (
    PACKAGE_MEMORY_BYTES,
    ChunkKind,
    EncodedReport,
    FailureReason,
    FailureReport,
    PlannedChunk,
    PlanReport,
    ProgressReport,
    ResultReport,
)

_log = logging.getLogger(__name__)

Report = ProgressReport | PlanReport | EncodedReport | ResultReport | FailureReport


def record_progress(report: ProgressReport, *, now: datetime) -> TranscodeChunk | None:
    """Note a worker's heartbeat; None when it does not count."""
    chunk = attempts.beat(report, now=now)
    if chunk is None:
        chunk = attempts.begin(report, now=now)
        if chunk is None:
            return None
        transitions.start(report.job_id, now=now)
        dispatch(now=now)  # an order less is in the broker
    note_progress(chunk.job_id, now=now)
    return chunk


def record_plan(report: PlanReport, *, now: datetime) -> TranscodeJob | None:
    """Go on to encoding, if there is room for it; None when the report is dropped."""
    with transaction.atomic():
        job = lock_film(report.job_id)
        if job is None or attempts.finish(report, kind=ChunkKind.PLAN, now=now) is None:
            drop_report(report)
            return None
        if job.is_dry_run:
            return _close_dry_run(report, job.video, now=now)
        lack = _find_lack(report)
        if lack is not None:
            reason = FailureReason.DISK_FULL.value
            return _fail(job, reason=reason, detail=lack, now=now)
        planned = transitions.take_plan(report, now=now)
        _make_chunks(job, report.chunks)
        _follow(planned, now=now)
    return planned


def record_encoded(report: EncodedReport, *, now: datetime) -> TranscodeChunk | None:
    """Note that a chunk is encoded, and go on to packaging after the last one; None when the
    report is dropped."""
    with transaction.atomic():
        chunk = None
        if transitions.lock_job(report.job_id) is not None:
            chunk = attempts.finish(
                report,
                kind=ChunkKind.ENCODE,
                now=now,
                size_bytes=report.size_bytes,
                cpu_s=report.cpu_s,
            )
        if chunk is None:
            drop_report(report)
            return None
        gathered = transitions.gather(report.job_id)
        if gathered is not None:
            _make_package(gathered)
        _follow(gathered, now=now)
    note_progress(chunk.job_id, now=now)
    return chunk


def record_failure(report: FailureReport, *, now: datetime) -> TranscodeChunk | None:
    """Note that an attempt failed: another follows, or the job is closed. None when dropped."""
    with transaction.atomic():
        job = lock_film(report.job_id)
        chunk = None if job is None else attempts.take_failure(report)
        if job is None or chunk is None:
            drop_report(report)
            return None
        follow_failure(chunk, job, now=now)
    return chunk


def follow_failure(chunk: TranscodeChunk, job: TranscodeJob, *, now: datetime) -> None:
    """What an ended attempt entails, in the transaction that ended it and locked the film."""
    abandon_assets([chunk], now=now)
    if chunk.state == ChunkState.FAILED:
        _fail(
            job,
            reason=chunk.failure_reason,
            detail=chunk.failure_detail,
            log_tail=chunk.log_tail,
            now=now,
        )
        return
    _follow(transitions.count_restart(chunk), now=now)


def lock_film(job_id: str | UUID) -> TranscodeJob | None:
    """Lock the video of a job that is being worked on, and the job; None for any other."""
    job = TranscodeJob.objects.filter(pk=job_id).only("video_id").first()
    try:
        video = None if job is None else lock_video(job.video_id)
    except Video.DoesNotExist:
        return None
    locked = transitions.lock_job(job_id)
    if locked is not None and video is not None:
        locked.video = video
    return locked


def note_progress(job_id: UUID, *, now: datetime) -> TranscodeJob | None:
    """Measure how far a job is; None when that was done less than two seconds ago."""
    job = TranscodeJob.objects.filter(pk=job_id, state=JobStateChoice.RUNNING).first()
    if job is None or (job.heartbeat_at and now - job.heartbeat_at < attempts.WRITE_INTERVAL):
        return None
    chunks = list(job.chunks.defer("log_tail", "failure_detail"))
    measure = measure_job(chunks, job.plan)
    noted = transitions.note_progress(
        job_id,
        fraction=measure.fraction,
        rungs=measure.rungs,
        eta_s=_find_eta(job, chunks, measure.fraction, now=now),
        done=measure.chunks_done,
        now=now,
    )
    if noted is not None:
        announce(noted)
    return noted


def drop_report(report: Report) -> None:
    """Leave a trace of a report that came too late, twice, or from an attempt given up."""
    _log.info(
        "report dropped",
        extra={
            "report": type(report).__name__,
            "job_id": report.job_id,
            "chunk": report.chunk,
            "attempt": report.attempt,
        },
    )


def _follow(job: TranscodeJob | None, *, now: datetime) -> None:
    """After the commit, let others hear of a step, and the next chunks be ordered."""
    if job is not None:
        transaction.on_commit(partial(announce, job))
    transaction.on_commit(partial(dispatch, now=now))


def _fail(job: TranscodeJob, *, now: datetime, **why: str) -> TranscodeJob | None:
    """Close a job; what it would have put into its asset an older one gets, if there is one."""
    failed = fail_job(job.pk, now=now, **why)
    if job.base_asset_id is None:  # else it would be tried for ever
        renew_asset(job.video, now=now)
    return failed


def _close_dry_run(report: PlanReport, video: Video, *, now: datetime) -> TranscodeJob | None:
    job = transitions.close_dry_run(report, now=now)
    renew_asset(video, now=now)
    _follow(job, now=now)
    return job


def _find_lack(report: PlanReport) -> str | None:
    """Why the film does not fit into the store; None when it does.

    What jobs that are being encoded have still to write is not there any more.
    """
    free = open_store().free_bytes()
    if free is None:
        return None
    encoding = TranscodeJob.objects.filter(
        state=JobStateChoice.RUNNING, plan__isnull=False
    ).exclude(pk=report.job_id)
    spoken_for = sum(
        int(needed * (1 - fraction))
        for needed, fraction in encoding.values_list("plan__disk_bytes_needed", "fraction")
    )
    if report.disk_bytes_needed <= free - spoken_for:
        return None
    return (
        f"{report.disk_bytes_needed} bytes are needed, {free} are free,"
        f" of which other jobs need {spoken_for}"
    )


def _make_chunks(job: TranscodeJob, planned: Sequence[PlannedChunk]) -> None:
    """The rows of what is to be encoded. Those of a plan that was lost are there already, and may
    be more."""
    job.chunks.filter(number__gt=len(planned)).delete()
    facts = ("heights", "has_sound", "cost", "memory_bytes", "is_low")
    _put_chunks(
        [
            TranscodeChunk(
                job=job,
                number=chunk.number,
                kind=ChunkKindChoice.ENCODE,
                **{name: getattr(chunk, name) for name in facts},
            )
            for chunk in planned
        ],
        facts,
    )


def _make_package(job: TranscodeJob) -> None:
    package = TranscodeChunk(
        job=job,
        number=job.chunk_count + 1,
        kind=ChunkKindChoice.PACKAGE,
        memory_bytes=PACKAGE_MEMORY_BYTES,
    )
    _put_chunks([package], ("memory_bytes",))


def _put_chunks(chunks: Sequence[TranscodeChunk], facts: Sequence[str]) -> None:
    """Rows that wait; of one that is there already, the fence goes on counting."""
    TranscodeChunk.objects.bulk_create(
        chunks,
        update_conflicts=True,
        unique_fields=["job", "number"],
        update_fields=["kind", "state", "starts", "fraction", *facts],
    )


def _find_eta(
    job: TranscodeJob, chunks: Sequence[TranscodeChunk], fraction: float, *, now: datetime
) -> float | None:
    if job.stage != Stage.PACKAGING:
        return guess_rest_s(job, fraction, now=now)
    package: Any = next((c for c in chunks if c.kind == ChunkKindChoice.PACKAGE), None)
    return None if package is None else package.eta_s
