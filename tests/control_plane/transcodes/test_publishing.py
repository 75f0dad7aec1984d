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
from control_plane.transcodes.reports import record_failure, record_progress
from control_plane.transcodes.services import cancel_job
from shared.jobs import LEASE_S, FailureReason, PackageWarning, ResultReport
from shared.paths import asset_document_key, asset_prefix, video_pointer_key, work_prefix
from shared.runtime.store.interface import StoreUnavailable
from tests.control_plane.transcodes.collisions import collide
from tests.control_plane.transcodes.conftest import (
    NOW,
    ReadOrders,
    chunk_of,
    encode,
    failure,
    fresh,
    package,
    plan,
    progress,
    publish,
    queue,
    result,
    write_asset,
)

LEASE_OVER = NOW + timedelta(seconds=LEASE_S)
OTHER = "0198c0de-0000-7000-8000-00000000000e"
PACKAGE = 3


@pytest.fixture
def running(packaging: TranscodeJob) -> TranscodeJob:
    """A job whose package is in the store, and the worker has not said so yet."""
    record_progress(progress(chunk_of(packaging, PACKAGE)), now=NOW)
    write_asset(chunk_of(packaging, PACKAGE))
    reap_jobs(now=NOW)
    return fresh(packaging)


def report_of(job: TranscodeJob, **changes: Any) -> ResultReport:
    return result(chunk_of(job, PACKAGE), **changes)


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
    record_result(report_of(running), now=NOW)
    assert_published_once(running)
    asset = Asset.objects.get()
    assert (asset.duration_ms, asset.size_bytes, asset.heights) == (20_000, 1_000, [360, 720])
    assert asset.source_key == running.source_key
    assert asset.sidecars == {"texts": [], "poster": None}
    done = fresh(running)
    assert (done.finished_at, done.chunks_done, done.chunk_count) == (NOW, 2, 2)
    assert set(done.rungs.values()) == {1}


def test_warnings_are_kept_with_job_and_asset(running: TranscodeJob) -> None:
    warning = PackageWarning(rule="1.30", name="video/720", text="peak is 2.3 times the average")
    record_result(report_of(running, warnings=(warning,)), now=NOW)
    assert Asset.objects.get().warnings == fresh(running).warnings == [warning.model_dump()]


def test_result_needs_no_progress_before_it(packaging: TranscodeJob) -> None:
    package(packaging, PACKAGE)
    assert_published_once(packaging)


def test_new_asset_leaves_the_old_one_to_its_players(running: TranscodeJob, video: Video) -> None:
    record_result(report_of(running), now=NOW)
    newer = publish(video)
    assert read_pointer(newer)["asset_id"] == str(newer.asset_id)
    old = Leftover.objects.get(place=asset_prefix(str(fresh(running).asset_id)))
    assert old.due_at == NOW + KEPT_FOR
    assert Leftover.objects.filter(place=work_prefix(str(newer.pk))).exists()


def test_same_result_twice_is_published_once(running: TranscodeJob) -> None:
    record_result(report_of(running), now=NOW)
    assert record_result(report_of(running), now=NOW) is None
    assert_published_once(running)


def test_result_of_an_old_attempt_is_dropped(running: TranscodeJob) -> None:
    old = report_of(running)
    record_failure(failure(chunk_of(running, PACKAGE), FailureReason.INTERNAL), now=NOW)
    assert record_result(old, now=NOW) is None
    assert (fresh(running).state, fresh(running).stage) == ("running", "packaging")
    assert not Asset.objects.exists()
    assert Leftover.objects.filter(place=asset_prefix(old.asset_id)).exists()


def test_result_with_the_asset_of_another_attempt_is_dropped(running: TranscodeJob) -> None:
    chunk = chunk_of(running, PACKAGE)
    chunk.asset_id = running.video_id
    write_asset(chunk)
    assert record_result(result(chunk), now=NOW) is None
    assert fresh(running).state == "running"


def test_result_for_a_chunk_that_is_no_package_is_dropped(encoding: TranscodeJob) -> None:
    chunk = chunk_of(encoding, 1)
    chunk.asset_id = encoding.video_id
    write_asset(chunk)
    assert record_result(result(chunk), now=NOW) is None
    assert fresh(encoding).stage == "encoding"


def test_result_of_a_cancelled_job_is_dropped(running: TranscodeJob) -> None:
    report = report_of(running)
    cancel_job(running, now=NOW)
    assert record_result(report, now=NOW) is None
    assert not Asset.objects.exists()


def test_result_of_a_deleted_job_is_dropped(running: TranscodeJob) -> None:
    report = report_of(running)
    running.delete()
    assert record_result(report, now=NOW) is None


