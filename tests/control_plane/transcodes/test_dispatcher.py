"""Tests for control_plane/transcodes/dispatcher.py: what is next, and how much at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
from celery import Celery
from django.db import connection
from redis import Redis

from control_plane.accounts.models import Role, User
from control_plane.transcodes import announcements, orders
from control_plane.transcodes.dispatcher import dispatch
from control_plane.transcodes.models import Priority, TranscodeChunk, TranscodeJob
from control_plane.transcodes.reports import record_progress
from control_plane.transcodes.services import change_priority, queue_job
from shared.jobs import Order, PlanOrder
from shared.runtime.broker import broker_url
from tests.control_plane.conftest import MakeUser
from tests.control_plane.transcodes.conftest import (
    NOW,
    MakeVideo,
    ReadOrders,
    chunk_of,
    encode,
    fresh,
    plan,
    planned,
    progress,
    queue,
)


@pytest.fixture
def other(make_user: MakeUser) -> User:
    return make_user(Role.CREATOR, email="other@example.org")


def take(read_orders: ReadOrders) -> list[Order]:
    """As workers take orders: they report at once."""
    taken = read_orders()
    for order in taken:
        chunk = TranscodeChunk.objects.get(job_id=UUID(order.job_id), number=order.chunk)
        record_progress(progress(chunk, fraction=0, rungs={}), now=NOW)
    return taken


def take_all(read_orders: ReadOrders) -> list[tuple[str, int]]:
    """The orders that ever more workers take, one after the other."""
    taken: list[tuple[str, int]] = []
    while orders := take(read_orders):
        taken += [(order.job_id, order.chunk) for order in orders]
    return taken


def wait(*jobs: TranscodeJob) -> None:
    """Have nothing ordered, and the broker empty."""
    TranscodeChunk.objects.filter(job__in=jobs, state="ordered").update(state="waiting")


def test_queued_job_has_its_plan_ordered(read_orders: ReadOrders, job: TranscodeJob) -> None:
    (order,) = read_orders()
    chunk = chunk_of(job)
    assert (job.state, chunk.state, chunk.attempt, chunk.starts) == ("queued", "ordered", 1, 0)
    assert isinstance(order, PlanOrder)
    assert (order.job_id, order.video_id) == (str(job.pk), str(job.video_id))
    assert (order.source_key, order.chunk, order.attempt) == (job.source_key, 0, 1)
    assert order.lease_ends_at == int(NOW.timestamp()) + 600
    assert not order.is_dry_run


def test_job_waits_when_broker_and_watchers_are_away(
    make_video: MakeVideo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"unix://{tmp_path}/redis.sock"
    broker = Celery(set_as_current=False, fixups=[], broker=broker_url(url))
    with monkeypatch.context() as away:
        away.setattr(orders, "_broker", lambda: broker)
        for module in (announcements, orders):
            away.setattr(module, "open_redis", lambda: Redis.from_url(url))
        job = queue(make_video())
    assert (job.state, chunk_of(job).attempt) == ("queued", 0)
    assert len(dispatch(now=NOW)) == 1


def test_order_that_could_not_be_sent_is_no_error(
    make_video: MakeVideo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = broker_url(f"unix://{tmp_path}/redis.sock")
    broker = Celery(set_as_current=False, fixups=[], broker=url)
    monkeypatch.setattr(orders, "_broker", lambda: broker)
    job = queue(make_video())
    assert chunk_of(job).state == "ordered"


def test_few_orders_are_in_the_broker(job: TranscodeJob, read_orders: ReadOrders) -> None:
    read_orders()
    plan(job, 20)
    assert len(read_orders()) == 2


def test_an_order_that_is_taken_makes_room_for_another(
    job: TranscodeJob, read_orders: ReadOrders
) -> None:
    read_orders()
    plan(job, 20)
    assert [order.chunk for order in take(read_orders)] == [1, 2]
    assert [order.chunk for order in read_orders()] == [3, 4]


def test_more_workers_have_more_orders_waiting(job: TranscodeJob, read_orders: ReadOrders) -> None:
    read_orders()
    plan(job, 40)
    job.chunks.filter(number__range=(1, 16)).update(state="running")
    dispatch(now=NOW)
    assert len(read_orders()) == 2 + 16 // 4


def test_orders_that_nobody_takes_do_not_pile_up(
    job: TranscodeJob, read_orders: ReadOrders
) -> None:
    read_orders()
    plan(job, 20)
    wait(job)
    assert dispatch(now=NOW) == []
    assert len(read_orders()) == 2


def test_two_dispatchers_at_once_order_each_chunk_once(
    job: TranscodeJob, read_orders: ReadOrders
) -> None:
    read_orders()
    plan(job, 20)
    read_orders()
    wait(job)

    def dispatch_and_close(_number: int) -> list[Order]:
        try:
            return dispatch(now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        ordered = [order for made in threads.map(dispatch_and_close, range(4)) for order in made]
    assert sorted(order.chunk for order in ordered) == [1, 2]
    assert sorted(order.chunk for order in read_orders()) == [1, 2]


def test_low_rungs_of_a_film_come_first(job: TranscodeJob, read_orders: ReadOrders) -> None:
    read_orders()
    plan(job, tuple(planned(number, is_low=number > 3) for number in range(1, 7)))
    assert [number for _, number in take_all(read_orders)] == [4, 5, 6, 1, 2, 3]


def test_plan_comes_before_the_encoding_of_an_older_film(
    job: TranscodeJob, make_video: MakeVideo, read_orders: ReadOrders
) -> None:
    read_orders()
    plan(job, 4)
    newer = queue(make_video())
    assert [number for _, number in take_all(read_orders)] == [1, 2, 0, 3, 4]
    assert chunk_of(newer).state == "running"


def test_an_older_film_is_finished_before_a_newer_one_is_begun(
    job: TranscodeJob, make_video: MakeVideo, read_orders: ReadOrders
) -> None:
    newer = queue(make_video())
    read_orders()
    for film in (newer, job):
        plan(film, (planned(1), planned(2, is_low=True)))
    read_orders()
    wait(job, newer)
    dispatch(now=NOW)
    assert take_all(read_orders) == [
        (str(film.pk), number) for film in (job, newer) for number in (2, 1)
    ]


def test_creators_take_turns(
    job: TranscodeJob, make_video: MakeVideo, other: User, read_orders: ReadOrders
) -> None:
    newer = queue(make_video(owner=other))
    read_orders()
    for film in (job, newer):
        plan(film, 3)
    read_orders()
    wait(job, newer)
    dispatch(now=NOW)
    taken = [job_id for job_id, _ in take_all(read_orders)]
    assert taken == [str(film.pk) for film in (job, newer) * 3]


def test_a_newcomer_is_served_before_who_has_much_at_work(
    job: TranscodeJob, make_video: MakeVideo, other: User, read_orders: ReadOrders
) -> None:
    read_orders()
    plan(job, 10)
    take(read_orders)
    newer = queue(make_video(owner=other))
    read_orders()
    plan(newer, 3)
    wait(job, newer)
    read_orders()
    dispatch(now=NOW)
    assert {order.job_id for order in read_orders()} == {str(newer.pk)}


def test_higher_priority_comes_before_fairness_and_age(
    job: TranscodeJob, make_video: MakeVideo, other: User, read_orders: ReadOrders
) -> None:
    newer = queue(make_video(owner=other))
    read_orders()
    for film in (job, newer):
        plan(film, 4)
    read_orders()
    wait(job, newer)
    change_priority(newer, Priority.HIGH)
    dispatch(now=NOW)
    taken = [job_id for job_id, _ in take_all(read_orders)]
    assert taken == [str(newer.pk)] * 4 + [str(job.pk)] * 4


def test_lower_priority_waits_for_all_others(
    job: TranscodeJob, make_video: MakeVideo, read_orders: ReadOrders
) -> None:
    newer = queue(make_video())
    change_priority(job, Priority.LOW)
    wait(job, newer)
    read_orders()
    dispatch(now=NOW)
    assert [order.job_id for order in read_orders()] == [str(newer.pk), str(job.pk)]


def test_package_comes_before_the_encoding_of_an_older_film(
    encoding: TranscodeJob, make_video: MakeVideo, read_orders: ReadOrders
) -> None:
    newer = queue(make_video())
    plan(newer)
    wait(encoding)
    read_orders()
    encode(newer, 1)
    assert [(order.job_id, order.chunk) for order in read_orders()] == [
        (str(newer.pk), 2),
        (str(encoding.pk), 1),
    ]


@pytest.mark.parametrize("state", ["publishing", "ready", "failed", "cancelled"])
def test_chunks_of_a_job_that_is_over_are_not_ordered(encoding: TranscodeJob, state: str) -> None:
    wait(encoding)
    TranscodeJob.objects.update(state=state)
    assert dispatch(now=NOW) == []


def test_chunks_of_another_stage_are_not_ordered(encoding: TranscodeJob) -> None:
    wait(encoding)
    TranscodeJob.objects.update(stage="packaging")
    assert dispatch(now=NOW) == []


def test_job_of_a_video_without_a_requester_is_dispatched(
    make_video: MakeVideo, read_orders: ReadOrders
) -> None:
    job = queue_job(make_video(), source_key="originals/a/b", user=None, now=NOW)
    assert fresh(job).requested_by is None
    assert len(read_orders()) == 1
