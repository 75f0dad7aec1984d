"""Fixtures for tests of jobs: films, workers that report, and what was sent to them."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID

import pytest
from django.conf import settings
from django.core.cache import cache
from kombu import Connection
from kombu.simple import SimpleQueue

from control_plane.accounts.models import Role, User
from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Video
from control_plane.transcodes.models import TranscodeJob
from control_plane.transcodes.services import queue_job
from shared.asset import Asset, render_asset
from shared.jobs import (
    TRANSCODE_QUEUE,
    FailureReason,
    FailureReport,
    ProgressReport,
    ResultReport,
    TranscodeOrder,
)
from shared.paths import asset_document_key, original_key
from tests.control_plane.conftest import MakeUser

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
UPLOAD = "0198c0de-0000-7000-8000-00000000000f"

MakeVideo: TypeAlias = Callable[..., Video]
ReadOrders: TypeAlias = Callable[[], list[TranscodeOrder]]


@pytest.fixture(autouse=True)
def _committing(transactional_db: None) -> None:  # noqa: ARG001  (asked for what it does)
    """What follows a commit is half of what is tested here."""
    cache.clear()


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
    """A job whose first order is out."""
    return queue(video)


@pytest.fixture
def read_orders() -> Iterator[ReadOrders]:
    """Takes the orders that wait in the broker."""
    with (
        Connection(settings.CELERY["broker_url"]) as connection,
        connection.SimpleQueue(TRANSCODE_QUEUE, no_ack=True) as waiting,
    ):
        waiting.clear()
        yield lambda: list(_drain(waiting))


def _drain(waiting: SimpleQueue) -> Iterator[TranscodeOrder]:
    with suppress(waiting.Empty):
        while True:
            (text,), *_ = waiting.get_nowait().payload
            yield TranscodeOrder.parse(text)


def queue(video: Video) -> TranscodeJob:
    source = original_key(str(video.pk), UPLOAD)
    return fresh(queue_job(video, source_key=source, user=video.owner, now=NOW))


def fresh(job: TranscodeJob) -> TranscodeJob:
    """The job as the database has it now."""
    return TranscodeJob.objects.get(pk=job.pk)


def progress(job: TranscodeJob, **changes: Any) -> ProgressReport:
    return ProgressReport(**{**_fence(job), "fraction": 0.25, "rungs": {"360": 0.5}, **changes})


def result(job: TranscodeJob, **changes: Any) -> ResultReport:
    facts = {"duration_ms": 20_000, "size_bytes": 1_000, "heights": (360, 720)}
    return ResultReport(**{**_fence(job), **facts, "asset_id": str(job.asset_id), **changes})


def failure(job: TranscodeJob, reason: FailureReason, **changes: Any) -> FailureReport:
    return FailureReport(**{**_fence(job), "reason": reason, "detail": "it broke", **changes})


def _fence(job: TranscodeJob) -> dict[str, Any]:
    return {"job_id": str(job.pk), "chunk": 0, "attempt": job.attempt}


def write_asset(job: TranscodeJob, **changes: Any) -> UUID:
    """Leave in the store what a worker does before it reports a result."""
    facts = {
        "asset_id": str(job.asset_id),
        "video_id": str(job.video_id),
        "created_at": int(NOW.timestamp()),
        "duration_ms": 20_000,
        "files": (),
        "renditions": (),
    }
    asset = Asset(**{**facts, **changes})
    open_store().put(asset_document_key(str(job.asset_id)), render_asset(asset))
    assert job.asset_id is not None
    return job.asset_id
