"""Each step of a job's life as one SQL statement; `shared.jobs` draws the whole picture.

A statement's WHERE clause says from where its step may be taken. Of two that compete for a job
one finds it there; the other finds no row, and whatever it brought is dropped.

Whoever steps a chunk on and then its job locks the job first, so that the second step sees what
others did to the job's other chunks. Locks are taken in the order video, job, chunk.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from control_plane.transcodes.attempts import WRITE_INTERVAL
from control_plane.transcodes.models import TranscodeChunk, TranscodeJob
from shared.jobs import LEASE_S, PlanReport, ResultReport

_LEASE: Final = timedelta(seconds=LEASE_S)

_LOCK: Final = """
SELECT * FROM transcodes_transcodejob
WHERE id = %(job_id)s AND state IN ('queued', 'running')
FOR NO KEY UPDATE
"""

_START: Final = """
UPDATE transcodes_transcodejob
SET state = 'running', started_at = COALESCE(started_at, %(now)s), heartbeat_at = NULL
WHERE id = %(job_id)s AND state = 'queued'
RETURNING *
"""

_PROGRESS: Final = """
UPDATE transcodes_transcodejob
SET fraction = %(fraction)s, rungs = %(rungs)s, eta_s = %(eta_s)s, chunks_done = %(done)s,
    heartbeat_at = %(now)s, began_at = COALESCE(began_at, %(now)s),
    began_fraction = CASE WHEN began_at IS NULL THEN %(fraction)s ELSE began_fraction END
WHERE id = %(job_id)s AND state = 'running'
    AND (heartbeat_at IS NULL OR heartbeat_at <= %(written_before)s)
RETURNING *
"""

_PLANNED: Final = """
UPDATE transcodes_transcodejob
SET state = 'running', stage = 'encoding', plan = %(plan)s, chunk_count = %(chunk_count)s,
    started_at = COALESCE(started_at, %(now)s), heartbeat_at = NULL, began_at = NULL
WHERE id = %(job_id)s AND state IN ('queued', 'running') AND stage = 'planning'
RETURNING *
"""

_PLANNED_ONLY: Final = """
UPDATE transcodes_transcodejob
SET state = 'ready', plan = %(plan)s, fraction = 1, eta_s = NULL,
    started_at = COALESCE(started_at, %(now)s), finished_at = %(now)s,
    failure_reason = '', failure_detail = '', log_tail = ''
WHERE id = %(job_id)s AND state IN ('queued', 'running') AND is_dry_run
RETURNING *
"""

_ENCODED: Final = """
UPDATE transcodes_transcodejob AS job
SET stage = 'packaging', heartbeat_at = NULL
WHERE id = %(job_id)s AND state IN ('queued', 'running') AND stage = 'encoding'
    AND NOT EXISTS (
        SELECT FROM transcodes_transcodechunk AS chunk
        WHERE chunk.job_id = job.id AND chunk.kind = 'encode' AND chunk.state <> 'done'
    )
RETURNING *
"""

_RESULT: Final = """
UPDATE transcodes_transcodejob
SET state = 'publishing', asset_id = %(asset_id)s, warnings = %(warnings)s,
    started_at = COALESCE(started_at, %(now)s), heartbeat_at = %(now)s,
    lease_ends_at = %(lease_ends_at)s
WHERE id = %(job_id)s AND state IN ('queued', 'running') AND stage = 'packaging'
RETURNING *
"""

_READY: Final = """
UPDATE transcodes_transcodejob
SET state = 'ready', fraction = 1, eta_s = NULL, lease_ends_at = NULL, finished_at = %(now)s,
    chunks_done = chunk_count, failure_reason = '', failure_detail = '', log_tail = '',
    rungs = COALESCE((SELECT jsonb_object_agg(key, 1) FROM jsonb_each(rungs)), '{}')
WHERE id = %(job_id)s AND state = 'publishing'
RETURNING *
"""

_RESTART: Final = """
UPDATE transcodes_transcodejob
SET restarts = restarts + 1, heartbeat_at = NULL,
    failure_reason = %(reason)s, failure_detail = %(detail)s, log_tail = %(log_tail)s
WHERE id = %(job_id)s AND state IN ('queued', 'running')
RETURNING *
"""

_FAIL: Final = """
UPDATE transcodes_transcodejob
SET state = 'failed', finished_at = %(now)s, eta_s = NULL,
    failure_reason = %(reason)s, failure_detail = %(detail)s, log_tail = %(log_tail)s
WHERE id = %(job_id)s AND state IN ('queued', 'running')
RETURNING *
"""

_CANCEL: Final = """
UPDATE transcodes_transcodejob
SET state = 'cancelled', finished_at = %(now)s, eta_s = NULL
WHERE id = %(job_id)s AND state IN ('queued', 'running')
RETURNING *
"""

_RETRY: Final = """
UPDATE transcodes_transcodejob
SET state = 'queued', stage = %(stage)s, started_at = NULL, finished_at = NULL, began_at = NULL,
    heartbeat_at = NULL, failure_reason = '', failure_detail = '', log_tail = ''
