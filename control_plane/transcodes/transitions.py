"""Each step of a job's life as one SQL statement; `shared.jobs` draws the whole picture.

A statement's WHERE clause says from where its step may be taken. Of two that compete for a job
one finds it there; the other finds no row, and whatever it brought is dropped.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from control_plane.transcodes.models import TranscodeJob
from shared.jobs import (
    FINAL_REASONS,
    HEARTBEAT_INTERVAL_S,
    LEASE_S,
    MAX_ATTEMPTS,
    FailureReason,
    FailureReport,
    ProgressReport,
    ResultReport,
)

# How long an order may wait in the broker. Nobody else is ordered while a worker that began in
# the last second may still be on its way to its first report.
START_LEASE: Final = timedelta(seconds=60)
_FIRST_REPORT: Final = timedelta(seconds=10)

_LEASE: Final = timedelta(seconds=LEASE_S)
# Reports come this often or, from clocks that are not perfect, a little more.
_WRITE_INTERVAL: Final = timedelta(seconds=0.9 * HEARTBEAT_INTERVAL_S)

_ORDER: Final = """
UPDATE transcodes_transcodejob
SET attempt = attempt + 1, asset_id = %(asset_id)s, lease_ends_at = %(lease_ends_at)s,
    fraction = 0, rungs = '{}', eta_s = NULL
WHERE id = %(job_id)s AND attempt = %(attempt)s AND state = 'queued'
RETURNING *
"""

_PROGRESS: Final = """
UPDATE transcodes_transcodejob
SET state = 'running', starts = starts + (state = 'queued')::int,
    started_at = COALESCE(started_at, %(now)s), heartbeat_at = %(now)s,
    lease_ends_at = %(lease_ends_at)s,
    fraction = %(fraction)s, rungs = %(rungs)s, eta_s = %(eta_s)s
WHERE id = %(job_id)s AND attempt = %(attempt)s AND lease_ends_at IS NOT NULL
    AND (state = 'queued' OR state = 'running' AND heartbeat_at <= %(written_before)s)
RETURNING *
"""

_RESULT: Final = """
UPDATE transcodes_transcodejob
SET state = 'publishing', heartbeat_at = %(now)s, lease_ends_at = %(lease_ends_at)s
WHERE id = %(job_id)s AND attempt = %(attempt)s AND asset_id = %(asset_id)s
    AND lease_ends_at IS NOT NULL AND state IN ('queued', 'running')
RETURNING *
"""

_READY: Final = """
UPDATE transcodes_transcodejob
SET state = 'ready', fraction = 1, eta_s = NULL, lease_ends_at = NULL, finished_at = %(now)s,
    failure_reason = '', failure_detail = '', log_tail = ''
WHERE id = %(job_id)s AND state = 'publishing'
RETURNING *
"""

# An order that failed before its first report was begun all the same.
_FAILURE: Final = """
UPDATE transcodes_transcodejob
SET state = CASE
        WHEN %(is_final)s OR starts + (state = 'queued')::int >= %(max_starts)s THEN 'failed'
        ELSE 'queued'
    END,
    finished_at = CASE
        WHEN %(is_final)s OR starts + (state = 'queued')::int >= %(max_starts)s THEN %(now)s
    END,
    starts = starts + (state = 'queued')::int, lease_ends_at = NULL, eta_s = NULL,
    failure_reason = %(reason)s, failure_detail = %(detail)s, log_tail = %(log_tail)s
WHERE id = %(job_id)s AND attempt = %(attempt)s AND lease_ends_at <= %(lease_ended_by)s
    AND state IN ('queued', 'running')
RETURNING *
"""

_CANCEL: Final = """
UPDATE transcodes_transcodejob
SET state = 'cancelled', finished_at = %(now)s, lease_ends_at = NULL, eta_s = NULL
WHERE id = %(job_id)s AND state IN ('queued', 'running')
RETURNING *
"""

_RETRY: Final = """
UPDATE transcodes_transcodejob
SET state = 'queued', starts = 0, fraction = 0, rungs = '{}', started_at = NULL,
    finished_at = NULL, failure_reason = '', failure_detail = '', log_tail = ''
