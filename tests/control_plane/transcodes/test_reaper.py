"""Tests for control_plane/transcodes/reaper.py: whatever gets lost is made good."""

from datetime import datetime, timedelta

import pytest
from django.core.cache import cache

from control_plane.catalogue.models import Leftover
from control_plane.transcodes.attempts import FIRST_REPORT, START_LEASE
from control_plane.transcodes.models import TranscodeChunk, TranscodeJob
from control_plane.transcodes.reaper import reap_jobs
from control_plane.transcodes.reports import record_encoded, record_failure, record_progress
from shared.jobs import LEASE_S, MAX_ATTEMPTS, FailureReason
from shared.paths import asset_prefix
from tests.control_plane.transcodes.collisions import collide
from tests.control_plane.transcodes.conftest import (
    NOW,
    ReadOrders,
    chunk_of,
    encode,
    encoded,
    failure,
    fresh,
    package,
    progress,
)

LEASE = timedelta(seconds=LEASE_S)
LEASE_OVER = NOW + LEASE
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _watching(job: TranscodeJob) -> None:  # noqa: ARG001  (there is nothing to spare before it)
    reap_jobs(now=NOW)


def watch_until(moment: timedelta) -> None:
    """Reap as the schedule does, without an absence."""
    for seconds in range(5, int(moment.total_seconds()), 5):
        reap_jobs(now=NOW + timedelta(seconds=seconds))
    reap_jobs(now=NOW + moment)


def begin(job: TranscodeJob, number: int, *, now: datetime = NOW) -> None:
    record_progress(progress(chunk_of(job, number)), now=now)


def test_chunk_with_a_lease_is_left_alone(encoding: TranscodeJob) -> None:
    begin(encoding, 1)
    watch_until(LEASE - SECOND)
    assert (chunk_of(encoding, 1).state, chunk_of(encoding, 1).attempt) == ("running", 1)


def test_chunk_of_a_dead_worker_is_ordered_again_and_no_other(
    encoding: TranscodeJob, read_orders: ReadOrders
) -> None:
    for number in (1, 2):
        begin(encoding, number)
    for seconds in range(5, LEASE_S, 5):
        begin(encoding, 2, now=NOW + timedelta(seconds=seconds))
    watch_until(LEASE)
    again = chunk_of(encoding, 1)
    assert (again.state, again.attempt, again.starts) == ("ordered", 2, 1)
    assert [(order.chunk, order.attempt) for order in read_orders()] == [(1, 2)]
    assert (chunk_of(encoding, 2).state, fresh(encoding).restarts) == ("running", 1)


def test_plan_of_a_dead_worker_is_ordered_again(job: TranscodeJob, read_orders: ReadOrders) -> None:
    begin(job, 0)
    read_orders()
    watch_until(LEASE)
    assert [(order.chunk, order.attempt) for order in read_orders()] == [(0, 2)]


def test_package_of_a_dead_worker_leaves_its_asset_behind(
    packaging: TranscodeJob, read_orders: ReadOrders
) -> None:
    begin(packaging, 3)
    asset_id = chunk_of(packaging, 3).asset_id
    watch_until(LEASE)
    (order,) = read_orders()
    assert (order.chunk, order.attempt) == (3, 2)
    assert Leftover.objects.filter(place=asset_prefix(str(asset_id))).exists()
    package(packaging, 3)
    assert fresh(packaging).state == "ready"


def test_job_fails_when_the_workers_of_a_chunk_keep_dying(encoding: TranscodeJob) -> None:
    for _ in range(MAX_ATTEMPTS):
        begin(encoding, 1)
        TranscodeChunk.objects.filter(number=1).update(lease_ends_at=NOW - SECOND)
        reap_jobs(now=NOW)
    failed = fresh(encoding)
    assert (failed.state, failed.failure_reason) == ("failed", "internal")
    assert "here:1 stopped reporting" in failed.failure_detail
    assert failed.finished_at == NOW


def test_order_that_waits_in_the_broker_is_left_there(
    job: TranscodeJob, read_orders: ReadOrders
) -> None:
    watch_until(START_LEASE)
    assert (chunk_of(job).state, chunk_of(job).attempt) == ("ordered", 1)
    assert len(read_orders()) == 1


