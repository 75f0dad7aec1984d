"""Tests for control_plane/transcodes/publishing.py: one result is published, once."""

import json
from datetime import timedelta
from typing import Any

import pytest

from control_plane.catalogue.leftovers import KEPT_FOR
from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Asset, Leftover, Video
from control_plane.transcodes import publishing
from control_plane.transcodes.models import TranscodeJob
from control_plane.transcodes.publishing import record_result
from control_plane.transcodes.reaper import reap_jobs
from control_plane.transcodes.services import cancel_job, dispatch, record_failure, record_progress
from shared.jobs import LEASE_S, FailureReason
from shared.paths import asset_document_key, asset_prefix, video_pointer_key, work_prefix
from shared.runtime.store.interface import StoreUnavailable
from tests.control_plane.transcodes.collisions import collide
from tests.control_plane.transcodes.conftest import (
    NOW,
    failure,
    fresh,
    progress,
    queue,
    result,
    write_asset,
)

LEASE_OVER = NOW + timedelta(seconds=LEASE_S)
OTHER = "0198c0de-0000-7000-8000-00000000000e"


@pytest.fixture
def running(job: TranscodeJob) -> TranscodeJob:
    """A job whose first attempt has left its asset in the store and not said so yet."""
    record_progress(progress(job), now=NOW)
    write_asset(job)
    reap_jobs(now=NOW)
    return fresh(job)


def read_pointer(job: TranscodeJob) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(open_store().get(video_pointer_key(str(job.video_id))))
    return document


def assert_published_once(job: TranscodeJob) -> None:
    ready = fresh(job)
    asset = Asset.objects.get(video=ready.video_id)
    assert (ready.state, ready.fraction, ready.lease_ends_at) == ("ready", 1, None)
    assert Video.objects.get(pk=ready.video_id).asset_id == asset.pk == ready.asset_id
    assert read_pointer(ready) == {"video_id": str(ready.video_id), "asset_id": str(asset.pk)}


def test_result_switches_the_video_to_the_asset(running: TranscodeJob) -> None:
    record_result(result(running), now=NOW)
    assert_published_once(running)
    asset = Asset.objects.get()
    assert (asset.duration_ms, asset.size_bytes, asset.heights) == (20_000, 1_000, [360, 720])
    assert fresh(running).finished_at == NOW


def test_result_needs_no_progress_before_it(job: TranscodeJob) -> None:
    write_asset(job)
    record_result(result(job), now=NOW)
    assert_published_once(job)


def test_new_asset_leaves_the_old_one_to_its_players(running: TranscodeJob, video: Video) -> None:
    record_result(result(running), now=NOW)
    newer = queue(video)
    write_asset(newer)
    record_result(result(newer), now=NOW)
    assert read_pointer(newer)["asset_id"] == str(newer.asset_id)
    old = Leftover.objects.get(place=asset_prefix(str(running.asset_id)))
    assert old.due_at == NOW + KEPT_FOR
    assert Leftover.objects.filter(place=work_prefix(str(newer.pk))).exists()


def test_same_result_twice_is_published_once(running: TranscodeJob) -> None:
    record_result(result(running), now=NOW)
    assert record_result(result(running), now=NOW) is None
    assert_published_once(running)


def test_result_of_an_old_attempt_is_dropped(running: TranscodeJob) -> None:
    TranscodeJob.objects.update(state="queued")
    dispatch(running, now=NOW)
    assert record_result(result(running), now=NOW) is None
    assert fresh(running).state == "queued"
    assert not Asset.objects.exists()
    assert Leftover.objects.filter(place=asset_prefix(str(running.asset_id))).exists()


def test_result_with_the_asset_of_another_attempt_is_dropped(running: TranscodeJob) -> None:
    running.asset_id = running.video_id
    write_asset(running)
    assert record_result(result(running), now=NOW) is None
    assert fresh(running).state == "running"


