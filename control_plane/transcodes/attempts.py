"""Each step of a chunk's life as one SQL statement; `transitions` has those of the job.

    waiting -> ordered -> running -> done
    ordered, running -> waiting (lease lost, or a failure worth another attempt) | failed
    ordered -> waiting (nobody took the order)

A statement's WHERE clause says from where its step may be taken. Of two that compete for a chunk
one finds it there; the other finds no row, and whatever it brought is dropped.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from control_plane.transcodes.models import TranscodeChunk
from shared.jobs import (
    FINAL_REASONS,
    HEARTBEAT_INTERVAL_S,
    LEASE_S,
    MAX_ATTEMPTS,
    ChunkKind,
    FailureReason,
    FailureReport,
    ProgressReport,
    ResultReport,
)

# How long an order may wait in the broker: until then its chunk is ordered from nobody else, nor
# while a worker that began in the last second may still be on its way to its first report.
START_LEASE: Final = timedelta(minutes=10)
FIRST_REPORT: Final = timedelta(seconds=10)

_LEASE: Final = timedelta(seconds=LEASE_S)
# Reports come this often or, from clocks that are not perfect, a little more.
WRITE_INTERVAL: Final = timedelta(seconds=0.9 * HEARTBEAT_INTERVAL_S)

# Who has least at work is next, among jobs of the highest priority. Plans and packages are quick
# and come first; then a creator's oldest job, and of it the lowest rung.
_ORDER_NEXT: Final = """
WITH at_work AS (
    SELECT video.owner_id, count(*) AS chunks
    FROM transcodes_transcodechunk AS chunk
    JOIN transcodes_transcodejob AS job ON job.id = chunk.job_id
    JOIN catalogue_video AS video ON video.id = job.video_id
    WHERE chunk.state IN ('ordered', 'running') AND job.state IN ('queued', 'running')
    GROUP BY video.owner_id
), chosen AS (
    SELECT chunk.id
    FROM transcodes_transcodechunk AS chunk
    JOIN transcodes_transcodejob AS job ON job.id = chunk.job_id
    JOIN catalogue_video AS video ON video.id = job.video_id
    LEFT JOIN at_work ON at_work.owner_id = video.owner_id
    WHERE chunk.state = 'waiting' AND job.state IN ('queued', 'running')
        AND (job.stage, chunk.kind) IN
            (('planning', 'plan'), ('encoding', 'encode'), ('packaging', 'package'))
    ORDER BY job.priority DESC, COALESCE(at_work.chunks, 0), chunk.kind = 'encode',
        job.id, chunk.is_low DESC, chunk.number
    LIMIT 1
    FOR NO KEY UPDATE OF chunk SKIP LOCKED
)
UPDATE transcodes_transcodechunk AS chunk
SET state = 'ordered', attempt = attempt + 1, ordered_at = %(now)s,
    lease_ends_at = %(lease_ends_at)s,
    asset_id = CASE WHEN kind = 'package' THEN %(asset_id)s::uuid END,
    heartbeat_at = NULL, worker = '', fraction = 0, rungs = '{}', eta_s = NULL
FROM chosen
WHERE chunk.id = chosen.id
RETURNING chunk.*
"""

_SIDECARS: Final = """
UPDATE transcodes_transcodechunk
SET sidecars = %(sidecars)s
WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'ordered'
RETURNING *
"""

_BEGIN: Final = """
UPDATE transcodes_transcodechunk
SET state = 'running', starts = starts + 1, heartbeat_at = %(now)s,
    lease_ends_at = %(lease_ends_at)s, worker = %(worker)s,
    fraction = %(fraction)s, rungs = %(rungs)s, eta_s = %(eta_s)s
WHERE job_id = %(job_id)s AND number = %(chunk)s AND attempt = %(attempt)s AND state = 'ordered'
RETURNING *
"""

_BEAT: Final = """
UPDATE transcodes_transcodechunk
SET heartbeat_at = %(now)s, lease_ends_at = %(lease_ends_at)s, worker = %(worker)s,
    fraction = %(fraction)s, rungs = %(rungs)s, eta_s = %(eta_s)s
WHERE job_id = %(job_id)s AND number = %(chunk)s AND attempt = %(attempt)s AND state = 'running'
    AND heartbeat_at <= %(written_before)s
RETURNING *
"""

_DONE: Final = """
UPDATE transcodes_transcodechunk
SET state = 'done', fraction = 1, eta_s = NULL, lease_ends_at = NULL, finished_at = %(now)s,
    size_bytes = %(size_bytes)s, cpu_s = %(cpu_s)s,
    failure_reason = '', failure_detail = '', log_tail = ''
WHERE job_id = %(job_id)s AND number = %(chunk)s AND attempt = %(attempt)s AND kind = %(kind)s
    AND (%(asset_id)s::uuid IS NULL OR asset_id = %(asset_id)s::uuid)
    AND state IN ('ordered', 'running')
RETURNING *
"""

# An order that failed before its first report was begun all the same.
_FAILURE: Final = """
UPDATE transcodes_transcodechunk
SET state = CASE
        WHEN %(is_final)s OR starts + (state = 'ordered')::int >= %(max_starts)s THEN 'failed'
        ELSE 'waiting'
    END,
    starts = starts + (state = 'ordered')::int, lease_ends_at = NULL, eta_s = NULL, fraction = 0,
    failure_reason = %(reason)s, failure_detail = %(detail)s, log_tail = %(log_tail)s
WHERE job_id = %(job_id)s AND number = %(chunk)s AND attempt = %(attempt)s
    AND lease_ends_at <= %(lease_ended_by)s AND state IN ('ordered', 'running')
