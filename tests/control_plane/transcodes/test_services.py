"""Tests for control_plane/transcodes/services.py: a job from its source to its last report."""

from datetime import timedelta
from pathlib import Path

import pytest
from celery import Celery
from redis import Redis

from control_plane.catalogue.leftovers import KEPT_FOR
from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Leftover, Video
from control_plane.errors import Refused
from control_plane.transcodes import announcements, orders
from control_plane.transcodes.models import TranscodeJob
from control_plane.transcodes.services import (
    cancel_job,
    dispatch,
    queue_job,
    record_failure,
    record_progress,
    retry_job,
)
from shared.jobs import FINAL_REASONS, LEASE_S, MAX_ATTEMPTS, FailureReason
from shared.paths import asset_prefix, cancelled_key, work_prefix
from shared.runtime.broker import broker_url
from shared.runtime.store.interface import StoreUnavailable
from shared.runtime.store.local import LocalStore
from tests.control_plane.transcodes.conftest import (
    NOW,
    MakeVideo,
    ReadOrders,
    failure,
    fresh,
    progress,
    queue,
)

PASSING_REASONS = sorted(set(FailureReason) - FINAL_REASONS)
LATER = NOW + timedelta(seconds=2)


def leftovers() -> dict[str, timedelta]:
    return {leftover.place: leftover.due_at - NOW for leftover in Leftover.objects.all()}


def test_queued_job_is_ordered(read_orders: ReadOrders, video: Video) -> None:
    job = queue(video)
    (order,) = read_orders()
    assert (job.state, job.attempt, job.starts) == ("queued", 1, 0)
    assert order.job_id == str(job.pk)
    assert order.video_id == str(video.pk)
    assert order.asset_id == str(job.asset_id)
    assert order.source_key == job.source_key
    assert order.attempt == 1
    assert order.lease_ends_at == int(NOW.timestamp()) + 60