def test_result_of_a_deleted_video_is_dropped(running: TranscodeJob, video: Video) -> None:
    report = report_of(running)
    video.delete()
    assert record_result(report, now=NOW) is None


def test_failure_after_a_result_is_dropped(running: TranscodeJob) -> None:
    record_result(report_of(running), now=NOW)
    report = failure(chunk_of(running, PACKAGE), FailureReason.CORRUPT)
    assert record_failure(report, now=NOW) is None
    assert_published_once(running)


@pytest.mark.parametrize(
    "changes",
    [{"asset_id": OTHER}, {"video_id": OTHER}],
    ids=["another-asset", "another-video"],
)
def test_asset_that_is_not_the_ordered_one_is_a_failure(
    running: TranscodeJob, changes: dict[str, str]
) -> None:
    write_asset(chunk_of(running, PACKAGE), **changes)
    record_result(report_of(running), now=NOW)
    again = chunk_of(running, PACKAGE)
    assert (again.state, again.attempt, again.failure_reason) == ("ordered", 2, "internal")


@pytest.mark.parametrize("document", [None, b"", b"{}"], ids=["missing", "empty", "no-asset"])
def test_result_without_an_asset_is_a_failure(
    running: TranscodeJob, document: bytes | None
) -> None:
    key = asset_document_key(str(chunk_of(running, PACKAGE).asset_id))
    if document is None:
        open_store().delete(key)
    else:
        open_store().put(key, document)
    record_result(report_of(running), now=NOW)
    assert chunk_of(running, PACKAGE).attempt == 2
    assert not Asset.objects.exists()


def test_publishing_broken_off_is_completed_by_the_reaper(
    running: TranscodeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(publishing, "_write_pointer", _refuse)
        assert record_result(report_of(running), now=NOW) is None
    assert fresh(running).state == "publishing"
    reap_jobs(now=NOW)
    assert fresh(running).state == "publishing"
    reap_jobs(now=LEASE_OVER)
    assert_published_once(running)


def test_control_plane_killed_while_it_publishes_publishes_once(
    running: TranscodeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(publishing, "finish_publishing", _die)
        with pytest.raises(KeyboardInterrupt):
            record_result(report_of(running), now=NOW)
    assert record_result(report_of(running), now=NOW) is None
    reap_jobs(now=LEASE_OVER)
    assert_published_once(running)


def _refuse(_video: Video) -> None:
    raise StoreUnavailable("no answer")


def _die(*_job: object, **_now: object) -> None:
    raise KeyboardInterrupt


def test_two_results_of_one_attempt_at_once_are_published_once(running: TranscodeJob) -> None:
    outcomes = collide(
        running,
        lambda: record_result(report_of(running), now=NOW),
        lambda: record_result(report_of(running, size_bytes=2), now=NOW),
    )
    assert outcomes.count(None) == 1
    assert_published_once(running)


def test_result_and_failure_at_once_end_in_one_of_them(running: TranscodeJob) -> None:
    report = failure(chunk_of(running, PACKAGE), FailureReason.CORRUPT)
    published, failed = collide(
        running,
        lambda: record_result(report_of(running), now=NOW),
        lambda: record_failure(report, now=NOW),
    )
    assert (published is None) != (failed is None)
    assert fresh(running).state == ("failed" if published is None else "ready")
    assert Asset.objects.count() == (0 if published is None else 1)


def test_result_and_reaper_at_once_end_in_one_of_them(running: TranscodeJob) -> None:
    report = report_of(running)
    published, _ = collide(
        running,
        lambda: record_result(report, now=LEASE_OVER),
        lambda: reap_jobs(now=LEASE_OVER),
    )
    attempt = chunk_of(running, PACKAGE).attempt
    expected = ("running", 2, 0) if published is None else ("ready", 1, 1)
    assert (fresh(running).state, attempt, Asset.objects.count()) == expected


def test_result_and_new_source_at_once_keep_one_job_going(
    running: TranscodeJob, video: Video
) -> None:
    report = report_of(running)
    published, newer = collide(
        running, lambda: record_result(report, now=NOW), lambda: queue(video)
    )
    assert fresh(running).state == ("cancelled" if published is None else "ready")
    assert fresh(newer).state == "queued"


def test_film_of_one_chunk_goes_from_source_to_asset(video: Video, read_orders: ReadOrders) -> None:
    job = queue(video)
    assert [order.chunk for order in read_orders()] == [0]
    plan(job)
    assert [order.chunk for order in read_orders()] == [1]
    encode(job, 1)
    assert [order.chunk for order in read_orders()] == [2]
    package(job)
    assert read_orders() == []
    assert_published_once(job)