def test_result_of_a_cancelled_job_is_dropped(running: TranscodeJob) -> None:
    cancel_job(running, now=NOW)
    assert record_result(result(running), now=NOW) is None
    assert not Asset.objects.exists()


def test_result_of_a_deleted_job_is_dropped(running: TranscodeJob) -> None:
    report = result(running)
    running.delete()
    assert record_result(report, now=NOW) is None


def test_failure_after_a_result_is_dropped(running: TranscodeJob) -> None:
    record_result(result(running), now=NOW)
    assert record_failure(failure(running, FailureReason.CORRUPT), now=NOW) is None
    assert_published_once(running)


@pytest.mark.parametrize(
    "changes",
    [{"asset_id": OTHER}, {"video_id": OTHER}],
    ids=["another-asset", "another-video"],
)
def test_asset_that_is_not_the_ordered_one_is_a_failure(
    running: TranscodeJob, changes: dict[str, str]
) -> None:
    write_asset(running, **changes)
    record_result(result(running), now=NOW)
    again = fresh(running)
    assert (again.state, again.attempt, again.failure_reason) == ("queued", 2, "internal")


@pytest.mark.parametrize("document", [None, b"", b"{}"], ids=["missing", "empty", "no-asset"])
def test_result_without_an_asset_is_a_failure(
    running: TranscodeJob, document: bytes | None
) -> None:
    key = asset_document_key(str(running.asset_id))
    if document is None:
        open_store().delete(key)
    else:
        open_store().put(key, document)
    record_result(result(running), now=NOW)
    assert (fresh(running).state, fresh(running).attempt) == ("queued", 2)
    assert not Asset.objects.exists()


def test_publishing_broken_off_is_completed_by_the_reaper(
    running: TranscodeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(publishing, "_write_pointer", _refuse)
        assert record_result(result(running), now=NOW) is None
    assert fresh(running).state == "publishing"
    reap_jobs(now=NOW)
    assert fresh(running).state == "publishing"
    reap_jobs(now=LEASE_OVER)
    assert_published_once(running)


def _refuse(_video: Video) -> None:
    raise StoreUnavailable("no answer")


def test_two_results_of_one_attempt_at_once_are_published_once(running: TranscodeJob) -> None:
    outcomes = collide(
        running,
        lambda: record_result(result(running), now=NOW),
        lambda: record_result(result(running, size_bytes=2), now=NOW),
    )
    assert outcomes.count(None) == 1
    assert_published_once(running)


def test_result_and_failure_at_once_end_in_one_of_them(running: TranscodeJob) -> None:
    published, failed = collide(
        running,
        lambda: record_result(result(running), now=NOW),
        lambda: record_failure(failure(running, FailureReason.CORRUPT), now=NOW),
    )
    assert (published is None) != (failed is None)
    assert fresh(running).state == ("failed" if published is None else "ready")
    assert Asset.objects.count() == (0 if published is None else 1)


def test_result_and_reaper_at_once_end_in_one_of_them(running: TranscodeJob) -> None:
    published, _ = collide(
        running,
        lambda: record_result(result(running), now=LEASE_OVER),
        lambda: reap_jobs(now=LEASE_OVER),
    )
    after = fresh(running)
    expected = ("queued", 2, 0) if published is None else ("ready", 1, 1)
    assert (after.state, after.attempt, Asset.objects.count()) == expected


def test_two_reapers_at_once_order_one_attempt(running: TranscodeJob) -> None:
    collide(running, lambda: reap_jobs(now=LEASE_OVER), lambda: reap_jobs(now=LEASE_OVER))
    after = fresh(running)
    assert (after.state, after.attempt, after.starts) == ("queued", 2, 1)


def test_result_and_new_source_at_once_keep_one_job_going(
    running: TranscodeJob, video: Video
) -> None:
    published, newer = collide(
        running, lambda: record_result(result(running), now=NOW), lambda: queue(video)
    )
    assert fresh(running).state == ("cancelled" if published is None else "ready")
    assert fresh(newer).state == "queued"