RETURNING *
"""

_RECALL_ORDERS: Final = """
UPDATE transcodes_transcodechunk
SET state = 'waiting', lease_ends_at = NULL
WHERE state = 'ordered' AND ordered_at <= %(ordered_by)s
RETURNING *
"""

_RECALL_ALL: Final = """
UPDATE transcodes_transcodechunk
SET state = 'waiting', lease_ends_at = NULL, eta_s = NULL, fraction = 0
WHERE job_id = %(job_id)s AND state IN ('ordered', 'running')
RETURNING *
"""

_AGAIN: Final = """
UPDATE transcodes_transcodechunk
SET state = 'waiting', starts = 0, fraction = 0,
    failure_reason = '', failure_detail = '', log_tail = ''
WHERE job_id = %(job_id)s AND (state <> 'done' OR number = ANY(%(lost)s))
RETURNING *
"""

_SPARE: Final = """
UPDATE transcodes_transcodechunk
SET lease_ends_at = %(lease_ends_at)s
WHERE state = 'running' AND lease_ends_at < %(lease_ends_at)s
RETURNING *
"""

_NEVER: Final = datetime.max.replace(tzinfo=UTC)


def order_next(*, asset_id: UUID, now: datetime) -> TranscodeChunk | None:
    """Begin the next attempt at the chunk whose turn it is; a package gets this asset as its own.
    None when no chunk waits."""
    lease_ends_at = now + START_LEASE + FIRST_REPORT
    return _step(_ORDER_NEXT, asset_id=asset_id, lease_ends_at=lease_ends_at, now=now)


def keep_sidecars(chunk: TranscodeChunk, sidecars: Mapping[str, Any]) -> TranscodeChunk | None:
    """Note what the package that is ordered now is to hold."""
    return _step(_SIDECARS, id=chunk.pk, attempt=chunk.attempt, sidecars=json.dumps(sidecars))


def begin(report: ProgressReport, *, now: datetime) -> TranscodeChunk | None:
    """Note the first report of an attempt."""
    return _step(_BEGIN, **_describe_progress(report, now=now))


def beat(report: ProgressReport, *, now: datetime) -> TranscodeChunk | None:
    """Note how far the attempt is and extend its lease, at most once in two seconds."""
    return _step(_BEAT, **_describe_progress(report, now=now), written_before=now - WRITE_INTERVAL)


def finish(
    report: Any,
    *,
    kind: ChunkKind,
    now: datetime,
    size_bytes: int | None = None,
    cpu_s: float | None = None,
) -> TranscodeChunk | None:
    """Decide that this attempt did the chunk's work; a package is also known by its asset."""
    return _step(
        _DONE,
        **_fence(report),
        kind=kind.value,
        asset_id=report.asset_id if isinstance(report, ResultReport) else None,
        now=now,
        size_bytes=size_bytes,
        cpu_s=cpu_s,
    )


def take_failure(report: FailureReport) -> TranscodeChunk | None:
    """End the attempt: the chunk waits again, or has failed for good."""
    return _end(report, lease_ended_by=_NEVER)


def take_lease(chunk: TranscodeChunk, *, now: datetime) -> TranscodeChunk | None:
    """End the attempt of a worker that stopped reporting, if its lease is over by now."""
    report = FailureReport(
        job_id=str(chunk.job_id),
        chunk=chunk.number,
        attempt=chunk.attempt,
        reason=FailureReason.INTERNAL,
        detail=f"the worker {chunk.worker} stopped reporting at {chunk.heartbeat_at}",
        log_tail=chunk.log_tail,
    )
    return _end(report, lease_ended_by=now)


def recall_orders(*, ordered_by: datetime) -> list[TranscodeChunk]:
    """Take back the orders sent by then that nobody has begun."""
    return _steps(_RECALL_ORDERS, ordered_by=ordered_by)


def recall_all(job_id: UUID) -> list[TranscodeChunk]:
    """Let no attempt at any chunk of a job count any more."""
    return _steps(_RECALL_ALL, job_id=job_id)


def wait_again(job_id: UUID, *, lost: list[int]) -> list[TranscodeChunk]:
    """Give a new round to all chunks that are not done, and to those whose work was lost."""
    return _steps(_AGAIN, job_id=job_id, lost=lost)


def spare_leases(*, now: datetime) -> list[TranscodeChunk]:
    """Let no running chunk's lease end sooner than if its worker had just reported."""
    return _steps(_SPARE, lease_ends_at=now + _LEASE)


def _end(report: FailureReport, *, lease_ended_by: datetime) -> TranscodeChunk | None:
    return _step(
        _FAILURE,
        **_fence(report),
        lease_ended_by=lease_ended_by,
        is_final=report.reason in FINAL_REASONS,
        max_starts=MAX_ATTEMPTS,
        reason=report.reason.value,
        detail=report.detail,
        log_tail=report.log_tail,
    )


def _describe_progress(report: ProgressReport, *, now: datetime) -> Mapping[str, Any]:
    return {
        **_fence(report),
        "now": now,
        "lease_ends_at": now + _LEASE,
        "worker": report.worker,
        "fraction": report.fraction,
        "rungs": json.dumps(report.rungs),
        "eta_s": report.eta_s,
    }


def _fence(report: Any) -> Mapping[str, Any]:
    return {"job_id": report.job_id, "chunk": report.chunk, "attempt": report.attempt}


def _step(statement: str, **values: Any) -> TranscodeChunk | None:
    return next(iter(_steps(statement, **values)), None)


def _steps(statement: str, **values: Any) -> list[TranscodeChunk]:
    return list(TranscodeChunk.objects.raw(statement, values))
