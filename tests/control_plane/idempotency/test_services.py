"""Tests for control_plane/idempotency: what is sent twice is done once, also at the same time."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http import HTTPStatus
from threading import Barrier, Event
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.utils import timezone
from rest_framework.test import APIClient

from control_plane.accounts.models import Role, User
from control_plane.api_pages import render_description
from control_plane.catalogue import services
from control_plane.catalogue.models import Video
from control_plane.idempotency.models import KeptAnswer
from control_plane.idempotency.services import KEPT_FOR
from control_plane.idempotency.tasks import sweep
from tests.control_plane.conftest import LogIn, MakeUser, MakeVideo

# A source is larger than what is read twice, and a resumable upload asks where it stands.
WITHOUT_KEYS = {"/api/v1/uploads", "/api/v1/videos/{video_id}/source"}
ACCOUNTS = ("/api/v1/auth/", "/api/v1/account/", "/api/v1/tokens/", "/api/v1/browser/")


@pytest.fixture
def creator(make_user: MakeUser) -> User:
    return make_user(Role.CREATOR)


def create(client: APIClient, key: str, title: str = "A film") -> Any:
    return client.post("/api/v1/videos", {"title": title}, headers={"Idempotency-Key": key})


@pytest.mark.django_db
def test_a_call_sent_again_is_answered_the_same_and_done_once(creator: User, log_in: LogIn) -> None:
    client = log_in(creator)
    first, again = [create(client, "one") for _ in range(2)]
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Video.objects.count() == 1


@pytest.mark.django_db
def test_another_key_another_user_and_no_key_are_other_calls(
    creator: User, make_user: MakeUser, log_in: LogIn
) -> None:
    create(log_in(creator), "one")
    create(log_in(creator), "two")
    create(log_in(make_user(Role.CREATOR)), "one")
    log_in(creator).post("/api/v1/videos", {"title": "A film"})
    assert Video.objects.count() == 4


@pytest.mark.django_db
def test_a_key_used_for_another_call_is_refused(creator: User, log_in: LogIn) -> None:
    create(log_in(creator), "one")
    answer = create(log_in(creator), "one", title="Another")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Video.objects.count() == 1


@pytest.mark.django_db
def test_what_was_refused_is_tried_anew(creator: User, log_in: LogIn) -> None:
    client = log_in(creator)
    assert create(client, "one", title="").status_code == 400
    assert create(client, "one").status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 256, "schlüssel", "tab\t"])
def test_a_key_that_will_not_do_is_told(key: str, creator: User, log_in: LogIn) -> None:
    answer = create(log_in(creator), key)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")


@pytest.mark.django_db
def test_after_a_day_a_key_is_new(creator: User, log_in: LogIn) -> None:
    create(log_in(creator), "one")
    KeptAnswer.objects.update(kept_at=timezone.now() - KEPT_FOR)
    assert "Idempotency-Replayed" not in create(log_in(creator), "one").headers
    assert Video.objects.count() == 2


@pytest.mark.django_db
def test_old_answers_are_forgotten(creator: User, log_in: LogIn) -> None:
    for key in ("old", "new"):
        create(log_in(creator), key)
    KeptAnswer.objects.filter(key="old").update(kept_at=timezone.now() - timedelta(days=2))
    sweep()
    assert [kept.key for kept in KeptAnswer.objects.all()] == ["new"]


@pytest.mark.django_db
def test_a_playback_url_is_kept_and_not_to_be_read(
    creator: User, make_video: MakeVideo, log_in: LogIn
) -> None:
    path = f"/api/v1/videos/{make_video(creator).id}/playback"
    first, again = [
        log_in(creator).post(path, headers={"Idempotency-Key": "one"}) for _ in range(2)
    ]
    assert first.json()["url"] == again.json()["url"]
    assert again.headers["Cache-Control"] == "no-store"
    assert first.json()["url"].encode() not in bytes(KeptAnswer.objects.get().encrypted_body)


@pytest.mark.django_db
def test_files_are_compared_by_what_is_in_them(
    creator: User, make_video: MakeVideo, log_in: LogIn
) -> None:
    path = f"/api/v1/videos/{make_video(creator).id}/captions"
    answers = []
    for word in (b"one", b"one", b"two"):
        content = b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + word
        body = {"language": "en", "name": "English", "file": SimpleUploadedFile("a.vtt", content)}
        headers = {"Idempotency-Key": "one"}
        answers.append(
            log_in(creator).post(path, body, format="multipart", headers=headers).status_code
        )
    assert answers == [201, 201, 422]


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Event, Event]]:
    """Creating a video waits within its transaction: `begun`, then until `go`."""
    begun, go = Event(), Event()
    create_video = services.create_video

    def wait(*args: Any, **facts: Any) -> Video:
        begun.set()
        assert go.wait(10)
        return create_video(*args, **facts)

    monkeypatch.setattr("control_plane.catalogue.api.create_video", wait)
    yield begun, go
    go.set()


def create_elsewhere(user: User, key: str, start: Barrier | None = None) -> tuple[int, Any]:
    """In a thread, over a connection of its own."""
    client = APIClient()
    client.force_authenticate(user)
    try:
        if start is not None:
            start.wait(10)
        answer = create(client, key)
        return answer.status_code, answer.json()
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_while_a_call_is_worked_on_the_same_one_is_told_so(
    creator: User, gate: tuple[Event, Event]
) -> None:
    begun, go = gate
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(create_elsewhere, creator, "one")
        assert begun.wait(10)
        status, problem = create_elsewhere(creator, "one")
        go.set()
        assert first.result()[0] == HTTPStatus.CREATED
    assert (status, problem["code"]) == (409, "idempotency_key_in_use")
    assert Video.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_is_done(creator: User) -> None:
    start = Barrier(6)
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: create_elsewhere(creator, "one", start), range(6)))
    assert Video.objects.count() == 1
    (created,) = {body["id"] for status, body in answers if status == 201}
    assert created == str(Video.objects.get().pk)
    assert {status for status, _ in answers} <= {201, 409}


def test_every_call_that_creates_takes_a_key() -> None:
    without = set()
    for path, operations in json.loads(render_description())["paths"].items():
        creating = operations.get("post", {"responses": {}})
        names = {one.get("name") for one in creating.get("parameters", [])}
        if "201" in creating["responses"] and "Idempotency-Key" not in names:
            without.add(path)
    assert {path for path in without if not path.startswith(ACCOUNTS)} == WITHOUT_KEYS
