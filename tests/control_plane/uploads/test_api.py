"""Tests for control_plane/uploads/api.py: beginning an upload, and small files whole."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings
from rest_framework.test import APIClient

from control_plane.accounts.models import Role, User
from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Video
from control_plane.transcodes.models import TranscodeJob
from control_plane.uploads.models import Upload
from tests.control_plane.conftest import LogIn, MakeUser
from tests.control_plane.serving import Address, open_session
from tests.control_plane.uploads.clients import call
from tests.control_plane.uploads.conftest import describe

MIB = 2**20


@pytest.fixture
def client(log_in: LogIn, creator: User) -> APIClient:
    return log_in(creator)


def creation(video: Video, **changes: str | None) -> dict[str, str]:
    """The headers that begin an upload; None takes one away."""
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": "9",
        "Upload-Metadata": describe({"video_id": str(video.pk), "filename": "film.mp4"}),
    }
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    return {name: value for name, value in {**headers, **named}.items() if value is not None}


def send_file(client: APIClient, video: Video, content: bytes, name: str = "film.mp4") -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post(f"/api/v1/videos/{video.pk}/source", {"file": file}, format="multipart")


REFUSALS: dict[str, tuple[dict[str, str | None], int, str]] = {
    "no-version": ({"Tus_Resumable": None}, 412, "unsupported_version"),
    "other-version": ({"Tus_Resumable": "0.2.2"}, 412, "unsupported_version"),
    "no-length": ({"Upload_Length": None}, 400, "invalid_header"),
    "deferred-length": ({"Upload_Defer_Length": "1"}, 400, "invalid_header"),
    "length-below-zero": ({"Upload_Length": "-1"}, 400, "invalid_header"),
    "length-that-is-no-number": ({"Upload_Length": "long"}, 400, "invalid_header"),
    "length-beyond-the-limit": ({"Upload_Length": str(2**40)}, 413, "too_large"),
    "length-beyond-numbers": ({"Upload_Length": "9" * 30}, 400, "invalid_header"),
    "no-metadata": ({"Upload_Metadata": None}, 400, "invalid_header"),
    "metadata-not-base64": ({"Upload_Metadata": "video_id !"}, 400, "invalid_header"),
    "metadata-too-long": ({"Upload_Metadata": "a" * 5000}, 400, "invalid_header"),
    "video-that-is-no-id": ({"Upload_Metadata": "video_id bWluZQ=="}, 400, "invalid_header"),
    "video-that-never-was": (
        {"Upload_Metadata": describe({"video_id": "0198c0de-0000-7000-8000-000000000001"})},
        404,
        "not_found",
    ),
}


@pytest.mark.parametrize(("changes", "status", "code"), REFUSALS.values(), ids=REFUSALS)
def test_creation_is_refused(
    client: APIClient, video: Video, changes: dict[str, str | None], status: int, code: str
) -> None:
    answer = client.post("/api/v1/uploads", headers=creation(video, **changes))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert ("Tus-Version" in answer.headers) == (status == 412)
    assert not Upload.objects.exists()


@pytest.mark.parametrize(("role", "status"), [(None, 401), (Role.VIEWER, 403), (Role.CREATOR, 404)])
def test_nobody_else_begins_an_upload(
    log_in: LogIn, make_user: MakeUser, video: Video, role: Role | None, status: int
) -> None:
    stranger = log_in(make_user(role, email="stranger@example.org") if role else None)
    answer = stranger.post("/api/v1/uploads", headers=creation(video))
    assert answer.status_code == status
    assert not Upload.objects.exists()


def test_administrator_begins_an_upload_to_any_video(
    log_in: LogIn, make_user: MakeUser, video: Video
) -> None:
    admin = make_user(Role.ADMIN)
    assert log_in(admin).post("/api/v1/uploads", headers=creation(video)).status_code == 201
    assert Upload.objects.get().owner == admin


def test_name_of_a_file_is_no_place(client: APIClient, video: Video) -> None:
    metadata = describe({"video_id": str(video.pk), "filename": "..\\..\\/etc/\0pass\nwd"})
    client.post("/api/v1/uploads", headers=creation(video, Upload_Metadata=metadata))
    assert Upload.objects.get().file_name == "passwd"


def test_small_file_becomes_a_job(client: APIClient, video: Video) -> None:
    answer = send_file(client, video, b"a film")
    job = TranscodeJob.objects.get()
    assert answer.status_code == 201
    assert (answer.json()["id"], answer.json()["state"]) == (str(job.pk), "queued")
    assert open_store().get(job.source_key) == b"a film"


def test_empty_file_becomes_a_job_that_will_say_why(client: APIClient, video: Video) -> None:
    assert send_file(client, video, b"").status_code == 201
    assert open_store().get(TranscodeJob.objects.get().source_key) == b""


def test_file_larger_than_a_form_may_hold_is_refused(
    client: APIClient, video: Video, settings: Settings
) -> None:
    settings.CONFIG = settings.CONFIG.model_copy(update={"max_source_bytes": 4})
    answer = send_file(client, video, b"a film")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert not Upload.objects.exists()


def test_form_without_a_file_is_refused(client: APIClient, video: Video) -> None:
    answer = client.post(f"/api/v1/videos/{video.pk}/source", {}, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_source_that_is_no_form_is_refused(client: APIClient, video: Video) -> None:
    answer = client.post(f"/api/v1/videos/{video.pk}/source", {"file": "x"}, format="json")
    assert answer.status_code == 415


@pytest.mark.parametrize("is_announced", [True, False], ids=["announced", "in-chunks"])
def test_body_beyond_all_limits_is_not_even_kept(
    server: Address, creator: User, video: Video, *, is_announced: bool
) -> None:
    size = 103 * MIB
    body = bytes(size) if is_announced else (bytes(MIB) for _ in range(size // MIB))
    headers = {**open_session(creator), "Content-Type": "multipart/form-data; boundary=x"}
    if not is_announced:
        headers["Transfer-Encoding"] = "chunked"
    answer = call(server, "POST", f"/api/v1/videos/{video.pk}/source", headers, body)
    assert answer.status == 413
    assert b'"code":"too_large"' in answer.body


@pytest.mark.parametrize("is_announced", [True, False], ids=["announced", "in-chunks"])
@pytest.mark.parametrize("path", ["/api/v1/auth/login", "/api/v1/videos", "/admin/"])
def test_body_where_no_file_belongs_is_small(
    server: Address, path: str, *, is_announced: bool
) -> None:
    body = bytes(2 * MIB) if is_announced else (bytes(MIB) for _ in range(2))
    headers = {"Content-Type": "application/json"}
    if not is_announced:
        headers["Transfer-Encoding"] = "chunked"
    answer = call(server, "POST", path, headers, body)
    assert answer.status == 413
    assert b'"code":"too_large"' in answer.body
