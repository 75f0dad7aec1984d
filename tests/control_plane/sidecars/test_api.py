"""Tests for control_plane/sidecars/api.py: captions and posters over HTTP."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings
from rest_framework.test import APIClient

from control_plane.accounts.models import Role
from control_plane.catalogue.models import Video
from shared.captions import MAX_CAPTIONS_BYTES
from tests.control_plane.conftest import LogIn, MakeUser

SUBRIP = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n"


def add(client: APIClient, video: Video, content: bytes = SUBRIP, **facts: Any) -> Any:
    file = SimpleUploadedFile("captions.srt", content)
    form = {"file": file, "language": "en", "name": "English", **facts}
    return client.post(f"/api/v1/videos/{video.pk}/captions", form, format="multipart")


def test_captions_are_added_listed_and_removed(client: APIClient, film: Video) -> None:
    added = add(client, film, is_forced="true").json()
    assert (added["language"], added["name"], added["cues"]) == ("en", "English", 1)
    assert (added["is_forced"], added["is_sdh"]) == (True, False)
    path = f"/api/v1/videos/{film.pk}/captions"
    assert client.get(path).json() == [added]
    assert client.delete(f"{path}/{added['id']}").status_code == 204
    assert client.get(path).json() == []
    assert client.delete(f"{path}/{added['id']}").status_code == 404


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"Not captions at all.", 400, "captions_invalid"),
        (b"", 400, "captions_invalid"),
        (b"x" * (MAX_CAPTIONS_BYTES + 1), 413, "too_large"),
    ],
    ids=["other-text", "empty", "too-large"],
)
def test_file_that_is_no_captions_is_refused(
    client: APIClient, video: Video, content: bytes, status: int, code: str
) -> None:
    answer = add(client, video, content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    "facts",
    [
        {"language": ""},
        {"language": "English, of course"},
        {"language": "e"},
        {"name": ""},
        {"name": 'a "quote"'},
        {"name": "two\nlines"},
        {"name": "x" * 101},
        {"file": "no file"},
    ],
    ids=str,
)
def test_form_with_a_fault_is_refused(
    client: APIClient, video: Video, facts: dict[str, Any]
) -> None:
    answer = add(client, video, **facts)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert [fault["field"] for fault in answer.json()["errors"]] == list(facts)


def test_name_that_is_there_is_refused(client: APIClient, video: Video) -> None:
    add(client, video)
    answer = add(client, video)
    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")


def test_full_queue_is_told_before_anything_is_kept(
    client: APIClient, film: Video, settings: Settings
) -> None:
    add(client, film)
    settings.CONFIG = settings.CONFIG.model_copy(update={"max_jobs_per_creator": 1})
    answer = add(client, film, name="Deutsch")
    assert (answer.status_code, answer.json()["code"]) == (429, "queue_full")
    assert film.captions.count() == 1


def test_poster_is_chosen_among_the_candidates(client: APIClient, film: Video) -> None:
    path = f"/api/v1/videos/{film.pk}/poster"
    shown = client.get(path).json()
    assert shown["chosen"] is None
    assert [one["number"] for one in shown["candidates"]] == [1, 2, 3, 4, 5]
    assert shown["candidates"][2]["url"].endswith(f"/{film.asset_id}/poster/3.jpg")
    assert client.put(path, {"number": 3}, format="json").json()["chosen"] == 3
    assert client.put(path, {"number": None}, format="json").json()["chosen"] is None


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [(6, 409, "no_such_poster"), (0, 400, "invalid"), ("first", 400, "invalid")],
)
def test_poster_that_is_none_is_refused(
    client: APIClient, film: Video, number: object, status: int, code: str
) -> None:
    answer = client.put(f"/api/v1/videos/{film.pk}/poster", {"number": number}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_stranger_finds_neither_captions_nor_posters(
    client: APIClient, film: Video, log_in: LogIn, make_user: MakeUser
) -> None:
    caption_id = add(client, film).json()["id"]
    stranger = log_in(make_user(Role.CREATOR, email="stranger@example.org"))
    path = f"/api/v1/videos/{film.pk}"
    assert stranger.get(f"{path}/captions").status_code == 404
    assert add(stranger, film, name="Other").status_code == 404
    assert stranger.delete(f"{path}/captions/{caption_id}").status_code == 404
    assert stranger.get(f"{path}/poster").status_code == 404
    assert stranger.put(f"{path}/poster", {"number": 1}, format="json").status_code == 404
    assert film.captions.count() == 1


def test_captions_of_another_film_are_not_removed_by_this_one(
    client: APIClient, film: Video, make_video: Any
) -> None:
    caption_id = add(client, film).json()["id"]
    other = make_video()
    answer = client.delete(f"/api/v1/videos/{other.pk}/captions/{caption_id}")
    assert answer.status_code == 404