def test_job_waits_when_broker_and_watchers_are_away(
    video: Video, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"unix://{tmp_path}/redis.sock"
    broker = Celery(set_as_current=False, fixups=[], broker=broker_url(url))
    monkeypatch.setattr(orders, "_broker", lambda: broker)
    monkeypatch.setattr(announcements, "open_redis", lambda: Redis.from_url(url))
    job = queue(video)
    assert (job.state, job.attempt) == ("queued", 1)


def test_new_source_takes_the_place_of_one_being_done(job: TranscodeJob, video: Video) -> None:
    newer = queue(video)
    assert fresh(job).state == "cancelled"
    assert newer.state == "queued"
    assert open_store().exists(cancelled_key(str(job.pk)))


def test_job_of_another_video_goes_on(job: TranscodeJob, make_video: MakeVideo) -> None:
    queue(make_video())
    assert fresh(job).state == "queued"


def test_job_is_dispatched_once_by_two_who_saw_it_queued(
    read_orders: ReadOrders, job: TranscodeJob
) -> None:
    read_orders()
    assert dispatch(job, now=NOW) is not None
    assert dispatch(job, now=NOW) is None
    assert [order.attempt for order in read_orders()] == [2]


def test_every_attempt_has_an_asset_of_its_own(job: TranscodeJob) -> None:
    again = dispatch(job, now=NOW)
    assert again is not None
    assert again.asset_id != job.asset_id
    assert leftovers() == {asset_prefix(str(job.asset_id)): KEPT_FOR}


def test_first_progress_starts_the_job(job: TranscodeJob) -> None:
    record_progress(progress(job, eta_s=90.5), now=NOW)
    started = fresh(job)
    assert (started.state, started.starts) == ("running", 1)
    assert (started.fraction, started.rungs, started.eta_s) == (0.25, {"360": 0.5}, 90.5)
    assert started.started_at == started.heartbeat_at == NOW
    assert started.lease_ends_at == NOW + timedelta(seconds=LEASE_S)


def test_progress_extends_the_lease_without_another_start(job: TranscodeJob) -> None:
    record_progress(progress(job), now=NOW)
    record_progress(progress(job, fraction=0.5), now=LATER)
    running = fresh(job)
    assert (running.starts, running.fraction, running.started_at) == (1, 0.5, NOW)
    assert running.lease_ends_at == LATER + timedelta(seconds=LEASE_S)


def test_progress_is_written_once_in_two_seconds(job: TranscodeJob) -> None:
    record_progress(progress(job), now=NOW)
    hasty = record_progress(progress(job, fraction=0.9), now=NOW + timedelta(seconds=1))
    assert hasty is None
    assert fresh(job).fraction == 0.25


@pytest.mark.parametrize("attempt", [1, 3])
def test_progress_of_another_attempt_is_dropped(job: TranscodeJob, attempt: int) -> None:
    dispatch(job, now=NOW)
    assert record_progress(progress(job, attempt=attempt), now=NOW) is None
    assert fresh(job).state == "queued"


@pytest.mark.parametrize("reason", sorted(FINAL_REASONS))
def test_final_reason_fails_the_job(job: TranscodeJob, reason: FailureReason) -> None:
    record_progress(progress(job), now=NOW)
    record_failure(failure(job, reason, log_tail="line 1"), now=LATER)
    failed = fresh(job)
    assert (failed.state, failed.failure_reason) == ("failed", reason)
    assert (failed.failure_detail, failed.log_tail) == ("it broke", "line 1")
    assert (failed.finished_at, failed.lease_ends_at) == (LATER, None)
    assert leftovers().keys() == {work_prefix(str(job.pk)), asset_prefix(str(job.asset_id))}


@pytest.mark.parametrize("reason", PASSING_REASONS)
def test_other_reason_orders_another_attempt(
    read_orders: ReadOrders, job: TranscodeJob, reason: FailureReason
) -> None:
    read_orders()
    record_progress(progress(job), now=NOW)
    record_failure(failure(job, reason), now=LATER)
    again = fresh(job)
    assert (again.state, again.attempt, again.starts, again.fraction) == ("queued", 2, 1, 0)
    assert again.finished_at is None
    assert [order.attempt for order in read_orders()] == [2]


@pytest.mark.parametrize("reports_first", [True, False], ids=["after-progress", "at-once"])
def test_job_fails_when_all_attempts_did(job: TranscodeJob, *, reports_first: bool) -> None:
    for number in range(1, MAX_ATTEMPTS + 1):
        attempt = fresh(job)
        assert (attempt.state, attempt.attempt) == ("queued", number)
        if reports_first:
            record_progress(progress(attempt), now=NOW)
        record_failure(failure(attempt, FailureReason.OUT_OF_MEMORY), now=LATER)
    failed = fresh(job)
    assert (failed.state, failed.failure_reason) == ("failed", "out_of_memory")
    assert failed.starts == MAX_ATTEMPTS


def test_failure_reported_twice_counts_once(job: TranscodeJob) -> None:
    record_failure(failure(job, FailureReason.INTERNAL), now=NOW)
    assert record_failure(failure(job, FailureReason.INTERNAL), now=NOW) is None
    assert fresh(job).starts == 1


def test_reports_of_an_unknown_job_are_dropped(job: TranscodeJob) -> None:
    job.delete()
    job.pk = job.video_id
    assert record_progress(progress(job), now=NOW) is None
    assert record_failure(failure(job, FailureReason.INTERNAL), now=NOW) is None


def test_cancelled_job_tells_its_workers(job: TranscodeJob) -> None:
    record_progress(progress(job), now=NOW)
    assert cancel_job(job, now=LATER).state == "cancelled"
    assert open_store().exists(cancelled_key(str(job.pk)))
    assert fresh(job).finished_at == LATER
    assert record_progress(progress(job), now=LATER + timedelta(seconds=2)) is None


def test_job_is_cancelled_though_its_workers_cannot_be_told(
    job: TranscodeJob, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_store: LocalStore, _key: str, _content: bytes) -> None:
        raise StoreUnavailable("no answer")

    monkeypatch.setattr(LocalStore, "put", refuse)
    cancel_job(job, now=NOW)
    assert fresh(job).state == "cancelled"
    assert "workers not told" in caplog.text


@pytest.mark.parametrize("state", ["publishing", "ready", "failed", "cancelled"])
def test_job_that_nobody_works_on_is_not_cancelled(job: TranscodeJob, state: str) -> None:
    TranscodeJob.objects.update(state=state)
    with pytest.raises(Refused, match="not_cancellable"):
        cancel_job(job, now=NOW)
    assert not open_store().exists(cancelled_key(str(job.pk)))


def test_retry_gives_a_new_round_of_attempts(read_orders: ReadOrders, job: TranscodeJob) -> None:
    record_progress(progress(job), now=NOW)
    record_failure(failure(job, FailureReason.CORRUPT), now=NOW)
    read_orders()
    retry_job(fresh(job), now=LATER)
    again = fresh(job)
    assert (again.state, again.attempt, again.starts) == ("queued", 2, 0)
    assert (again.failure_reason, again.failure_detail, again.finished_at) == ("", "", None)
    assert [order.attempt for order in read_orders()] == [2]
    assert work_prefix(str(job.pk)) not in leftovers()


def test_retried_job_is_not_stopped_by_the_mark_of_before(job: TranscodeJob) -> None:
    cancel_job(job, now=NOW)
    retry_job(job, now=LATER)
    assert not open_store().exists(cancelled_key(str(job.pk)))


@pytest.mark.parametrize("state", ["queued", "running", "publishing", "ready"])
def test_job_that_did_not_fail_is_not_retried(job: TranscodeJob, state: str) -> None:
    TranscodeJob.objects.update(state=state)
    with pytest.raises(Refused, match="not_retryable"):
        retry_job(job, now=NOW)


def test_job_is_not_retried_beside_a_newer_one(job: TranscodeJob, video: Video) -> None:
    queue(video)
    with pytest.raises(Refused, match="video_busy"):
        retry_job(job, now=NOW)


def test_job_without_anybody_who_asked_is_queued(video: Video) -> None:
    job = queue_job(video, source_key="originals/a/b", user=None, now=NOW)
    assert fresh(job).requested_by is None