WHERE id = %(job_id)s AND state IN ('failed', 'cancelled')
RETURNING *
"""

_PRIORITY: Final = """
UPDATE transcodes_transcodejob
SET priority = %(priority)s
WHERE id = %(job_id)s
RETURNING *
"""

_RESUME_PUBLISHING: Final = """
UPDATE transcodes_transcodejob
SET lease_ends_at = %(lease_ends_at)s
WHERE state = 'publishing' AND lease_ends_at <= %(now)s
RETURNING *
"""


def lock_job(job_id: str | UUID) -> TranscodeJob | None:
    """Lock a job that is being worked on until the transaction ends; None for any other."""
    return _step(_LOCK, job_id=job_id)


def start(job_id: str | UUID, *, now: datetime) -> TranscodeJob | None:
    """Note that a worker has begun the first of a job's chunks."""
    return _step(_START, job_id=job_id, now=now)


def note_progress(
    job_id: str | UUID,
    *,
    fraction: float,
    rungs: Mapping[str, float],
    eta_s: float | None,
    done: int,
    now: datetime,
) -> TranscodeJob | None:
    """Note how far a job is; None when that was noted less than two seconds ago."""
    return _step(
        _PROGRESS,
        job_id=job_id,
        fraction=fraction,
        rungs=json.dumps(rungs),
        eta_s=eta_s,
        done=done,
        now=now,
        written_before=now - WRITE_INTERVAL,
    )


def take_plan(report: PlanReport, *, now: datetime) -> TranscodeJob | None:
    """Keep the plan and go on to encoding."""
    return _step(
        _PLANNED,
        job_id=report.job_id,
        plan=_render_plan(report),
        chunk_count=len(report.chunks),
        now=now,
    )


def close_dry_run(report: PlanReport, *, now: datetime) -> TranscodeJob | None:
    """Keep the plan of a job that wants no more."""
    return _step(_PLANNED_ONLY, job_id=report.job_id, plan=_render_plan(report), now=now)


def gather(job_id: str | UUID) -> TranscodeJob | None:
    """Go on to packaging once every chunk is encoded: for one of all who ask."""
    return _step(_ENCODED, job_id=job_id)


def take_result(report: ResultReport, *, now: datetime) -> TranscodeJob | None:
    """Decide that this asset is the job's."""
    return _step(
        _RESULT,
        job_id=report.job_id,
        asset_id=report.asset_id,
        warnings=json.dumps([warning.model_dump() for warning in report.warnings]),
        now=now,
        lease_ends_at=now + _LEASE,
    )


def mark_ready(job: TranscodeJob, *, now: datetime) -> TranscodeJob | None:
    """Close a job whose asset is published."""
    return _step(_READY, job_id=job.pk, now=now)


def count_restart(chunk: TranscodeChunk) -> TranscodeJob | None:
    """Note that an attempt at a chunk failed and why; another one follows."""
    return _step(
        _RESTART,
        job_id=chunk.job_id,
        reason=chunk.failure_reason,
        detail=chunk.failure_detail,
        log_tail=chunk.log_tail,
    )


def fail(
    job_id: str | UUID, *, reason: str, detail: str, log_tail: str = "", now: datetime
) -> TranscodeJob | None:
    """Close a job for good."""
    return _step(_FAIL, job_id=job_id, reason=reason, detail=detail, log_tail=log_tail, now=now)


def cancel(job_id: UUID, *, now: datetime) -> TranscodeJob | None:
    """Stop a job that is not being published yet."""
    return _step(_CANCEL, job_id=job_id, now=now)


def queue_again(job_id: UUID, *, stage: str) -> TranscodeJob | None:
    """Give a failed or cancelled job a new round of attempts, from a stage on."""
    return _step(_RETRY, job_id=job_id, stage=stage)


def set_priority(job_id: UUID, priority: int) -> TranscodeJob | None:
    """Have a job worked on before others, or after them."""
    return _step(_PRIORITY, job_id=job_id, priority=priority)


def resume_publishing(*, now: datetime) -> list[TranscodeJob]:
    """Take over the jobs whose publishing was broken off."""
    return _steps(_RESUME_PUBLISHING, now=now, lease_ends_at=now + _LEASE)


def _render_plan(report: PlanReport) -> str:
    return report.model_dump_json(exclude={"job_id", "chunk", "attempt", "chunks"})


def _step(statement: str, **values: Any) -> TranscodeJob | None:
    return next(iter(_steps(statement, **values)), None)


def _steps(statement: str, **values: Any) -> list[TranscodeJob]:
    return list(TranscodeJob.objects.raw(statement, values))
