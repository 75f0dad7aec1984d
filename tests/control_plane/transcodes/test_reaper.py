"""Tests for control_plane/transcodes/reaper.py: whatever gets lost is made good."""

from datetime import timedelta

import pytest
from django.core.cache import cache

from control_plane.transcodes.models import TranscodeJob
from control_plane.transcodes.reaper import reap_jobs
from control_plane.transcodes.services import record_progress
from control_plane.transcodes.transitions import START_LEASE
from shared.jobs import LEASE_S, MAX_ATTEMPTS
from tests.control_plane.transcodes.conftest import NOW, ReadOrders, fresh, progress

LEASE = timedelta(seconds=LEASE_S)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _watching(job: TranscodeJob) -> None:  # noqa: ARG001  (there is nothing to spare before it)
    reap_jobs(now=NOW)


def watch_until(moment: timedelta) -> None:
    """Reap as the schedule does, without an absence."""
    for seconds in range(5, int(moment.total_seconds()), 5):
        reap_jobs(now=NOW + timedelta(seconds=seconds))
    reap_jobs(now=NOW + moment)


def test_job_with_a_lease_is_left_alone(job: TranscodeJob) -> None:
    record_progress(progress(job), now=NOW)
    watch_until(LEASE - SECOND)
    assert (fresh(job).state, fresh(job).attempt) == ("running", 1)


def test_job_of_a_dead_worker_is_ordered_again(read_orders: ReadOrders, job: TranscodeJob) -> None:
    record_progress(progress(job), now=NOW)
    read_orders()
    watch_until(LEASE)
    again = fresh(job)
    assert (again.state, again.attempt, again.starts) == ("queued", 2, 1)
    assert [order.attempt for order in read_orders()] == [2]


def test_job_fails_when_its_workers_keep_dying(job: TranscodeJob) -> None:
    for _ in range(MAX_ATTEMPTS):
        record_progress(progress(fresh(job)), now=NOW)
        TranscodeJob.objects.update(lease_ends_at=NOW - SECOND)
        reap_jobs(now=NOW)
    failed = fresh(job)
    assert (failed.state, failed.failure_reason) == ("failed", "internal")
    assert "stopped reporting" in failed.failure_detail
    assert failed.finished_at == NOW


def test_order_that_nobody_took_is_sent_again_without_a_start(
    read_orders: ReadOrders, job: TranscodeJob
) -> None:
    read_orders()
    watch_until(START_LEASE)
    assert fresh(job).attempt == 1
    watch_until(START_LEASE + 10 * SECOND)
    again = fresh(job)
    assert (again.state, again.attempt, again.starts) == ("queued", 2, 0)
    assert [order.attempt for order in read_orders()] == [2]


def test_job_that_was_never_ordered_is(read_orders: ReadOrders, job: TranscodeJob) -> None:
    read_orders()
    TranscodeJob.objects.update(attempt=0, asset_id=None, lease_ends_at=None)
    reap_jobs(now=NOW)
    assert fresh(job).attempt == 1
    assert len(read_orders()) == 1


def test_orders_do_not_pile_up_when_nobody_takes_them(
    read_orders: ReadOrders, job: TranscodeJob
) -> None:
    read_orders()
    watch_until(10 * START_LEASE)
    assert len(read_orders()) == 1
    assert fresh(job).state == "queued"


@pytest.mark.parametrize("state", ["ready", "failed", "cancelled"])
def test_finished_job_is_left_alone(job: TranscodeJob, state: str) -> None:
    TranscodeJob.objects.update(state=state, lease_ends_at=NOW - SECOND)
    reap_jobs(now=NOW)
    assert (fresh(job).state, fresh(job).attempt) == (state, 1)


def test_worker_keeps_its_lease_when_the_control_plane_was_away(job: TranscodeJob) -> None:
    record_progress(progress(job), now=NOW)
    back = NOW + timedelta(minutes=10)
    reap_jobs(now=back)
    assert fresh(job).state == "running"
    assert fresh(job).lease_ends_at == back + LEASE
    reap_jobs(now=back + LEASE)
    assert fresh(job).state == "queued"


def test_lost_cache_costs_nobody_a_lease(job: TranscodeJob) -> None:
    record_progress(progress(job), now=NOW)
    cache.clear()
    reap_jobs(now=NOW + LEASE)
    assert fresh(job).state == "running"
