"""Tests for control_plane/transcodes/services.py: what people have done with jobs."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from control_plane.accounts.models import Role, User
from control_plane.catalogue.leftovers import KEPT_FOR
from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Asset, Leftover, Video
from control_plane.errors import Refused
from control_plane.transcodes.models import Priority, TranscodeChunk, TranscodeJob
from control_plane.transcodes.reports import record_failure, record_progress
from control_plane.transcodes.services import (
    cancel_job,
    change_priority,
    check_queue,
    plan_only,
    retry_job,
    start_over,
    transcode_again,
)
from shared.jobs import FailureReason, PlanOrder
from shared.paths import asset_prefix, cancelled_key, chunk_record_key, work_prefix
from shared.runtime.store.interface import StoreUnavailable
from shared.runtime.store.local import LocalStore
from tests.control_plane.conftest import MakeUser
from tests.control_plane.transcodes.conftest import (
    NOW,
    MakeVideo,
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
)

LATER = NOW + timedelta(seconds=2)


def fail(job: TranscodeJob, number: int) -> None:
    record_failure(failure(chunk_of(job, number), FailureReason.CORRUPT), now=NOW)


def set_limits(settings: Settings, *, creator: int, site: int) -> None:
    update = {"max_jobs": site, "max_jobs_per_creator": creator}
    settings.CONFIG = settings.CONFIG.model_copy(update=update)


def test_new_source_takes_the_place_of_one_being_done(job: TranscodeJob, video: Video) -> None:
    newer = queue(video)
    assert fresh(job).state == "cancelled"
    assert newer.state == "queued"
    assert open_store().exists(cancelled_key(str(job.pk)))


def test_job_of_another_video_goes_on(job: TranscodeJob, make_video: MakeVideo) -> None:
    queue(make_video())
    assert fresh(job).state == "queued"


def test_cancelled_job_tells_its_workers(encoding: TranscodeJob) -> None:
    record_progress(progress(chunk_of(encoding, 1)), now=NOW)
    assert cancel_job(encoding, now=LATER).state == "cancelled"
    assert open_store().exists(cancelled_key(str(encoding.pk)))
    assert fresh(encoding).finished_at == LATER
    late = progress(chunk_of(encoding, 1))
    assert record_progress(late, now=LATER + timedelta(seconds=2)) is None
    assert set(encoding.chunks.values_list("state", flat=True)) == {"done", "waiting"}


def test_cancelled_job_leaves_its_work_and_its_asset_behind(packaging: TranscodeJob) -> None:
    cancel_job(packaging, now=NOW)
    due = dict(Leftover.objects.values_list("place", "due_at"))
    asset_id = chunk_of(packaging, 3).asset_id
    places = {work_prefix(str(packaging.pk)), asset_prefix(str(asset_id))}
    assert due == dict.fromkeys(places, NOW + KEPT_FOR)


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


def test_retry_gives_a_new_round_to_what_is_missing(
    encoding: TranscodeJob, read_orders: ReadOrders
) -> None:
    encode(encoding, 1)
    fail(encoding, 2)
    read_orders()
    retry_job(fresh(encoding), now=LATER)
    again, chunk = fresh(encoding), chunk_of(encoding, 2)
    assert (again.state, again.stage, again.finished_at) == ("queued", "encoding", None)
    assert (again.failure_reason, again.failure_detail) == ("", "")
    assert (chunk.state, chunk.attempt, chunk.starts, chunk.failure_reason) == ("ordered", 2, 0, "")
    assert [(order.chunk, order.attempt) for order in read_orders()] == [(2, 2)]
    assert not Leftover.objects.filter(place=work_prefix(str(encoding.pk))).exists()


def test_retry_of_a_failed_plan_plans_again(job: TranscodeJob, read_orders: ReadOrders) -> None:
    fail(job, 0)
    read_orders()
    retry_job(fresh(job), now=LATER)
    assert [(order.chunk, order.attempt) for order in read_orders()] == [(0, 2)]


def test_retry_of_a_film_that_did_not_fit_plans_again(
    job: TranscodeJob, read_orders: ReadOrders
) -> None:
    plan(job, disk_bytes_needed=10**18)
    read_orders()
    retry_job(fresh(job), now=LATER)
    assert [(order.chunk, order.attempt) for order in read_orders()] == [(0, 2)]
    plan(job)
    assert fresh(job).stage == "encoding"


def test_retry_of_a_failed_package_packages_again(
    packaging: TranscodeJob, read_orders: ReadOrders
) -> None:
    fail(packaging, 3)
    retry_job(fresh(packaging), now=LATER)
    assert [(order.chunk, order.attempt) for order in read_orders()] == [(3, 2)]


def test_chunk_whose_work_was_lost_is_encoded_again(
    packaging: TranscodeJob, read_orders: ReadOrders
) -> None:
    fail(packaging, 3)
    open_store().delete(chunk_record_key(str(packaging.pk), 1))
    retry_job(fresh(packaging), now=LATER)
    assert fresh(packaging).stage == "encoding"
    assert [(order.chunk, order.attempt) for order in read_orders()] == [(1, 2)]
    encode(packaging, 1)
    assert [(order.chunk, order.attempt) for order in read_orders()] == [(3, 2)]
    package(packaging, 3)
    assert fresh(packaging).state == "ready"


def test_job_whose_work_was_swept_is_done_anew(
    packaging: TranscodeJob, read_orders: ReadOrders
) -> None:
    fail(packaging, 3)
    open_store().delete_prefix(work_prefix(str(packaging.pk)))
    retry_job(fresh(packaging), now=LATER)
    assert fresh(packaging).stage == "planning"
    assert [(order.chunk, order.attempt) for order in read_orders()] == [(0, 2)]
    plan(packaging, 3)
    read_orders()
    assert [chunk.kind for chunk in packaging.chunks.order_by("number")] == [
        "plan",
        *["encode"] * 3,
    ]
    for number in (1, 2, 3):
        encode(packaging, number)
    package(packaging, 4)
    assert fresh(packaging).state == "ready"


def test_plan_of_fewer_chunks_than_before_leaves_none_behind(
    packaging: TranscodeJob, read_orders: ReadOrders
) -> None:
    fail(packaging, 3)
    open_store().delete_prefix(work_prefix(str(packaging.pk)))
    retry_job(fresh(packaging), now=LATER)
    plan(packaging, 1)
    encode(packaging, 1)
    package(packaging, 2)
    assert fresh(packaging).state == "ready"
    assert [chunk.kind for chunk in packaging.chunks.order_by("number")] == [
        "plan",
        "encode",
        "package",
    ]
    read_orders()


def test_retried_job_is_not_stopped_by_the_mark_of_before(job: TranscodeJob) -> None:
    cancel_job(job, now=NOW)
    retry_job(job, now=LATER)
    assert not open_store().exists(cancelled_key(str(job.pk)))


@pytest.mark.parametrize("state", ["queued", "running", "publishing", "ready"])
def test_job_that_did_not_fail_is_not_retried(job: TranscodeJob, creator: User, state: str) -> None:
    TranscodeJob.objects.update(state=state)
    with pytest.raises(Refused, match="not_retryable"):
        retry_job(fresh(job), now=NOW)
    with pytest.raises(Refused, match="not_retryable"):
        start_over(fresh(job), user=creator, now=NOW)


def test_job_is_not_retried_beside_a_newer_one(
    job: TranscodeJob, video: Video, creator: User
) -> None:
    queue(video)
    with pytest.raises(Refused, match="video_busy"):
        retry_job(fresh(job), now=NOW)
    with pytest.raises(Refused, match="video_busy"):
        start_over(fresh(job), user=creator, now=NOW)


def test_starting_over_is_a_new_job_of_the_same_source(
    encoding: TranscodeJob, creator: User, read_orders: ReadOrders
) -> None:
    encode(encoding, 1)
    fail(encoding, 2)
    read_orders()
    change_priority(encoding, Priority.HIGH)
    newer = start_over(fresh(encoding), user=creator, now=LATER)
    assert (newer.source_key, newer.priority) == (encoding.source_key, Priority.HIGH)
    assert fresh(encoding).state == "failed"
    assert [(order.job_id, order.chunk) for order in read_orders()] == [(str(newer.pk), 0)]


def test_old_asset_is_played_while_its_film_is_transcoded_again(
    video: Video, creator: User, read_orders: ReadOrders
) -> None:
    first = publish(video)
    read_orders()
    again = transcode_again(video, user=creator, now=LATER)
    assert again.source_key == first.source_key
    plan(again)
    encode(again, 1)
    assert Video.objects.get(pk=video.pk).asset_id == first.asset_id
    package(again)
    assert Video.objects.get(pk=video.pk).asset_id == fresh(again).asset_id != first.asset_id


@pytest.mark.parametrize("begin", [transcode_again, plan_only])
def test_video_without_a_source_is_not_transcoded_again(
    make_video: MakeVideo, creator: User, begin: object
) -> None:
    with pytest.raises(Refused, match="no_source"):
        begin(make_video(), user=creator, now=NOW)  # type: ignore[operator]


@pytest.mark.parametrize("begin", [transcode_again, plan_only])
def test_video_whose_job_goes_on_is_not_transcoded_again(
    job: TranscodeJob, creator: User, begin: object
) -> None:
    with pytest.raises(Refused, match="video_busy"):
        begin(job.video, user=creator, now=NOW)  # type: ignore[operator]


def test_dry_run_plans_and_does_no_more(
    video: Video, creator: User, read_orders: ReadOrders
) -> None:
    first = publish(video)
    read_orders()
    dry = plan_only(video, user=creator, now=LATER)
    (order,) = read_orders()
    assert isinstance(order, PlanOrder)
    assert order.is_dry_run
    plan(dry, 5)
    planned = fresh(dry)
    assert planned.plan is not None
    assert (planned.state, planned.plan["bytes_estimate"], planned.asset_id) == (
        "ready",
        10**6,
        None,
    )
    assert read_orders() == []
    assert Video.objects.get(pk=video.pk).asset_id == first.asset_id
    assert Asset.objects.count() == 1


def test_dry_run_tells_what_would_not_fit(video: Video, creator: User) -> None:
    publish(video)
    dry = plan_only(video, user=creator, now=LATER)
    plan(dry, disk_bytes_needed=10**18)
    assert fresh(dry).state == "ready"


def test_dry_run_is_tried_again(job: TranscodeJob, creator: User, read_orders: ReadOrders) -> None:
    cancel_job(job, now=NOW)
    dry = plan_only(job.video, user=creator, now=LATER)
    fail(dry, 0)
    read_orders()
    retry_job(fresh(dry), now=LATER)
    assert [(order.chunk, order.attempt) for order in read_orders()] == [(0, 2)]
    assert start_over_after_failure(dry, creator).is_dry_run


def start_over_after_failure(job: TranscodeJob, user: User) -> TranscodeJob:
    fail(job, 0)
    return start_over(fresh(job), user=user, now=LATER)


@pytest.mark.usefixtures("job")
def test_creator_with_too_many_jobs_is_refused_and_others_are_not(
    creator: User, make_user: MakeUser, settings: Settings
) -> None:
    set_limits(settings, creator=1, site=10)
    with pytest.raises(Refused) as refused:
        check_queue(creator)
    problem = refused.value.problem
    assert (problem.status, problem.code) == (429, "queue_full")
    assert problem.extra == {"scope": "creator", "limit": 1}
    check_queue(make_user(Role.CREATOR, email="other@example.org"))


@pytest.mark.usefixtures("job")
def test_everybody_is_refused_when_all_have_too_many_jobs(
    make_user: MakeUser, settings: Settings
) -> None:
    set_limits(settings, creator=10, site=1)
    with pytest.raises(Refused) as refused:
        check_queue(make_user(Role.CREATOR, email="other@example.org"))
    assert refused.value.problem.extra == {"scope": "site", "limit": 1}


@pytest.mark.usefixtures("job")
@pytest.mark.parametrize("state", ["publishing", "ready", "failed", "cancelled"])
def test_jobs_that_are_over_do_not_count(creator: User, settings: Settings, state: str) -> None:
    TranscodeJob.objects.update(state=state)
    set_limits(settings, creator=1, site=1)
    check_queue(creator)


def test_priority_is_changed(job: TranscodeJob) -> None:
    assert change_priority(job, Priority.LOW).priority == Priority.LOW
    assert fresh(job).priority == Priority.LOW


def test_every_job_has_its_plan_chunk(job: TranscodeJob) -> None:
    assert [chunk.kind for chunk in TranscodeChunk.objects.filter(job=job)] == ["plan"]
