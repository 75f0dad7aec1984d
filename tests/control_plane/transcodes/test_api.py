"""Tests for control_plane/transcodes/api.py: who may see and change which job."""

from uuid import UUID, uuid4

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Video
from control_plane.transcodes.models import Priority, TranscodeJob
from control_plane.transcodes.reports import record_failure
from shared.jobs import FailureReason, explain_failure
from tests.control_plane.conftest import LogIn, MakeUser
from tests.control_plane.transcodes.conftest import (
    NOW,
    MakeVideo,
    chunk_of,
    failure,
    fresh,
    plan,
    publish,
    queue,
)


@pytest.fixture
def client(log_in: LogIn, creator: User) -> APIClient:
    return log_in(creator)


@pytest.fixture
def admin(log_in: LogIn, make_user: MakeUser) -> APIClient:
    return log_in(make_user(Role.ADMIN))


@pytest.fixture
def stranger(log_in: LogIn, make_user: MakeUser) -> APIClient:
    return log_in(make_user(Role.CREATOR, email="stranger@example.org"))


def path_of(job_id: UUID, action: str = "") -> str:
    return f"/api/v1/jobs/{job_id}{action and '/'}{action}"


def fail(job: TranscodeJob) -> None:
    record_failure(
        failure(chunk_of(job), FailureReason.TRUNCATED, log_tail="moov missing"), now=NOW
    )


def test_owner_sees_a_job(client: APIClient, job: TranscodeJob) -> None:
    shown = client.get(path_of(job.pk)).json()
    assert (shown["id"], shown["video_id"]) == (str(job.pk), str(job.video_id))
    assert (shown["state"], shown["stage"], shown["fraction"]) == ("queued", "planning", 0)
    assert (shown["priority"], shown["plan"], shown["warnings"]) == ("normal", None, [])
    assert (shown["failure"], shown["operator"]) == (None, None)


def test_owner_is_told_why_a_job_failed_but_not_the_detail(
    client: APIClient, job: TranscodeJob
) -> None:
    fail(job)
    shown = client.get(path_of(job.pk)).json()
    message = explain_failure(FailureReason.TRUNCATED)
    assert shown["failure"] == {"reason": "truncated", "message": message}
    assert "moov" not in str(shown)
    assert "it broke" not in str(shown)


def test_administrator_is_told_the_detail(admin: APIClient, job: TranscodeJob) -> None:
    fail(job)
    operator = admin.get(path_of(job.pk)).json()["operator"]
    assert (operator["failure_detail"], operator["log_tail"]) == ("it broke", "moov missing")


@pytest.mark.parametrize("action", ["", "events"])
def test_job_of_somebody_else_is_not_found(
    stranger: APIClient, job: TranscodeJob, action: str
) -> None:
    answer = stranger.get(path_of(job.pk, action))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("action", ["retry", "cancel"])
def test_job_of_somebody_else_is_not_changed(
    stranger: APIClient, job: TranscodeJob, action: str
) -> None:
    assert stranger.post(path_of(job.pk, action)).status_code == 404
    assert fresh(job).state == "queued"


@pytest.mark.parametrize("action", ["", "events"])
def test_visitor_sees_no_job(visitor: APIClient, job: TranscodeJob, action: str) -> None:
    assert visitor.get(path_of(job.pk, action)).status_code == 401
    assert visitor.get("/api/v1/jobs").status_code == 401


def test_job_that_never_was_is_not_found(client: APIClient) -> None:
    assert client.get(path_of(uuid4())).status_code == 404


def test_list_holds_the_jobs_of_own_videos_newest_first(
    client: APIClient, job: TranscodeJob, make_video: MakeVideo, make_user: MakeUser
) -> None:
    queue(make_video(owner=make_user(Role.CREATOR, email="stranger@example.org")))
    newer = queue(make_video())
    listed = [one["id"] for one in client.get("/api/v1/jobs").json()["results"]]
    assert listed == [str(newer.pk), str(job.pk)]


def test_administrator_lists_all_jobs(admin: APIClient, make_video: MakeVideo) -> None:
    queue(make_video())
    queue(make_video())
    assert len(admin.get("/api/v1/jobs").json()["results"]) == 2


def test_list_is_narrowed_by_video_and_state(
    client: APIClient, job: TranscodeJob, make_video: MakeVideo
) -> None:
    newer = queue(make_video())
    fail(newer)
    by_video = client.get("/api/v1/jobs", {"video": str(job.video_id)}).json()["results"]
    by_state = client.get("/api/v1/jobs", {"state": "failed"}).json()["results"]
    assert [one["id"] for one in by_video] == [str(job.pk)]
    assert [one["id"] for one in by_state] == [str(newer.pk)]


@pytest.mark.parametrize("query", [{"state": "broken"}, {"video": "mine"}])
def test_list_refuses_filters_that_are_none(client: APIClient, query: dict[str, str]) -> None:
    answer = client.get("/api/v1/jobs", query)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_list_takes_as_many_queries_for_many_jobs(
    client: APIClient, make_video: MakeVideo, django_assert_num_queries: object
) -> None:
    for _ in range(5):
        queue(make_video())
    with django_assert_num_queries(2):  # type: ignore[operator]  # permissions, and jobs
        assert len(client.get("/api/v1/jobs").json()["results"]) == 5


