"""Tests for control_plane/transcodes/admin.py."""

import pytest
from django.test import Client

from control_plane.accounts.models import Role, User
from control_plane.transcodes.models import TranscodeJob
from tests.control_plane.conftest import MakeUser
from tests.control_plane.transcodes.conftest import chunk_of, fresh

JOBS = "/admin/transcodes/transcodejob/"


@pytest.fixture
def admin(client: Client, make_user: MakeUser) -> Client:
    client.force_login(make_user(Role.ADMIN))
    return client


def act(client: Client, action: str, job: TranscodeJob) -> str:
    form = {"action": action, "_selected_action": [str(job.pk)]}
    return client.post(JOBS, form, follow=True).content.decode()


def test_jobs_are_shown(admin: Client, job: TranscodeJob) -> None:
    for path in (JOBS, f"{JOBS}{job.pk}/change/", f"{JOBS}?q={job.pk}"):
        assert admin.get(path).status_code == 200


def test_job_is_cancelled_and_retried(admin: Client, job: TranscodeJob) -> None:
    act(admin, "cancel", job)
    assert fresh(job).state == "cancelled"
    act(admin, "retry", job)
    assert (fresh(job).state, chunk_of(job).attempt) == ("queued", 2)


def test_refusal_is_shown(admin: Client, job: TranscodeJob) -> None:
    assert "The job has not failed." in act(admin, "retry", job)


@pytest.mark.parametrize("page", ["add/", "{job}/delete/"])
def test_jobs_are_neither_made_nor_deleted_by_hand(
    admin: Client, job: TranscodeJob, page: str
) -> None:
    assert admin.get(JOBS + page.format(job=job.pk)).status_code == 403


def test_creator_does_not_come_in(client: Client, creator: User, job: TranscodeJob) -> None:
    client.force_login(creator)
    act(client, "cancel", job)
    assert fresh(job).state == "queued"
