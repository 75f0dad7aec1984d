"""Tests for control_plane/transcodes/reports.py: a job from its plan to its package."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from control_plane.catalogue.leftovers import KEPT_FOR
from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Asset, Leftover, Video
from control_plane.transcodes import reports
from control_plane.transcodes.models import TranscodeChunk, TranscodeJob
from control_plane.transcodes.reaper import reap_jobs
from control_plane.transcodes.reports import (
    record_encoded,
    record_failure,
    record_plan,
    record_progress,
)
from control_plane.transcodes.services import cancel_job, retry_job
from shared.jobs import (
    FINAL_REASONS,
    LEASE_S,
    MAX_ATTEMPTS,
    EncodedReport,
    EncodeOrder,
    FailureReason,
    PackageOrder,
)
from shared.paths import asset_prefix, cancelled_key, work_prefix
from shared.runtime.store.local import LocalStore
from tests.control_plane.transcodes.collisions import collide
from tests.control_plane.transcodes.conftest import (
    NOW,
    MakeVideo,
    ReadOrders,
    chunk_of,
    encode,
    encoded,
    failure,
    fresh,
    grant,
    package,
    plan,
    plan_report,
    planned,
    progress,
    queue,
)

PASSING_REASONS = sorted(set(FailureReason) - FINAL_REASONS)
LATER = NOW + timedelta(seconds=2)
LEASE_OVER = NOW + timedelta(seconds=LEASE_S)


def leftovers() -> dict[str, timedelta]:
    return {leftover.place: leftover.due_at - NOW for leftover in Leftover.objects.all()}


def states(job: TranscodeJob) -> list[str]:
    return list(job.chunks.order_by("number").values_list("state", flat=True))


def test_first_progress_starts_job_and_chunk(job: TranscodeJob) -> None:
    record_progress(progress(chunk_of(job), eta_s=90.5), now=NOW)
    begun, started = chunk_of(job), fresh(job)
    assert (begun.state, begun.starts, begun.worker) == ("running", 1, "here:1")
    assert (begun.fraction, begun.rungs, begun.eta_s) == (0.25, {"360": 0.5}, 90.5)
    assert begun.lease_ends_at == NOW + timedelta(seconds=LEASE_S)
    assert (started.state, started.stage) == ("running", "planning")
    assert started.started_at == started.heartbeat_at == NOW


def test_progress_extends_the_lease_without_another_start(job: TranscodeJob) -> None:
    record_progress(progress(chunk_of(job)), now=NOW)
    record_progress(progress(chunk_of(job), fraction=0.5), now=LATER)
    running = chunk_of(job)
    assert (running.starts, running.fraction) == (1, 0.5)
    assert running.lease_ends_at == LATER + timedelta(seconds=LEASE_S)
    assert fresh(job).started_at == NOW


def test_progress_of_a_chunk_is_written_once_in_two_seconds(job: TranscodeJob) -> None:
    record_progress(progress(chunk_of(job)), now=NOW)
    hasty = progress(chunk_of(job), fraction=0.9)
    assert record_progress(hasty, now=NOW + timedelta(seconds=1)) is None
    assert chunk_of(job).fraction == 0.25


def test_progress_of_a_job_is_written_once_in_two_seconds(encoding: TranscodeJob) -> None:
    record_progress(progress(chunk_of(encoding, 1)), now=NOW)
    before = fresh(encoding)
    record_progress(progress(chunk_of(encoding, 2)), now=NOW + timedelta(seconds=1))
    assert fresh(encoding).fraction == before.fraction
    record_progress(progress(chunk_of(encoding, 2)), now=NOW + timedelta(seconds=3))
    assert fresh(encoding).fraction > before.fraction


def test_job_is_as_far_as_its_chunks_together(job: TranscodeJob) -> None:
    plan(job, (planned(1, heights=(360,), cost=1.0), planned(2, heights=(360, 720), cost=5.0)))
    encode(job, 1)
    report = progress(grant(job, 2), fraction=0.5, rungs={"360": 1.0, "720": 0.4})
    record_progress(report, now=NOW + timedelta(seconds=10))
    measured = fresh(job)
    assert (measured.chunks_done, measured.chunk_count) == (1, 2)
    assert measured.fraction == pytest.approx((1 + 2.5) / 6 / 1.05)
    assert measured.rungs == {"360": pytest.approx(1), "720": pytest.approx(0.4)}


def test_rest_is_told_from_the_pace_so_far(encoding: TranscodeJob) -> None:
    record_progress(progress(chunk_of(encoding, 1), fraction=0), now=NOW)
    assert fresh(encoding).eta_s is None
    for seconds, fraction in ((10, 0.21), (20, 0.42)):
        report = progress(chunk_of(encoding, 1), fraction=fraction)
        record_progress(report, now=NOW + timedelta(seconds=seconds))
    assert fresh(encoding).eta_s == pytest.approx(80, abs=0.1)


@pytest.mark.parametrize("attempt", [2, 3])
def test_progress_of_another_attempt_is_dropped(job: TranscodeJob, attempt: int) -> None:
    assert record_progress(progress(chunk_of(job), attempt=attempt), now=NOW) is None
    assert fresh(job).state == "queued"


def test_plan_has_the_chunks_ordered_low_ones_first(
    job: TranscodeJob, read_orders: ReadOrders
) -> None:
    read_orders()
    plan(job, (planned(1), planned(2, is_low=True), planned(3, is_low=True)))
    orders = read_orders()
    assert [order.chunk for order in orders] == [2, 3]
    assert all(isinstance(order, EncodeOrder) for order in orders)
    assert {order.memory_bytes for order in orders} == {10**9}
    assert states(job) == ["done", "waiting", "ordered", "ordered"]
    assert (fresh(job).state, fresh(job).stage, fresh(job).chunk_count) == (
        "running",
        "encoding",
        3,
    )


def test_plan_is_kept_without_its_chunks(encoding: TranscodeJob) -> None:
    assert encoding.plan is not None
    assert encoding.plan["disk_bytes_needed"] == 2 * 10**6
    assert [rung["height"] for rung in encoding.plan["summary"]["rungs"]] == [360, 720]
    assert "chunks" not in encoding.plan


def test_plan_reported_twice_counts_once(job: TranscodeJob) -> None:
    report = plan_report(chunk_of(job), 2)
    assert record_plan(report, now=NOW) is not None
    assert record_plan(report, now=NOW) is None
    assert len(states(job)) == 3


def test_film_that_does_not_fit_is_refused_before_anything_is_encoded(
    job: TranscodeJob, read_orders: ReadOrders
) -> None:
    read_orders()
    plan(job, disk_bytes_needed=10**18)
    failed = fresh(job)
    assert (failed.state, failed.failure_reason) == ("failed", "disk_full")
    assert f"{10**18} bytes are needed" in failed.failure_detail
    assert read_orders() == []
    assert work_prefix(str(job.pk)) in leftovers()


def test_room_that_other_jobs_need_is_not_there(
    job: TranscodeJob, make_video: MakeVideo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LocalStore, "free_bytes", lambda _store: 3_000_000)
    other = queue(make_video())
    plan(other)
    plan(job)
    assert (fresh(other).state, fresh(job).state) == ("running", "failed")
    assert "of which other jobs need 2000000" in fresh(job).failure_detail


def test_store_that_cannot_say_what_is_free_takes_every_film(
    job: TranscodeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LocalStore, "free_bytes", lambda _store: None)
    plan(job, disk_bytes_needed=10**18)
    assert fresh(job).stage == "encoding"


def test_last_encoded_chunk_has_the_package_ordered(
    encoding: TranscodeJob, read_orders: ReadOrders
) -> None:
    encode(encoding, 2)
    assert (fresh(encoding).stage, read_orders()) == ("encoding", [])
    encode(encoding, 1)
    (order,) = read_orders()
    assert isinstance(order, PackageOrder)
    assert (order.chunk, order.chunks, order.base_asset_id) == (3, 2, None)
    assert (order.texts, order.poster) == ((), None)
    assert order.asset_id == str(chunk_of(encoding, 3).asset_id)
    assert fresh(encoding).stage == "packaging"


def test_chunk_reported_twice_counts_once(encoding: TranscodeJob) -> None:
    report = encoded(chunk_of(encoding, 1))
    assert record_encoded(report, now=NOW) is not None
    assert record_encoded(report, now=NOW) is None
    assert states(encoding) == ["done", "done", "ordered"]


def test_chunk_needs_no_progress_before_it_is_encoded(encoding: TranscodeJob) -> None:
    record_encoded(encoded(chunk_of(encoding, 1)), now=LATER)
    done = chunk_of(encoding, 1)
    assert (done.size_bytes, done.cpu_s, done.finished_at) == (1_000, 5.0, LATER)


def test_two_last_chunks_at_once_have_one_package_ordered(
    encoding: TranscodeJob, read_orders: ReadOrders
) -> None:
    last = [encoded(chunk_of(encoding, number)) for number in (1, 2)]
    collide(
        encoding,
        lambda: record_encoded(last[0], now=NOW),
        lambda: record_encoded(last[1], now=NOW),
    )
    assert [order.chunk for order in read_orders()] == [3]
    assert states(encoding) == ["done", "done", "done", "ordered"]
    assert chunk_of(encoding, 3).attempt == 1


def test_many_chunks_reported_at_once_have_one_package_ordered(
    job: TranscodeJob, read_orders: ReadOrders
) -> None:
    plan(job, 8)
    read_orders()
    last = [encoded(grant(job, number)) for number in range(1, 9)]
    with ThreadPoolExecutor(len(last)) as threads:
        outcomes = list(threads.map(record_and_close, last))
    assert None not in outcomes
    assert [order.chunk for order in read_orders()] == [9]


def record_and_close(report: EncodedReport) -> TranscodeChunk | None:
    try:
        return record_encoded(report, now=NOW)
    finally:
        connection.close()


def test_last_chunk_delivered_twice_at_once_has_one_package_ordered(
    encoding: TranscodeJob, read_orders: ReadOrders
) -> None:
    encode(encoding, 1)
    report = encoded(chunk_of(encoding, 2))
    outcomes = collide(
        encoding,
        lambda: record_encoded(report, now=NOW),
        lambda: record_encoded(report, now=NOW),
    )
    assert outcomes.count(None) == 1
    assert [order.chunk for order in read_orders()] == [3]


def test_last_chunk_and_cancelling_at_once_end_in_no_asset(encoding: TranscodeJob) -> None:
    """A dispatcher may still order the package; then nothing comes of it."""
    encode(encoding, 1)
    report = encoded(chunk_of(encoding, 2))
    collide(
        encoding,
        lambda: record_encoded(report, now=NOW),
        lambda: cancel_job(encoding, now=NOW),
    )
    assert fresh(encoding).state == "cancelled"
    if encoding.chunks.filter(number=3).exists():
        package(encoding, 3)
    assert fresh(encoding).state == "cancelled"
    assert not Asset.objects.exists()


def test_control_plane_killed_between_two_steps_loses_neither(
    encoding: TranscodeJob, read_orders: ReadOrders, monkeypatch: pytest.MonkeyPatch
) -> None:
    reap_jobs(now=NOW)
    encode(encoding, 1)
    record_progress(progress(chunk_of(encoding, 2)), now=NOW)
    with monkeypatch.context() as killed:
        killed.setattr(reports, "_make_package", _die)
        with pytest.raises(KeyboardInterrupt):
            record_encoded(encoded(chunk_of(encoding, 2)), now=NOW)
    assert (fresh(encoding).stage, states(encoding)) == ("encoding", ["done", "done", "running"])
    reap_jobs(now=LEASE_OVER)
    (again,) = read_orders()
    assert (again.chunk, again.attempt) == (2, 2)
    encode(encoding, 2)
    assert [order.chunk for order in read_orders()] == [3]


def _die(_job: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("state", ["waiting", "done", "failed"])
def test_report_about_a_chunk_that_nobody_works_on_is_dropped(
    encoding: TranscodeJob, state: str
) -> None:
    chunk = chunk_of(encoding, 1)
    TranscodeChunk.objects.filter(pk=chunk.pk).update(state=state)
    assert record_progress(progress(chunk), now=NOW) is None
    assert record_encoded(encoded(chunk), now=NOW) is None
    assert record_failure(failure(chunk, FailureReason.CORRUPT), now=NOW) is None
    assert chunk_of(encoding, 1).state == state


def test_reports_of_an_old_attempt_are_dropped(
    encoding: TranscodeJob, read_orders: ReadOrders
) -> None:
    old = chunk_of(encoding, 1)
    record_failure(failure(old, FailureReason.INTERNAL), now=NOW)
    assert [order.attempt for order in read_orders()] == [2]
    assert record_progress(progress(old), now=NOW) is None
    assert record_encoded(encoded(old), now=NOW) is None
    assert record_failure(failure(old, FailureReason.CORRUPT), now=NOW) is None
    assert (chunk_of(encoding, 1).state, chunk_of(encoding, 1).attempt) == ("ordered", 2)


def test_report_of_another_kind_of_chunk_is_dropped(job: TranscodeJob) -> None:
    assert record_encoded(encoded(chunk_of(job)), now=NOW) is None
    plan(job)
    assert record_plan(plan_report(chunk_of(job, 1)), now=NOW) is None
    assert states(job) == ["done", "ordered"]


@pytest.mark.parametrize("reason", sorted(FINAL_REASONS))
def test_final_reason_fails_the_job(encoding: TranscodeJob, reason: FailureReason) -> None:
    record_progress(progress(chunk_of(encoding, 2)), now=NOW)
    record_failure(failure(chunk_of(encoding, 1), reason, log_tail="line 1"), now=LATER)
    failed = fresh(encoding)
    assert (failed.state, failed.failure_reason, failed.finished_at) == ("failed", reason, LATER)
    assert (failed.failure_detail, failed.log_tail) == ("it broke", "line 1")
    assert leftovers().keys() == {work_prefix(str(encoding.pk))}
    assert states(encoding) == ["done", "failed", "waiting"]


def test_job_that_failed_tells_its_other_workers(encoding: TranscodeJob) -> None:
    record_failure(failure(chunk_of(encoding, 1), FailureReason.CORRUPT), now=LATER)
    assert open_store().exists(cancelled_key(str(encoding.pk)))
    assert record_encoded(encoded(chunk_of(encoding, 2)), now=LATER) is None


@pytest.mark.parametrize("reason", PASSING_REASONS)
def test_other_reason_orders_another_attempt_at_the_chunk(
    encoding: TranscodeJob, read_orders: ReadOrders, reason: FailureReason
) -> None:
    record_progress(progress(chunk_of(encoding, 1)), now=NOW)
    record_failure(failure(chunk_of(encoding, 1), reason), now=LATER)
    again, job = chunk_of(encoding, 1), fresh(encoding)
    assert (again.state, again.attempt, again.starts, again.fraction) == ("ordered", 2, 1, 0)
    assert (job.state, job.restarts, job.finished_at) == ("running", 1, None)
    assert [(order.chunk, order.attempt) for order in read_orders()] == [(1, 2)]


@pytest.mark.parametrize("reports_first", [True, False], ids=["after-progress", "at-once"])
def test_job_fails_when_all_attempts_at_a_chunk_did(
    encoding: TranscodeJob, *, reports_first: bool
) -> None:
    for number in range(1, MAX_ATTEMPTS + 1):
        attempt = chunk_of(encoding, 1)
        assert (attempt.state, attempt.attempt) == ("ordered", number)
        if reports_first:
            record_progress(progress(attempt), now=NOW)
        record_failure(failure(attempt, FailureReason.OUT_OF_MEMORY), now=LATER)
    failed = fresh(encoding)
    assert (failed.state, failed.failure_reason) == ("failed", "out_of_memory")
    assert chunk_of(encoding, 1).starts == MAX_ATTEMPTS
    assert failed.restarts == MAX_ATTEMPTS - 1


def test_every_chunk_has_attempts_of_its_own(encoding: TranscodeJob) -> None:
    for _ in range(MAX_ATTEMPTS - 1):
        for number in (1, 2):
            report = failure(chunk_of(encoding, number), FailureReason.OUT_OF_MEMORY)
            record_failure(report, now=NOW)
    assert fresh(encoding).state == "running"


def test_failure_reported_twice_counts_once(encoding: TranscodeJob) -> None:
    report = failure(chunk_of(encoding, 1), FailureReason.INTERNAL)
    record_failure(report, now=NOW)
    assert record_failure(report, now=NOW) is None
    assert chunk_of(encoding, 1).starts == 1


def test_every_attempt_to_package_has_an_asset_of_its_own(packaging: TranscodeJob) -> None:
    first = chunk_of(packaging, 3)
    record_failure(failure(first, FailureReason.DISK_FULL), now=NOW)
    assert chunk_of(packaging, 3).asset_id not in (None, first.asset_id)
    assert leftovers() == {asset_prefix(str(first.asset_id)): KEPT_FOR}


def test_reports_of_an_unknown_job_are_dropped(job: TranscodeJob, video: Video) -> None:
    chunk = chunk_of(job)
    video.delete()
    assert record_progress(progress(chunk), now=NOW) is None
    assert record_plan(plan_report(chunk), now=NOW) is None
    assert record_encoded(encoded(chunk), now=NOW) is None
    assert record_failure(failure(chunk, FailureReason.INTERNAL), now=NOW) is None


def test_finished_chunks_are_not_ordered_again_after_a_retry(
    encoding: TranscodeJob, read_orders: ReadOrders
) -> None:
    encode(encoding, 1)
    record_failure(failure(chunk_of(encoding, 2), FailureReason.CORRUPT), now=NOW)
    retry_job(fresh(encoding), now=LATER)
    assert [(order.chunk, order.attempt) for order in read_orders()] == [(2, 2)]
    encode(encoding, 2)
    package(encoding, 3)
    assert fresh(encoding).state == "ready"