WHERE id = %(job_id)s AND state IN ('failed', 'cancelled')
RETURNING *
"""

_RESUME_PUBLISHING: Final = """
UPDATE transcodes_transcodejob
SET lease_ends_at = %(lease_ends_at)s
WHERE state = 'publishing' AND lease_ends_at <= %(now)s
RETURNING *
"""

_SPARE: Final = """
UPDATE transcodes_transcodejob
SET lease_ends_at = %(lease_ends_at)s
WHERE state = 'running' AND lease_ends_at < %(lease_ends_at)s
RETURNING *
"""

_NEVER: Final = datetime.max.replace(tzinfo=UTC)


def order_attempt(job: TranscodeJob, *, asset_id: UUID, now: datetime) -> TranscodeJob | None:
    """Begin the next attempt at a queued job, with an asset of its own."""
    return _step(
        _ORDER,
        job_id=job.pk,
        attempt=job.attempt,
        asset_id=asset_id,
        lease_ends_at=now + START_LEASE + _FIRST_REPORT,
    )


def take_progress(report: ProgressReport, *, now: datetime) -> TranscodeJob | None:
    """Note how far the attempt is and extend its lease; the first report starts the job."""
    return _step(
        _PROGRESS,
        job_id=report.job_id,
        attempt=report.attempt,
        now=now,
        lease_ends_at=now + _LEASE,
        written_before=now - _WRITE_INTERVAL,
        fraction=report.fraction,
        rungs=json.dumps(report.rungs),
        eta_s=report.eta_s,
    )


def take_result(report: ResultReport, *, now: datetime) -> TranscodeJob | None:
    """Decide that this attempt's asset is the job's."""
    return _step(
        _RESULT,
        job_id=report.job_id,
        attempt=report.attempt,
        asset_id=report.asset_id,
        now=now,
        lease_ends_at=now + _LEASE,
    )


def take_failure(report: FailureReport, *, now: datetime) -> TranscodeJob | None:
    """End the attempt: the job is queued again, or has failed for good."""
    return _end_attempt(report, lease_ended_by=_NEVER, now=now)


def take_lease(job: TranscodeJob, *, now: datetime) -> TranscodeJob | None:
    """End the attempt of a worker that stopped reporting, if its lease is over by now."""
    report = FailureReport(
        job_id=str(job.pk),
        chunk=0,
        attempt=job.attempt,
        reason=FailureReason.INTERNAL,
        detail=f"the worker stopped reporting at {job.heartbeat_at}",
        log_tail=job.log_tail,
    )
    return _end_attempt(report, lease_ended_by=now, now=now)


def mark_ready(job: TranscodeJob, *, now: datetime) -> TranscodeJob | None:
    """Close a job whose asset is published."""
    return _step(_READY, job_id=job.pk, now=now)


def cancel(job_id: UUID, *, now: datetime) -> TranscodeJob | None:
    """Stop a job that is not being published yet."""
    return _step(_CANCEL, job_id=job_id, now=now)


def queue_again(job_id: UUID) -> TranscodeJob | None:
    """Give a failed or cancelled job a new round of attempts."""
    return _step(_RETRY, job_id=job_id)


def resume_publishing(*, now: datetime) -> list[TranscodeJob]:
    """Take over the jobs whose publishing was broken off."""
    return _steps(_RESUME_PUBLISHING, now=now, lease_ends_at=now + _LEASE)


def spare_leases(*, now: datetime) -> list[TranscodeJob]:
    """Let no running job's lease end sooner than if it had just reported."""
    return _steps(_SPARE, lease_ends_at=now + _LEASE)


def _end_attempt(
    report: FailureReport, *, lease_ended_by: datetime, now: datetime
) -> TranscodeJob | None:
    return _step(
        _FAILURE,
        job_id=report.job_id,
        attempt=report.attempt,
        lease_ended_by=lease_ended_by,
        now=now,
        is_final=report.reason in FINAL_REASONS,
        max_starts=MAX_ATTEMPTS,
        reason=report.reason.value,
        detail=report.detail,
        log_tail=report.log_tail,
    )


def _step(statement: str, **values: Any) -> TranscodeJob | None:
    return next(iter(_steps(statement, **values)), None)


def _steps(statement: str, **values: Any) -> list[TranscodeJob]:
    return list(TranscodeJob.objects.raw(statement, values))