def test_failed_job_is_retried(client: APIClient, job: TranscodeJob) -> None:
    fail(job)
    shown = client.post(path_of(job.pk, "retry")).json()
    assert (shown["state"], shown["failure"]) == ("queued", None)
    assert chunk_of(job).attempt == 2


def test_job_that_goes_on_is_not_retried(client: APIClient, job: TranscodeJob) -> None:
    answer = client.post(path_of(job.pk, "retry"))
    assert (answer.status_code, answer.json()["code"]) == (409, "not_retryable")


def test_job_is_cancelled_once(client: APIClient, job: TranscodeJob) -> None:
    assert client.post(path_of(job.pk, "cancel")).json()["state"] == "cancelled"
    answer = client.post(path_of(job.pk, "cancel"))
    assert (answer.status_code, answer.json()["code"]) == (409, "not_cancellable")


def test_job_is_started_over_as_a_new_one(client: APIClient, job: TranscodeJob) -> None:
    fail(job)
    answer = client.post(path_of(job.pk, "retry"), {"from_start": True}, format="json")
    assert answer.json()["id"] != str(job.pk)
    assert answer.json()["state"] == "queued"
    assert fresh(job).state == "failed"


def test_plan_and_warnings_are_shown_with_one_job_alone(
    client: APIClient, job: TranscodeJob
) -> None:
    plan(job)
    warning = {"rule": "1.30", "name": "video/720", "text": "peaks"}
    TranscodeJob.objects.update(warnings=[warning])
    shown = client.get(path_of(job.pk)).json()
    assert shown["warnings"] == [warning]
    assert shown["plan"]["duration_ms"] == 20_000
    assert shown["plan"]["summary"]["rungs"][0]["reason"] == "fits"
    (listed,) = client.get("/api/v1/jobs").json()["results"]
    assert "plan" not in listed


def test_administrator_sees_the_chunks_of_a_job(admin: APIClient, job: TranscodeJob) -> None:
    plan(job, 2)
    chunks = admin.get(path_of(job.pk, "chunks")).json()
    assert [(one["number"], one["kind"]) for one in chunks] == [
        (0, "plan"),
        (1, "encode"),
        (2, "encode"),
    ]


@pytest.mark.parametrize("action", ["chunks", "priority"])
def test_owner_is_no_administrator(client: APIClient, job: TranscodeJob, action: str) -> None:
    method = client.get if action == "chunks" else client.post
    assert method(path_of(job.pk, action)).status_code == 403


def test_administrator_sets_the_priority(admin: APIClient, job: TranscodeJob) -> None:
    answer = admin.post(path_of(job.pk, "priority"), {"priority": "high"}, format="json")
    assert answer.json()["priority"] == "high"
    assert fresh(job).priority == Priority.HIGH


@pytest.mark.parametrize("priority", ["", "highest", 2, None])
def test_priority_that_is_none_is_refused(
    admin: APIClient, job: TranscodeJob, priority: object
) -> None:
    answer = admin.post(path_of(job.pk, "priority"), {"priority": priority}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize(("action", "is_dry_run"), [("transcode", False), ("plan", True)])
def test_source_is_used_again(
    client: APIClient, video: Video, action: str, *, is_dry_run: bool
) -> None:
    publish(video)
    answer = client.post(f"/api/v1/videos/{video.pk}/{action}")
    assert (answer.status_code, answer.json()["is_dry_run"]) == (201, is_dry_run)
    busy = client.post(f"/api/v1/videos/{video.pk}/{action}")
    assert (busy.status_code, busy.json()["code"]) == (409, "video_busy")


@pytest.mark.parametrize("action", ["transcode", "plan"])
def test_source_that_was_never_uploaded_is_not_used(
    client: APIClient, video: Video, action: str
) -> None:
    answer = client.post(f"/api/v1/videos/{video.pk}/{action}")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_source")


@pytest.mark.parametrize("action", ["transcode", "plan"])
def test_video_of_somebody_else_is_not_transcoded(
    stranger: APIClient, job: TranscodeJob, action: str
) -> None:
    assert stranger.post(f"/api/v1/videos/{job.video_id}/{action}").status_code == 404


@pytest.mark.usefixtures("job")
def test_full_queue_is_a_typed_refusal(client: APIClient, video: Video, settings: Settings) -> None:
    settings.CONFIG = settings.CONFIG.model_copy(update={"max_jobs_per_creator": 1})
    answer = client.post(f"/api/v1/videos/{video.pk}/plan")
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (429, "queue_full")
    assert (problem["scope"], problem["limit"]) == ("creator", 1)


def test_dry_run_is_not_a_videos_newest_job(client: APIClient, video: Video) -> None:
    first = publish(video)
    client.post(f"/api/v1/videos/{video.pk}/plan")
    shown = client.get(f"/api/v1/videos/{video.pk}").json()
    assert shown["newest_job"]["id"] == str(first.pk)


def test_events_of_a_finished_job_are_not_sent_again(client: APIClient, job: TranscodeJob) -> None:
    fail(job)
    answer = client.get(path_of(job.pk, "events"), headers={"Last-Event-ID": "1"})
    assert answer.status_code == 204


def test_video_is_gone_with_its_jobs(client: APIClient, job: TranscodeJob, video: Video) -> None:
    video.delete()
    assert client.get(path_of(job.pk)).status_code == 404
