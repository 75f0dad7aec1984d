"""Fixtures for tests of jobs: films, workers that report, and what was sent to them."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db.models import F
from kombu import Connection
from kombu.simple import SimpleQueue

from control_plane.accounts.models import Role, User
from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Video
from control_plane.transcodes.models import TranscodeChunk, TranscodeJob
from control_plane.transcodes.publishing import record_result
from control_plane.transcodes.reports import record_encoded, record_plan
from control_plane.transcodes.services import queue_job
from shared.asset import Asset, render_asset
from shared.jobs import (
    TRANSCODE_QUEUE,
    EncodedReport,
    FailureReason,
    FailureReport,
    Order,
    PlannedChunk,
    PlannedRung,
    PlanReport,
    PlanSummary,
    ProgressReport,
    ResultReport,
    parse_order,
)
from shared.paths import asset_document_key, chunk_record_key, original_key, plan_key
from tests.control_plane.conftest import MakeUser

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
UPLOAD = "0198c0de-0000-7000-8000-00000000000f"

MakeVideo: TypeAlias = Callable[..., Video]
ReadOrders: TypeAlias = Callable[[], list[Order]]


@pytest.fixture(autouse=True)
def read_orders(transactional_db: None) -> Iterator[ReadOrders]:  # noqa: ARG001  (see below)
    """Takes the orders that wait in the broker, of which there are none at first.

    What follows a commit is half of what is tested here.
    """
    cache.clear()
    with (
        Connection(settings.CELERY["broker_url"]) as connection,
        connection.SimpleQueue(TRANSCODE_QUEUE, no_ack=True) as waiting,
    ):
        waiting.clear()
        yield lambda: list(_drain(waiting))
        waiting.clear()


@pytest.fixture
def creator(make_user: MakeUser) -> User:
    return make_user(Role.CREATOR)


@pytest.fixture
def make_video(creator: User) -> MakeVideo:
    def make(owner: User = creator, title: str = "A film") -> Video:
        return Video.objects.create(owner=owner, title=title)

    return make


@pytest.fixture
def video(make_video: MakeVideo) -> Video:
    return make_video()


@pytest.fixture
def job(video: Video) -> TranscodeJob:
    """A job whose plan is ordered."""
    return queue(video)


@pytest.fixture
def encoding(job: TranscodeJob, read_orders: ReadOrders) -> TranscodeJob:
    """A job of two chunks, both ordered, and taken from the broker."""
    read_orders()
    plan(job, 2)
    read_orders()
    return fresh(job)


@pytest.fixture
def packaging(encoding: TranscodeJob, read_orders: ReadOrders) -> TranscodeJob:
    """A job whose package is ordered, and taken from the broker."""
    for number in (1, 2):
        encode(encoding, number)
    read_orders()
    return fresh(encoding)


def _drain(waiting: SimpleQueue) -> Iterator[Order]:
    with suppress(waiting.Empty):
        while True:
            (text,), *_ = waiting.get_nowait().payload
            yield parse_order(text)


def queue(video: Video) -> TranscodeJob:
    source = original_key(str(video.pk), UPLOAD)
    return fresh(queue_job(video, source_key=source, user=video.owner, now=NOW))


def fresh(job: TranscodeJob) -> TranscodeJob:
    """The job as the database has it now."""
    return TranscodeJob.objects.get(pk=job.pk)


def chunk_of(job: TranscodeJob, number: int = 0) -> TranscodeChunk:
    """A chunk as the database has it now."""
    return TranscodeChunk.objects.get(job=job, number=number)


def progress(chunk: TranscodeChunk, **changes: Any) -> ProgressReport:
    facts = {"fraction": 0.25, "rungs": {"360": 0.5}, "worker": "here:1"}
    return ProgressReport(**{**_fence(chunk), **facts, **changes})


def planned(number: int, **changes: Any) -> PlannedChunk:
    facts = {"heights": (360, 720), "has_sound": True, "cost": 10.0, "memory_bytes": 10**9}
    return PlannedChunk(**{"number": number, "is_low": False, **facts, **changes})


def plan_report(
    chunk: TranscodeChunk, cut: int | tuple[PlannedChunk, ...] = 1, **changes: Any
) -> PlanReport:
    chunks = tuple(map(planned, range(1, cut + 1))) if isinstance(cut, int) else cut
    rungs = [(360, 640, 360), (720, 1280, 720)]
    summary = PlanSummary(
        rungs=tuple(
            PlannedRung(
                height=height,
                width_px=width_px,
                height_px=height_px,
                frame_rate="30/1",
                max_bit_rate_bps=1_000_000,
                reason="fits",
            )
            for height, width_px, height_px in rungs
        )
    )
    facts = {
        "duration_ms": 20_000,
        "summary": summary,
        "bytes_estimate": 10**6,
        "cpu_s_estimate": 60.0,
        "disk_bytes_needed": 2 * 10**6,
        "chunks": chunks,
    }
    return PlanReport(**{**_fence(chunk), **facts, **changes})


def encoded(chunk: TranscodeChunk, **changes: Any) -> EncodedReport:
    return EncodedReport(**{**_fence(chunk), "size_bytes": 1_000, "cpu_s": 5.0, **changes})


def result(chunk: TranscodeChunk, **changes: Any) -> ResultReport:
    facts = {"duration_ms": 20_000, "size_bytes": 1_000, "heights": (360, 720)}
    return ResultReport(**{**_fence(chunk), **facts, "asset_id": str(chunk.asset_id), **changes})


def failure(chunk: TranscodeChunk, reason: FailureReason, **changes: Any) -> FailureReport:
    return FailureReport(**{**_fence(chunk), "reason": reason, "detail": "it broke", **changes})


def _fence(chunk: TranscodeChunk) -> dict[str, Any]:
    return {"job_id": str(chunk.job_id), "chunk": chunk.number, "attempt": chunk.attempt}


def grant(job: TranscodeJob, number: int) -> TranscodeChunk:
    """A chunk that is ordered, although it may not be its turn."""
    job.chunks.filter(number=number, state="waiting").update(
        state="ordered", attempt=F("attempt") + 1, lease_ends_at=NOW, asset_id=uuid4()
    )
    return chunk_of(job, number)


def plan(job: TranscodeJob, cut: int | tuple[PlannedChunk, ...] = 1, **changes: Any) -> None:
    """Do what a worker does for a plan, and report it."""
    open_store().put(plan_key(str(job.pk)), b"{}")
    record_plan(plan_report(grant(job, 0), cut, **changes), now=NOW)


def encode(job: TranscodeJob, number: int) -> None:
    """Do what a worker does for a chunk, and report it."""
    open_store().put(chunk_record_key(str(job.pk), number), b"{}")
    record_encoded(encoded(grant(job, number)), now=NOW)


def package(job: TranscodeJob, number: int = 2, **changes: Any) -> None:
    """Do what a worker does for a package, and report it."""
    write_asset(grant(job, number))
    record_result(result(chunk_of(job, number), **changes), now=NOW)


def publish(video: Video) -> TranscodeJob:
    """Have a film transcoded, of one chunk, from source to asset."""
    job = queue(video)
    plan(job)
    encode(job, 1)
    package(job)
    return fresh(job)


def write_asset(chunk: TranscodeChunk, **changes: Any) -> UUID:
    """Leave in the store what a worker does before it reports a result."""
    facts = {
        "asset_id": str(chunk.asset_id),
        "video_id": str(chunk.job.video_id),
        "created_at": int(NOW.timestamp()),
        "duration_ms": 20_000,
        "files": (),
        "renditions": (),
    }
    asset = Asset(**{**facts, **changes})
    open_store().put(asset_document_key(str(chunk.asset_id)), render_asset(asset))
    assert chunk.asset_id is not None
    return chunk.asset_id