def test_order_that_was_lost_is_sent_again_without_a_start(
    job: TranscodeJob, read_orders: ReadOrders
) -> None:
    read_orders()
    watch_until(FIRST_REPORT - SECOND)
    assert chunk_of(job).attempt == 1
    watch_until(FIRST_REPORT)
    again = chunk_of(job)
    assert (again.state, again.attempt, again.starts) == ("ordered", 2, 0)
    assert [order.attempt for order in read_orders()] == [2]


def test_order_that_was_never_sent_is(job: TranscodeJob, read_orders: ReadOrders) -> None:
    read_orders()
    TranscodeChunk.objects.update(state="waiting", attempt=0, lease_ends_at=None)
    reap_jobs(now=NOW)
    assert chunk_of(job).attempt == 1
    assert len(read_orders()) == 1


def test_order_that_nobody_takes_is_given_up_and_not_piled_up(
    job: TranscodeJob, read_orders: ReadOrders
) -> None:
    watch_until(3 * START_LEASE)
    assert len(read_orders()) <= 2
    assert fresh(job).state == "queued"


@pytest.mark.parametrize("state", ["ready", "failed", "cancelled"])
def test_finished_job_is_left_alone(encoding: TranscodeJob, state: str) -> None:
    begin(encoding, 1)
    TranscodeJob.objects.update(state=state)
    watch_until(LEASE)
    assert (fresh(encoding).state, fresh(encoding).restarts) == (state, 0)
    assert chunk_of(encoding, 1).attempt == 1


def test_worker_keeps_its_lease_when_the_control_plane_was_away(encoding: TranscodeJob) -> None:
    begin(encoding, 1)
    back = NOW + timedelta(minutes=10)
    reap_jobs(now=back)
    assert chunk_of(encoding, 1).state == "running"
    assert chunk_of(encoding, 1).lease_ends_at == back + LEASE
    reap_jobs(now=back + LEASE)
    assert chunk_of(encoding, 1).attempt == 2


def test_lost_cache_costs_nobody_a_lease(encoding: TranscodeJob) -> None:
    begin(encoding, 1)
    cache.clear()
    reap_jobs(now=LEASE_OVER)
    assert chunk_of(encoding, 1).state == "running"


def test_two_reapers_at_once_end_a_lease_once(
    encoding: TranscodeJob, read_orders: ReadOrders
) -> None:
    begin(encoding, 1)
    begin(encoding, 2)
    collide(encoding, lambda: reap_jobs(now=LEASE_OVER), lambda: reap_jobs(now=LEASE_OVER))
    assert fresh(encoding).restarts == 2
    assert {chunk_of(encoding, number).starts for number in (1, 2)} == {1}
    assert sorted(order.chunk for order in read_orders()) == [1, 2]


def test_report_and_reaper_at_once_end_in_one_of_them(encoding: TranscodeJob) -> None:
    begin(encoding, 1)
    report = encoded(chunk_of(encoding, 1))
    done, _ = collide(
        encoding,
        lambda: record_encoded(report, now=LEASE_OVER),
        lambda: reap_jobs(now=LEASE_OVER),
    )
    assert chunk_of(encoding, 1).state == ("ordered" if done is None else "done")


def test_chunk_finished_after_its_lease_is_not_counted_twice(
    encoding: TranscodeJob, read_orders: ReadOrders
) -> None:
    begin(encoding, 1)
    late = encoded(chunk_of(encoding, 1))
    watch_until(LEASE)
    assert record_encoded(late, now=LEASE_OVER) is None
    read_orders()
    encode(encoding, 1)
    encode(encoding, 2)
    assert [order.chunk for order in read_orders()] == [3]


def test_failure_and_reaper_at_once_count_one_start(encoding: TranscodeJob) -> None:
    begin(encoding, 1)
    report = failure(chunk_of(encoding, 1), FailureReason.INTERNAL)
    collide(
        encoding,
        lambda: record_failure(report, now=LEASE_OVER),
        lambda: reap_jobs(now=LEASE_OVER),
    )
    assert chunk_of(encoding, 1).starts == 1
    assert fresh(encoding).restarts == 1
